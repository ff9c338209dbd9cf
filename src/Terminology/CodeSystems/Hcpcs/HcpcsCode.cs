namespace FhirEmr.Terminology.CodeSystems.Hcpcs;

/// <summary>Shapes of HCPCS Level II codes and modifiers.</summary>
public static class HcpcsCode
{
    /// <summary>A letter and four digits.</summary>
    public static bool IsCode(string code) =>
        code.Length == 5 && char.IsAsciiLetterUpper(code[0]) && code.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Two characters, at least one a letter (two digits are CPT's).</summary>
    public static bool IsModifier(string code) =>
        code.Length == 2 && code.All(char.IsAsciiLetterOrDigit) && code.Any(char.IsAsciiLetterUpper) && !code.Any(char.IsAsciiLetterLower);
}
