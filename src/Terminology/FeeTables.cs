using System.Globalization;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology;

/// <summary>What the imported tables about codes say on a date: edits, units, add-ons, fees. Null where no table is loaded, or it has no line.</summary>
public sealed class FeeTables
{
    private readonly EditionShelf shelf;

    internal FeeTables(EditionShelf shelf) => this.shelf = shelf;

    /// <summary>Whether a table is loaded for the day; without one, no line means nothing.</summary>
    public bool Has(string table, DateOnly on) => shelf.InForce(table, EditionContent.Codes, on).Count > 0;

    /// <summary>The edition that answers for a table on a day, to be quoted; null when none is loaded.</summary>
    public string? EditionOn(string table, DateOnly on) => shelf.InForce(table, EditionContent.Codes, on) is [var first, ..] ? first.Edition.Id : null;

    /// <summary>NCCI: whether two codes may be billed together; 0 never, 1 with a modifier. Null when they may.</summary>
    public char? PairIndicator(string column1, string column2, DateOnly on) =>
        Find(CodeSystemUrls.NcciPtp, $"{column1}|{column2}", null, on) is { } line && line["modifierIndicator"][0] is not '9' and var indicator ? indicator : null;

    /// <summary>MUE: most units, and how they are counted (1 by line, 2 and 3 by day).</summary>
    /// <param name="setting">practitioner, outpatient or dme.</param>
    public (int Units, char Indicator)? MostUnits(string code, string setting, DateOnly on) =>
        Find(CodeSystemUrls.NcciMue, code, setting, on) is { } line ? (int.Parse(line["units"], CultureInfo.InvariantCulture), line["indicator"][0]) : null;

    /// <summary>Primary codes an add-on code goes with on the day; empty for one whose contractor decides (type 2); null for a code that is no add-on.</summary>
    public IReadOnlyList<string>? PrimariesOf(string addOn, DateOnly on)
    {
        List<string>? primaries = null;
        foreach (var edition in shelf.InForce(CodeSystemUrls.NcciAddOns, EditionContent.Codes, on))
        {
            var table = edition.Table.Value;
            var (start, end) = table.WithPrefix(addOn + "|");
            for (var row = start; row < end; row++)
            {
                if (!table.IsValidOn(row, on))
                    continue;
                primaries ??= [];
                if (table.Code(row)[(addOn.Length + 1)..] is { Length: > 0 } primary)
                    primaries.Add(primary);
            }
        }

        return primaries;
    }

    /// <summary>A line of the fee schedule by its columns (work, nonFacilityPe, facilityPe, malpractice, conversionFactor, globalDays, bilateral ...).</summary>
    /// <param name="modifier">Empty, 26, TC or 53.</param>
    public IReadOnlyDictionary<string, string>? Fee(string code, string modifier, DateOnly on, bool isQualifying = false) =>
        Find(CodeSystemUrls.FeeSchedule, $"{code}|{modifier}", isQualifying ? "QPP" : "nonQPP", on);

    /// <summary>
    /// What Medicare pays for one unit in a locality, to the cent: work, practice expense and malpractice RVUs, each times its cost index, together times the
    /// conversion factor (42 CFR 414.20). Null where a table is not loaded for the day, or the code has no amount of its own there (status other than A, R or T).
    /// </summary>
    /// <param name="modifier">Empty, 26, TC or 53.</param>
    /// <param name="inFacility">Whether the facility bears the cost of the room: the practice expense is the facility's.</param>
    public decimal? AmountUsd(string code, string modifier, string contractor, string locality, DateOnly on, bool inFacility, bool isQualifying = false)
    {
        if (Fee(code, modifier, on, isQualifying) is not { } line || line.GetValueOrDefault("status") is not ("A" or "R" or "T")
            || Locality(contractor, locality, on) is not { } indices)
            return null;
        var units = (Number(line, "work") * Number(indices, "work")) + (Number(line, inFacility ? "facilityPe" : "nonFacilityPe") * Number(indices, "practiceExpense"))
            + (Number(line, "malpractice") * Number(indices, "malpractice"));
        var usd = decimal.Round(units * Number(line, "conversionFactor"), 2, MidpointRounding.AwayFromZero);
        return usd > 0m ? usd : null;
    }

    /// <summary>The cost indices of a contractor's locality: work, practiceExpense, malpractice, and its state.</summary>
    public IReadOnlyDictionary<string, string>? Locality(string contractor, string locality, DateOnly on) =>
        Find(CodeSystemUrls.Gpci, $"{contractor.PadLeft(5, '0')}|{locality.PadLeft(2, '0')}", null, on);

    private static decimal Number(IReadOnlyDictionary<string, string> line, string column) =>
        decimal.TryParse(line.GetValueOrDefault(column), NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : 0m;

    private Dictionary<string, string>? Find(string system, string key, string? part, DateOnly on)
    {
        foreach (var edition in shelf.InForce(system, EditionContent.Codes, on))
        {
            if ((part is null || edition.Edition.Part == part) && edition.Table.Value.Find(key, on) is >= 0 and var row)
                return edition.Table.Value.Properties(row);
        }

        return null;
    }
}
