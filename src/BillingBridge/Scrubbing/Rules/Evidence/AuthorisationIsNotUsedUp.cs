using System.Globalization;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>AUT-003: the authorisation has units left.</summary>
internal sealed class AuthorisationIsNotUsedUp : IScrubRule
{
    public string Id => "AUT-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var authorisation in Authorisations.Of(claim))
        {
            foreach (var line in claim.Lines)
            {
                if (Authorisations.Item(authorisation.Response, line)?.Quantity?.Value is not { } approved)
                    continue;
                var used = claim.History.Claims.Where(c => c.Id != claim.Claim.Id && c.Insurance.Exists(i => i.PreAuthRef.Contains(authorisation.Number)))
                    .SelectMany(c => c.Item).Select((item, i) => new ScrubLine(i, item)).Where(l => l.Code == line.Code).Sum(l => l.Units);
                var here = claim.Lines.Where(l => l.Code == line.Code && l.Index <= line.Index).Sum(l => l.Units);
                if (used + here > approved)
                {
                    yield return Reject(Id, IssueType.BusinessRule, $"{claim.FocalPath}.preAuthRef", string.Create(CultureInfo.InvariantCulture, $"Authorised units exceeded: {approved} of {line.Code} approved, {used} used before, {here} here. Ask {claim.PayerName} for more."))
                        .On(line).From($"ClaimResponse/{authorisation.Response.Id}").With("approved", string.Create(CultureInfo.InvariantCulture, $"{approved}"));
                }
            }
        }
    }
}
