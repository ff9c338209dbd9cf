using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>What an adjudication makes of a claim (billing spec 1.3).</summary>
internal static class StageDecision
{
    private const string PatientResponsibility = "PR";

    /// <summary>The denials of the claim and of its lines that leave it open with the payer; patient responsibility is none, the patient can be billed for it.</summary>
    public static IReadOnlyList<Denial> Denials(Remittance835Item.Claim remittance) => [.. All(remittance).Where(d => d.Group != PatientResponsibility)];

    /// <summary>What is denied and left to the patient: money that another coverage, or a corrected claim, might still bring. The patient's usual shares (PR-1, 2, 3) deny nothing.</summary>
    public static IReadOnlyList<Denial> PatientDenials(Remittance835Item.Claim remittance) => [.. All(remittance).Where(d => d.Group == PatientResponsibility)];

    /// <summary>1 primary, 2 secondary, 3 tertiary, as CLP02 says.</summary>
    public static int Rank(Remittance835Item.Claim remittance) => remittance.Clp.Status switch
    {
        "2" or "20" => 2,
        "3" or "21" => 3,
        _ => 1,
    };

    /// <summary>The payer sends the claim on to the next one itself: it says so by CLP02, or by the carrier it names.</summary>
    public static bool IsForwarded(Remittance835Item.Claim remittance) => remittance.Clp.Status is "19" or "20" or "21" || remittance.Party("TT") is not null;

    /// <summary>The stages the claim goes through, in order; empty when this is no adjudication (predetermination, forwarded elsewhere).</summary>
    public static IReadOnlyList<string> Stages(Remittance835Item.Claim remittance, bool hasNextPayer)
    {
        if (remittance.Clp.Status is "23" or "25")
            return [];
        if (remittance.IsReversal)
            return [ClaimStage.Reversed];

        var denials = Denials(remittance);
        var paysNothing = remittance.Lines.Count == 0 ? remittance.Clp.PaidUsd == 0 : remittance.Lines.All(l => l.Svc.PaidUsd == 0);
        if (remittance.Clp.Status == "4" || (paysNothing && denials.Count > 0))
            return [ClaimStage.Denied];
        if (denials.Count > 0)
            return [ClaimStage.PartiallyDenied];

        var patientUsd = remittance.AllAdjustments.Where(c => c.Group == "PR").Sum(c => c.TotalUsd);
        if (patientUsd == 0)
            return [ClaimStage.Paid];
        return hasNextPayer && !IsForwarded(remittance) ? [ClaimStage.Paid, ClaimStage.SecondaryDue] : [ClaimStage.Paid, ClaimStage.PatientBalance];
    }

    public static bool HasNextPayer(Claim claim)
    {
        var focal = claim.Insurance.Find(i => i.Focal == true)?.Sequence;
        return focal is not null && claim.Insurance.Exists(i => i.Sequence > focal && i.Coverage?.Reference is { Length: > 0 });
    }

    private static IEnumerable<Denial> All(Remittance835Item.Claim remittance) =>
    [
        .. remittance.Adjustments.SelectMany(c => Denials(c, RemarkList.OfClaim(remittance), remittance.Clp.PaidUsd, null)),
        .. remittance.Lines.SelectMany((l, i) => l.Adjustments.SelectMany(c => Denials(c, [.. l.Remarks, .. RemarkList.OfClaim(remittance)], l.Svc.PaidUsd, i))),
    ];

    private static IEnumerable<Denial> Denials(Cas cas, IReadOnlyList<string> remarks, decimal paidUsd, int? line) => cas.Triples.Where(t => t.AmountUsd > 0)
        .Select(t => new Denial(cas.Group, t.Reason, remarks, DenialReason.Of(t.Reason, remarks, paidUsd == 0), t.AmountUsd) { Line = line, PaidUsd = paidUsd })
        .Where(d => d.Reason.IsDenial);
}
