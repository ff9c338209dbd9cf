using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>An eligibility request and everything it names.</summary>
/// <param name="Coverage">Of the focal insurance, else of the first.</param>
/// <param name="Payer">The request's insurer, else the payor of the coverage.</param>
/// <param name="SubscriberPatient">The subscriber when it is a Patient.</param>
/// <param name="SubscriberPerson">The subscriber when it is a RelatedPerson.</param>
internal sealed record EligibilitySources(
    CoverageEligibilityRequest Request,
    Patient? Patient,
    Coverage? Coverage,
    Organization? Payer,
    Patient? SubscriberPatient,
    RelatedPerson? SubscriberPerson,
    ProviderSource Provider)
{
    /// <summary>The insurance that is asked about.</summary>
    public static CoverageEligibilityRequest.InsuranceComponent? Insurance(CoverageEligibilityRequest request) =>
        request.Insurance.Find(i => i.Focal == true) ?? (request.Insurance is [var first, ..] ? first : null);
}
