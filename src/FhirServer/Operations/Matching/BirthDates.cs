using System.Globalization;

namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>Two birth dates: the same, a typist's slip apart, or of two people.</summary>
internal static class BirthDates
{
    public const double Exact = 9;

    public static (double Weight, string Text) Compare(string a, string b)
    {
        if (a == b)
            return (a.Length switch { 4 => 2, 7 => 4, _ => Exact }, $"Birth date {a} agrees");
        if (a.Length < 10 || b.Length < 10)
        {
            var common = Math.Min(a.Length, b.Length);
            return string.CompareOrdinal(a, 0, b, 0, common) == 0
                ? (common == 4 ? 2 : 4, $"Birth dates {a} and {b} agree as far as they are known")
                : (-7, $"Birth dates differ: {a} and {b}");
        }

        return Slips(a).FirstOrDefault(s => s.Date == b) is { Date: not null } slip
            ? (slip.Weight, $"Birth dates {a} and {b} differ by {slip.What}")
            : (-7, $"Birth dates differ: {a} and {b}");
    }

    /// <summary>Whole dates one slip away from a whole date, likeliest first; each once.</summary>
    public static IEnumerable<(string Date, double Weight, string What)> Slips(string date)
    {
        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return [];

        var slips = new List<(string Date, double Weight, string What)>();
        if (day.Day <= 12)
            Add(Text(new DateOnly(day.Year, day.Day, day.Month)), 5, "an exchange of day and month");
        if (day > DateOnly.MinValue.AddYears(1) && day < DateOnly.MaxValue.AddYears(-1))
        {
            Add(Text(day.AddDays(1)), 4.5, "one day");
            Add(Text(day.AddDays(-1)), 4.5, "one day");
            Add(Text(day.AddYears(1)), 4, "one year");
            Add(Text(day.AddYears(-1)), 4, "one year");
        }

        var digits = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        for (var i = 0; i + 1 < digits.Length; i++)
            Add(Dashed(digits[..i] + digits[i + 1] + digits[i] + digits[(i + 2)..]), 4.5, "two exchanged digits");
        for (var i = 2; i < digits.Length; i++)
            for (var digit = '0'; digit <= '9'; digit++)
                Add(Dashed(digits[..i] + digit + digits[(i + 1)..]), 4, "one digit");
        return slips;

        void Add(string? slip, double weight, string what)
        {
            if (slip is not null && slip != date && !slips.Exists(s => s.Date == slip))
                slips.Add((slip, weight, what));
        }
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Dashed(string digits) =>
        DateOnly.TryParseExact(digits, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? Text(day) : null;
}
