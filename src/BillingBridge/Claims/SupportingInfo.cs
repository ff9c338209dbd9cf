using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary><c>Claim.supportingInfo.category</c> codes (837P loop 2300 segments that R4 has no element for).</summary>
public static class SupportingInfo
{
    /// <summary>DTP*431, onset of the current illness; timing. HL7 code.</summary>
    public const string Onset = "onset";

    /// <summary>DTP*435 and 096; timing is the period from admission to discharge. HL7 code.</summary>
    public const string Hospitalized = "hospitalized";

    /// <summary>PWK; HL7 code.</summary>
    public const string Attachment = "attachment";

    /// <summary>NTE; HL7 code.</summary>
    public const string Note = "info";

    /// <summary>REF*X4; value is a string.</summary>
    public const string Clia = "clia";

    /// <summary>REF*9F; value is a string.</summary>
    public const string Referral = "referral";

    /// <summary>AMT*F5; value is a Quantity in USD (R4 has no Money here).</summary>
    public const string PatientPaid = "patientpaid";

    /// <summary>DTP*484; timing.</summary>
    public const string LastMenstrualPeriod = "lmp";

    /// <summary>DTP*454; timing.</summary>
    public const string InitialTreatment = "initial-treatment";

    /// <summary>DTP*304; timing.</summary>
    public const string LastSeen = "last-seen";

    /// <summary>DTP*090, care assumed from another surgeon; timing.</summary>
    public const string AssumedCare = "assumed-care";

    /// <summary>DTP*091, care handed over to another surgeon; timing.</summary>
    public const string RelinquishedCare = "relinquished-care";

    /// <summary>DTP*453; timing.</summary>
    public const string AcuteManifestation = "acute-manifestation";

    /// <summary>DTP*455; timing.</summary>
    public const string LastXRay = "last-x-ray";

    /// <summary>DTP*314, or 360 and 361; timing is a period.</summary>
    public const string Disability = "disability";

    /// <summary>DTP*297; timing.</summary>
    public const string LastWorked = "last-worked";

    /// <summary>DTP*296; timing.</summary>
    public const string ReturnToWork = "return-to-work";

    /// <summary>System of the second coding of an attachment's code: PWK02, how it travels; EL without one.</summary>
    public const string Transmission = "urn:fhiremr:pwk-transmission";

    /// <summary>REF*F4, CLIA number of the laboratory a test was sent to; value is a string.</summary>
    public const string ReferenceClia = "reference-clia";

    public static CodeableConcept Category(string code) => code is Onset or Hospitalized or Attachment or Note
        ? new CodeableConcept("http://terminology.hl7.org/CodeSystem/claiminformationcategory", code)
        : new CodeableConcept(BillingUrls.SupportingInfoCategory, code);
}
