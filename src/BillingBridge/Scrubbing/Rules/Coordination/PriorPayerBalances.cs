using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Coordination;

/// <summary>COB-001: what an earlier payer paid and adjusted adds up to each line, and to the claim.</summary>
internal sealed class PriorPayerBalances : IScrubRule
{
    public string Id => "COB-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var (i, insurance, response) in PriorAnswers.Of(claim))
        {
            var isEveryLineRight = true;
            foreach (var line in claim.Lines)
            {
                var answer = response.Item.Find(x => x.ItemSequence == line.Number);
                if (answer is null)
                    continue;
                var paid = answer.Adjudication.Where(a => a.Category.HasAny("benefit")).Sum(a => a.Amount?.Value ?? 0m);
                var adjusted = Adjusted(answer.Adjudication);
                if (paid + adjusted != line.NetUsd)
                {
                    isEveryLineRight = false;
                    yield return Reject(Id, IssueType.Value, $"Claim.insurance[{i}]",
                            string.Create(CultureInfo.InvariantCulture, $"COB does not balance: line {line.Number} charged {line.NetUsd:0.00}, payer {insurance.Sequence} paid {paid:0.00} and adjusted {adjusted:0.00}."))
                        .On(line).From($"ClaimResponse/{response.Id}");
                }
            }

            // CLM02 = AMT*D + CAS of the claim + CAS of the lines; a wrong line was told already.
            if (!isEveryLineRight || response.Total.Find(t => t.Category.HasAny("benefit"))?.Amount?.Value is not { } total)
                continue;
            var charged = claim.Lines.Sum(l => l.NetUsd);
            var explained = Adjusted(response.Adjudication) + response.Item.Sum(x => Adjusted(x.Adjudication));
            if (total + explained != charged)
            {
                yield return Reject(Id, IssueType.Value, $"Claim.insurance[{i}]", string.Create(
                    CultureInfo.InvariantCulture, $"COB does not balance: the claim charged {charged:0.00}, payer {insurance.Sequence} paid {total:0.00} and adjusted {explained:0.00}."));
            }
        }
    }

    private static decimal Adjusted(IEnumerable<ClaimResponse.AdjudicationComponent> adjudications) =>
        adjudications.Where(a => a.GetExtension(BillingUrls.CagcExtension) is not null).Sum(a => a.Amount?.Value ?? 0m);
}
