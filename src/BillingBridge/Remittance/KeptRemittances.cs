using System.Globalization;
using System.Text;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>CLPs that were not posted, kept whole in their payment, and posted when a person has found the claim.</summary>
internal sealed class KeptRemittances(IFhirRecords records, DenialDesk denials, ContractRates contracts, TimeProvider time)
{
    private const int Attempts = 5;
    private const string Ordinal = "ordinal";
    private const string Copy = "x12";

    /// <summary>Keeps a CLP with the head of its payment, as an 835 that says nothing else.</summary>
    public static void Keep(PaymentReconciliation.DetailsComponent detail, PaymentContext payment, Remittance835Item.Claim remittance, DateTimeOffset now)
    {
        var file = Remittance835File.Write(
            payment.Sender,
            [payment.Payment, remittance with { Before = [new Lx("1")] }, new Remittance835Item.End(payment.Payment.St.ControlNumber, [], [], IsRefused: false)],
            now,
            new X12Findings());
        var kept = new Extension { Url = RemittanceUrls.Kept };
        kept.AddExtension(Ordinal, new Integer(remittance.Ordinal));
        kept.AddExtension(Copy, new FhirString(Encoding.UTF8.GetString(file)));
        detail.Extension.Add(kept);
    }

    public async Task<MoneyResult> PostAsync(string taskId, string? claimId, decimal? limitUsd, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (transaction, result) = await DecideAsync(taskId, claimId, limitUsd, ct);
            if (transaction is null)
                return result;
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    return result;
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the posting: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    continue;
            }
        }

        return new MoneyResult.Busy();
    }

    private async Task<(FhirTransaction?, MoneyResult)> DecideAsync(string taskId, string? claimId, decimal? limitUsd, CancellationToken ct)
    {
        if (await records.ReadAsync<FhirTask>(taskId, ct) is not { } task)
            return (null, new MoneyResult.NotFound($"Task/{taskId}"));
        if (task.Status is FhirTask.TaskStatus.Completed or FhirTask.TaskStatus.Cancelled)
            return (null, new MoneyResult.Refused($"Task/{taskId} is {Hl7.Fhir.Utility.EnumUtility.GetLiteral(task.Status)}: its payment is posted, or somebody decided that it is not to be."));
        if (await FindAsync(task, ct) is not var (reconciliation, detail) || await ReadAsync(detail, reconciliation, ct) is not var (payment, remittance))
            return (null, new MoneyResult.Refused($"Task/{taskId} is about no payment that could be posted; it is one of {RemittanceTask.UnmatchedRemit} and {RemittanceTask.DuplicatePayment} that is."));
        if (Math.Abs(remittance.Clp.PaidUsd) > limitUsd)
            return (null, new MoneyResult.OverLimit(Math.Abs(remittance.Clp.PaidUsd), limitUsd.Value));

        var id = claimId ?? FhirReferences.IdOf(task.Focus?.Reference, "Claim");
        if (id is null)
            return (null, new MoneyResult.Refused("Name the claim this payment is for."));
        if (await records.ReadAsync<Claim>(id, ct) is not { } claim)
            return (null, new MoneyResult.NotFound($"Claim/{id}"));

        var now = time.GetUtcNow();
        var chunk = new ChunkPosting(records, denials.Fresh(), payment, contracts, now, isResumed: false);
        if (!await chunk.AddMatchedAsync(claim, remittance, ct))
            return (null, new MoneyResult.Refused($"Claim/{id} has no posting that this reversal takes back to the cent."));

        var key = task.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value;
        chunk.Transaction.Bundle.Entry.RemoveAll(e => key is not null && e.FullUrl == BillingKey.Urn(key)); // the question that is answered here
        task.Status = FhirTask.TaskStatus.Completed;
        task.Focus = new ResourceReference($"Claim/{id}");
        task.For = claim.Patient;
        task.LastModifiedElement = new FhirDateTime(now);
        chunk.Transaction.Update(task);
        detail.Extension.RemoveAll(e => e.Url == RemittanceUrls.Kept);
        (detail.Request, detail.Response) = (chunk.Details[0].Request, chunk.Details[0].Response);
        chunk.Transaction.Update(reconciliation);
        return (chunk.Transaction, new MoneyResult.Done($"Task/{taskId}", chunk.Entries, chunk.ClaimBalances));
    }

    // The key of the Task is the worklist and the key of the CLP, which is the key of the payment and the CLP's place in it.
    private async Task<(PaymentReconciliation Payment, PaymentReconciliation.DetailsComponent Detail)?> FindAsync(FhirTask task, CancellationToken ct)
    {
        var key = task.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value?.Split('/');
        if (key is not [RemittanceTask.UnmatchedRemit or RemittanceTask.DuplicatePayment, var claim] || Uri.UnescapeDataString(claim).Split('/') is not ["clp", var file, var place])
            return null;
        await foreach (var reconciliation in records.SearchAsync<PaymentReconciliation>(BillingKey.Query(Uri.UnescapeDataString(file)), ct))
        {
            var detail = reconciliation.Detail.Find(d => d.GetExtension(RemittanceUrls.Kept)?.GetExtensionValue<Integer>(Ordinal)?.Value?.ToString(CultureInfo.InvariantCulture) == place);
            if (detail is not null)
                return (reconciliation, detail);
        }

        return null;
    }

    private static async Task<(PaymentContext Payment, Remittance835Item.Claim Remittance)?> ReadAsync(
        PaymentReconciliation.DetailsComponent detail, PaymentReconciliation reconciliation, CancellationToken ct)
    {
        if (detail.GetExtension(RemittanceUrls.Kept) is not { } kept || kept.GetExtensionValue<FhirString>(Copy)?.Value is not { } text || kept.GetExtensionValue<Integer>(Ordinal)?.Value is not { } ordinal)
            return null;
        var envelope = new EnvelopeReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), new X12Findings());
        PaymentContext? payment = null;
        await foreach (var item in Remittance835Reader.ReadAsync(envelope, ct))
        {
            if (item is Remittance835Item.Payment head)
                payment = new PaymentContext(envelope.Interchange?.SenderId ?? "", head) { PostedAs = reconciliation.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value };
            else if (item is Remittance835Item.Claim claim && payment is not null)
                return (payment, claim with { Ordinal = ordinal });
        }

        return null;
    }
}
