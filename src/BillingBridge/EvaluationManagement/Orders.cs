using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>What a ServiceRequest asks for, as far as the level of a visit depends on it.</summary>
internal static class Orders
{
    // SNOMED CT: laboratory procedure, imaging, diagnostic procedure.
    private static readonly string[] TestCategories = ["108252007", "363679005", "103693007", "laboratory", "LAB", "imaging", "RAD"];

    /// <summary>An order that stands, not a draft, a proposal, or one taken back.</summary>
    public static bool IsOrder(ServiceRequest request) =>
        request.Status is RequestStatus.Active or RequestStatus.Completed or RequestStatus.OnHold
        && request.Intent is RequestIntent.Order or RequestIntent.OriginalOrder or RequestIntent.InstanceOrder or RequestIntent.FillerOrder or RequestIntent.Directive;

    public static bool IsTest(ServiceRequest request) =>
        request.Category.Exists(c => c.HasAny(TestCategories)) || request.Code.Codes().Any(c => c.System == CodeSystemUrls.Cpt && IsTest(c.Code));

    /// <summary>Laboratory, imaging, cardiography, pulmonary function, neurophysiology.</summary>
    public static bool IsTest(string cpt) => CodeFacts.IsLaboratory(cpt) || CodeFacts.IsImaging(cpt)
        || (cpt.Length == 5 && (cpt.StartsWith("930", StringComparison.Ordinal) || cpt.StartsWith("932", StringComparison.Ordinal)
            || cpt.StartsWith("933", StringComparison.Ordinal) || cpt.StartsWith("940", StringComparison.Ordinal) || cpt.StartsWith("958", StringComparison.Ordinal)));

    /// <summary>What makes a test unique: its CPT code, else its first coding; null when it has neither.</summary>
    public static string? KeyOf(CodeableConcept? concept)
    {
        var codes = concept.Codes().ToList();
        return (codes.FirstOrDefault(c => c.System == CodeSystemUrls.Cpt) ?? codes.FirstOrDefault()) is { } code ? $"{code.System}|{code.Code}" : concept?.Text;
    }

    public static string TitleOf(CodeableConcept? concept) =>
        concept?.Text ?? concept?.Coding.Select(c => c.Display ?? c.Code).FirstOrDefault(t => t is { Length: > 0 }) ?? "a service without a name";

    /// <summary>Whether it repeats at least every three months.</summary>
    public static bool IsAtLeastQuarterly(ServiceRequest request)
    {
        if ((request.Occurrence as Timing)?.Repeat is not { Period: { } period and > 0, PeriodUnit: { } unit } repeat)
            return false;
        var times = repeat.Frequency is > 0 and var f ? f : 1;
        decimal? days = unit switch
        {
            Timing.UnitsOfTime.D => period,
            Timing.UnitsOfTime.Wk => period * 7,
            Timing.UnitsOfTime.Mo => period * 31,
            Timing.UnitsOfTime.A => period * 366,
            _ => null,
        };
        return days / times <= 93;
    }
}
