using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Reads 837P files claim by claim; one claim is in memory at a time.</summary>
internal static class Claim837PReader
{
    /// <param name="envelope">The file.</param>
    /// <param name="located">Called for every segment of a set with the loop it was taken for; for error maps.</param>
    /// <param name="ct">Stops reading.</param>
    public static async IAsyncEnumerable<Claim837PItem> ReadAsync(
        EnvelopeReader envelope, Action<LocatedSegment>? located, [EnumeratorCancellation] CancellationToken ct)
    {
        Claim837PAssembler? set = null;
        while (await envelope.ReadAsync(ct) is { } next)
        {
            switch (next.Part)
            {
                case EnvelopePart.SetStart:
                    set = Guides.Check(envelope, "837", Guides.Claim837P)
                        ? new Claim837PAssembler(envelope.Set!, envelope.SetSegment!, envelope.Findings, located)
                        : null;
                    break;
                case EnvelopePart.Body when set is not null:
                    foreach (var item in set.Add(next.Segment))
                        yield return item;
                    break;
                case EnvelopePart.SetEnd when set is not null:
                    foreach (var item in set.Finish(next.Segment))
                        yield return item;
                    yield return new Claim837PItem.End(set.ControlNumber, envelope.IsSetRefused);
                    set = null;
                    break;
                default:
                    break;
            }
        }
    }
}

/// <summary>A segment with its loop (<c>2400</c>), the claim it belongs to and, below LX, the line.</summary>
/// <param name="Claim">CLM01 from CLM on; null above it, where the segment belongs to the claims that follow.</param>
internal sealed record LocatedSegment(Segment Segment, string Loop, string? Claim, int? Line);
