using System.Globalization;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>What a request asks, apart from who asked it when: the key under which answers are kept for a day (billing spec 1.5).</summary>
public static class EligibilityQuestion
{
    /// <summary>Patient, coverage, dates of service, service types and procedures.</summary>
    public static string KeyOf(CoverageEligibilityRequest request)
    {
        var days = EligibilityRequestMapping.ServicedDays(request);
        var first = days?.First ?? LineMapping.Day(request.Created);
        var procedures = request.Item.Select(i => i.ProductOrService?.Coding.FirstOrDefault()?.Code).OfType<string>();
        return BillingKey.Of(
            "eligibility",
            FhirReferences.IdOf(request.Patient?.Reference, "Patient"),
            CoverageOf(request),
            first is { } day ? Text(day) : null,
            days?.Last is { } last ? Text(last) : null,
            string.Join('+', EligibilityRequestMapping.ServiceTypes(request).Concat(procedures).Distinct().Order(StringComparer.Ordinal)));
    }

    /// <summary>The service the patient comes for: the first one named beside the plan as a whole; an office visit when none is.</summary>
    public static string ServiceType(CoverageEligibilityRequest request) =>
        EligibilityRequestMapping.ServiceTypes(request).FirstOrDefault(t => t != ServiceTypes.Plan) ?? ServiceTypes.OfficeVisit;

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Id of the coverage asked about.</summary>
    public static string? CoverageOf(CoverageEligibilityRequest request) =>
        FhirReferences.IdOf(EligibilitySources.Insurance(request)?.Coverage?.Reference, "Coverage");
}
