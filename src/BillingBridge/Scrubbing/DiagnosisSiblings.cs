using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What the neighbours of a diagnosis in the code set say about how specific it is.</summary>
internal sealed record DiagnosisSiblings(bool IsUnspecified, bool HaveSides, IReadOnlyList<string> Specific)
{
    public static DiagnosisSiblings Of(ITerminology terminology, ScrubDiagnosis diagnosis, DateOnly day)
    {
        var own = terminology.Find(CodeSystemUrls.Icd10Cm, diagnosis.Code, day);
        if (own?.Display is not { } title || !title.Contains("unspecified", StringComparison.OrdinalIgnoreCase))
            return new DiagnosisSiblings(false, false, []);

        var others = terminology.Children(CodeSystemUrls.Icd10Cm, diagnosis.Plain[..^1], day)
            .Where(c => c.IsBillable && c.Code != own.Code && ChargeDiagnosis.Plain(c.Code).Length == diagnosis.Plain.Length)
            .ToList();
        return new DiagnosisSiblings(
            true,
            others.Exists(c => Says(c, "right")) && others.Exists(c => Says(c, "left")),
            [.. others.Where(c => c.Display is not null && !Says(c, "unspecified")).Select(c => c.Code)]);
    }

    private static bool Says(Concept concept, string word) => concept.Display?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
}
