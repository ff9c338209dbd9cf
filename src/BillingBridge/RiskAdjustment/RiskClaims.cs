using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>FHIR Claims → what risk adjustment needs of them.</summary>
public static class RiskClaims
{
    /// <summary>Null for claims that are no request for payment of a service: pre-determinations, cancelled ones, those without a date.</summary>
    public static RiskClaim? Of(Claim claim, TimeZoneInfo? zone)
    {
        if (claim.Use != ClaimUseCode.Claim || claim.Status is FinancialResourceStatusCodes.Cancelled or FinancialResourceStatusCodes.EnteredInError)
            return null;

        var days = claim.Item.Select(i => DateOfService.From((i.Serviced as Date)?.Value ?? (i.Serviced as Period)?.Start, zone))
            .Append(DateOfService.From(claim.BillablePeriod?.Start, zone));
        if (days.FirstOrDefault(d => d is not null) is not { } day)
            return null;

        var diagnoses = claim.Diagnosis.Select(d => d.Diagnosis).OfType<CodeableConcept>()
            .SelectMany(d => d.Codes()).Where(c => c.System == CodeSystemUrls.Icd10Cm).Select(c => ChargeDiagnosis.Plain(c.Code)).Distinct();
        var lines = claim.Item.SelectMany(i => i.ProductOrService.Codes().Select(c =>
            new RiskLine(c.Code, [.. i.Modifier.SelectMany(m => m.Codes()).Select(m => m.Code)])));
        var isInstitutional = claim.Type.HasAny("institutional");
        return new($"Claim/{claim.Id}", day, isInstitutional ? ServiceKind.Institutional : ServiceKind.Professional, [.. diagnoses], [.. lines], isInstitutional ? BillType(claim) : null);
    }

    // US claims carry the type of bill in subType (CARIN) or as supporting information of category typeofbill.
    private static string? BillType(Claim claim) =>
        claim.SupportingInfo.Where(i => i.Category.HasAny("typeofbill")).SelectMany(i => i.Code?.Coding ?? [])
            .Concat(claim.SubType?.Coding ?? []).Select(c => c.Code?.TrimStart('0')).FirstOrDefault(c => c is { Length: >= 2 })?[..2];
}
