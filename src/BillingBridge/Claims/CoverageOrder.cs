using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>The patient's coverages for a day, first payer first.</summary>
public static class CoverageOrder
{
    /// <summary>
    /// Active coverages in force on the day, by <c>Coverage.order</c> and id. When none is in force the others are returned, so that the
    /// scrubber can say what is wrong with them rather than that there is no insurance at all.
    /// </summary>
    public static IReadOnlyList<Coverage> For(EncounterChart chart, DateOnly day)
    {
        var all = chart.OfType<Coverage>()
            .Where(c => c.Beneficiary?.Reference == $"Patient/{chart.Patient.Id}" && !IsSelfPay(c)
                && c.Status is not (FinancialResourceStatusCodes.EnteredInError or FinancialResourceStatusCodes.Draft))
            .OrderBy(c => c.Order ?? int.MaxValue).ThenBy(c => c.Id, StringComparer.Ordinal)
            .ToList();
        var inForce = all.FindAll(c => IsInForce(c, day));
        return inForce.Count > 0 ? inForce : SaysSelfPay(chart, day) ? [] : all;
    }

    /// <summary>Only those in force on the day, first payer first.</summary>
    public static List<Coverage> InForce(EncounterChart chart, DateOnly day) => [.. For(chart, day).Where(c => IsInForce(c, day))];

    /// <summary>Why a claim is the patient's without anybody having said it of this claim.</summary>
    public const string SelfPayReason = "The patient is registered as paying for themselves.";

    /// <summary>Nobody insures the patient on the day, and a Coverage of type <c>pay</c> says that this is meant so.</summary>
    public static bool IsSelfPay(EncounterChart chart, DateOnly day) => SaysSelfPay(chart, day) && For(chart, day).Count == 0;

    private static bool SaysSelfPay(EncounterChart chart, DateOnly day) => chart.OfType<Coverage>().Any(c =>
        c.Beneficiary?.Reference == $"Patient/{chart.Patient.Id}" && IsSelfPay(c) && IsInForce(c, day));

    private static bool IsInForce(Coverage coverage, DateOnly day) => coverage.Status == FinancialResourceStatusCodes.Active && Covers(coverage.Period, day);

    private static bool IsSelfPay(Coverage coverage) => coverage.Type?.Coding.Exists(c => c.System == BillingUrls.SelfPayCoverage) == true;

    /// <summary>Whether a period with open ends includes a day.</summary>
    public static bool Covers(Period? period, DateOnly day) =>
        (DateOfService.From(period?.Start) is not { } start || start <= day) && (DateOfService.From(period?.End) is not { } end || day <= end);
}
