using System.Text;

namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>A message: its segments in order, those nobody knows among them.</summary>
internal sealed record Message(Separators Separators, Encoding Encoding, IReadOnlyList<Segment> Segments)
{
    public Segment Header => Segments[0];

    public Segment? First(string id) => Segments.FirstOrDefault(s => s.Id == id);

    public IEnumerable<Segment> All(string id) => Segments.Where(s => s.Id == id);

    /// <summary>As it was sent, each segment ended by CR.</summary>
    public override string ToString() => string.Concat(Segments.Select(s => s + "\r"));

    public byte[] ToBytes() => Encoding.GetBytes(ToString());
}
