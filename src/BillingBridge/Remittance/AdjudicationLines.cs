using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>CLP → the lines of its journal entry (billing spec 2.4, posting rules).</summary>
/// <remarks>
/// What was paid comes out of the payer's unapplied money. CO and PI above the contract are written off; what is denied stays open with the payer until
/// somebody works it. PR becomes the patient's once the last payer has answered. OA is information: what an earlier payer paid and adjusted (OA-23) is
/// entered already.
/// </remarks>
internal static class AdjudicationLines
{
    public static IReadOnlyList<JournalLine> Of(Claim claim, Remittance835Item.Claim remittance, bool isLastPayer)
    {
        var lines = new List<JournalLine>();
        // Not ours, or no claim yet: its adjustments are not for this balance. Should money come with it, it is the claim's all the same.
        var isAnswer = remittance.Clp.Status is not ("23" or "25");
        var ofClaim = RemarkList.OfClaim(remittance);
        foreach (var (line, item) in remittance.Lines.Zip(LineMatching.Match(claim, remittance)))
        {
            lines.Move(line.Svc.PaidUsd, LedgerAccount.UnappliedPayerMoney, LedgerAccount.InsuranceReceivable, item?.Sequence);
            if (isAnswer)
                Adjust(lines, line.Adjustments, item?.Sequence, [.. line.Remarks, .. ofClaim], line.Svc.PaidUsd == 0, remittance.IsReversal, isLastPayer);
        }

        // Adjustments of the claim as a whole make its payment differ from the sum of its lines.
        lines.Move(remittance.Clp.PaidUsd - remittance.Lines.Sum(l => l.Svc.PaidUsd), LedgerAccount.UnappliedPayerMoney, LedgerAccount.InsuranceReceivable);
        if (isAnswer)
            Adjust(lines, remittance.Adjustments, null, ofClaim, remittance.Clp.PaidUsd == 0, remittance.IsReversal, isLastPayer);
        return lines;
    }

    private static void Adjust(
        List<JournalLine> lines, IEnumerable<Cas> adjustments, int? item, IReadOnlyList<string> remarks, bool paidNothing, bool isReversal, bool isLastPayer)
    {
        foreach (var cas in adjustments)
        {
            foreach (var triple in cas.Triples)
            {
                if (Account(cas.Group, triple.Reason, isReversal ? -triple.AmountUsd : triple.AmountUsd, remarks, paidNothing, isLastPayer) is { } account)
                    lines.Move(triple.AmountUsd, account, LedgerAccount.InsuranceReceivable, item, $"{cas.Group}-{triple.Reason}");
            }
        }
    }

    // Null leaves the amount with the payer.
    private static LedgerAccount? Account(string group, string reason, decimal usd, IReadOnlyList<string> remarks, bool paidNothing, bool isLastPayer) => group switch
    {
        "PR" => isLastPayer ? LedgerAccount.PatientReceivable : null,
        "CO" or "PI" when DenialReason.Of(reason, remarks, paidNothing) is { IsInformation: false } why && !(usd > 0 && why.IsDenial) => LedgerAccount.ContractualAdjustment,
        _ => null,
    };
}
