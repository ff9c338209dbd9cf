using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>MDM^T02 (a document with its content), T06 and T08 (an addendum, an edit) → DocumentReference, with the content in a Binary.</summary>
internal static class DocumentMap
{
    public static IReadOnlyList<MappedResource> Map(MessageScope scope)
    {
        if (scope.Required("TXA") is not { } txa)
            return [];
        if (scope.Required(txa[12], "the unique number of the document") is not { } number)
            return [];

        var all = new List<MappedResource>();
        var document = new DocumentReference
        {
            Id = scope.Id("text", number),
            Status = txa[19].Text is "OB" ? DocumentReferenceStatus.Superseded : txa[19].Text is "CA" ? DocumentReferenceStatus.EnteredInError : DocumentReferenceStatus.Current,
            DocStatus = txa[17].Text switch { "AU" or "LA" => CompositionStatus.Final, "DI" or "DO" or "IN" or "IP" or "PA" => CompositionStatus.Preliminary, _ => null },
            Type = Words.Concept(txa[2].First, scope.Sender),
            Subject = scope.Subject,
            Date = (scope.Time(txa[4]) ?? scope.Time(txa[6])) is { HasTime: true } written ? written.At : null,
            Description = Words.Line(txa[16].Text),
        };
        document.Category.Add(new CodeableConcept("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note"));
        document.MasterIdentifier = new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "document"), Words.Line(number));
        foreach (var author in txa[9].Repetitions.Concat(txa[5].Repetitions).Select(r => Words.Person(r, scope.Sender)).OfType<ResourceReference>())
            if (!document.Author.Exists(a => a.Display == author.Display))
                document.Author.Add(author);
        if (document.Type is null)
            scope.Fault(ErrorCodes.RequiredFieldMissing, "TXA-2, the type of the document, is missing.", txa[2].At);
        if (txa[13].Text is { } parent)
            document.RelatesTo.Add(new DocumentReference.RelatesToComponent { Code = scope.Header.Event == "T06" ? DocumentRelationshipType.Appends : DocumentRelationshipType.Replaces, Target = new ResourceReference { Identifier = new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "document"), Words.Line(parent)) } });

        var lines = new List<string>();
        Segment? firstText = null;
        foreach (var obx in scope.Message.All("OBX"))
        {
            if (obx[2].Text == "ED")
            {
                if (EmbeddedDocument.Read(scope, obx) is { } embedded)
                    Add(scope, document, all, embedded, obx);
            }
            else if (obx[5].Whole is { } line)
            {
                firstText ??= obx;
                lines.Add(line);
            }
        }

        if (firstText is not null && Words.Text(string.Join('\n', lines)) is { } text)
            Add(scope, document, all, new EmbeddedDocument("text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(text)), firstText);
        if (document.Content.Count == 0 && scope.Faults.Count == 0)
            scope.Fault(ErrorCodes.SegmentSequence, "The document has no content: an OBX with text or with a document of type ED is needed.", new("OBX", 1));
        all.Add(new(document, txa.At(), scope.AsOf) { Rank = document.DocStatus is CompositionStatus.Preliminary ? 1 : 2 });
        return all;
    }

    private static void Add(MessageScope scope, DocumentReference document, List<MappedResource> all, EmbeddedDocument content, Segment origin)
    {
        var (binary, attachment) = content.Store(scope, origin.At(), Words.Line(origin[3].First[2]));
        if (!all.Exists(m => m.Reference == binary.Reference))
            all.Add(binary);
        document.Content.Add(new DocumentReference.ContentComponent { Attachment = attachment });
    }
}
