using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Denial category → worklist, group and days (billing spec section 7).</summary>
public static class DenialTask
{
    private static readonly Dictionary<string, (string? Group, int? Days)> Routes = new(StringComparer.Ordinal)
    {
        ["eligibility"] = ("front desk", 5),
        ["registration"] = ("front desk", 3),
        ["auth"] = ("auth team", 5),
        ["coding"] = ("coders", 7),
        ["bundling"] = ("coders", 7),
        ["medical-necessity"] = ("clinical appeals", 14),
        ["documentation"] = ("coders/records", 7),
        ["timely-filing"] = ("billing lead", 3),
        ["duplicate"] = ("billers", 5),
        ["cob"] = ("billers", 7),
        ["provider"] = ("credentialing", 7),
        ["submission"] = ("billers", 2),
        ["benefit"] = ("billers", 7),
        ["appeal-outcome"] = ("lead", 3),
        ["contractual"] = (null, null), // written off, or reviewed as an underpayment
        ["patient"] = (null, null), // goes on the statement
        ["info"] = (null, null),
    };

    /// <summary>The Task.code value, <c>denial-coding</c>; an unknown category counts as <c>submission</c>.</summary>
    public static string CodeOf(string category) => $"denial-{(Routes.ContainsKey(category) ? category : "submission")}";

    /// <summary>The work that the denials of one category make on one claim; null when its category is nobody's work.</summary>
    /// <param name="category">Category of the CARC, refined by its remark codes.</param>
    /// <param name="focus">Reference of the claim.</param>
    /// <param name="claimResponse">Reference of the ClaimResponse that denied, or its urn:uuid.</param>
    /// <param name="patient">Reference of the patient.</param>
    /// <param name="reason">Group, CARC and remark codes in words, for the description.</param>
    /// <param name="key">Idempotency key: remittance claim key and category.</param>
    /// <param name="deniedUsd">Money denied.</param>
    /// <param name="received">Day of the remittance.</param>
    public static WorklistTask? For(string category, string focus, string claimResponse, string? patient, string reason, string key, decimal deniedUsd, DateOnly received)
    {
        if (Route(category) is not { Days: { } days } route)
            return null;

        return new WorklistTask
        {
            Code = CodeOf(category),
            Key = key,
            Focus = focus,
            Reason = claimResponse,
            Patient = patient,
            Group = route.Group,
            Description = reason,
            Deadline = received.AddDays(days),
            ValueAtStakeUsd = deniedUsd,
        };
    }

    private static (string? Group, int? Days) Route(string category) =>
        Routes.TryGetValue(category, out var route) ? route : Routes["submission"];
}
