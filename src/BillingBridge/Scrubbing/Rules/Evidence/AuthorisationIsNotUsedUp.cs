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
                var used = Authorisations.UsedUnits(claim.History, claim.Claim, authorisation.Number, line.Code);
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
