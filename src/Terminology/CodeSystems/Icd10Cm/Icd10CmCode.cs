using System.Text.RegularExpressions;

namespace FhirEmr.Terminology.CodeSystems.Icd10Cm;

/// <summary>The written form of ICD-10-CM codes: three characters, a dot when more follow, seven at most.</summary>
public static partial class Icd10CmCode
{
    /// <summary>First day ICD-10-CM counted; before it claims carried ICD-9-CM.</summary>
    public static readonly DateOnly Began = new(2015, 10, 1);

    /// <summary>Whether a code in matching form (no dot, upper case) has the shape of one.</summary>
    public static bool IsWellFormed(string code) => Shape().IsMatch(code);

    /// <summary>Matching form to display form: <c>E1142</c> → <c>E11.42</c>.</summary>
    public static string Dotted(string code) => code.Length > 3 ? $"{code[..3]}.{code[3..]}" : code;

    // The second character was a digit until fiscal year 2026 brought QA0.
    [GeneratedRegex("^[A-Z][0-9A][0-9A-Z][0-9A-Z]{0,4}$")]
    private static partial Regex Shape();
}
