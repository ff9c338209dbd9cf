using System.Globalization;
using FhirEmr.FhirServer.Demo;

namespace FhirEmr.Bench.Limits;

internal readonly record struct TokenRow(int Param, long Hash, int System);

internal readonly record struct ReferenceRow(long Hash, int Param);

internal readonly record struct DateRow(int Param, long Low, long High);

internal readonly record struct StringRow(int Param, string Text);

internal readonly record struct QuantityRow(int Param, int Unit, double Value);

/// <summary>The 25 index rows of one resource: 17 token, 3 reference, 2 date, 2 string, 1 quantity, the average of an index over all R4 parameters.</summary>
internal sealed record IndexRowSet(TokenRow[] Tokens, ReferenceRow[] References, DateRow[] Dates, StringRow[] Strings, QuantityRow Quantity)
{
    public const int RowsPerResource = 25;

    /// <summary>
    /// Rows with the spread of a clinical record: half the tokens come from a handful of values (status, class), some from hundreds
    /// (codes), three are unique (identifiers); references go to the patient, the encounter and a physician.
    /// </summary>
    public static IndexRowSet Draw(SeededRandom random, int resource) => new(
        [.. Enumerable.Range(0, 17).Select(p => Token(random, p))],
        [
            new(Hash("patient", resource / 300), 1),
            new(Hash("encounter", resource / 10), 2),
            new(Hash("physician", random.Between(0, 150)), 3),
        ],
        [Day(random, 1), new DateRow(2, Instant(resource), Instant(resource) + 1)],
        [new(1, Word(random)), new(2, Word(random))],
        new QuantityRow(1, random.Between(0, 12), (double)random.Between(0m, 400m, 4)));

    private static TokenRow Token(SeededRandom random, int param) => param switch
    {
        < 9 => new(param, Hash("few", random.Between(0, 8)), 1),
        < 14 => new(param, Hash("code", random.Between(0, 500)), param),
        _ => new(param, (long)random.Next(), param),
    };

    private static DateRow Day(SeededRandom random, int param)
    {
        var second = Instant(random.Between(0, 315_360_000));
        return new(param, second, second + 1);
    }

    private static long Instant(int offset) => 1_450_000_000L + offset;

    private static string Word(SeededRandom random) => string.Create(CultureInfo.InvariantCulture, $"text {random.Between(0, 4000):D4} of a resource");

    // FNV-1a keeps the same value the same key everywhere, as a store's hash would.
    private static long Hash(string kind, int value)
    {
        var hash = 14695981039346656037;
        foreach (var c in string.Create(CultureInfo.InvariantCulture, $"{kind}|{value}"))
            hash = (hash ^ c) * 1099511628211;
        return (long)hash;
    }
}
