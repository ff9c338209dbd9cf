using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Authorisation;

/// <summary>The work an answer makes: what was asked for is not certified, only in part, or the payer wants to be called.</summary>
internal static class AuthorisationTasks
{
    public const string ObtainAuthorisation = "obtain-auth";

    /// <summary>Null when everything is certified, or still pended.</summary>
    public static WorklistTask? Of(ReviewAnswer answer, ClaimResponse response, Claim request, string key)
    {
        var actions = AuthorisationResponseMapping.Actions(response).ToList();
        var what = answer.Rejections.Count > 0 ? "The payer did not take the request: mend it and ask again."
            : actions.Contains("CT") ? "The payer wants to be called before it decides."
            : actions.Contains("A3") ? "The payer does not certify what was asked for: send what it wants to see, ask for a peer-to-peer talk, or appeal."
            : actions.Contains("A2") ? "The payer certifies a part of what was asked for."
            : null;
        return what is null ? null : new WorklistTask
        {
            Code = ObtainAuthorisation,
            Key = BillingKey.Of("task", key),
            Focus = $"Claim/{request.Id}",
            Patient = request.Patient?.Reference,
            Reason = $"ClaimResponse/{response.Id}",
            Description = what,
            ValueAtStakeUsd = request.Total?.Value ?? request.Item.Sum(i => i.Net?.Value ?? 0m),
            Findings = response.Disposition is { Length: > 0 } said ? [said] : [],
        };
    }
}
