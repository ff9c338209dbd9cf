using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Which diagnoses are expected to last a year or more.</summary>
/// <remarks>Our own list of ICD-10-CM categories, and whatever codes the practice adds, e.g. those of chronic HCCs.</remarks>
public sealed class ChronicConditions
{
    private static readonly Lazy<(string From, string To)[]> Categories = new(() =>
        [.. OwnTable.Read("chronic-categories.csv").Select(r => (r[0], r[1]))]);

    private readonly HashSet<string> codes;

    private ChronicConditions(IEnumerable<string> codes) => this.codes = [.. codes.Select(ChargeDiagnosis.Plain)];

    /// <summary>The list of categories alone.</summary>
    public static ChronicConditions Default { get; } = new([]);

    /// <summary>With further codes, in any written form.</summary>
    public ChronicConditions With(IEnumerable<string> more) => new(codes.Concat(more));

    public bool Contains(string icd10Cm)
    {
        var plain = ChargeDiagnosis.Plain(icd10Cm);
        return plain.Length >= 3 && (codes.Contains(plain) || Categories.Value.Any(c =>
            string.CompareOrdinal(c.From, plain[..3]) <= 0 && string.CompareOrdinal(plain[..3], c.To) <= 0));
    }
}
