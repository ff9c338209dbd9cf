using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Identifier systems and extension URLs of the billing flow (spec: identifiers that survive the round trip).</summary>
public static class BillingUrls
{
    public const string Npi = "http://hl7.org/fhir/sid/us-npi";
    public const string Ein = "urn:oid:2.16.840.1.113883.4.4";
    public const string Ssn = "http://hl7.org/fhir/sid/us-ssn";
    public const string MedicareBeneficiary = "http://hl7.org/fhir/sid/us-mbi";

    /// <summary>The id the clearinghouse wants in NM109 of the payer.</summary>
    public const string PayerId = "urn:fhiremr:payer-id";

    /// <summary>Patient control number, CLM01 / CLP01.</summary>
    public const string PatientControlNumber = "urn:fhiremr:pcn";

    /// <summary>Transmission trace, REF*D9.</summary>
    public const string Trace = "urn:fhiremr:trace";

    /// <summary>Line control number, REF*6R.</summary>
    public const string LineControlNumber = "urn:fhiremr:line";

    /// <summary>Batch reference, BHT03.</summary>
    public const string Batch = "urn:fhiremr:batch";

    /// <summary>Idempotency keys of billing actions; one identifier per action on the resource the action made.</summary>
    public const string IdempotencyKey = BillingKey.System;

    /// <summary>Task.code values of the worklists.</summary>
    public const string TaskCode = "urn:fhiremr:task";

    /// <summary>OperationOutcome.issue.details of a scrub finding.</summary>
    public const string ScrubRule = "urn:fhiremr:scrub-rule";

    /// <summary>Identifier of a fee schedule row (ChargeItemDefinition): the code, or <c>code-modifier</c>.</summary>
    public const string Fee = "urn:fhiremr:fee";

    /// <summary>ChargeItemDefinition price component code: <c>facility</c> or <c>non-facility</c>.</summary>
    public const string FeeColumn = "urn:fhiremr:fee-column";

    /// <summary>CLIA certificate number of a laboratory (HL7 OID).</summary>
    public const string Clia = "urn:oid:2.16.840.1.113883.4.7";

    /// <summary>Claim.supportingInfo.category values that HL7 has none for, see <see cref="SupportingInfo"/>.</summary>
    public const string SupportingInfoCategory = "urn:fhiremr:claim-info";

    /// <summary>Provenance.activity values and from/to extensions of a stage change.</summary>
    public const string StageTransition = "urn:fhiremr:claim-stage-transition";

    /// <summary>Claim extension (code): Medicare Secondary Payer type, SBR05.</summary>
    public const string MspTypeExtension = "urn:fhiremr:msp-type";

    /// <summary>Claim.insurance extension (Money): what a payer before the focal one is known not to cover and was not asked for, AMT*A8.</summary>
    public const string NotCoveredExtension = "urn:fhiremr:not-covered";

    /// <summary>ClaimResponse.item extension (CodeableConcept): the code the payer adjudicated when it is not the one we sent.</summary>
    public const string AdjudicatedCodeExtension = "urn:fhiremr:adjudicated-code";

    /// <summary>Claim.item extension (Identifier + Quantity): the drug's NDC, loop 2410.</summary>
    public const string NdcExtension = "urn:fhiremr:ndc";

    /// <summary>Claim extension (code): the fine stage, see <see cref="ClaimStage"/>; search parameter <c>claim-stage</c>.</summary>
    public const string StageExtension = "urn:fhiremr:claim-stage";

    /// <summary>Extension of Claim, repeating: <c>valueUri</c> is <c>Type/id/_history/version</c> of a resource the claim was decided on.</summary>
    public const string EvidenceExtension = "urn:fhiremr:claim-evidence";

    /// <summary>Code system of <c>Coverage.type</c> for those who pay themselves.</summary>
    public const string SelfPayCoverage = "http://terminology.hl7.org/CodeSystem/coverage-selfpay";

    /// <summary>Claim extension (string): no payer is asked, the patient is billed; why, in words.</summary>
    public const string SelfPayExtension = "urn:fhiremr:self-pay";

    /// <summary>Extension (boolean): of a ClaimResponse, the payer sends the claim on itself; of a Claim, a payer before sent it there, we did not.</summary>
    public const string CrossoverExtension = "urn:fhiremr:crossover";

    /// <summary>Claim extension (code): CLM05-3, 1 original, 7 replacement, 8 void.</summary>
    public const string FrequencyExtension = "urn:fhiremr:claim-frequency";

    /// <summary>Claim extension (codes): CLM06 to CLM10, CLM12 and CLM20 of a claim that does not say what ours always say.</summary>
    public const string ClaimIndicatorsExtension = "urn:fhiremr:claim-indicators";

    /// <summary>System of <see cref="ServicePrograms"/>.</summary>
    public const string ServiceProgram = "urn:fhiremr:service-program";

    /// <summary>Claim.supportingInfo.category: a REF of a received claim that has no element here; the code is its qualifier.</summary>
    public const string ReferenceQualifier = "urn:fhiremr:ref-qualifier";

    /// <summary>Claim.supportingInfo.category: an 837P segment for some services only; the code is its id (<c>CRC</c>), the value its elements (<c>75*Y*IH</c>).</summary>
    public const string SituationalSegment = "urn:fhiremr:x12-segment";

    /// <summary>Claim.supportingInfo.category: a segment of a received claim that has no element here, kept as it came; the code is its loop.</summary>
    public const string KeptSegment = "urn:fhiremr:kept-segment";

    /// <summary>Claim.item extension (Reference): the ChargeItem behind the line.</summary>
    public const string ChargeItemExtension = "urn:fhiremr:charge-item";

    /// <summary>ClaimResponse/ExplanationOfBenefit adjudication extension (code): CAS group of a verbatim triple.</summary>
    public const string CagcExtension = "urn:fhiremr:cagc";

    /// <summary>ClaimResponse/ExplanationOfBenefit extension (code): CLP02, the claim status.</summary>
    public const string ClaimStatusExtension = "urn:fhiremr:clp02";

    /// <summary>Payer claim control number, one system per payer.</summary>
    public static string Icn(string payerId) => $"urn:fhiremr:icn:{payerId}";

    /// <summary>Members as a payer's received claims name them: member id, for a dependent with birth date and first name; one system per payer.</summary>
    public static string Member(string payerId) => $"urn:fhiremr:member:{payerId}";

    /// <summary>Check or EFT trace number, one system per originating company (TRN03).</summary>
    public static string PaymentTrace(string originator) => $"urn:fhiremr:trn:{originator}";
}
