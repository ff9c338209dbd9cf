using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>A prior authorisation the claim names, with the payer's answer that gave it.</summary>
internal sealed record Authorisations(string Number, ClaimResponse Response)
{
    /// <summary>The authorisations on the focal coverage whose answer is known here.</summary>
    public static IEnumerable<Authorisations> Of(ClaimGraph claim)
    {
        foreach (var number in claim.Focal?.PreAuthRef ?? [])
        {
            if (claim.History.Authorisations.FirstOrDefault(r => r.PreAuthRef == number) is { } response)
                yield return new Authorisations(number!, response);
        }
    }

    /// <summary>The approved service of a line's code; null when there is none.</summary>
    public static ClaimResponse.AddedItemComponent? Item(ClaimResponse response, ScrubLine line) =>
        response.AddItem.Find(a => a.ProductOrService?.Coding.Exists(c => c.Code == line.Code) == true);

    /// <summary>Whether a line needs this authorisation: by the payer's row or its answer; a code that needs none may ride along.</summary>
    public bool IsNeeded(ClaimGraph claim, ScrubLine line) =>
        Item(Response, line) is not null || claim.Payer.PriorAuthCodes.Contains(line.Code)
        || EligibilityAnswers.Of(claim).Any(r => EligibilityAnswers.WantsAuthorisation(r, line.Code));
}
