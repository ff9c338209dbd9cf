namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>The words of one sender → those of everybody, as data: lines <c>kind,from,to,display</c>.</summary>
/// <remarks>
/// Kinds: <c>code</c> (from <c>GLU</c> or <c>L:GLU</c> to <c>http://loinc.org|2345-7</c>), <c>unit</c> (from the sender's unit to UCUM), <c>authority</c> (CX-4 to the system of
/// identifiers), <c>system</c> (the third component of a coded value to a system).
/// </remarks>
internal sealed class SenderTables
{
    private const int MostLines = 200_000;

    public static SenderTables Empty { get; } = new();

    public Dictionary<string, (string System, string Code, string? Display)> Codes { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Units { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Authorities { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Systems { get; } = new(StringComparer.Ordinal);

    /// <returns>The tables, and a sentence for each line that cannot be used.</returns>
    public static (SenderTables Tables, IReadOnlyList<string> Faults) Read(IEnumerable<string> lines)
    {
        var (tables, faults, number) = (new SenderTables(), new List<string>(), 0);
        foreach (var line in lines)
        {
            if (++number > MostLines)
            {
                faults.Add($"More than {MostLines} lines.");
                break;
            }

            if (line.Length == 0 || line[0] == '#' || (number == 1 && line.StartsWith("kind,", StringComparison.Ordinal)))
                continue;
            if (Values(line) is not [var kind, { Length: > 0 } from, { Length: > 0 } to, .. var rest])
                faults.Add($"Line {number}: kind, from, to and, for codes, display are to be separated by commas.");
            else if (tables.Add(kind, from, to, rest is [{ Length: > 0 } display, ..] ? display : null) is { } fault)
                faults.Add($"Line {number}: {fault}");
        }

        return (tables, faults);
    }

    private string? Add(string kind, string from, string to, string? display)
    {
        switch (kind)
        {
            case "code":
                if (to.Split('|') is not [{ Length: > 0 } system, { Length: > 0 } code])
                    return "a code is written system|code.";
                return Codes.TryAdd(from, (system, code, display)) ? null : "is there twice.";
            case "unit":
                return Units.TryAdd(from, to) ? null : "is there twice.";
            case "authority":
                return Authorities.TryAdd(from, to) ? null : "is there twice.";
            case "system":
                return Systems.TryAdd(from, to) ? null : "is there twice.";
            default:
                return "kinds are code, unit, authority and system.";
        }
    }

    /// <summary>CSV: a value with a comma in it stands in quotes.</summary>
    private static List<string> Values(string line)
    {
        var (values, value, isQuoted) = (new List<string>(), new System.Text.StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                value.Append(line[i++]);
            else if (c == '"')
                isQuoted = !isQuoted;
            else if (c == ',' && !isQuoted)
            {
                values.Add(value.ToString().Trim());
                value.Clear();
            }
            else
                value.Append(c);
        }

        values.Add(value.ToString().Trim());
        return values;
    }
}
