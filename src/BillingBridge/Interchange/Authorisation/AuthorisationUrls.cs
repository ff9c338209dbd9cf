namespace FhirEmr.BillingBridge.Interchange.Authorisation;

/// <summary>Extensions and code systems of Da Vinci PAS (prior authorisation support), and what R4 and PAS have no place for.</summary>
public static class AuthorisationUrls
{
    private const string Pas = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/";

    /// <summary>Claim.item extension: UM01, what kind of review is asked for.</summary>
    public const string RequestType = Pas + "extension-serviceItemRequestType";

    /// <summary>Claim.item extension: UM02, first request, renewal, revision, cancellation.</summary>
    public const string CertificationType = Pas + "extension-certificationType";

    /// <summary>Extension of ClaimResponse.item.adjudication: the payer's decision.</summary>
    public const string ReviewAction = Pas + "extension-reviewAction";

    /// <summary>Inside <see cref="ReviewAction"/>: HCR01.</summary>
    public const string ReviewActionCode = Pas + "extension-reviewActionCode";

    /// <summary>ClaimResponse.item extension: from when to when the service is certified.</summary>
    public const string ItemPeriod = Pas + "extension-itemPreAuthPeriod";

    /// <summary>ClaimResponse.item extension: REF*NT, the payer's number of a review that is not done.</summary>
    public const string AdministrativeNumber = Pas + "extension-administrationReferenceNumber";

    /// <summary>HCR01.</summary>
    public const string Action = "https://codesystem.x12.org/005010/306";

    /// <summary>HCR03.</summary>
    public const string ActionReason = "https://codesystem.x12.org/external/886";

    public const string Adjudication = "http://terminology.hl7.org/CodeSystem/adjudication";
}
