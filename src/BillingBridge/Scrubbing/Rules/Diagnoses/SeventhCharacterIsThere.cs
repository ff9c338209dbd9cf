using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-005: a category that takes a seventh character has it, with placeholders before it.</summary>
internal sealed class SeventhCharacterIsThere(ITerminology terminology) : IScrubRule
{
    public string Id => "DX-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Code.Length > 0))
        {
            var concept = terminology.Find(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate);
            if (concept is { IsBillable: false })
            {
                var children = terminology.Children(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate);
                var sevens = children.Where(c => ChargeDiagnosis.Plain(c.Code).Length == 7).Take(3).Select(c => c.Code).ToList();
                if (sevens.Count > 0)
                    yield return Reject(Id, IssueType.CodeInvalid, diagnosis.Path, $"7th character needed: {string.Join(", ", sevens)}.").With("code", diagnosis.Code);
            }
            else if (concept is null && Padded(diagnosis.Plain) is { } padded && terminology.Find(CodeSystemUrls.Icd10Cm, padded, claim.FirstServiceDate) is { } right)
            {
                yield return Reject(Id, IssueType.CodeInvalid, diagnosis.Path, $"7th character needed: {diagnosis.Code} lacks its placeholder X; write {right.Code}.").With("code", diagnosis.Code);
            }
        }
    }

    /// <summary><c>S0990A</c> → <c>S0990XA</c>: the last character moved to the seventh place.</summary>
    private static string? Padded(string plain) => plain.Length is > 3 and < 7 && char.IsAsciiLetter(plain[^1])
        ? plain[..^1].PadRight(6, 'X') + plain[^1]
        : null;
}
