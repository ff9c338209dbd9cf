namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>A message while it is being written.</summary>
internal sealed class MessageDraft
{
    private readonly List<SegmentDraft> segments = [];

    public SegmentDraft Add(string id)
    {
        var segment = new SegmentDraft(id, Separators.Recommended);
        if (id == "MSH")
            segment.Set(2, "");
        segments.Add(segment);
        return segment;
    }

    public override string ToString() => string.Concat(segments.Select(s => s + "\r"));

    public byte[] ToBytes() => Charsets.Utf8.GetBytes(ToString());
}
