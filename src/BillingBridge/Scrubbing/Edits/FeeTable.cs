using System.Globalization;

namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>Medicare's physician fee schedule on one day: status, component, surgery and amount columns (<c>PPRRVUyyyy</c>).</summary>
/// <param name="edition">Quoted in findings.</param>
/// <param name="find">Columns of a code and modifier by the importer's names; null when there is no line.</param>
public sealed class FeeTable(string edition, Func<string, string, IReadOnlyDictionary<string, string>?> find)
{
    public string Edition { get; } = edition;

    /// <summary>The line of a code; the one of its component modifier when it has one.</summary>
    public FeeLine? Find(string code, string? modifier = null) =>
        (modifier is { Length: > 0 } ? find(code, modifier) : null) is { } component ? new FeeLine(component) : find(code, "") is { } whole ? new FeeLine(whole) : null;
}

/// <summary>One line of the fee schedule.</summary>
public sealed class FeeLine(IReadOnlyDictionary<string, string> columns)
{
    /// <summary>A active, B bundled, N non-covered ...</summary>
    public string Status => Column("status");

    /// <summary>PC/TC indicator: 1 has both components, 6 has a professional one only.</summary>
    public string Components => Column("pctc");

    public string GlobalDays => Column("globalDays");

    public string Bilateral => Column("bilateral");

    public string Assistant => Column("assistant");

    public string CoSurgeon => Column("coSurgeon");

    public string Team => Column("team");

    /// <summary>National amount in dollars, before locality; null for a line without relative values.</summary>
    public decimal? AmountUsd(bool inFacility)
    {
        var units = Number("work") + Number(inFacility ? "facilityPe" : "nonFacilityPe") + Number("malpractice");
        var usd = Math.Round((units ?? 0m) * (Number("conversionFactor") ?? 0m), 2, MidpointRounding.AwayFromZero);
        return usd > 0m ? usd : null;
    }

    private string Column(string name) => columns.GetValueOrDefault(name, "");

    private decimal? Number(string name) =>
        decimal.TryParse(Column(name), NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;
}
