using System.Globalization;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>Service types (EQ01, EB03) that an office asks for and is answered about.</summary>
public static class ServiceTypes
{
    /// <summary>The plan as a whole.</summary>
    public const string Plan = "30";

    public const string OfficeVisit = "98";

    /// <summary>As a front desk says it; the code itself when it has no name here.</summary>
    public static string Name(string serviceType) => serviceType switch
    {
        "1" => "medical care",
        "2" => "surgery",
        "4" => "X-ray",
        "5" => "laboratory",
        "30" => "the plan",
        "33" => "chiropractic",
        "35" => "dental care",
        "42" => "home health care",
        "47" => "hospital",
        "48" => "inpatient hospital",
        "50" => "outpatient hospital",
        "62" => "MRI and CT",
        "86" => "emergency",
        "88" => "pharmacy",
        "98" => "office visit",
        "A6" => "psychotherapy",
        "AL" => "vision",
        "BY" => "sick visit",
        "BZ" => "well visit",
        "MH" => "mental health",
        "PT" => "physical therapy",
        "UC" => "urgent care",
        _ => $"service type {serviceType}",
    };

    /// <summary>The service type whose benefits a procedure is paid under; the plan's own when no other is certain.</summary>
    /// <remarks>By the ranges in which CPT keeps its sections, which payers' own lists refine.</remarks>
    public static string OfProcedure(string code)
    {
        if (code.Length != 5 || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Plan;
        return number switch
        {
            >= 99202 and <= 99215 => OfficeVisit,
            >= 99281 and <= 99285 => "86",
            >= 99381 and <= 99397 => "BZ",
            >= 70010 and <= 79999 => "4",
            >= 80047 and <= 89398 => "5",
            >= 90791 and <= 90899 => "A6",
            >= 97010 and <= 97799 => "PT",
            >= 98940 and <= 98943 => "33",
            >= 10004 and <= 69990 => "2",
            _ => Plan,
        };
    }
}
