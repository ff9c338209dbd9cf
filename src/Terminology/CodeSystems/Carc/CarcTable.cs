using System.Collections.Frozen;

namespace FhirEmr.Terminology.CodeSystems.Carc;

/// <summary>Claim adjustment reason codes as denial work needs them, in our own short words (billing.md §7). X12's texts are licensed and not here.</summary>
public static class CarcTable
{
    internal const string Resource = "CodeSystems/Carc/carc.csv";

    /// <summary>All codes we know, in the order of the list.</summary>
    public static IReadOnlyList<CarcMeaning> All { get; } = [.. EmbeddedTable.Read(Resource).Rows.Select(r => new CarcMeaning(
        r["code"], r["meaning"], r["category"], r["denial"] == "y",
        r["scrubRule"].Length > 0 ? r["scrubRule"] : null, r["firstAction"].Length > 0 ? r["firstAction"] : null))];

    private static readonly Lazy<FrozenDictionary<string, CarcMeaning>> ByCode = new(() =>
        All.ToFrozenDictionary(c => c.Code, StringComparer.Ordinal));

    /// <summary>The meaning; null for a code we do not know, which denial work files under <c>submission</c>.</summary>
    public static CarcMeaning? Find(string code) => ByCode.Value.GetValueOrDefault(CodeForm.Matching(code));
}

/// <summary>One adjustment reason.</summary>
/// <param name="Meaning">Our short wording.</param>
/// <param name="Category">Worklist category; the Task code is <c>denial-</c> and this.</param>
/// <param name="IsDenial">Whether it takes work to get the money.</param>
/// <param name="ScrubRule">The rule that would have caught it (<c>MOD-*</c>: that family); null when none does.</param>
/// <param name="FirstAction">What to do first; may be null.</param>
public sealed record CarcMeaning(string Code, string Meaning, string Category, bool IsDenial, string? ScrubRule, string? FirstAction);
