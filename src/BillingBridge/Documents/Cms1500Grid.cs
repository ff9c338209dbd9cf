using System.Globalization;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>A CMS-1500 as characters in the places of the bought form: 80 columns, ten to the inch; 66 rows, six to the inch.</summary>
/// <remarks>Rows and columns are those that practice programs print by; a box that is too narrow cuts its value, which the box list never does.</remarks>
internal static class Cms1500Grid
{
    public const int Columns = 80;
    public const int Rows = 66;

    private static readonly (string Kind, int Column)[] Kinds = [("MEDICARE", 1), ("MEDICAID", 8), ("TRICARE", 15), ("GROUP HEALTH PLAN", 31), ("OTHER", 45)];
    private static readonly (string Relationship, int Column)[] Relationships = [("SELF", 33), ("SPOUSE", 38), ("CHILD", 42), ("OTHER", 47)];

    /// <summary>The rows, without trailing blanks.</summary>
    public static IReadOnlyList<string> Write(Cms1500 form)
    {
        var grid = new char[Rows][];
        for (var i = 0; i < Rows; i++)
            grid[i] = [.. Enumerable.Repeat(' ', Columns)];
        Header(grid, form);
        Body(grid, form);
        foreach (var (i, line) in form.Lines.Index())
            Line(grid, 44 + (2 * i), line);
        Foot(grid, form);
        return [.. grid.Select(r => new string(r).TrimEnd())];
    }

    private static void Header(char[][] grid, Cms1500 form)
    {
        foreach (var (i, text) in form["carrier"].Split('\n').Index())
            Put(grid, 2 + i, 41, 38, text);
        foreach (var (kind, column) in Kinds)
            Mark(grid, 9, column, form["1"] == kind);
        Put(grid, 9, 50, 29, form["1a"]);

        Put(grid, 11, 1, 28, form["2"]);
        DateAndSex(grid, 11, 31, form["3"], 42, 47);
        Put(grid, 11, 50, 29, form["4"]);

        var (patient, phone) = Address(form["5"]);
        Put(grid, 13, 1, 28, patient.Street);
        foreach (var (relationship, column) in Relationships)
            Mark(grid, 13, column, form["6"] == relationship);
        var (insured, _) = Address(form["7"]);
        Put(grid, 13, 50, 29, insured.Street);
        Place(grid, 15, 1, patient);
        Place(grid, 15, 50, insured);
        Put(grid, 17, 1, 12, patient.Zip);
        Put(grid, 17, 14, 14, phone);
        Put(grid, 17, 50, 12, insured.Zip);

        Put(grid, 19, 1, 28, form["9"]);
        Put(grid, 19, 50, 29, form["11"]);
        Put(grid, 21, 1, 28, form["9a"]);
        YesNo(grid, 21, 35, 41, form["10a"]);
        DateAndSex(grid, 21, 53, form["11a"], 68, 75);
        YesNo(grid, 23, 35, 41, form["10b"]);
        Put(grid, 23, 45, 2, form["10b"].StartsWith("YES ", StringComparison.Ordinal) ? form["10b"][4..] : "");
        Put(grid, 23, 50, 29, form["11b"]);
        YesNo(grid, 25, 35, 41, form["10c"]);
        Put(grid, 25, 50, 29, form["11c"]);
        Put(grid, 27, 1, 28, form["9d"]);
        Put(grid, 27, 30, 19, form["10d"]);
        YesNo(grid, 27, 52, 57, form["11d"]);
        Put(grid, 31, 8, 27, form["12"]);
        Put(grid, 31, 57, 22, form["13"]);
    }

