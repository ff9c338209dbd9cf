using System.Globalization;
using FhirEmr.BillingBridge.X12;

namespace FhirEmr.FhirServer.Imports.Mapping;

/// <summary>A value as a spreadsheet has it → as the record has it, or what was expected there.</summary>
/// <param name="order">Which of day and month comes first where only numbers are written.</param>
/// <param name="today">No birth is later.</param>
internal sealed class ValueReader(DateOrder order, DateOnly today)
{
    /// <summary>How far ahead a two-digit year may be: schedules and ends of insurance.</summary>
    private const int YearsAhead = 5;

    private static readonly string[] MonthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>The value, never empty; or what a value of the form looks like.</summary>
    public (string? Value, string? Expected) Read(FieldForm form, string text) => form switch
    {
        FieldForm.Date => Date(text, Ahead) is { } day ? Good(Iso(day)) : Bad($"a date such as {Example()}"),
        FieldForm.BirthDate => Date(text, today) is not { } born ? Bad($"a date such as {Example()}") : born > today ? Bad("a day of birth, no later than today") : Good(Iso(born)),
        FieldForm.Time => Time(text) is { } time ? Good(time.ToString("HH:mm", CultureInfo.InvariantCulture)) : Bad("a local time such as 9:30 AM or 14:00"),
        FieldForm.DateAndTime => DateAndTime(text),
        FieldForm.Sex => Known(text, "male, female, other or unknown (M, F, O, U)", ValueWords.Sexes),
        FieldForm.Phone => Phone(text),
        FieldForm.Email => text.Length <= 254 && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && text.LastIndexOf('.') > at + 1 && !text.EndsWith('.') && !text.Any(c => c is ' ' or ',' or ';')
            ? Good(text) : Bad("one e-mail address"),
        FieldForm.State => text.Length == 2 && ValueWords.States.ContainsValue(text.ToUpperInvariant()) ? Good(text.ToUpperInvariant())
            : ValueWords.States.TryGetValue(Plain(text), out var state) ? Good(state) : Bad("a state of the United States: its name or two letters"),
        FieldForm.Zip => Zip(text),
        FieldForm.Ssn => Digits(text) is { Length: 9 } ssn && ssn[..3] is not ("000" or "666") && ssn[0] != '9' && ssn.Distinct().Count() > 1 && text.All(c => char.IsAsciiDigit(c) || c is '-' or ' ')
            ? Good($"{ssn[..3]}-{ssn[3..5]}-{ssn[5..]}") : Bad("a social security number of nine digits"),
        FieldForm.Usd => Usd(text),
        FieldForm.Npi => Npi.IsValid(text) ? Good(text) : Bad("an NPI: ten digits with their check digit"),
        FieldForm.Procedure => text.Length == 5 && text.All(char.IsAsciiLetterOrDigit) && text.AsSpan(1, 3).IndexOfAnyExceptInRange('0', '9') < 0 ? Good(text.ToUpperInvariant()) : Bad("a CPT or HCPCS code of five characters"),
        FieldForm.Modifier => text.Length == 2 && text.All(char.IsAsciiLetterOrDigit) ? Good(text.ToUpperInvariant()) : Bad("one modifier of two characters"),
        FieldForm.Minutes => int.TryParse(text.Replace("min", "", StringComparison.OrdinalIgnoreCase).TrimEnd('.', ' '), NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 1440
            ? Good(minutes.ToString(CultureInfo.InvariantCulture)) : Bad("a number of minutes from 1 to 1440"),
        FieldForm.Relationship => Known(text, "self, spouse, child, parent, common or other", ValueWords.Relationships),
        FieldForm.Rank => Known(text, "1, 2 or 3, or primary, secondary or tertiary", ValueWords.Ranks),
        FieldForm.AppointmentStatus => Known(text, "scheduled, confirmed, arrived, completed, cancelled or no show", ValueWords.AppointmentStatuses),
        _ => text.Length > 2000 ? Bad("at most 2000 characters") : text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? Bad("text without control characters") : Good(text),
    };

    /// <summary>The order that most of those dates have which have just one; American where there are as many of both. A slip in one row does not turn all others round.</summary>
    public static DateOrder OrderOf(IEnumerable<string> dates)
    {
        var (dayFirst, monthFirst) = (0, 0);
        foreach (var text in dates)
        {
            var parts = text.Split(' ', 2)[0].Split('/', '-', '.');
            if (parts.Length == 3 && parts.All(p => p.Length is 1 or 2 or 4 && p.All(char.IsAsciiDigit)) && parts[0].Length <= 2)
            {
                var (first, second) = (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
                if (first is > 12 and <= 31 && second <= 12)
                    dayFirst++;
                else if (second is > 12 and <= 31 && first <= 12)
                    monthFirst++;
            }
        }

        return dayFirst > monthFirst ? DateOrder.DayFirst : DateOrder.MonthFirst;
    }

    /// <summary>What a header is compared as: letters and digits only, in lower case.</summary>
    public static string Plain(string text) => string.Concat(text.Normalize(System.Text.NormalizationForm.FormD).Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static (string?, string?) Good(string value) => (value, null);

    private static (string?, string?) Bad(string expected) => (null, expected);

    private static (string?, string?) Known(string text, string expected, Dictionary<string, string> codes) => codes.TryGetValue(Plain(text), out var code) ? Good(code) : Bad(expected);

    private string Example() => order == DateOrder.DayFirst ? "31/12/1990 or 1990-12-31" : "12/31/1990 or 1990-12-31";

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit));

    /// <param name="latest">Two digits of a year are of the century that makes the day no later than this.</param>
    private DateOnly? Date(string text, DateOnly latest)
    {
        // A time behind the day is what a database export adds to each date; midnight says nothing, wherever it is.
        if (text.Length > 10 && text.IndexOfAny(['T', ' ']) is >= 8 and var cut && Time(Whole(text[(cut + 1)..].TrimEnd('Z'))) is { } time)
            return time == TimeOnly.MinValue ? Date(text[..cut], latest) : null;
        if (text.Length == 8 && text.All(char.IsAsciiDigit))
            return Day(text[..4], text[4..6], text[6..], latest);
        var parts = text.Split(['/', '-', '.', ' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 3)
            return null;
        if (Month(parts[0]) is { } first)
            return Day(parts[2], first, parts[1], latest);
        if (Month(parts[1]) is { } second)
            return Day(parts[2], second, parts[0], latest);
        return parts[0].Length == 4 ? Day(parts[0], parts[1], parts[2], latest)
            : order == DateOrder.DayFirst ? Day(parts[2], parts[1], parts[0], latest) : Day(parts[2], parts[0], parts[1], latest);
    }

    private static string? Month(string text) => text.Length >= 3 && char.IsAsciiLetter(text[0]) && Array.FindIndex(MonthNames, m => text.StartsWith(m, StringComparison.OrdinalIgnoreCase)) is >= 0 and var at
        ? (at + 1).ToString(CultureInfo.InvariantCulture) : null;

    private static DateOnly? Day(string year, string month, string day, DateOnly latest)
    {
        if (year.Length is not (2 or 4) || !Number(year, out var y) || !Number(month, out var m) || !Number(day, out var d) || m is < 1 or > 12 || d < 1)
            return null;
        if (year.Length == 2)
            y += (y + 2000, m, d).CompareTo((latest.Year, latest.Month, latest.Day)) > 0 ? 1900 : 2000;
        return y is >= 1850 and <= 2200 && d <= DateTime.DaysInMonth(y, m) ? new DateOnly(y, m, d) : null;

        static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private DateOnly Ahead => new(today.Year + YearsAhead, 12, 31);

    /// <summary>A time without parts of a second.</summary>
    private static string Whole(string time) => time.LastIndexOf('.') is > 0 and var dot && dot < time.Length - 1 && time.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? time[..dot] : time;

    private static TimeOnly? Time(string text)
    {
        var tidy = text.Trim().ToUpperInvariant().Replace(".", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (tidy.Length > 1 && tidy[^1] is 'A' or 'P' && char.IsAsciiDigit(tidy[^2]))
            tidy += "M";
        return TimeOnly.TryParseExact(tidy, ["H:mm", "HH:mm", "H:mm:ss", "h:mmtt", "h:mm:sstt", "htt", "HHmm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
    }

    private (string?, string?) DateAndTime(string text)
    {
        // Said in the time of Greenwich it is another hour here, and perhaps another day.
        if (text[^1] is 'Z' or 'z')
            return Bad("a local date and time, without a Z behind it");
        var cut = text.IndexOf('T', StringComparison.Ordinal);
        for (var at = cut > 0 ? cut : text.IndexOf(' ', StringComparison.Ordinal); at > 0; at = text.IndexOf(' ', at + 1))
        {
            if (Date(text[..at], Ahead) is { } day && Time(Whole(text[(at + 1)..])) is { } time)
                return Good($"{Iso(day)}T{time.ToString("HH:mm", CultureInfo.InvariantCulture)}");
        }

        return Date(text, Ahead) is { } whole ? Good(Iso(whole)) : Bad($"a date, or a date and time such as {Example().Split(' ')[0]} 9:30 AM");
    }

    private static (string?, string?) Phone(string text)
    {
        var at = text.IndexOfAny(['x', 'X', 'e', 'E']);
        var (number, extension) = at < 0 ? (Digits(text), "") : (Digits(text[..at]), Digits(text[at..]));
        if (number.Length == 11 && number[0] == '1')
            number = number[1..];
        return number.Length == 10 && number[0] is >= '2' && number[3] is >= '2'
            ? Good($"({number[..3]}) {number[3..6]}-{number[6..]}{(extension.Length > 0 ? " x" + extension : "")}")
            : Bad("a telephone number with its area code: ten digits");
    }

    private static (string?, string?) Zip(string text)
    {
        var digits = Digits(text);
        if (text.Any(c => !char.IsAsciiDigit(c) && c is not ('-' or ' ')))
            return Bad("a ZIP code of five or nine digits");

        // Spreadsheets take the leading zeros of New England away.
        return digits.Length is 3 or 4 or 5 ? Good(digits.PadLeft(5, '0'))
            : digits.Length is 8 or 9 && digits.PadLeft(9, '0') is var nine ? Good($"{nine[..5]}-{nine[5..]}") : Bad("a ZIP code of five or nine digits");
    }

    private static (string?, string?) Usd(string text)
    {
        var isCredit = text is ['(', .., ')'] || text.EndsWith('-') || text.EndsWith("CR", StringComparison.OrdinalIgnoreCase);
        var tidy = text.Trim('(', ')', ' ').Replace("$", "", StringComparison.Ordinal).Replace("USD", "", StringComparison.OrdinalIgnoreCase).Trim();
        tidy = tidy.EndsWith("CR", StringComparison.OrdinalIgnoreCase) ? tidy[..^2].Trim() : tidy.EndsWith('-') ? tidy[..^1] : tidy;
        if (!decimal.TryParse(tidy, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var usd)
            || decimal.Round(usd, 2) != usd || Math.Abs(usd) >= 1_000_000_000m || (tidy.Contains(',', StringComparison.Ordinal) && tidy.Split('.')[0].Split(',').Skip(1).Any(g => g.Length != 3)))
            return Bad("an amount in US dollars such as 1234.50, $1,234.50 or (12.00) for a credit");
        return Good((isCredit ? -usd : usd).ToString("0.00", CultureInfo.InvariantCulture));
    }
}
