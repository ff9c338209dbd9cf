using System.Diagnostics;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>The one transaction that makes a batch: counters, file, outbox entry, claims to <c>queued</c>, Provenance.</summary>
internal static class BatchCommit
{
    public static FhirTransaction Build(Basic counters, FileNumbers numbers, string senderId, ReadOnlyMemory<byte> file, IReadOnlyList<PreparedClaim> claims, DateTimeOffset now)
    {
        var transaction = new FhirTransaction();
        transaction.Update(counters);
        var binary = transaction.Create(new Binary { ContentType = InterchangeUrls.X12ContentType, Data = file.ToArray() });
        transaction.Create(Document(numbers, senderId, binary, claims, now));
        foreach (var (i, prepared) in claims.Index())
        {
            var walk = new StageWalk(prepared.Sources.Claim, BillingAgent.Reference, now);
            if (walk.MoveTo(ClaimStage.Queued, $"Put in batch {numbers.Batch}, file {numbers.FileName}") is not null)
                throw new UnreachableException($"Claim/{walk.Original.Id} was prepared although it is not ready.");
            walk.Change(claim => claim.Identifier.AddRange(
            [
                new Identifier(BillingUrls.Trace, numbers.Trace(i + 1)),
                new Identifier(BillingUrls.Batch, numbers.Batch),
                new Identifier(BillingUrls.IdempotencyKey, prepared.SubmitKey),
            ]));
            transaction.Write(walk);
        }

        return transaction;
    }

    private static DocumentReference Document(
        FileNumbers numbers, string senderId, string binary, IReadOnlyList<PreparedClaim> claims, DateTimeOffset now) => new()
        {
            Identifier =
            [
                new Identifier(BillingUrls.Batch, numbers.Batch),
                new Identifier(InterchangeUrls.Interchange(senderId), numbers.Interchange),
                new Identifier(InterchangeUrls.Group(senderId), numbers.Group),
            ],
            Status = DocumentReferenceStatus.Current,
            DocStatus = CompositionStatus.Preliminary,
            Type = new CodeableConcept(InterchangeUrls.DocumentType, "837P"),
            Category = [new CodeableConcept(InterchangeUrls.Outbox, InterchangeUrls.OutboxPending)],
            Date = now,
            Description = $"837P batch {numbers.Batch}, {claims.Count} claims",
            Content =
            [
                new DocumentReference.ContentComponent
                {
                    Attachment = new Attachment
                    {
                        ContentType = InterchangeUrls.X12ContentType,
                        Url = binary,
                        Title = numbers.FileName,
                        CreationElement = new FhirDateTime(now),
                    },
                },
            ],
            Context = new DocumentReference.ContextComponent { Related = [.. claims.Select(c => new ResourceReference($"Claim/{c.Sources.Claim.Id}"))] },
        };
}

/// <summary>A claim gathered, mapped and checked, without the numbers of a batch.</summary>
internal sealed record PreparedClaim(ClaimSources Sources, string GroupKey, string SubmitKey, decimal ChargeUsd);