    private static void Body(char[][] grid, Cms1500 form)
    {
        Dated(grid, 33, 2, form["14"], qualifierAt: 16);
        Dated(grid, 33, 37, form["15"], qualifierAt: 31);
        if (form["17"] is { Length: > 3 } provider)
        {
            Put(grid, 35, 1, 2, provider[..2]);
            Put(grid, 35, 4, 24, provider[3..]);
        }

        Put(grid, 35, 33, 15, form["17b"]);
        var stay = form["18"].Split(' ');
        if (stay.Length >= 3)
            Date(grid, 35, 54, string.Join(' ', stay[..3]));
        if (stay.Length >= 6)
            Date(grid, 35, 68, string.Join(' ', stay[3..6]));
        Put(grid, 37, 1, 48, form["19"]);
        YesNo(grid, 37, 52, 57, form["20"]);

        Put(grid, 38, 42, 1, "0");
        foreach (var (i, diagnosis) in form["21"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Index())
            Put(grid, 39 + (i / 4), ((int[])[3, 16, 29, 42])[i % 4], 8, diagnosis[2..]);
        if (form["22"] is { Length: > 0 } resubmission)
        {
            Put(grid, 39, 50, 1, resubmission[..1]);
            Put(grid, 39, 62, 18, resubmission.Length > 2 ? resubmission[2..] : "");
        }

        Put(grid, 41, 50, 29, form["23"]);
    }

    private static void Line(char[][] grid, int row, Cms1500Line line)
    {
        Put(grid, row - 1, 1, 60, line.Supplement);
        ShortDate(grid, row, 1, line.From);
        ShortDate(grid, row, 10, line.To ?? line.From);
        Put(grid, row, 19, 2, line.Place);
        Put(grid, row, 25, 7, line.Code);
        foreach (var (i, modifier) in line.Modifiers.Index())
            Put(grid, row, 33 + (3 * i), 2, modifier);
        Put(grid, row, 45, 4, line.Pointers);
        Money(grid, row, 50, 8, line.ChargeUsd);
        Put(grid, row, 59, 3, line.Units.ToString("0.###", CultureInfo.InvariantCulture));
        Put(grid, row, 68, 11, line.RenderingNpi);
    }

    private static void Foot(char[][] grid, Cms1500 form)
    {
        var tax = form["25"].Split(' ');
        Put(grid, 56, 1, 15, tax[0]);
        Mark(grid, 56, 17, tax[^1] == "SSN");
        Mark(grid, 56, 19, tax[^1] == "EIN");
        Put(grid, 56, 23, 14, form["26"]);
        YesNo(grid, 56, 38, 43, form["27"]);
        Amount(grid, 56, 51, 9, form["28"]);
        Amount(grid, 56, 62, 8, form["29"]);

        var facility = form["32"].Split('\n');
        foreach (var (i, text) in facility.Index())
            Put(grid, 58 + i, 23, 26, text);
        var billing = form["33"].Split('\n');
        var hasPhone = billing is [[>= '0' and <= '9' or '+' or '(', ..], ..];
        if (hasPhone)
            Put(grid, 57, 66, 13, billing[0]);
        foreach (var (i, text) in billing.Skip(hasPhone ? 1 : 0).Index())
            Put(grid, 58 + i, 50, 29, text);
        var signed = form["31"];
        var date = signed.Length > 10 && signed[^10..] is { } end && end.Replace(" ", "", StringComparison.Ordinal).All(char.IsAsciiDigit) ? end : "";
        Put(grid, 60, 1, 21, signed[..^date.Length].Trim());
        Put(grid, 61, 11, 10, date);
        Put(grid, 62, 24, 10, form["32a"]);
        Put(grid, 62, 51, 10, form["33a"]);
    }

    private static ((string Street, string City, string State, string Zip) Place, string Phone) Address(string value)
    {
        var lines = value.Split('\n');
        var words = (lines.Length > 1 ? lines[1] : "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var zip = words is [.., var last] && last.Any(char.IsAsciiDigit) ? last : "";
        var state = words.Length >= 2 && zip.Length > 0 && words[^2].Length == 2 ? words[^2] : "";
        var city = string.Join(' ', words[..(words.Length - (zip.Length > 0 ? 1 : 0) - (state.Length > 0 ? 1 : 0))]);
        return ((lines[0], city, state, zip), lines.Length > 2 ? lines[2] : "");
    }

    private static void Place(char[][] grid, int row, int column, (string Street, string City, string State, string Zip) place)
    {
        Put(grid, row, column, 23, place.City);
        Put(grid, row, column + (column == 1 ? 25 : 24), 2, place.State);
    }

    private static void DateAndSex(char[][] grid, int row, int column, string value, int male, int female)
    {
        if (value.Length >= 10)
            Date(grid, row, column, value[..10]);
        Mark(grid, row, male, value.EndsWith(" M", StringComparison.Ordinal));
        Mark(grid, row, female, value.EndsWith(" F", StringComparison.Ordinal));
    }

    private static void Dated(char[][] grid, int row, int column, string value, int qualifierAt)
    {
        if (value.Length < 14)
            return;
        Date(grid, row, column, value[..10]);
        Put(grid, row, qualifierAt, 3, value[11..]);
    }

    private static void Date(char[][] grid, int row, int column, string date) => Put(grid, row, column, 10, date);

    private static void ShortDate(char[][] grid, int row, int column, DateOnly? day)
    {
        if (day is { } d)
            Put(grid, row, column, 8, d.ToString("MM dd yy", CultureInfo.InvariantCulture));
    }

    private static void Money(char[][] grid, int row, int column, int width, decimal usd) =>
        Put(grid, row, column, width + 1, usd.ToString("0.00", CultureInfo.InvariantCulture).Replace('.', ' ').PadLeft(width + 1));

    private static void Amount(char[][] grid, int row, int column, int width, string value) =>
        Put(grid, row, column, width, value.Replace(",", "", StringComparison.Ordinal).Replace('.', ' ').PadLeft(width));

    private static void YesNo(char[][] grid, int row, int yes, int no, string value)
    {
        Mark(grid, row, yes, value.StartsWith("YES", StringComparison.Ordinal));
        Mark(grid, row, no, value.StartsWith("NO", StringComparison.Ordinal));
    }

    private static void Mark(char[][] grid, int row, int column, bool isMarked) => Put(grid, row, column, 1, isMarked ? "X" : "");

    /// <summary>Row and column count from 1.</summary>
    private static void Put(char[][] grid, int row, int column, int width, string text)
    {
        for (var i = 0; i < Math.Min(width, text.Length) && column - 1 + i < Columns; i++)
            grid[row - 1][column - 1 + i] = text[i];
    }
}
