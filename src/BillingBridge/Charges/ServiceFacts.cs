using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>What the record says about how one charged service was done: by whom, where on the body, when, with whose equipment.</summary>
internal sealed class ServiceFacts
{
    private readonly Procedure? procedure;
    private readonly DiagnosticReport? report;
    private readonly EncounterChart chart;

    private ServiceFacts(string source, EncounterChart chart)
    {
        Source = source;
        this.chart = chart;
        procedure = chart.OfType<Procedure>().FirstOrDefault(p => source == $"Procedure/{p.Id}");
        report = chart.OfType<DiagnosticReport>().FirstOrDefault(r => source == $"DiagnosticReport/{r.Id}");
    }

    public string Source { get; }

    /// <summary>Sites as codes, else as words; empty when the record names none.</summary>
    public IReadOnlySet<string> Sites => (procedure?.BodySite ?? [])
        .Select(s => s.Coding.Find(c => c.Code is { Length: > 0 })?.Code ?? s.Text?.Trim().ToLowerInvariant()).OfType<string>().ToHashSet(StringComparer.Ordinal);

    public IReadOnlySet<string> Performers => (procedure?.Performer.Select(p => p.Actor?.Reference) ?? report?.Performer.Select(p => p.Reference) ?? [])
        .OfType<string>().Where(r => r.StartsWith("Practitioner", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    /// <summary>From when to when it was done; null unless both are times of a day.</summary>
    public (DateTimeOffset Start, DateTimeOffset End)? Times => procedure?.Performed is Period { Start.Length: > 10, End.Length: > 10 } period
        && DateTimeOffset.TryParse(period.Start, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var start)
        && DateTimeOffset.TryParse(period.End, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var end)
            ? (start, end)
            : null;

    /// <summary>The owner of the equipment that was used, when it is known and not the practice.</summary>
    public string? ForeignOwner => (procedure?.UsedReference ?? []).Select(r => chart.Find<Device>(r)?.Owner?.Reference).FirstOrDefault(o => o is not null && o != Practice);

    /// <summary>The organization that read or performed it, when nobody of the practice did.</summary>
    public string? ForeignReader
    {
        get
        {
            var readers = (procedure?.Performer.Select(p => p.OnBehalfOf?.Reference) ?? report?.ResultsInterpreter.Select(OrganizationOf) ?? []).ToList();
            return readers.Count > 0 && readers.TrueForAll(r => r is not null && r != Practice) ? readers[0] : null;
        }
    }

    private string? Practice => chart.Encounter.ServiceProvider?.Reference;

    public static ServiceFacts Of(ChargeLine line, EncounterChart chart) => new(line.Source, chart);

    /// <summary>An organization reads for itself; of a person only a role says for whom.</summary>
    private string? OrganizationOf(ResourceReference reader) => reader.Reference switch
    {
        { } organization when organization.StartsWith("Organization/", StringComparison.Ordinal) => organization,
        { } role when role.StartsWith("PractitionerRole/", StringComparison.Ordinal) => chart.Find<PractitionerRole>(reader)?.Organization?.Reference,
        _ => null,
    };
}
