namespace FhirEmr.Terminology.CodeSystems.Cpt;

/// <summary>What the shape of a CPT code says; all that is known of most codes when no licensed file is loaded.</summary>
public static class CptCode
{
    /// <summary>Four digits and a digit or one of F, T, U, M, A.</summary>
    public static bool IsWellFormed(string code) => Category(code) is not null;

    /// <summary>I, II, III, PLA, MAAA, or immunization; null when the shape is not CPT's (billing.md §8.3).</summary>
    public static string? Category(string code)
    {
        if (code.Length != 5 || code.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') >= 0)
            return null;

        return code[4] switch
        {
            >= '0' and <= '9' => "I",
            'F' => "II",
            'T' => "III",
            'U' => "PLA",
            'M' => "MAAA",
            'A' => "immunization",
            _ => null,
        };
    }

    internal static Dictionary<string, string> Properties(string code) => Category(code) is { } category
        ? new() { ["kind"] = "code", ["cptCategory"] = category }
        : new() { ["kind"] = "modifier" };
}
