namespace FhirEmr.BillingBridge.Kpis;

/// <summary>How often a specialty bills each level of the office visit nationwide (EM-DIST), over some days of service.</summary>
/// <param name="Specialty">Medicare's code of the specialty, with leading zero: <c>08</c> is family practice.</param>
/// <param name="Edition">The table it is from.</param>
/// <param name="From">First day of service it is for; null for any.</param>
/// <param name="Services">Services allowed, by code.</param>
public sealed record SpecialtyCurve(string Specialty, string Edition, DateOnly? From, DateOnly? To, IReadOnlyDictionary<string, decimal> Services)
{
    internal bool IsFor(DateOnly day) => (From is not { } from || from <= day) && (To is not { } to || day <= to);

    /// <summary>The share of a code among its family; null when the curve has none of the family.</summary>
    internal decimal? Share(string code, IReadOnlyList<string> family)
    {
        var all = family.Sum(c => Services.GetValueOrDefault(c));
        return all > 0m ? Services.GetValueOrDefault(code) / all : null;
    }
}
