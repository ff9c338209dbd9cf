using System.Globalization;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>The embedded list behind <see cref="DefaultFeeSchedule"/>: bare codes, our own made-up prices, CMS global days.</summary>
internal static class DefaultFees
{
    private static readonly Lazy<IReadOnlyDictionary<string, DefaultFee>> Table = new(Read);

    public static IReadOnlyDictionary<string, DefaultFee> ByCode => Table.Value;

    private static Dictionary<string, DefaultFee> Read()
    {
        const string Name = "FhirEmr.BillingBridge.Charges.Data.default-fees.csv";
        using var stream = typeof(DefaultFees).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"{Name} is not embedded.");
        using var reader = new StreamReader(stream);

        reader.ReadLine();
        var table = new Dictionary<string, DefaultFee>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            table.Add(cells[0], new DefaultFee(cells[0], Amount(cells[1]), Amount(cells[2]), cells[3]));
        }

        return table;
    }

    private static decimal? Amount(string cell) => cell.Length == 0 ? null : decimal.Parse(cell, CultureInfo.InvariantCulture);
}

/// <summary>A default price; one of the two amounts is always there.</summary>
internal sealed record DefaultFee(string Code, decimal? NonFacilityUsd, decimal? FacilityUsd, string GlobalDays);
