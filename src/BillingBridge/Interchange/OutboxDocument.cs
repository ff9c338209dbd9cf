using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>The DocumentReference that keeps a question (270, 276) in the outbox until the channel has it.</summary>
internal static class OutboxDocument
{
    /// <param name="kind">270 or 276.</param>
    /// <param name="numbers">Of the file.</param>
    /// <param name="senderId">ISA06.</param>
    /// <param name="fileName">As the channel will see it.</param>
    /// <param name="binary">Where the bytes are.</param>
    /// <param name="related">What the file asks about.</param>
    /// <param name="now">When.</param>
    public static DocumentReference For(
        string kind, FileNumbers numbers, string senderId, string fileName, string binary, IEnumerable<string> related, DateTimeOffset now) => new()
        {
            Identifier =
            [
                new Identifier(InterchangeUrls.Interchange(senderId), numbers.Interchange),
                new Identifier(InterchangeUrls.Group(senderId), numbers.Group),
            ],
            Status = DocumentReferenceStatus.Current,
            DocStatus = CompositionStatus.Preliminary,
            Type = new CodeableConcept(InterchangeUrls.DocumentType, kind),
            Category = [new CodeableConcept(InterchangeUrls.Outbox, InterchangeUrls.OutboxPending)],
            Date = now,
            Description = $"{kind} file {fileName}",
            Content =
            [
                new DocumentReference.ContentComponent
                {
                    Attachment = new Attachment { ContentType = InterchangeUrls.X12ContentType, Url = binary, Title = fileName, CreationElement = new FhirDateTime(now) },
                },
            ],
            Context = new DocumentReference.ContextComponent { Related = [.. related.Select(r => new ResourceReference(r))] },
        };
}
