using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Which of the ClaimResponses of a claim says what the payer paid.</summary>
public static class PayerAnswers
{
    private const string IcnPrefix = "urn:fhiremr:icn:";

    /// <summary>
    /// The adjudication in force: of those that are active and complete the last. An acknowledgement (277CA), a reversal, a claim sent
    /// elsewhere and a predetermination are none.
    /// </summary>
    public static ClaimResponse? InForce(IEnumerable<ClaimResponse> responses) => responses
        .Where(r => r is { Status: FinancialResourceStatusCodes.Active, Outcome: ClaimProcessingCodes.Complete or ClaimProcessingCodes.Partial, Use: null or ClaimUseCode.Claim }
            && r.ClaimStatus() is not ("22" or "23" or "25")
            && (r.ClaimStatus() is not null || r.Item.Count > 0 || r.Total.Count > 0))
        .OrderBy(r => r.Created, StringComparer.Ordinal)
        .ThenBy(r => r.Meta?.LastUpdated)
        .LastOrDefault();

    /// <summary>CLP02; null when the answer did not come as an 835.</summary>
    public static string? ClaimStatus(this ClaimResponse response) => response.GetExtensionValue<Code>(BillingUrls.ClaimStatusExtension)?.Value;

    /// <summary>The payer sent the claim on to the next payer itself.</summary>
    public static bool IsForwarded(this ClaimResponse response) => response.ClaimStatus() is "19" or "20" or "21" || response.GetExtensionValue<FhirBoolean>(BillingUrls.CrossoverExtension)?.Value == true;

    /// <summary>The payer's number of the claim, CLP07.</summary>
    public static string? PayerControlNumber(this ClaimResponse response) => PayerControlNumber(response.Identifier)?.Value;

    /// <summary>The payer's number of the claim: the last it gave, for a corrected payment may have a new one.</summary>
    public static Identifier? PayerControlNumber(this Claim claim) => PayerControlNumber(claim.Identifier);

    private static Identifier? PayerControlNumber(List<Identifier> identifiers) =>
        identifiers.FindLast(i => i.System?.StartsWith(IcnPrefix, StringComparison.Ordinal) == true && i.Value is { Length: > 0 });
}
