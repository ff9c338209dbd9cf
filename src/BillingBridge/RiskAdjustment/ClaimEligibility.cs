namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>Whether the diagnoses of a claim count: face to face, or by audio and video (billing spec 5.2, step 1).</summary>
internal static class ClaimEligibility
{
    private static readonly string[] AlwaysIn = ["11", "41"];
    private static readonly string[] WithEligibleCode = ["12", "13", "43", "71", "73", "76", "77", "85", "87"];

    /// <summary>Null when the claim counts, else why not.</summary>
    public static string? WhyNot(RiskClaim claim, HccTables tables)
    {
        if (claim.ServiceDate.Year != tables.ServiceYear)
            return $"Serviced {claim.ServiceDate:yyyy-MM-dd}: payment year {tables.PaymentYear} counts services of {tables.ServiceYear}.";
        if (claim.Kind == ServiceKind.Institutional)
        {
            if (AlwaysIn.Contains(claim.BillType))
                return null;
            if (!WithEligibleCode.Contains(claim.BillType))
                return $"Bill type {claim.BillType ?? "unknown"} does not count.";
        }

        var eligible = claim.Lines.Where(l => tables.IsEligible(l.Code)).ToList();
        if (eligible.Count == 0)
            return $"None of its codes is eligible: {(claim.Lines.Count == 0 ? "it has no lines" : string.Join(", ", claim.Lines.Select(l => l.Code).Distinct()))}.";
        return eligible.TrueForAll(IsAudioOnly) ? "Its eligible services were held by voice alone (modifier 93 or FQ)." : null;
    }

    private static bool IsAudioOnly(RiskLine line) => line.Modifiers.Any(m => m is "93" or "FQ");
}
