using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Posts one payment of an 835: in one commit when it is small, else in chunks that may be resumed after an interruption.</summary>
internal sealed class PaymentPosting(IFhirRecords records, DenialDesk denials, SurveyedPayment survey, ContractRates contracts, TimeProvider time, int claimsPerCommit)
{
    private const int Attempts = 5;

    private readonly PaymentContext _payment = survey.Context;
    private readonly List<Remittance835Item.Claim> _waiting = [];
    private readonly List<Remittance835Item.Claim> _last = [];
    private readonly List<PaymentReconciliation.DetailsComponent> _details = [];
    private readonly List<ClaimPosted> _posted = [];
    private readonly HashSet<string> _prepaid = [];
    private string? _openId;
    private bool _isResumed;

    /// <summary>Patients of what was posted who have unapplied money, <c>Patient/id</c>.</summary>
    public IReadOnlyCollection<string> Prepaid => _prepaid;

    /// <summary>Whether this payment is already posted whole; notes when it is posted in part.</summary>
    public async Task<bool> IsPostedAsync(CancellationToken ct)
    {
        if (await FindAsync(ct) is not { } found)
            return false;
        if (found.Outcome is not ClaimProcessingCodes.Partial)
            return true;
        (_openId, _isResumed) = (found.Id, true);
        return false;
    }

    public async Task AddAsync(Remittance835Item.Claim claim, CancellationToken ct)
    {
        if (survey.Reversed.Contains(claim.Clp.ControlNumber))
        {
            _last.Add(claim);
            return;
        }

        if (_waiting.Count >= claimsPerCommit && claim.Clp.ControlNumber != _waiting[^1].Clp.ControlNumber)
            await CommitPartAsync(ct);
        _waiting.Add(claim);
    }

    /// <summary>The last commit. Null when another worker finished this payment meanwhile.</summary>
    public async Task<PaymentOutcome> FinishAsync(Remittance835Item.End end, CancellationToken ct)
    {
        _waiting.AddRange(_last);
        var adjustments = await ProviderAdjustmentsAsync(end.ProviderAdjustments, ct);
        var details = adjustments.Select(a => a.Detail).ToList();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var now = await FindAsync(ct);
            if (now is not null && now.Outcome is not ClaimProcessingCodes.Partial)
                return new PaymentOutcome.Duplicate(_payment.TraceNumber, _payment.Payment.PaidUsd);

            var source = now is null ? BillingKey.Urn(_payment.FileKey) : $"PaymentReconciliation/{now.Id}";
            var chunk = await BuildAsync(adjustments, source, ct);
            var reconciliation = PaymentReconciliationBuilder.Build(_payment, end, [.. _details, .. chunk.Details, .. details], ClaimProcessingCodes.Complete);
            if (now is null)
            {
                chunk.Transaction.CreateOnce(reconciliation, _payment.FileKey);
            }
            else
            {
                (reconciliation.Id, reconciliation.Meta) = (now.Id, now.Meta);
                chunk.Transaction.Update(reconciliation);
            }

            Deposit(chunk, source);

            if (await CommitAsync(chunk, ct))
                return new PaymentOutcome.Posted(_payment.TraceNumber, _payment.Payment.PaidUsd, [.. _posted]);
        }

        throw Busy();
    }

    private async Task CommitPartAsync(CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var chunk = await BuildAsync([], "", ct);
            if (_openId is null)
            {
                Deposit(chunk, chunk.Transaction.CreateOnce(PaymentReconciliationBuilder.Build(_payment, null, [], ClaimProcessingCodes.Partial), _payment.FileKey));
            }

            if (!await CommitAsync(chunk, ct))
                continue;
            _openId ??= (await FindAsync(ct))?.Id;
            _waiting.Clear();
            return;
        }

        throw Busy();
    }

    private async Task<ChunkPosting> BuildAsync(IReadOnlyList<ProviderAdjustment> adjustments, string source, CancellationToken ct)
    {
        var chunk = new ChunkPosting(records, denials.Fresh(), _payment, contracts, time.GetUtcNow(), _isResumed);
        foreach (var (i, adjustment) in adjustments.Index())
            await chunk.AddAsync(adjustment.Plb, i, adjustment.Recovered, source, ct);
        await chunk.AddAsync(_waiting, ct);
        return chunk;
    }

    // Entered once, whichever commit of the payment comes first.
    private void Deposit(ChunkPosting chunk, string source)
    {
        if (PaymentEntries.Deposit(_payment, source, DateOnly.FromDateTime(time.GetUtcNow().DateTime)) is { } deposit)
            chunk.Transaction.Enter(deposit);
    }

    private async Task<bool> CommitAsync(ChunkPosting chunk, CancellationToken ct)
    {
        if (chunk.Transaction.Count > 0)
        {
            switch (await records.CommitAsync(chunk.Transaction.Bundle, ct))
            {
                case CommitOutcome.Conflict:
                    return false;
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the posting of the 835: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                case CommitOutcome.Committed committed:
                    ResolveResponses(chunk, committed.Response);
                    break;
                default:
                    break;
            }
        }

        _details.AddRange(chunk.Details);
        _posted.AddRange(chunk.Posted);
        _prepaid.UnionWith(chunk.Prepaid);
        return true;
    }

    // Details kept for the last commit must name the responses as the server named them.
    private static void ResolveResponses(ChunkPosting chunk, Bundle response)
    {
        var locations = new Dictionary<string, string>();
        foreach (var (i, entry) in chunk.Transaction.Bundle.Entry.Index())
        {
            if (entry.FullUrl is { } url && i < response.Entry.Count && FhirReferences.IdOf(response.Entry[i].Response?.Location, "ClaimResponse") is { } id)
                locations[url] = $"ClaimResponse/{id}";
        }

        foreach (var detail in chunk.Details)
        {
            if (detail.Response?.Reference is { } reference && locations.TryGetValue(reference, out var location))
                detail.Response = new ResourceReference(location);
        }
    }

    private async Task<PaymentReconciliation?> FindAsync(CancellationToken ct)
    {
        await foreach (var found in records.SearchAsync<PaymentReconciliation>(BillingKey.Query(_payment.FileKey), ct))
            return found;
        return null;
    }

    // A recovery (WO) usually names the claim it recovers by the payer's own number.
    private async Task<List<ProviderAdjustment>> ProviderAdjustmentsAsync(IReadOnlyList<Plb> plbs, CancellationToken ct)
    {
        var found = new List<ProviderAdjustment>();
        foreach (var adjustment in plbs.SelectMany(p => p.Adjustments))
        {
            var detail = PaymentReconciliationBuilder.ProviderAdjustment(_payment, adjustment);
            Claim? recovered = null;
            if (adjustment is { Code: PaymentEntries.Recovery, Reference: { } icn } && !string.IsNullOrWhiteSpace(icn))
            {
                await foreach (var claim in records.SearchAsync<Claim>(BillingKey.Query(BillingUrls.Icn(_payment.PayerId), icn), ct))
                    recovered = claim;
            }

            if (recovered is not null)
                detail.Request = new ResourceReference($"Claim/{recovered.Id}");
            found.Add(new ProviderAdjustment(adjustment, recovered, detail));
        }

        return found;
    }

    /// <param name="Recovered">The claim a recovery takes back from; null for every other adjustment, and when none is known.</param>
    private sealed record ProviderAdjustment(PlbAdjustment Plb, Claim? Recovered, PaymentReconciliation.DetailsComponent Detail);

    private TimeoutException Busy() =>
        new($"Payment {_payment.TraceNumber} could not be posted: other changes to the same claims kept getting in between. Repeat it; what is posted stays posted once.");
}
