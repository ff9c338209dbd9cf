using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>The edit tables the practice has loaded. None are shipped; a rule without its table says so.</summary>
/// <param name="Ptp">NCCI pairs; their rows are dated one by one.</param>
/// <param name="Mue">One table per quarter.</param>
/// <param name="AddOns">Add-on codes; their rows are dated one by one.</param>
public sealed record EditTables(PtpTable? Ptp = null, IReadOnlyList<MueTable>? Mue = null, AddOnTable? AddOns = null)
{
    public static EditTables None { get; } = new();

    /// <summary>Medicare's fee schedule; null when none is loaded.</summary>
    public FeeTable? Fees { get; init; }

    /// <summary>The practice's own tables, by <see cref="TableNames"/>.</summary>
    public IReadOnlyDictionary<string, ReferenceTable> Tables { get; init; } = new Dictionary<string, ReferenceTable>();

    /// <summary>Editions that were imported with the code sets; they answer where no table was given above.</summary>
    public FeeTables? Imported { get; init; }

    /// <summary>NCCI pairs in force on a day; null when none are loaded.</summary>
    public PtpTable? PtpOn(DateOnly day) => Ptp ?? (Edition(CodeSystemUrls.NcciPtp, day) is { } edition
        ? PtpTable.Of(edition, (first, second, on) => Imported!.PairIndicator(first, second, on) is { } indicator ? new PtpEdit(first, second, on, null, indicator) : null)
        : null);

    /// <summary>The MUE values in force on a day: the latest quarter that had begun; null when none had.</summary>
    public MueTable? MueOn(DateOnly day) => Quarter(day) ?? (Edition(CodeSystemUrls.NcciMue, day) is { } edition
        ? MueTable.Of(edition, day, code => Imported!.MostUnits(code, "practitioner", day) is { } most ? new MueEdit(code, most.Units, most.Indicator - '0') : null)
        : null);

    /// <summary>Add-on codes in force on a day; null when none are loaded.</summary>
    public AddOnTable? AddOnsOn(DateOnly day) => AddOns ?? (Edition(CodeSystemUrls.NcciAddOns, day) is { } edition ? AddOnTable.Of(edition, ImportedAddOns) : null);

    /// <summary>Medicare's fee schedule on a day; null when none is loaded.</summary>
    public FeeTable? FeesOn(DateOnly day) =>
        Fees ?? (Edition(CodeSystemUrls.FeeSchedule, day) is { } edition ? new FeeTable(edition, (code, modifier) => Imported!.Fee(code, modifier, day)) : null);

    /// <summary>A table of the practice's own; null when it is not loaded.</summary>
    public ReferenceTable? Table(string name) => Tables.GetValueOrDefault(name);

    /// <summary>What payers have agreed to allow: the practice's tables, read anew each time.</summary>
    public ContractRates Contracts() => new(
        (Table(TableNames.Contracts)?.All ?? []).SelectMany(row => Number(row, "allowed") is { } allowed
            ? (ContractRate[])[new(row["payer"], row.Key, row["modifier"] is { Length: > 0 } modifier ? modifier : null, row.From, row.To, allowed)]
            : []),
        (Table(TableNames.MedicareContracts)?.All ?? []).SelectMany(row => Number(row, "percent") is { } percent
            ? (MedicareContract[])[new(row.Key, row["contractor"], row["locality"], percent, row.From, row.To, row["qualifying"] is "yes")]
            : []),
        Imported);

    /// <summary>Global period of a code: the loaded fee schedule's, else what our own list says.</summary>
    public string? GlobalDays(string code, DateOnly day) =>
        FeesOn(day)?.Find(code)?.GlobalDays is { Length: 3 } loaded ? loaded : GlobalPeriods.Of(code);

    private MueTable? Quarter(DateOnly day)
    {
        MueTable? latest = null;
        foreach (var table in Mue ?? [])
        {
            if (table.Effective <= day && (latest is null || table.Effective > latest.Effective))
                latest = table;
        }

        return latest;
    }

    private static decimal? Number(ReferenceRow row, string column) =>
        decimal.TryParse(row[column], NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string? Edition(string system, DateOnly day) => Imported?.EditionOn(system, day);

    private IReadOnlyList<AddOnEdit> ImportedAddOns(string code, DateOnly day) => Imported!.PrimariesOf(code, day) switch
    {
        null => [],
        [] => [new AddOnEdit(code, 2, null, null, "")],
        var primaries => [.. primaries.Select(p => new AddOnEdit(code, 1, null, null, p))],
    };
}
