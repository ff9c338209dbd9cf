using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>An 837P as it was sent, by set and position, with the FHIR element each segment came from: how a 999 is explained.</summary>
/// <remarks>Read from the stored file itself, so it is exact for what was sent even when the claim has changed since.</remarks>
internal sealed class SubmittedSegments
{
    private readonly Dictionary<(string Set, int Position), LocatedSegment> _byPosition = [];

    /// <summary>What our own reader has to say about the file.</summary>
    public IReadOnlyList<X12Finding> Findings { get; private set; } = [];

    public static async Task<SubmittedSegments> ReadAsync(Stream x12, CancellationToken ct)
    {
        var map = new SubmittedSegments();
        var envelope = new EnvelopeReader(x12, new X12Findings());
        var above = new List<(string Set, int Position)>();
        await foreach (var _ in Claim837PReader.ReadAsync(envelope, located => map.Add(located, above), ct))
        {
        }

        map.Findings = envelope.Findings.Items;
        return map;
    }

    public LocatedSegment? Find(string setControlNumber, int position) => _byPosition.GetValueOrDefault((setControlNumber, position));

    /// <summary>The FHIR element behind a place; null when the place is not in a set.</summary>
    public string? PathOf(X12Place? place)
    {
        if (place is not { SetPosition: { } position, SetControlNumber: { } set } || Find(set, position) is not { } located)
            return null;
        return located.Segment.Id == place.SegmentId
            ? FhirPaths.Of(located, place.Element, place.Component)
            : FhirPaths.OfMissing(located, place.SegmentId, place.Loop);
    }

    // Segments above CLM (subscriber, patient) belong to the next claim.
    private void Add(LocatedSegment located, List<(string Set, int Position)> above)
    {
        if (located.Segment is not { SetControlNumber: { } set, SetPosition: { } position })
            return;
        _byPosition[(set, position)] = located;
        if (located.Claim is null)
        {
            if (located.Segment.Id == "HL")
                above.Clear();
            above.Add((set, position));
            return;
        }

        foreach (var key in above)
            _byPosition[key] = _byPosition[key] with { Claim = located.Claim };
        above.Clear();
    }
}
