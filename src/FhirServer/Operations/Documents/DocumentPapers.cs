using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Documents.Xdm;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>A document as a document: the original in a Binary, the DocumentReference to it, and the Composition.</summary>
internal sealed class DocumentPapers
{
    public DocumentPapers(CdaDocument document, ConvertedDocument converted, ResourceKey patient, ReadOnlyMemory<byte> xml, byte[] hash)
    {
        var name = document.Id?.ToString() ?? Convert.ToHexStringLower(hash);
        Composition = converted.Composition;
        Composition.Id = StableId.Of("ccda", "Composition", patient.Id, name);
        Binary = new() { Id = StableId.Of("ccda", "Binary", patient.Id, Convert.ToHexStringLower(hash)), ContentType = Cda.MediaType, Data = xml.ToArray(), SecurityContext = new(patient.ToString()) };
        Reference = ReferenceTo(document, Binary, hash);
        Reference.Id = StableId.Of("ccda", "DocumentReference", patient.Id, name);
        Reference.Subject = new(patient.ToString());
        Reference.Author = [.. Composition.Author.Select(a => (ResourceReference)a.DeepCopy())];
        Reference.Custodian = (ResourceReference?)Composition.Custodian?.DeepCopy();
        Reference.Context = new() { Related = [new("Composition/" + Composition.Id)] };
        (Held, Review) = (HeldId(hash), ReviewId(hash));
        if (document.Root.Many("relatedDocument").Where(r => r.Attr("typeCode") == "RPLC").Select(r => CdaId.Of(r.At("parentDocument", "id"))).OfType<CdaId>().FirstOrDefault() is { Root: not null } parent)
            Replaced = new("DocumentReference", StableId.Of("ccda", "DocumentReference", patient.Id, parent.ToString()));
    }

    public Composition Composition { get; }

    public Binary Binary { get; }

    public DocumentReference Reference { get; }

    /// <summary>The document that this one says it replaces.</summary>
    public ResourceKey? Replaced { get; }

    /// <summary>Where the same bytes were kept while nobody knew whose they were, and the Task that asked.</summary>
    public string Held { get; }

    public string Review { get; }

    /// <summary>Papers of a document whose patient is not certain.</summary>
    public static (Binary Binary, DocumentReference Reference, FhirTask Task) Hold(
        CdaDocument document, ReadOnlyMemory<byte> xml, byte[] hash, IReadOnlyList<(ResourceKey Key, MatchScore Score)> candidates, DateTimeOffset now)
    {
        var binary = new Binary { Id = StableId.Of("ccda", "Binary", "held", Convert.ToHexStringLower(hash)), ContentType = Cda.MediaType, Data = xml.ToArray() };
        var reference = ReferenceTo(document, binary, hash);
        reference.Id = HeldId(hash);
        binary.SecurityContext = new("DocumentReference/" + reference.Id);
        var task = new FhirTask
        {
            Id = ReviewId(hash),
            Status = FhirTask.TaskStatus.Requested,
            Intent = FhirTask.TaskIntent.Order,
            Code = new("urn:fhiremr:task", "match-patient", "Say whose document it is"),
            Description = "Compare the patient of this document with those here, then import it with $import-ccda, naming the patient.",
            Focus = new("DocumentReference/" + reference.Id),
            AuthoredOnElement = new FhirDateTime(now),
        };
        foreach (var (key, score) in candidates)
            task.Input.Add(new() { Type = new() { Text = $"Candidate, {score.Grade}: {string.Join("; ", score.Fields.Select(f => f.Text))}" }, Value = new ResourceReference(key.ToString()) });
        return (binary, reference, task);
    }

    private static string HeldId(byte[] hash) => StableId.Of("ccda", "DocumentReference", "held", Convert.ToHexStringLower(hash));

    private static string ReviewId(byte[] hash) => StableId.Of("ccda", "Task", "held", Convert.ToHexStringLower(hash));

    private static DocumentReference ReferenceTo(CdaDocument document, Binary binary, byte[] hash)
    {
        var code = CdaValues.Coding(document.Root.One("code"));
        return new()
        {
            MasterIdentifier = document.Id is { } id ? CdaValues.Identifier(id) : null,
            Identifier = document.SetId is { } set && CdaValues.Identifier(set) is { } shared ? [shared] : [],
            Status = DocumentReferenceStatus.Current,
            Type = code is null ? new("http://loinc.org", "34133-9", "Summary of episode note") : new() { Coding = [code] },
            Category = [new("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note")],
            Date = DateTimeOffset.TryParse(CdaTime.ToFhir(document.Root.One("effectiveTime").Attr("value"), TimeZoneInfo.Utc), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : null,
            Description = document.Root.One("title").Words(),
            Content =
            [
                new()
                {
                    Attachment = new() { ContentType = Cda.MediaType, Url = "Binary/" + binary.Id, Hash = Convert.FromHexString(XdmPackage.Hash(binary.Data)) },
                    Format = new("http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", "urn:hl7-org:sdwg:ccda-structuredBody:2.1"),
                },
            ],
        };
    }
}
