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
    public static IReadOnlyList<Coverage> For(EncounterChart chart, DateOnly day) => For(chart, day, ChargeAccounts.OfVisit(chart));

    /// <summary>
    /// The same for charges of an account: its coverages, by their priority there. Without one, what other accounts of the visit name is left out:
    /// an injury's insurer is not asked for the rest.
    /// </summary>
    public static IReadOnlyList<Coverage> For(EncounterChart chart, DateOnly day, Account? account)
    {
        var ordered = account is not null
            ? ChargeAccounts.Coverages(chart, account)
            : chart.OfType<Coverage>()
                .Where(c => c.Beneficiary?.Reference == $"Patient/{chart.Patient.Id}" && !ChargeAccounts.All(chart).Any(a => ChargeAccounts.Coverages(chart, a).Contains(c)))
                .OrderBy(c => c.Order ?? int.MaxValue).ThenBy(c => c.Id, StringComparer.Ordinal);
        var all = ordered.Where(c => !IsSelfPay(c) && c.Status is not (FinancialResourceStatusCodes.EnteredInError or FinancialResourceStatusCodes.Draft)).ToList();
        var inForce = all.FindAll(c => IsInForce(c, day));
        return inForce.Count > 0 ? inForce : SaysSelfPay(chart, day, account) ? [] : all;
    }

    /// <summary>Only those in force on the day, first payer first.</summary>
    public static List<Coverage> InForce(EncounterChart chart, DateOnly day, Account? account) => [.. For(chart, day, account).Where(c => IsInForce(c, day))];

    /// <summary>Why a claim is the patient's without anybody having said it of this claim.</summary>
    public const string SelfPayReason = "The patient is registered as paying for themselves.";

    /// <summary>Nobody insures the patient on the day, and a Coverage of type <c>pay</c> says that this is meant so.</summary>
    public static bool IsSelfPay(EncounterChart chart, DateOnly day, Account? account) => SaysSelfPay(chart, day, account) && For(chart, day, account).Count == 0;

    private static bool SaysSelfPay(EncounterChart chart, DateOnly day, Account? account) =>
        (account is null ? chart.OfType<Coverage>().Where(c => c.Beneficiary?.Reference == $"Patient/{chart.Patient.Id}") : ChargeAccounts.Coverages(chart, account))
        .Any(c => IsSelfPay(c) && IsInForce(c, day));

    internal static bool IsInForce(Coverage coverage, DateOnly day) => coverage.Status == FinancialResourceStatusCodes.Active && Covers(coverage.Period, day);

    private static bool IsSelfPay(Coverage coverage) => coverage.Type?.Coding.Exists(c => c.System == BillingUrls.SelfPayCoverage) == true;

    /// <summary>Whether a period with open ends includes a day.</summary>
    public static bool Covers(Period? period, DateOnly day) =>
        (DateOfService.From(period?.Start) is not { } start || start <= day) && (DateOfService.From(period?.End) is not { } end || day <= end);
}
