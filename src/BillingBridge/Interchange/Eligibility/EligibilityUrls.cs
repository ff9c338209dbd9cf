namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>Code systems and extensions of eligibility answers.</summary>
public static class EligibilityUrls
{
    /// <summary>EQ01 and EB03.</summary>
    public const string ServiceType = "https://x12.org/codes/service-type-codes";

    /// <summary>AAA03 on <c>error.code</c>.</summary>
    public const string RejectReason = "urn:fhiremr:x12-reject-reason";

    /// <summary>Extension of <c>error</c> (code): AAA04, what to do about the rejection.</summary>
    public const string FollowUp = "urn:fhiremr:x12-follow-up";

    /// <summary><c>benefit.type</c> where HL7's benefit-type has no code: coinsurance, oop, limitation …</summary>
    public const string BenefitType = "urn:fhiremr:benefit-type";

    public const string Hl7BenefitType = "http://terminology.hl7.org/CodeSystem/benefit-type";
    public const string Hl7BenefitUnit = "http://terminology.hl7.org/CodeSystem/benefit-unit";
    public const string Hl7BenefitNetwork = "http://terminology.hl7.org/CodeSystem/benefit-network";

    /// <summary><c>item.term</c> and extension of <c>benefit</c> (code): EB06, the time the amount is for.</summary>
    public const string TimePeriod = "urn:fhiremr:x12-time-period";

    /// <summary>Extension of <c>benefit</c> (Money or unsignedInt): what is left, when the payer says so.</summary>
    public const string Remaining = "urn:fhiremr:benefit-remaining";

    /// <summary><c>item.unit</c> for EB02 values other than individual and family.</summary>
    public const string CoverageLevel = "urn:fhiremr:x12-coverage-level";

    /// <summary>Extension of <c>insurance</c> (code): EB04.</summary>
    public const string InsuranceType = "urn:fhiremr:x12-insurance-type";

    /// <summary>Extension of <c>insurance</c> (string): EB05, the name of the plan.</summary>
    public const string PlanName = "urn:fhiremr:plan-name";

    /// <summary>Identifier of requests and responses: what was asked, see <see cref="EligibilityQuestion"/>.</summary>
    public const string Question = "urn:fhiremr:eligibility-question";

    /// <summary>Extension of a request (boolean): the nightly round asks, and nobody waits for the answer; problems become Tasks.</summary>
    public const string Round = "urn:fhiremr:eligibility-round";
}
