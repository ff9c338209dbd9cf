using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Coordination;

/// <summary>COB-002: an earlier payer's answer has its date and its adjustments.</summary>
internal sealed class PriorAnswerIsWhole : IScrubRule
{
    public string Id => "COB-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var (i, insurance, response) in PriorAnswers.Of(claim))
        {
            var isDated = (response.Payment?.Date ?? response.Created) is { Length: > 0 };
            var isExplained = response.Item.Count == 0 || response.Item.Exists(x => x.Adjudication.Exists(a => a.GetExtension(BillingUrls.CagcExtension) is not null))
                || response.Item.TrueForAll(x => x.Adjudication.Exists(a => a.Category.HasAny("benefit")));
            // An answer by lines names each of them, or what it says of the claim cannot be shown to add up (loop 2430).
            var missing = response.Item.Count == 0 ? [] : claim.Lines.Where(l => response.Item.All(x => x.ItemSequence != l.Number)).Select(l => l.Number).ToList();
            if (missing.Count > 0)
                yield return Reject(Id, IssueType.Incomplete, $"Claim.insurance[{i}]", $"Primary EOB incomplete: payer {insurance.Sequence} says nothing of line {string.Join(", ", missing)}. Post what it said of it, or take the line off.");
            if (!isDated || !isExplained || response.Identifier.Count == 0)
                yield return Reject(Id, IssueType.Incomplete, $"Claim.insurance[{i}]", $"Primary EOB incomplete: payer {insurance.Sequence}'s date, claim number or adjustments are missing.").From($"ClaimResponse/{response.Id}");
        }
    }
}
