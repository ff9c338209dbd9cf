using System.Globalization;
using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>CLPs that were not posted, kept whole in their Task, and posted when a person has found the claim.</summary>
internal sealed class KeptRemittances(IFhirRecords records, ContractRates contracts, TimeProvider time)
{
    private const int Attempts = 5;

    /// <summary>One CLP with the head of its payment, as an 835 that says nothing else; LX is its place in the file it came in.</summary>
    public static string Keep(PaymentContext payment, Remittance835Item.Claim remittance, DateTimeOffset now) => Encoding.UTF8.GetString(Remittance835File.Write(
        payment.Sender,
        [
            payment.Payment,
            remittance with { Before = [new Lx(remittance.Ordinal.ToString(CultureInfo.InvariantCulture))] },
            new Remittance835Item.End(payment.Payment.St.ControlNumber, [], [], IsRefused: false),
        ],
        now,
        new X12Findings()));

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
        if (await ReadAsync(task, ct) is not var (payment, remittance))
            return (null, new MoneyResult.Refused($"Task/{taskId} keeps no payment that could be posted; it is one of {RemittanceTask.UnmatchedRemit} and {RemittanceTask.DuplicatePayment} that does."));
        if (Math.Abs(remittance.Clp.PaidUsd) > limitUsd)
            return (null, new MoneyResult.OverLimit(Math.Abs(remittance.Clp.PaidUsd), limitUsd.Value));

        var id = claimId ?? FhirReferences.IdOf(task.Focus?.Reference, "Claim");
        if (id is null)
            return (null, new MoneyResult.Refused("Name the claim this payment is for."));
        if (await records.ReadAsync<Claim>(id, ct) is not { } claim)
            return (null, new MoneyResult.NotFound($"Claim/{id}"));

        var now = time.GetUtcNow();
        var chunk = new ChunkPosting(records, payment, contracts, now, isResumed: false);
        if (!await chunk.AddMatchedAsync(claim, remittance, ct))
            return (null, new MoneyResult.Refused($"Claim/{id} has no posting that this reversal takes back to the cent."));

        var key = task.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value;
        chunk.Transaction.Bundle.Entry.RemoveAll(e => key is not null && e.FullUrl == BillingKey.Urn(key)); // the question that is answered here
        task.Status = FhirTask.TaskStatus.Completed;
        task.Focus = new ResourceReference($"Claim/{id}");
        task.For = claim.Patient;
        task.LastModifiedElement = new FhirDateTime(now);
        chunk.Transaction.Update(task);
        await AddToPaymentAsync(chunk, payment, remittance, ct);
        return (chunk.Transaction, new MoneyResult.Done($"Task/{taskId}", chunk.Entries, chunk.ClaimBalances));
    }

    // The detail that had no claim gets it.
    private async Task AddToPaymentAsync(ChunkPosting chunk, PaymentContext payment, Remittance835Item.Claim remittance, CancellationToken ct)
    {
        await foreach (var reconciliation in records.SearchAsync<PaymentReconciliation>(BillingKey.Query(payment.FileKey), ct))
        {
            var detail = reconciliation.Detail.Find(d => d.Response is null && d.Amount?.Value == remittance.Clp.PaidUsd
                && (d.Identifier?.Value ?? "") == remittance.Clp.ControlNumber.Trim() && d.Identifier?.System?.StartsWith("urn:fhiremr:plb", StringComparison.Ordinal) != true);
            if (detail is null)
                continue;
            (detail.Request, detail.Response) = (chunk.Details[0].Request, chunk.Details[0].Response);
            chunk.Transaction.Update(reconciliation);
            return;
        }
    }

    private static async Task<(PaymentContext Payment, Remittance835Item.Claim Remittance)?> ReadAsync(FhirTask task, CancellationToken ct)
    {
        var kept = task.Input.Find(i => i.Type?.Coding.Exists(c => c.Code == WorklistTask.KeptRemittance) == true)?.Value as FhirString;
        if (kept?.Value is not { Length: > 0 } text)
            return null;
        var envelope = new EnvelopeReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), new X12Findings());
        PaymentContext? payment = null;
        await foreach (var item in Remittance835Reader.ReadAsync(envelope, ct))
        {
            if (item is Remittance835Item.Payment head)
                payment = new PaymentContext(envelope.Interchange?.SenderId ?? "", head);
            else if (item is Remittance835Item.Claim claim && payment is not null
                && int.TryParse(claim.Before.OfType<Lx>().FirstOrDefault()?.Number, NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
                return (payment, claim with { Ordinal = ordinal });
        }

        return null;
    }
}
