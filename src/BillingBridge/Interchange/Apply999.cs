using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>999 (and TA1 R) → claims <c>forwarded</c> or <c>ack-rejected</c>, each error explained by the segment sent and its FHIR element.</summary>
internal sealed class Apply999(IFhirRecords records, Outbox outbox, string ourSenderId, TimeProvider time, AcknowledgementLedger ledger)
{
    private const int Attempts = 5;

    public async Task ApplyAsync(string sender, Acknowledgement999 acknowledgement, byte[] file, CancellationToken ct)
    {
        var group = acknowledgement.Group.GroupControlNumber;
        if (string.IsNullOrWhiteSpace(group)
            || await FindAsync(BillingKey.Query(InterchangeUrls.Group(ourSenderId), group), ct) is not { } batch)
        {
            ledger.Unmatched.Add($"functional group {group}");
            return;
        }

        if (acknowledgement.Group.FunctionalId != "HC")
        {
            await ApplyToQuestionsAsync(sender, batch, acknowledgement, file, ct);
            return;
        }

        var set = acknowledgement.Sets.FirstOrDefault(s => s.Set.SetControlNumber == BatchRenderer.SetControlNumber);
        var isAccepted = set?.IsAccepted ?? acknowledgement.Verdict.Code is "A" or "E"; // a receiver may leave out AK2 of what it accepts
        var errors = set is null || isAccepted ? [] : await ExplainAsync(batch, set, ct);
        if (!isAccepted && errors.Count == 0)
        {
            errors = [.. (set?.Verdict.Errors ?? acknowledgement.Verdict.Errors).Select(e => new AcknowledgedError(null, $"IK5-{e}", ErrorCodes.Set(e), null, null))];
        }

        var key = BillingKey.Of("999", sender, group, BatchRenderer.SetControlNumber);
        await CommitAsync(batch, key, "999", isAccepted ? ClaimStage.Forwarded : ClaimStage.AckRejected, errors, file, ct);
    }

    // A 270 or 276 has no claims to move: what is rejected of it is work for a person.
    private Task ApplyToQuestionsAsync(string sender, DocumentReference file, Acknowledgement999 acknowledgement, byte[] bytes, CancellationToken ct)
    {
        var errors = acknowledgement.Sets.Where(s => !s.IsAccepted)
            .SelectMany(s => s.Errors.SelectMany(e => Explain(new SubmittedSegments(), s.Set.SetControlNumber, e))
                .Concat(s.Errors.Count > 0 ? [] : s.Verdict.Errors.Select(e => new AcknowledgedError(null, $"IK5-{e}", $"Set {s.Set.SetControlNumber}: {ErrorCodes.Set(e)}.", null, null))))
            .Concat(acknowledgement.Verdict.Errors.Select(e => new AcknowledgedError(null, $"AK9-{e}", $"{ErrorCodes.Group(e)}.", null, null)))
            .ToList();
        var isAccepted = acknowledgement.Verdict.Code is "A" or "E";
        var key = BillingKey.Of("999", sender, acknowledgement.Group.FunctionalId, acknowledgement.Group.GroupControlNumber);
        return CommitAsync(file, key, "999", isAccepted ? ClaimStage.Forwarded : ClaimStage.AckRejected, isAccepted ? [] : errors, bytes, ct);
    }

    public async Task ApplyAsync(string sender, Ta1 ta1, byte[] file, CancellationToken ct)
    {
        if (ta1.Code != "R")
        {
            ledger.Ignored++;
            return; // accepted interchanges are confirmed by their 999
        }

        if (string.IsNullOrWhiteSpace(ta1.ControlNumber)
            || await FindAsync(BillingKey.Query(InterchangeUrls.Interchange(ourSenderId), ta1.ControlNumber), ct) is not { } batch)
        {
            ledger.Unmatched.Add($"interchange {ta1.ControlNumber}");
            return;
        }

        var error = new AcknowledgedError(null, $"TA1-{ta1.Note}", $"The interchange was rejected as a whole: {ErrorCodes.Interchange(ta1.Note)}.", null, "Billing:Interchange settings");
        await CommitAsync(batch, BillingKey.Of("TA1", sender, ta1.ControlNumber), "TA1", ClaimStage.AckRejected, [error], file, ct);
    }

    private async Task CommitAsync(
        DocumentReference batch, string key, string kind, string stage, IReadOnlyList<AcknowledgedError> errors, byte[] file, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await FindAsync(BillingKey.Query(key), ct) is not null)
            {
                ledger.Ignored++;
                return;
            }

