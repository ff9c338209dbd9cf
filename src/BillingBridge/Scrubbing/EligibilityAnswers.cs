using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What payers answered about the focal coverage (271).</summary>
/// <remarks>A contained Patient is the member as the payer has it, a contained Coverage another payer it knows of (EB01 = R).</remarks>
internal static class EligibilityAnswers
{
    /// <summary>Answers about the focal coverage whose benefit period, where given, includes the first day of service.</summary>
    public static IEnumerable<CoverageEligibilityResponse> Of(ClaimGraph claim) => claim.History.Eligibility.Where(r => r.Insurance.Exists(i =>
        i.Coverage?.Reference == claim.Focal?.Coverage?.Reference && (i.BenefitPeriod is not { } period || CoverageOrder.Covers(period, claim.FirstServiceDate))));

    /// <summary>The last of them.</summary>
    public static CoverageEligibilityResponse? Latest(ClaimGraph claim) => Of(claim).MaxBy(r => r.Created, StringComparer.Ordinal);

    /// <summary>Whether an answer says the coverage is in force; null when it could not say.</summary>
    public static bool? SaysActive(CoverageEligibilityResponse answer) => answer.Error.Count > 0 ? null : answer.Insurance.FirstOrDefault()?.Inforce;

    /// <summary>Whether an answer asks for prior authorisation of a code (EB11 = Y).</summary>
    public static bool WantsAuthorisation(CoverageEligibilityResponse answer, string code) =>
        answer.Insurance.SelectMany(i => i.Item).Any(i => i.AuthorizationRequired == true && i.ProductOrService?.Coding.Exists(c => c.Code == code) == true);

    public static DateOnly? Day(CoverageEligibilityResponse answer) => DateOfService.From(answer.Created);

    /// <summary>How an answer or a coverage names a payer.</summary>
    public static string? Name(ResourceReference? payor) => payor?.Display ?? payor?.Identifier?.Value;
}
