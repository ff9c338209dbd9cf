using System.Globalization;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary>CMS's specialty curves of the practice's tables, and which of them its providers are measured by: the taxonomies of their roles, as Medicare's crosswalk reads them.</summary>
internal sealed class SpecialtyTables(BillingSetup setup, IFhirRecords records)
{
    private readonly IReadOnlyList<SpecialtyCurve>? curves = setup.Edits.Table(TableNames.OfficeLevels) is { } levels ? CurvesOf(levels) : null;

    /// <summary>Null when the table of curves is not loaded.</summary>
    public async Task<SpecialtyCurves?> ReadAsync(DateOnly today, CancellationToken ct)
    {
        if (curves is null)
            return null;
        var roles = setup.Edits.Table(TableNames.MedicareSpecialties) is null
            ? []
            : await records.SearchAsync<PractitionerRole>($"specialty={CodeSystemUrls.ProviderTaxonomy}|", ct).ToListAsync(ct);
        return new SpecialtyCurves(curves, SpecialtiesOf(roles, setup.Edits.Table(TableNames.MedicareSpecialties), today));
    }

    /// <summary>A curve for each specialty and period that the rows name.</summary>
    internal static IReadOnlyList<SpecialtyCurve> CurvesOf(ReferenceTable levels) =>
    [
        .. levels.All.GroupBy(r => (Specialty: Specialty(r["specialty"]), r.From, r.To)).OrderBy(g => g.Key.Specialty, StringComparer.Ordinal).ThenByDescending(g => g.Key.From)
            .Select(g => new SpecialtyCurve(g.Key.Specialty, levels.Edition, g.Key.From, g.Key.To, g.GroupBy(r => r.Key).ToDictionary(c => c.Key, c => c.Sum(Services)))),
    ];

    /// <summary>Of the person and of the role, since a claim may name either as rendering.</summary>
    internal static IEnumerable<(string Provider, string Specialty)> SpecialtiesOf(IEnumerable<PractitionerRole> roles, ReferenceTable? crosswalk, DateOnly today) =>
        from role in roles
        where role.Active != false
        from coding in role.Specialty.SelectMany(s => s.Coding)
        where coding.System == CodeSystemUrls.ProviderTaxonomy
        from row in crosswalk?.Find(coding.Code ?? "", today) ?? []
        from provider in (string?[])[role.Practitioner?.Reference, $"PractitionerRole/{role.Id}"]
        where provider is not null
        select (provider, Specialty(row["specialty"]));

    private static decimal Services(ReferenceRow row) => decimal.TryParse(row["services"], NumberStyles.Number, CultureInfo.InvariantCulture, out var services) && services > 0m ? services : 0m;

    /// <summary>A spreadsheet takes the zero off 08.</summary>
    private static string Specialty(string code) => code.PadLeft(2, '0').ToUpperInvariant();
}
