using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Advance beneficiary notices (CMS-R-131) that the patient has signed.</summary>
/// <remarks>Kept as a Consent whose category or policy rule says so, or as a DocumentReference of that type. A notice holds for a year.</remarks>
public static class AdvanceNotices
{
    /// <summary>Code of a notice, in DocumentReference.type and Consent.category.</summary>
    public const string Code = "abn";

    public const string System = "urn:fhiremr:document-type";

    /// <summary>Whether one was signed on the day or in the year before.</summary>
    internal static bool IsOnFile(ClaimGraph claim, DateOnly day) =>
        claim.History.Consents.Any(c => (c.Category.Exists(IsNotice) || IsNotice(c.PolicyRule)) && IsInTime(DateOfService.From(c.DateTime, claim.Zone), day))
        || claim.History.AdvanceNotices.Concat(claim.Chart.OfType<DocumentReference>()).Any(d => d.Status == DocumentReferenceStatus.Current && IsNotice(d.Type)
            && IsInTime(d.Date is { } date ? DateOnly.FromDateTime(claim.Zone is { } zone ? TimeZoneInfo.ConvertTime(date, zone).DateTime : date.DateTime) : null, day));

    private static bool IsNotice(CodeableConcept? concept) => concept.HasAny(Code)
        || concept?.Text?.Contains("advance beneficiary notice", StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsInTime(DateOnly? signed, DateOnly day) => signed <= day && signed > day.AddYears(-1);
}
