using System.Buffers;
using System.Security.Cryptography;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>What makes two submissions the same: the CLM loop without its transmission trace (billing spec 1.5).</summary>
internal static class SubmitKey
{
    public const string Prefix = "submit/";

    public static string Of(ClaimLoop claim)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var untraced = claim with { Details = [.. claim.Details.Where(d => d is not Ref { Qualifier: "D9" })] };
        Claim837PWriter.WriteBody(untraced, new SegmentWriter(output, new X12Findings()));
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(output.WrittenSpan));
    }
}
