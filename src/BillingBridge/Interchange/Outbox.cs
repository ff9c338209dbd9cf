using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Files committed but not yet handed over: DocumentReferences in category <c>outbox|pending</c>.</summary>
internal sealed class Outbox(IFhirRecords records, TimeProvider time)
{
    private const int Attempts = 5;

    public IAsyncEnumerable<DocumentReference> PendingAsync(CancellationToken ct) => records
        .SearchAsync<DocumentReference>($"category={InterchangeUrls.Outbox}|{InterchangeUrls.OutboxPending}", ct)
        .Where(d => d is { DocStatus: CompositionStatus.Preliminary, Status: DocumentReferenceStatus.Current });

    /// <summary>Files of one kind about one resource, whatever became of them.</summary>
    public IAsyncEnumerable<DocumentReference> AboutAsync(string reference, string kind, CancellationToken ct) => records
        .SearchAsync<DocumentReference>($"related={reference}", ct)
        .Where(d => d.Status is DocumentReferenceStatus.Current && d.Type?.Coding.Exists(c => c.System == InterchangeUrls.DocumentType && c.Code == kind) == true);

    /// <summary>Files that were given up after a day of trying.</summary>
    public IAsyncEnumerable<DocumentReference> DeadAsync(CancellationToken ct) => records
        .SearchAsync<DocumentReference>($"category={InterchangeUrls.Outbox}|{InterchangeUrls.OutboxDead}", ct)
        .Where(d => d is { DocStatus: CompositionStatus.Preliminary, Status: DocumentReferenceStatus.Current });

    /// <summary>Not with the channel yet, and not given up.</summary>
    public static bool IsPending(DocumentReference document) =>
        document.DocStatus is not CompositionStatus.Final && !document.Category.Exists(c => c.Coding.Exists(k => k is { System: InterchangeUrls.Outbox, Code: InterchangeUrls.OutboxDead }));

    public static string FileName(DocumentReference document) => document.Content is [{ Attachment.Title: { } title }, ..] ? title : "";

    /// <summary>The file's bytes; null when its Binary is gone.</summary>
    public async Task<byte[]?> ReadFileAsync(DocumentReference document, CancellationToken ct)
    {
        var attachment = document.Content is [var content, ..] ? content.Attachment : null;
        if (attachment?.Data is { Length: > 0 } inline)
            return inline;
        return FhirReferences.IdOf(attachment?.Url, "Binary") is { } id ? (await records.ReadAsync<Binary>(id, ct))?.Data : null;
    }

    /// <summary>The claims of a file as they are now.</summary>
    public async IAsyncEnumerable<Claim> ClaimsAsync(DocumentReference document, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var reference in document.Context?.Related ?? [])
        {
            if (FhirReferences.IdOf(reference.Reference, "Claim") is { } id && await records.ReadAsync<Claim>(id, ct) is { } claim)
                yield return claim;
        }
    }

    /// <summary>After the channel has the file: document final, claims <c>submitted</c>. Null on success, else why not; repeating is safe.</summary>
    public async Task<(int Claims, string? Problem)> MarkSentAsync(string documentId, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await records.ReadAsync<DocumentReference>(documentId, ct) is not { } document)
                return (0, "The outbox entry is gone.");
            if (document.DocStatus is CompositionStatus.Final)
                return (0, null); // another dispatcher was here

            var (transaction, claims) = await SentAsync(document, ct);
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    return (claims, null);
                case CommitOutcome.Refused refused:
                    return (0, $"The FHIR server refuses the record that the file was sent: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    break;
            }
        }

        return (0, "Other changes to the same claims kept getting in between; the next run completes it.");
    }

    private async Task<(FhirTransaction Transaction, int Claims)> SentAsync(DocumentReference document, CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        var sent = (DocumentReference)document.DeepCopy();
        sent.DocStatus = CompositionStatus.Final;
        sent.Category = [new CodeableConcept(InterchangeUrls.Outbox, InterchangeUrls.OutboxSent)];
        Delivery.Clear(sent);
        transaction.Update(sent);

        var claims = 0;
        await foreach (var claim in ClaimsAsync(document, ct))
        {
            var walk = new StageWalk(claim, BillingAgent.Reference, time.GetUtcNow());
            if (walk.MoveTo(ClaimStage.Submitted, $"File {FileName(document)} handed to the clearinghouse") is not null)
                continue; // an acknowledgement was faster
            transaction.Write(walk);
            claims++;
        }

        return (transaction, claims);
    }
}
