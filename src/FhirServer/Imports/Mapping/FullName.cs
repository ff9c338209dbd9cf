namespace FhirEmr.FhirServer.Imports.Mapping;

/// <summary>A person's name in one column: "Smith, John Adam" or "John Adam Smith".</summary>
internal readonly record struct FullName(string Last, string First, string? Middle)
{
    /// <summary>Null when it has not both a last and a first name.</summary>
    public static FullName? Of(string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var (family, given) = comma >= 0 ? (text[..comma].Trim(), text[(comma + 1)..].Trim())
            : text.LastIndexOf(' ') is > 0 and var at ? (text[(at + 1)..], text[..at]) : ("", "");
        var words = given.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return family.Length == 0 || words.Length == 0 ? null : new(family, words[0], words.Length > 1 ? string.Join(' ', words[1..]) : null);
    }
}
