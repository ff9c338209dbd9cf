using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Global surgery periods: how long after a procedure its follow-up is already paid for.</summary>
/// <remarks>From Terminology's traits, then our own list; CMS changes few of them from year to year, so they carry no dates.</remarks>
public static class GlobalPeriods
{
    /// <summary>000, 010, 090, or MMM, XXX, YYY, ZZZ; null when the code is not listed.</summary>
    public static string? Of(string code) => ProcedureTraits.Of(code)?.GlobalDays ?? DefaultFees.ByCode.GetValueOrDefault(code)?.GlobalDays;

    /// <summary>Day of the procedure only, or ten days after.</summary>
    public static bool IsMinor(string code) => Of(code) is "000" or "010";

    public static bool IsMajor(string code) => Of(code) is "090";

    /// <summary>Days after the procedure that belong to it; null when the code has no global period.</summary>
    public static int? DaysAfter(string code) => Of(code) switch
    {
        "000" => 0,
        "010" => 10,
        "090" => 90,
        _ => null,
    };
}
