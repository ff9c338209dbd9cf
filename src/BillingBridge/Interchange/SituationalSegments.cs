using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>
/// Segments of an 837P that the guide has for some services only, and FHIR no element: contract (CN1), ambulance (CR1), chiropractic (CR2), equipment (CR3,
/// SV5, FRM), conditions (CRC, HI*BG), anaesthesia (HI*BP), repricing (HCP) … ⇄ <c>Claim.supportingInfo</c> of the claim or of its line.
/// </summary>
/// <remarks>The category's code is the segment, the value its elements as the guide numbers them: <c>CRC</c> and <c>75*Y*IH</c>. Whoever knows one of them
/// knows the guide; a second naming of 200 elements would be one more thing to learn, and to get wrong.</remarks>
internal static class SituationalSegments
{
    /// <summary>Loop 2300 before AMT.</summary>
    public static readonly string[] BeforeAmounts = ["CN1"];

    /// <summary>Loop 2300 after REF, before NTE.</summary>
    public static readonly string[] BeforeNotes = ["K3"];

    /// <summary>Loop 2300 after NTE, before the diagnoses.</summary>
    public static readonly string[] BeforeDiagnoses = ["CR1", "CR2", "CRC"];

    /// <summary>Loop 2300 after the diagnoses.</summary>
    public static readonly string[] AfterDiagnoses = ["HI", "HCP"];

    /// <summary>Loop 2400 between SV1 and the day of service.</summary>
    public static readonly string[] BeforeServiceDate = ["SV5", "PWK", "CR1", "CR3", "CRC"];

    /// <summary>Loop 2400 between the day of service and REF.</summary>
    public static readonly string[] BeforeReferences = ["DTP", "QTY", "MEA", "CN1"];

    /// <summary>Loop 2400 after REF.</summary>
    public static readonly string[] AfterReferences = ["AMT", "K3", "NTE", "PS1", "HCP"];

    /// <summary>Loop 2440: each LQ with the answers of its form, so in the order they came.</summary>
    public static readonly string[] Forms = ["LQ", "FRM"];

    private static readonly string[] OfClaim = [.. BeforeAmounts, .. BeforeNotes, .. BeforeDiagnoses, .. AfterDiagnoses];

    private static readonly string[] OfLine = [.. BeforeServiceDate, .. BeforeReferences, .. AfterReferences, .. Forms];

    // The same segment by its qualifier in the order of the guide; who has no place here goes last.
    private static readonly string[] Qualifiers =
        ["471", "607", "463", "461", "304", "738", "739", "011", "455", "454", "BP", "BG", "T", "F4"];

    /// <summary>What to keep of a segment; null when it is none of these in its loop.</summary>
    public static Claim.SupportingInformationComponent? Read(IX12Segment segment, string text, int sequence, bool ofLine)
    {
        if (segment is Hi { IsDiagnoses: true } || text.IndexOf('*', StringComparison.Ordinal) is not (> 0 and var end))
            return null;
        return (ofLine ? OfLine : OfClaim).Contains(text[..end]) && HasText(text[(end + 1)..])
            ? new Claim.SupportingInformationComponent
            {
                Sequence = sequence,
                Category = new CodeableConcept(BillingUrls.SituationalSegment, text[..end]),
                Value = new FhirString(text[(end + 1)..]),
            }
            : null;
    }

    /// <summary>The segments of these ids among some supporting information, in the order of the ids.</summary>
    public static IEnumerable<IX12Segment> Write(IEnumerable<Claim.SupportingInformationComponent> infos, string[] ids) =>
        from s in infos.Select(Of).OfType<SituationalSegment>()
        where ids.Contains(s.Id)
        orderby ids == Forms ? 0 : Array.IndexOf(ids, s.Id), ids == Forms ? 0 : Place(s)
        select (IX12Segment)s;

    /// <summary>Supporting information of the claim as a whole: what no line names.</summary>
    public static List<Claim.SupportingInformationComponent> Whole(Claim claim)
    {
        var ofLines = claim.Item.SelectMany(i => i.InformationSequence).ToHashSet();
        return [.. claim.SupportingInfo.Where(i => !ofLines.Contains(i.Sequence))];
    }

    private static SituationalSegment? Of(Claim.SupportingInformationComponent info) =>
        info.Category?.Coding.Find(c => c.System == BillingUrls.SituationalSegment)?.Code is { } id && info.Value is FhirString { Value: { } text } && HasText(text)
            ? new SituationalSegment(id, text)
            : null;

    private static int Place(SituationalSegment segment)
    {
        var qualifier = segment.Text.AsSpan(0, segment.Text.AsSpan().IndexOfAny('*', ':') is >= 0 and var end ? end : segment.Text.Length).ToString();
        return Array.IndexOf(Qualifiers, qualifier) is >= 0 and var place ? place : Qualifiers.Length;
    }

    private static bool HasText(string text) => text.AsSpan().ContainsAnyExcept("*: ");

    /// <summary>A segment whose elements are kept as one text.</summary>
    private sealed record SituationalSegment(string Id, string Text) : IX12Segment
    {
        // Element by element through the writer: whatever a person typed there stays data, whichever separators the partner uses.
        public void WriteTo(SegmentWriter x12) =>
            x12.Write(Id, [.. Text.Split('*').Select(e => Id is "K3" or "NTE" ? e : X12.Syntax.Element.Composite(e.Split(':')))]);
    }
}
