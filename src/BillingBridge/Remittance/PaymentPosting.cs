using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Posts one payment of an 835: in one commit when it is small, else in chunks that may be resumed after an interruption.</summary>
internal sealed class PaymentPosting(IFhirRecords records, DenialDesk denials, SurveyedPayment survey, TimeProvider time, int claimsPerCommit)
{
    private const int Attempts = 5;

    private readonly PaymentContext _payment = survey.Context;
    private readonly List<Remittance835Item.Claim> _waiting = [];
    private readonly List<Remittance835Item.Claim> _last = [];
    private readonly List<PaymentReconciliation.DetailsComponent> _details = [];
    private readonly List<ClaimPosted> _posted = [];
    private string? _openId;
    private bool _isResumed;

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
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var now = await FindAsync(ct);
            if (now is not null && now.Outcome is not ClaimProcessingCodes.Partial)
                return new PaymentOutcome.Duplicate(_payment.TraceNumber, _payment.Payment.PaidUsd);

            var chunk = await BuildAsync(ct);
            var reconciliation = PaymentReconciliationBuilder.Build(_payment, end, [.. _details, .. chunk.Details, .. adjustments], ClaimProcessingCodes.Complete);
            if (now is null)
            {
                chunk.Transaction.CreateOnce(reconciliation, _payment.FileKey);
            }
            else
            {
                (reconciliation.Id, reconciliation.Meta) = (now.Id, now.Meta);
                chunk.Transaction.Update(reconciliation);
            }

            if (await CommitAsync(chunk, ct))
                return new PaymentOutcome.Posted(_payment.TraceNumber, _payment.Payment.PaidUsd, [.. _posted]);
        }

        throw Busy();
    }

    private async Task CommitPartAsync(CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var chunk = await BuildAsync(ct);
            if (_openId is null)
            {
                chunk.Transaction.CreateOnce(PaymentReconciliationBuilder.Build(_payment, null, [], ClaimProcessingCodes.Partial), _payment.FileKey);
            }

            if (!await CommitAsync(chunk, ct))
                continue;
            _openId ??= (await FindAsync(ct))?.Id;
            _waiting.Clear();
            return;
        }

        throw Busy();
    }

    private async Task<ChunkPosting> BuildAsync(CancellationToken ct)
    {
        var chunk = new ChunkPosting(records, denials.Fresh(), _payment, time.GetUtcNow(), _isResumed);
        await chunk.AddAsync(_waiting, ct);
        return chunk;
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
    private async Task<List<PaymentReconciliation.DetailsComponent>> ProviderAdjustmentsAsync(IReadOnlyList<Plb> plbs, CancellationToken ct)
    {
        var details = new List<PaymentReconciliation.DetailsComponent>();
        foreach (var adjustment in plbs.SelectMany(p => p.Adjustments))
        {
            var detail = PaymentReconciliationBuilder.ProviderAdjustment(_payment, adjustment);
            if (adjustment is { Code: "WO", Reference: { } icn } && !string.IsNullOrWhiteSpace(icn))
            {
                await foreach (var claim in records.SearchAsync<Claim>(BillingKey.Query(BillingUrls.Icn(_payment.PayerId), icn), ct))
                    detail.Request = new ResourceReference($"Claim/{claim.Id}");
            }

            details.Add(detail);
        }

        return details;
    }

    private TimeoutException Busy() =>
        new($"Payment {_payment.TraceNumber} could not be posted: other changes to the same claims kept getting in between. Repeat it; what is posted stays posted once.");
}
