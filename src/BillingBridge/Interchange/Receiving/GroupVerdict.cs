using System.Globalization;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>A received group and what its reader found → a 999 (005010X231A1, billing spec 2.7).</summary>
/// <remarks>A set with a refusal is rejected (R), one with warnings accepted with errors (E): exactly the sets that are not rejected were used.</remarks>
internal static class GroupVerdict
{
    private const int MostCodes = 5; // IK502-IK506, AK905-AK909

    /// <param name="group">The group.</param>
    /// <param name="findings">Of its reader, and of the file around it.</param>
    /// <param name="setControlNumber">ST02 of the 999.</param>
    public static Acknowledgement999 Of(ReceivedGroup group, IReadOnlyList<X12Finding> findings, string setControlNumber)
    {
        var st = new St("999", setControlNumber, Guides.Acknowledgement999);
        var ak1 = new Ak1(group.Gs.FunctionalId, group.Gs.ControlNumber, Text(group.Gs.Guide));
        var codes = Codes(findings.Where(f => f.Place?.SetControlNumber is null), "AK9-");
        if (findings.FirstOrDefault(f => f.RefusesEnvelope) is { } fault)
        {
            // The group as a whole: its sets were not looked at, or not to the end.
            IReadOnlyList<string> why = codes.Count > 0 ? codes : [fault.Code == "SYN-TRUNCATED" ? "3" : "5"];
            return new Acknowledgement999(st, ak1, [], Verdict("R", group, 0, why));
        }

        var ofSet = findings.Where(f => f.Place?.SetControlNumber is not null).ToLookup(f => group.Sets.Count(s => s.Ordinal <= f.Place!.Segment) - 1);
        var sets = group.Sets.Select((s, i) => Set(s.St, [.. ofSet[i]])).ToList();
        var accepted = sets.Count(s => s.IsAccepted);
        var code = accepted == 0 ? "R"
            : accepted < sets.Count ? "P"
            : codes.Count > 0 || sets.Exists(s => s.Verdict.Code == "E") ? "E"
            : "A";
        return new Acknowledgement999(st, ak1, sets, Verdict(code, group, accepted, codes));
    }

    private static Ak9 Verdict(string code, ReceivedGroup group, int accepted, IReadOnlyList<string> codes)
    {
        var received = Number(group.Sets.Count);
        return new Ak9(code, group.Included.Length > 0 && group.Included.All(char.IsAsciiDigit) ? group.Included : received, received, Number(accepted), codes);
    }

    private static SetResponse Set(St st, IReadOnlyList<X12Finding> findings)
    {
        var errors = findings.Where(IsOfSegment).GroupBy(f => (f.Place!.SetPosition, f.Place.SegmentId, SegmentCode(f)))
            .OrderBy(g => g.Key.SetPosition).Select(g => Error(g.Key.Item3, [.. g])).ToList();
        var code = findings.Any(f => f.Severity is X12Severity.Refusal) ? "R" : findings.Count > 0 ? "E" : "A";
        var codes = Codes(findings, "IK5-");
        if (errors.Count > 0)
            codes = [.. codes.Append("5").Distinct().Take(MostCodes)];
        return new SetResponse(new Ak2(st.SetId, st.ControlNumber, st.Guide), errors, new Ik5(code, codes));
    }

    private static SegmentError Error(string code, IReadOnlyList<X12Finding> findings)
    {
        var place = findings[0].Place!;
        var contexts = new List<IX12Segment>();
        if (place.BusinessUnit?.Split(':', 2) is [var name, var value])
            contexts.Add(new Ctx(name, value));
        if (place.Trigger is { SetPosition: { } at, Element: { } trigger } by)
            contexts.Add(new CtxTrigger(by.SegmentId, Number(at), Number(trigger), by.Component is { } part ? Number(part) : null));
        var loop = place.Loop is { Length: >= 4 } named && named.AsSpan(0, 4).ContainsAnyExceptInRange('0', '9') is false ? named[..4] : null;
        IReadOnlyList<ElementError> elements = code == "8" ? [.. findings.Where(f => f.Place!.Element is not null).Select(Element)] : [];
        return new SegmentError(new Ik3(place.SegmentId, Number(place.SetPosition ?? 1), loop, code), contexts, elements);
    }

    private static ElementError Element(X12Finding finding)
    {
        var place = finding.Place!;
        var ik4 = new Ik4(
            Number(place.Element!.Value),
            place.Component is { } component ? Number(component) : null,
            place.Repetition is { } repetition ? Number(repetition) : null,
            DataElements.Number(place.SegmentId, place.Element.Value, place.Component),
            // Money that does not add up has no code of its own: it is a value that cannot be.
            finding.Code.StartsWith("IK4-", StringComparison.Ordinal) ? finding.Code[4..] : "7",
            place.Value is { Length: > 99 } value ? value[..99] : place.Value);
        return new ElementError(ik4, []);
    }

    private static bool IsOfSegment(X12Finding finding) =>
        finding.Place?.SetPosition is not null && !finding.Code.StartsWith("IK5-", StringComparison.Ordinal);

    private static string SegmentCode(X12Finding finding) => finding.Code.StartsWith("IK3-", StringComparison.Ordinal) ? finding.Code[4..] : "8";

    private static IReadOnlyList<string> Codes(IEnumerable<X12Finding> findings, string prefix) =>
        [.. findings.Where(f => f.Code.StartsWith(prefix, StringComparison.Ordinal)).Select(f => f.Code[prefix.Length..]).Distinct().Take(MostCodes)];

    private static string? Text(string text) => text.Length > 0 ? text : null;

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}