            var (transaction, moved) = await BuildAsync(batch, key, kind, stage, errors, file, ct);
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    ledger.Moved.AddRange(moved);
                    ledger.Problems.AddRange(errors);
                    return;
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the {kind}: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    break;
            }
        }

        throw new TimeoutException($"The {kind} could not be applied: other changes to the same claims kept getting in between. Repeat it.");
    }

    private async Task<(FhirTransaction Transaction, List<ClaimMoved> Moved)> BuildAsync(
        DocumentReference batch, string key, string kind, string stage, IReadOnlyList<AcknowledgedError> errors, byte[] file, CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        transaction.CreateOnce(Receipt(batch, key, kind, file), key);
        var moved = new List<ClaimMoved>();
        var verdict = stage == ClaimStage.Forwarded ? "accepted" : "rejected";
        await foreach (var claim in outbox.ClaimsAsync(batch, ct))
        {
            var walk = new StageWalk(claim, BillingAgent.Reference, time.GetUtcNow());
            if (!walk.TryAnswer(stage, $"{kind} {verdict} {Outbox.FileName(batch)}"))
                continue;
            if (stage == ClaimStage.AckRejected)
            {
                walk.Change(SubmitKey.Release);
                transaction.Add(TaskFor(claim, key, kind, errors), time.GetUtcNow());
            }

            transaction.Write(walk);
            moved.Add(new ClaimMoved(claim.Id!, stage));
        }

        if (stage == ClaimStage.AckRejected && batch.Type?.Coding is not [{ Code: "837P" }])
            transaction.Add(TaskFor(batch, key, kind, errors), time.GetUtcNow());
        return (transaction, moved);
    }

    private static WorklistTask TaskFor(Claim claim, string key, string kind, IReadOnlyList<AcknowledgedError> errors)
    {
        var number = claim.PatientControlNumber();
        var own = errors.Where(e => e.ControlNumber is null || e.ControlNumber == number).ToList();
        var description = own.Count > 0
            ? $"The clearinghouse rejected the claim ({kind})."
            : $"The clearinghouse rejected the whole set ({kind}) because of another claim in it; this one can be sent again.";
        return RejectionTask.For(RejectionTask.FixRejection, BillingKey.Of(key, claim.Id), claim, description, own);
    }

    private static WorklistTask TaskFor(DocumentReference file, string key, string kind, IReadOnlyList<AcknowledgedError> errors) => new()
    {
        Code = RejectionTask.FixRejection,
        Key = BillingKey.Of(key, file.Id),
        Focus = $"DocumentReference/{file.Id}",
        Description = $"File {Outbox.FileName(file)} was rejected, whole or in part ({kind}); what it asks has no answer.",
        ValueAtStakeUsd = 0m,
        Findings = [.. errors.Select(e => e.Text)],
    };

    private async Task<IReadOnlyList<AcknowledgedError>> ExplainAsync(DocumentReference batch, SetResponse set, CancellationToken ct)
    {
        var sent = await outbox.ReadFileAsync(batch, ct) is { } bytes
            ? await SubmittedSegments.ReadAsync(new MemoryStream(bytes, writable: false), ct)
            : new SubmittedSegments();
        return [.. set.Errors.SelectMany(e => Explain(sent, set.Set.SetControlNumber, e))];
    }

    private static IEnumerable<AcknowledgedError> Explain(SubmittedSegments sent, string setControl, SegmentError error)
    {
        var segment = error.Segment;
        var located = int.TryParse(segment.Position, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? sent.Find(setControl, position) : null;
        var isSent = located?.Segment.Id == segment.SegmentId;
        var text = isSent ? located!.Segment.ToString() : null;
        var number = error.ControlNumber ?? located?.Claim;
        var where = $"{segment.SegmentId} at position {segment.Position}";

        if (error.Elements.Count == 0)
        {
            var path = located is null ? null : isSent ? FhirPaths.Of(located, null, null) : FhirPaths.OfMissing(located, segment.SegmentId, segment.Loop);
            yield return new AcknowledgedError(number, $"IK3-{segment.Error}", $"{where}: {ErrorCodes.Segment(segment.Error)}.", text, path);
            yield break;
        }

        foreach (var element in error.Elements.Select(e => e.Element))
        {
            var path = located is null ? null : FhirPaths.Of(located, Number(element.Element), Number(element.Component));
            var bad = element.BadValue is null ? "" : $" ({element.BadValue})";
            var at = element.Component is null ? element.Element : $"{element.Element}-{element.Component}";
            yield return new AcknowledgedError(number, $"IK4-{element.Error}", $"{where}, element {at}: {ErrorCodes.Element(element.Error)}{bad}.", text, path);
        }
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    private DocumentReference Receipt(DocumentReference batch, string key, string kind, byte[] file) => new()
    {
        Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)],
        Status = DocumentReferenceStatus.Current,
        DocStatus = CompositionStatus.Final,
        Type = new CodeableConcept(InterchangeUrls.DocumentType, kind),
        Date = time.GetUtcNow(),
        Description = $"{kind} for {Outbox.FileName(batch)}",
        RelatesTo =
        [
            new DocumentReference.RelatesToComponent { Code = DocumentRelationshipType.Appends, Target = new ResourceReference($"DocumentReference/{batch.Id}") },
        ],
        Content = [new DocumentReference.ContentComponent { Attachment = new Attachment { ContentType = InterchangeUrls.X12ContentType, Data = file } }],
    };

    private async Task<DocumentReference?> FindAsync(string query, CancellationToken ct)
    {
        await foreach (var document in records.SearchAsync<DocumentReference>(query, ct))
            return document;
        return null;
    }
}
