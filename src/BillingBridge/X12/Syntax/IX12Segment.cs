namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>A segment as data: one small record per segment of the guides, and <see cref="RawSegment"/> for the rest.</summary>
internal interface IX12Segment
{
    void WriteTo(SegmentWriter x12);
}

/// <summary>A segment that no record of ours models; kept element for element so that nothing is lost on the way through.</summary>
internal sealed record RawSegment(Segment Segment) : IX12Segment
{
    public void WriteTo(SegmentWriter x12)
    {
        if (x12.Separators == Segment.Separators)
        {
            x12.WriteVerbatim(Segment);
            return;
        }

        var elements = new Element[Segment.Count];
        for (var n = 1; n <= Segment.Count; n++)
        {
            var repetitions = Segment.Repetitions(n)
                .Select(r => Element.Composite(r.Split(Segment.Separators.Component)))
                .ToArray();
            elements[n - 1] = repetitions.Length switch
            {
                0 => Element.NotUsed,
                1 => repetitions[0],
                _ => Element.Repeat(repetitions),
            };
        }

        x12.Write(Segment.Id, elements);
    }
}
