using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Code systems and extensions of adjudications and payments.</summary>
public static class RemittanceUrls
{
    public const string Adjudication = "http://terminology.hl7.org/CodeSystem/adjudication";
    public const string C4bbAdjudication = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication";

    /// <summary>ClaimResponse/ExplanationOfBenefit extension (code): CLP02, the claim status.</summary>
    public const string ClaimStatus = BillingUrls.ClaimStatusExtension;

    /// <summary>ClaimResponse/ExplanationOfBenefit extension (decimal): CLP05, patient responsibility as the payer says it.</summary>
    public const string PatientResponsibility = "urn:fhiremr:clp05";

    /// <summary>ClaimResponse/ExplanationOfBenefit extension (Reference): the ClaimResponse that this one takes back.</summary>
    public const string Reverses = "urn:fhiremr:reverses";

    /// <summary>Item extension (CodeableConcept): the code the payer adjudicated when it is not the one we sent.</summary>
    public const string AdjudicatedCode = "urn:fhiremr:adjudicated-code";

    /// <summary>Extension (string): the payer's contract, REF*CE.</summary>
    public const string Contract = "urn:fhiremr:contract";

    /// <summary>PaymentReconciliation extension (code): BPR04, ACH, CHK, FWT, NON.</summary>
    public const string PaymentMethod = "urn:fhiremr:payment-method";

    /// <summary>
    /// PaymentReconciliation.detail extension of a CLP that was not posted: parts <c>ordinal</c> (integer, of the CLP in its payment) and <c>x12</c> (string). It is here and
    /// not in the Task, which more people read.
    /// </summary>
    public const string Kept = "urn:fhiremr:kept-remittance";

    /// <summary>PaymentReconciliation.detail.type.</summary>
    public const string PaymentType = "http://terminology.hl7.org/CodeSystem/payment-type";
}
