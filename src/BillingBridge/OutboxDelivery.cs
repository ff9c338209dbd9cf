using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Tries the files of the outbox as <see cref="DeliveryPolicy"/> says, and makes work of those it gives up (reliability R-24).</summary>
internal sealed class OutboxDelivery(IFhirRecords records, Outbox outbox, DeliveryPolicy policy, TimeProvider time)
{
    public const string Undelivered = "undelivered";

    /// <summary>Hands one file over when its time has come; null when it has not.</summary>
    /// <param name="document">In the outbox.</param>
    /// <param name="send">Hands it over and says how it went.</param>
    public async Task<DispatchedFile?> TryAsync(DocumentReference document, Func<DocumentReference, CancellationToken, Task<DispatchedFile>> send, CancellationToken ct)
    {
        if (Delivery.Of(document) is { } before && time.GetUtcNow() < before.Next)
            return null;

        var file = await send(document, ct);
        if (file is { IsSent: false, Outcome: null or SendOutcome.NameTaken })
            await FailedAsync(document.Id!, file.Problem!, ct);
        return file;
    }

    /// <summary>Files given up whose work a person has completed: they are sent again.</summary>
    public async Task ReviveAsync(CancellationToken ct)
    {
        foreach (var document in await outbox.DeadAsync(ct).ToListAsync(ct))
        {
            var tasks = await records.SearchAsync<FhirTask>($"focus=DocumentReference/{document.Id}&code={BillingKey.Token(BillingUrls.TaskCode, Undelivered)}", ct).ToListAsync(ct);
            if (tasks.Count == 0 || tasks.Exists(t => t.Status is not (FhirTask.TaskStatus.Completed or FhirTask.TaskStatus.Cancelled)) || tasks.MaxBy(t => t.Meta?.LastUpdated)!.Status is FhirTask.TaskStatus.Cancelled)
                continue;

            var transaction = new FhirTransaction();
            document.Category = [new CodeableConcept(InterchangeUrls.Outbox, InterchangeUrls.OutboxPending)];
            Delivery.Clear(document);
            transaction.Update(document);
            await records.CommitAsync(transaction.Bundle, ct); // a conflict: the next turn sees it again
        }
    }

    private async Task FailedAsync(string documentId, string problem, CancellationToken ct)
    {
        if (await records.ReadAsync<DocumentReference>(documentId, ct) is not { DocStatus: CompositionStatus.Preliminary } document)
            return;

        var now = time.GetUtcNow();
        var before = Delivery.Of(document);
        var delivery = new Delivery((before?.Attempts ?? 0) + 1, before?.First ?? now, now + policy.DelayAfter((before?.Attempts ?? 0) + 1), problem);
        var transaction = new FhirTransaction();
        if (policy.IsGivenUp(delivery.First))
        {
            document.Category = [new CodeableConcept(InterchangeUrls.Outbox, InterchangeUrls.OutboxDead)];
            transaction.Add(await WorkAsync(document, delivery, ct), now);
        }

        delivery.Write(document);
        transaction.Update(document);
        await records.CommitAsync(transaction.Bundle, ct); // a conflict: another dispatcher tried it meanwhile, and wrote the same
    }

    private async Task<WorklistTask> WorkAsync(DocumentReference document, Delivery delivery, CancellationToken ct)
    {
        var value = 0m;
        await foreach (var claim in outbox.ClaimsAsync(document, ct))
            value += claim.Total?.Value ?? 0m;
        return new WorklistTask
        {
            Code = Undelivered,
            Key = BillingKey.Of("task", Undelivered, document.Id, document.Meta?.VersionId),
            Focus = $"DocumentReference/{document.Id}",
            Description = $"The file {Outbox.FileName(document)} could not be handed over for a day and is not tried any more. Mend the cause and complete this task: it is sent again then.",
            ValueAtStakeUsd = value,
            Findings = [$"{delivery.Attempts} tries since {delivery.First:yyyy-MM-dd HH:mm} UTC; the last: {delivery.Problem}"],
        };
    }
}
