using System.Globalization;
using System.Security.Cryptography;
using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>One C-CDA document → one transaction of the caller: its facts, the original, a Composition with all its words, and where they came from.</summary>
/// <remarks>
/// Gathers (patient, practitioners, what is here already), decides without I/O, commits once. Ids are made from the patient and the document's own
/// ids, so that a repeat meets what the first run made and no document can name another patient's resources.
/// </remarks>
internal sealed class CcdaImport(
    IResourceStore store, DocumentPatients patients, SearchParser parser, Lazy<FhirInteractions> interactions, OwnRoot own, TimeProvider clock, TimeZoneInfo zone)
{
    public const long MaxBytes = CdaDocument.MaxBytes;

    /// <summary>How often what was decided is decided anew because somebody else wrote meanwhile.</summary>
    private const int Attempts = 3;

    public async Task<(ImportReport? Report, FhirFault? Fault)> RunAsync(string name, ReadOnlyMemory<byte> xml, CcdaSource source, FhirRequest request, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (report, fault) = await OnceAsync(name, xml, source, attempt == Attempts, request, ct);
            if (fault is not { IsConflict: true } || attempt == Attempts)
                return (report, fault);
        }
    }

    private async Task<(ImportReport? Report, FhirFault? Fault)> OnceAsync(string name, ReadOnlyMemory<byte> xml, CcdaSource source, bool isLast, FhirRequest request, CancellationToken ct)
    {
        var (document, unreadable) = CdaDocument.Read(xml);
        if (document is null)
            return Refuse(FaultKind.Invalid, unreadable!, "structure");
        if (document.RecordTarget is not { } role)
            return Refuse(FaultKind.Unprocessable, "The document has no recordTarget: it says not who it is about.", "required");

        if (document.Confidentiality is { } code && !request.Caller.Access.Holds("label.write"))
            return (null, FhirFault.Of(FaultKind.Forbidden,
                $"The document is confidential ({code}): what comes of it has to bear that label, and labels are put by who holds the right label.write. Let one of them import it.", "ClinicalDocument.confidentialityCode"));

        var report = new ImportReport(name) { IsDryRun = source.IsDryRun };
        var hash = SHA256.HashData(xml.Span);
        try
        {
            var described = CdaPeople.Patient(role, new(document, zone));
            var whose = await patients.FindAsync(described, source.Patient, source.IsConfirmed, request.Caller.Access, ct);
            var newId = StableId.Of("ccda", "Patient", CdaId.AllOf(role).Select(i => i.ToString()).FirstOrDefault() ?? ImportPrint.Of(described));
            if (whose is DocumentPatient.New && (await store.LookUpAsync([new("Patient", newId)], false, request.Caller.Access, ct))[0].Version > 0)
            {
                if (!isLast)
                    return (null, FhirFault.Busy("The patient of the document has just been made.")); // most often by another import of the same one: look again
                whose = new DocumentPatient.Uncertain([], "A record was made of this patient before, and has become another's since.");
            }

            switch (whose)
            {
                case DocumentPatient.Refused refused:
                    return (null, refused.Fault);
                case DocumentPatient.New when !request.Caller.Access.Of("Patient").Allows(Interaction.Create):
                    return (null, FhirFault.Of(FaultKind.Forbidden,
                        "Nobody here is like the patient of the document, and you may not create a Patient. Let the front desk register them, then import the document into their record: Patient/[id]/$import-ccda.", "ClinicalDocument.recordTarget"));
                case DocumentPatient.Uncertain uncertain:
                    return await HoldAsync(document, xml, hash, uncertain, report, request, ct);
            }

            var key = whose is DocumentPatient.Known known ? known.Key : new("Patient", newId);
            var terms = new ConversionTerms(key.Id, zone, await PractitionersAsync(document, request.Caller.Access, ct),
                request.Caller.Access.Of("Practitioner").Allows(Interaction.Create), own.Value);
            return await StoreAsync(document, xml, hash, CcdaConverter.Convert(document, terms), whose is DocumentPatient.New ? described : null, key, report, request, ct);
        }
        catch (InvalidDataException e)
        {
            return Refuse(FaultKind.Invalid, e.Message, "too-costly");
        }
    }

    private async Task<(ImportReport? Report, FhirFault? Fault)> StoreAsync(
        CdaDocument document, ReadOnlyMemory<byte> xml, byte[] hash, ConvertedDocument converted, Patient? created, ResourceKey patient, ImportReport report, FhirRequest request, CancellationToken ct)
    {
        var at = converted.Composition.Date ?? "";
        var papers = new DocumentPapers(document, converted, patient, xml, hash);
        var wanted = new List<Resource>(converted.Resources.Values);
        if (created is not null)
        {
            created.Id = patient.Id;
            wanted.Add(created);
        }

        wanted.AddRange([papers.Composition, papers.Binary, papers.Reference]);
        ImportDecision.Label(document, wanted);
        var access = request.Caller.Access;
        ResourceKey[] besides = [papers.Replaced ?? new("DocumentReference", papers.Held), new("DocumentReference", papers.Held), new("Task", papers.Review)];
        ResourceKey[] keys = [.. wanted.Select(KeyOf), .. besides];
        var states = await store.LookUpAsync(keys, withBodies: true, access, ct);
        var changed = ImportDecision.Of(wanted, states, papers, at, report, access);

        report.Patient = patient.ToString();
        report.Document = "DocumentReference/" + papers.Reference.Id;
        report.Balance(converted.Statements);
        if (papers.Replaced is not null && states[wanted.Count].Exists)
            papers.Reference.RelatesTo.Add(new() { Code = DocumentRelationshipType.Replaces, Target = new(papers.Replaced.ToString()) });
        var superseded = states.Skip(wanted.Count).Take(2).Where(s => s.Exists).Select(s => FhirFormats.Parse(s.Json.Span)).OfType<DocumentReference>()
            .Where(d => d.Id != papers.Reference.Id && d.Status == DocumentReferenceStatus.Current && access.Of("DocumentReference").Allows(Interaction.Update)).DistinctBy(d => d.Id).ToArray();
        foreach (var old in superseded)
            old.Status = DocumentReferenceStatus.Superseded;
        var review = states[^1].Exists && access.Of("Task").Allows(Interaction.Update) && FhirFormats.Parse(states[^1].Json.Span) is FhirTask { Status: FhirTask.TaskStatus.Requested } open ? open : null;
        if (review is not null)
        {
            review.Status = FhirTask.TaskStatus.Completed;
            review.For = new(patient.ToString());
        }

        if (changed.Count == 0 && superseded.Length == 0 && review is null)
            return (report, null);
        if (changed.Count > 0)
        {
            if (!access.Of("Provenance").Allows(Interaction.Create))
                return (null, MayNot("Provenance"));
            var isKept = changed.Contains(papers.Reference) || states[wanted.IndexOf(papers.Reference)].Exists;
            var provenance = Provenance(changed, papers, isKept, converted.Composition, request, created is not null || report.Count(Taken.Updated) == 0);
            ImportDecision.Label(document, [provenance]);
            changed.Add(provenance);
        }

        if (report.IsDryRun)
            return (report, null);
        var versions = new Dictionary<ResourceKey, int>();
        foreach (var (key, state) in keys.Zip(states))
            versions[key] = state.Version;
        return (report, await CommitAsync([.. changed, .. superseded, .. review is null ? (FhirTask[])[] : [review]], versions, request, ct));
    }

    private static FhirFault MayNot(string type) => FhirFault.Of(FaultKind.Forbidden, $"An import writes a {type}, and you may not create one: ask for that right.");

    /// <summary>The original and a Task for a person: who is it?</summary>
    private async Task<(ImportReport? Report, FhirFault? Fault)> HoldAsync(
        CdaDocument document, ReadOnlyMemory<byte> xml, byte[] hash, DocumentPatient.Uncertain whose, ImportReport report, FhirRequest request, CancellationToken ct)
    {
        var why = $"It is not certain whose document it is: a person has to say. {whose.Why}";
        var (binary, reference, task) = DocumentPapers.Hold(document, xml, hash, whose.Candidates, clock.GetUtcNow());
        report.Balance(CcdaConverter.Convert(document, new(reference.Id!, zone, new Dictionary<string, string>(), true, own.Value)).Statements, why);
        (report.Document, report.Review) = ("DocumentReference/" + reference.Id, "Task/" + task.Id);
        Resource[] held = [binary, reference, task];
        var states = await store.LookUpAsync([.. held.Select(h => KeyOf(h))], withBodies: false, request.Caller.Access, ct);
        Resource[] fresh = [.. held.Zip(states).Where(h => h.Second.Version == 0).Select(h => h.First)];
        if (Array.Find(fresh, f => !request.Caller.Access.Of(f.TypeName).Allows(Interaction.Create)) is { } foreign)
            return (null, MayNot(foreign.TypeName));
        ImportDecision.Label(document, [binary, reference]);
        foreach (var resource in fresh)
            report.Take(KeyOf(resource), Taken.Created);
        return report.IsDryRun || fresh.Length == 0 ? (report, null) : (report, await CommitAsync(fresh, fresh.ToDictionary(KeyOf, _ => 0), request, ct));
    }

    /// <param name="versions">As they were read: what somebody else has written since is a conflict. 0 for what must not be there yet.</param>
    private Task<FhirFault?> CommitAsync(IReadOnlyList<Resource> resources, Dictionary<ResourceKey, int> versions, FhirRequest request, CancellationToken ct) =>
        interactions.Value.CommitAsync(request, resources.Select(resource => new Bundle.EntryComponent
        {
            Resource = resource,
            Request = new()
            {
                Method = Bundle.HTTPVerb.PUT,
                Url = KeyOf(resource).ToString(),
                IfMatch = versions.TryGetValue(KeyOf(resource), out var version) && version > 0 ? $"W/\"{version}\"" : null,
                IfNoneMatch = versions.TryGetValue(KeyOf(resource), out var none) && none == 0 ? "*" : null,
            },
        }), ct);

    private Provenance Provenance(IReadOnlyList<Resource> changed, DocumentPapers papers, bool isKept, Composition composition, FhirRequest request, bool isNew)
    {
        var caller = request.Caller;
        var prints = changed.Select(c => $"{c.TypeName}/{c.Id}:{ImportPrint.Of(c)}").Order(StringComparer.Ordinal);
        return new()
        {
            Id = StableId.Of([papers.Reference.Id!, .. prints]),
            Target = [.. changed.Select(c => new ResourceReference($"{c.TypeName}/{c.Id}"))],
            Recorded = clock.GetUtcNow(),
            Activity = new("http://terminology.hl7.org/CodeSystem/v3-DataOperation", isNew ? "CREATE" : "UPDATE"),
            Agent =
            [
                new()
                {
                    Type = new("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "assembler", "Assembler"),
                    Who = caller.Principal?.FhirUser is { } user ? new(user) : new() { Display = caller.Name },
                },
                .. composition.Author.Select(a => new Provenance.AgentComponent
                {
                    Type = new("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "Author"),
                    Who = (ResourceReference)a.DeepCopy(),
                }),
            ],
            Entity = [new() { Role = Hl7.Fhir.Model.Provenance.ProvenanceEntityRole.Source, What = isKept ? new("DocumentReference/" + papers.Reference.Id) : new() { Identifier = papers.Reference.MasterIdentifier ?? papers.Reference.Identifier.FirstOrDefault(), Display = papers.Reference.Description ?? "Clinical document" } }],
        };
    }

    /// <summary>Practitioners of the document that are here, by NPI.</summary>
    private async Task<IReadOnlyDictionary<string, string>> PractitionersAsync(CdaDocument document, AccessPlan access, CancellationToken ct)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var npis = document.Root.Descendants(Cda.Hl7 + "id").Where(i => i.Attr("root") == OidSystems.Npi).Select(i => i.Attr("extension"))
            .OfType<string>().Where(n => n.Length == 10 && n.All(char.IsAsciiDigit)).Distinct().ToArray();
        foreach (var some in npis.Chunk(50))
        {
            if (await parser.ParseAsync("Practitioner", [new("identifier", string.Join(',', some.Select(n => "http://hl7.org/fhir/sid/us-npi|" + n)))], SearchHandling.Strict, null, ct) is not SearchParse.Parsed parsed)
                continue;
            foreach (var match in (await store.SearchAsync(parsed.Query with { Count = 500 }, access, ct)).Matches)
                foreach (var identifier in RecordReader.Parsed(match).Root.Each("identifier"))
                    if (identifier.TextOf("system") == "http://hl7.org/fhir/sid/us-npi" && identifier.TextOf("value") is { } npi)
                        known.TryAdd(npi, match.Key.ToString());
        }

        return known;
    }

    private static ResourceKey KeyOf(Resource resource) => new(resource.TypeName, resource.Id!);

    private static (ImportReport?, FhirFault?) Refuse(FaultKind kind, string text, string code) => (null, FhirFault.Of(kind, text, "ClinicalDocument", code));
}

/// <summary>The root of ids that this store gives in documents it writes; another store has another.</summary>
internal sealed class OwnRoot(IResourceStore store)
{
    private readonly Lazy<string> root = new(() => StableId.Uuid(store.Symbols.Hash("ccda-root"u8).ToString(CultureInfo.InvariantCulture), store.Symbols.Hash("ccda-root-2"u8).ToString(CultureInfo.InvariantCulture)).ToString());

    public string Value => root.Value;
}
