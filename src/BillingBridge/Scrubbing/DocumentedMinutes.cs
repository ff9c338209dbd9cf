using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology.CodeSystems;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>How long a service took, as the chart has it.</summary>
internal static class DocumentedMinutes
{
    /// <summary>Whether the code is billed in units of fifteen minutes.</summary>
    public static bool IsFifteenMinutes(string code) => ProcedureTraits.Of(code) is { IsTimed: true, Minutes: 15, Category: "therapy" or "behavioral" };

    /// <summary>Minutes of the Procedures behind a line; of the encounter for a visit. Null when nothing is written.</summary>
    public static int? Of(ClaimGraph claim, ScrubLine line)
    {
        var sources = claim.Charges.Lines.Where(l => l.Code == line.Code && l.ServiceDate == line.From).Select(l => l.Source).ToHashSet();
        var minutes = claim.Chart.OfType<Procedure>().Where(p => sources.Contains($"Procedure/{p.Id}")).Select(p => Between(p.Performed as Period)).OfType<int>().ToList();
        if (minutes.Count > 0)
            return minutes.Sum();
        return ProcedureTraits.Of(line.Code) is { IsVisit: true } or { Category: "em/prolonged" } ? Length(claim.Chart.Encounter) ?? Between(claim.Chart.Encounter.Period) : null;
    }

    /// <summary>What those minutes are read from.</summary>
    public static IEnumerable<string> Sources(ClaimGraph claim, ScrubLine line) =>
        claim.Charges.Lines.Where(l => l.Code == line.Code && l.ServiceDate == line.From).Select(l => l.Source).Append($"Encounter/{claim.Chart.Encounter.Id}").Distinct();

    private static int? Length(Encounter encounter) => encounter.Length is { Value: { } value } length
        ? length.Code switch
        {
            "min" => (int)value,
            "h" => (int)(value * 60),
            _ => null,
        }
        : null;

    private static int? Between(Period? period) =>
        Moment(period?.Start) is { } start && Moment(period?.End) is { } end && end > start ? (int)(end - start).TotalMinutes : null;

    private static DateTimeOffset? Moment(string? text) =>
        text is { Length: > 10 } && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
}
