using FhirEmr.BillingBridge.Claims;
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

    /// <summary>
    /// Names on the focal insurance the authorisations that its lines may use: of this coverage, for a line's code and day, with units left
    /// (billing spec 2.8). What a person entered stands.
    /// </summary>
    public static void Use(Claim claim, ClaimHistory history)
    {
        if (claim.FocalInsurance() is not { } focal || focal.PreAuthRef.Any())
            return;
        var lines = claim.Item.Select((item, i) => new ScrubLine(i, item)).ToList();
        var numbers = lines.Select(l => history.Authorisations.FirstOrDefault(r => IsUsable(r, l, lines, focal, claim, history))?.PreAuthRef)
            .OfType<string>().Distinct().ToList();
        if (numbers.Count > 0)
            focal.PreAuthRef = numbers;
    }

    private static bool IsUsable(ClaimResponse response, ScrubLine line, List<ScrubLine> lines, Claim.InsuranceComponent focal, Claim claim, ClaimHistory history)
    {
        if (response is not { Status: FinancialResourceStatusCodes.Active, PreAuthRef.Length: > 0 } || Item(response, line) is not { } item
            || response.Insurance.Count > 0 && !response.Insurance.Exists(i => i.Coverage?.Reference == focal.Coverage?.Reference)
            || line.From is not { } day || !CoverageOrder.Covers(response.PreAuthPeriod, day))
            return false;
        return item.Quantity?.Value is not { } approved
            || UsedUnits(history, claim, response.PreAuthRef!, line.Code) + lines.Where(l => l.Code == line.Code).Sum(l => l.Units) <= approved;
    }

    /// <summary>Units of a code that other claims have used of an authorisation.</summary>
    public static decimal UsedUnits(ClaimHistory history, Claim claim, string number, string code) => history.Claims
        .Where(c => (c.Id is null || c.Id != claim.Id) && c.Insurance.Exists(i => i.Focal != false && i.PreAuthRef.Contains(number)))
        .SelectMany(c => c.Item).Select((item, i) => new ScrubLine(i, item)).Where(l => l.Code == code).Sum(l => l.Units);

    /// <summary>The approved service of a line's code; null when there is none.</summary>
    public static ClaimResponse.AddedItemComponent? Item(ClaimResponse response, ScrubLine line) =>
        response.AddItem.Find(a => a.ProductOrService?.Coding.Exists(c => c.Code == line.Code) == true);

    /// <summary>Whether a line needs this authorisation: by the payer's row or its answer; a code that needs none may ride along.</summary>
    public bool IsNeeded(ClaimGraph claim, ScrubLine line) =>
        Item(Response, line) is not null || claim.Payer.PriorAuthCodes.Contains(line.Code)
        || EligibilityAnswers.Of(claim).Any(r => EligibilityAnswers.WantsAuthorisation(r, line.Code));
}
