using System.Buffers;
using System.Text;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>A segment as text with the usual separators, without its terminator.</summary>
internal static class SegmentText
{
    public static string Of(IX12Segment segment)
    {
        var output = new ArrayBufferWriter<byte>(128);
        segment.WriteTo(new SegmentWriter(output, new X12Findings(), lineEnding: ""));
        return Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd(Separators.Usual.Terminator);
    }
}
