namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Whom of the practice CMS's specialty curves are for.</summary>
public sealed class SpecialtyCurves
{
    private readonly Dictionary<string, List<int>> ofProvider = new(StringComparer.Ordinal);

    /// <param name="curves">Every specialty's, of all years.</param>
    /// <param name="specialties">Medicare's specialties of each provider, <c>Practitioner/id</c>: the first with a curve for the day counts.</param>
    public SpecialtyCurves(IReadOnlyList<SpecialtyCurve> curves, IEnumerable<(string Provider, string Specialty)> specialties)
    {
        All = curves;
        foreach (var (provider, specialty) in specialties)
        {
            if (!ofProvider.TryGetValue(provider, out var own))
                ofProvider[provider] = own = [];
            own.AddRange(Enumerable.Range(0, curves.Count).Where(i => curves[i].Specialty == specialty && !own.Contains(i)));
        }
    }

    public IReadOnlyList<SpecialtyCurve> All { get; }

    /// <summary>Which of <see cref="All"/> a visit is compared with; -1 for none.</summary>
    internal int Of(string? provider, DateOnly day)
    {
        if (provider is not null && ofProvider.TryGetValue(provider, out var own))
            foreach (var at in own)
                if (All[at].IsFor(day))
                    return at;
        return -1;
    }
}
