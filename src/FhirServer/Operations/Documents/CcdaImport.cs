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

    public async Task<(ImportReport? Report, FhirFault? Fault)> RunAsync(string name, ReadOnlyMemory<byte> xml, CcdaSource source, FhirRequest request, CancellationToken ct)
    {
        var (document, unreadable) = CdaDocument.Read(xml);
        if (document is null)
            return Refuse(FaultKind.Invalid, unreadable!, "structure");
        if (document.RecordTarget is not { } role)
            return Refuse(FaultKind.Unprocessable, "The document has no recordTarget: it says not who it is about.", "required");

        var report = new ImportReport(name) { IsDryRun = source.IsDryRun };
        var described = CdaPeople.Patient(role, new(document, zone));
        var hash = SHA256.HashData(xml.Span);
        var whose = await patients.FindAsync(described, source.Patient, source.IsConfirmed, request.Caller.Access, ct);
        var newId = StableId.Of("ccda", "Patient", CdaId.AllOf(role).Select(i => i.ToString()).FirstOrDefault() ?? ImportPrint.Of(described));
        if (whose is DocumentPatient.New && (await store.LookUpAsync([new("Patient", newId)], false, request.Caller.Access, ct))[0].Version > 0)
            whose = new DocumentPatient.Uncertain([]);
        try
        {
            switch (whose)
            {
                case DocumentPatient.Refused refused:
                    return (null, refused.Fault);
                case DocumentPatient.Uncertain uncertain:
                    return await HoldAsync(document, xml, hash, uncertain.Candidates, report, request, ct);
            }

            var key = whose is DocumentPatient.Known known ? known.Key : new("Patient", newId);
            var terms = new ConversionTerms(key.Id, zone, await PractitionersAsync(document, request.Caller.Access, ct),
                request.Caller.Access.Of("Practitioner").Allows(Interaction.Create) || request.Caller.Access.IsEverything, own.Value);
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
        ResourceKey[] besides = [papers.Replaced ?? new("DocumentReference", papers.Held), new("DocumentReference", papers.Held), new("Task", papers.Review)];
        var states = await store.LookUpAsync([.. wanted.Select(KeyOf), .. besides], withBodies: true, request.Caller.Access, ct);
        var changed = Decide(wanted, states, papers, at, report, request.Caller.Access);

        report.Patient = patient.ToString();
        report.Document = "DocumentReference/" + papers.Reference.Id;
        report.Balance(converted.Statements);
        if (papers.Replaced is not null && states[wanted.Count].Exists)
            papers.Reference.RelatesTo.Add(new() { Code = DocumentRelationshipType.Replaces, Target = new(papers.Replaced.ToString()) });
        var superseded = states.Skip(wanted.Count).Take(2).Where(s => s.Exists).Select(s => FhirFormats.Parse(s.Json.Span)).OfType<DocumentReference>()
            .Where(d => d.Id != papers.Reference.Id && d.Status == DocumentReferenceStatus.Current).DistinctBy(d => d.Id).ToArray();
        foreach (var old in superseded)
            old.Status = DocumentReferenceStatus.Superseded;
        var review = states[^1].Exists && FhirFormats.Parse(states[^1].Json.Span) is FhirTask { Status: FhirTask.TaskStatus.Requested } open ? open : null;
        if (review is not null)
        {
            review.Status = FhirTask.TaskStatus.Completed;
            review.For = new(patient.ToString());
        }

        if (changed.Count == 0 && superseded.Length == 0 && review is null)
            return (report, null);
        if (changed.Count > 0)
            changed.Add(Provenance(changed, papers, converted.Composition, request, created is not null || report.Count(Taken.Updated) == 0));
        return report.IsDryRun ? (report, null) : (report, await CommitAsync([.. changed, .. superseded, .. review is null ? (FhirTask[])[] : [review]], request, ct));
    }

    /// <summary>What is to be written, in order. What is not here and does not come takes along what refers to it; of the Composition it is left out.</summary>
    private static List<Resource> Decide(List<Resource> wanted, IReadOnlyList<CurrentState> states, DocumentPapers papers, string at, ImportReport report, AccessPlan access)
    {
        var (changed, absent) = (new Dictionary<ResourceKey, (Resource Resource, bool IsNew)>(), new List<ResourceKey>());
        void One(Resource resource, CurrentState state)
        {
            var key = KeyOf(resource);
            var (taken, why) = Decide(resource, state, at);
            var needed = taken switch { Taken.Created => Interaction.Create, Taken.Updated => Interaction.Update, _ => (Interaction?)null };
            if (needed is { } right && !access.IsEverything && !access.Of(key.Type).Allows(right))
                (taken, why) = (Taken.Kept, $"You may not {(right == Interaction.Create ? "create" : "update")} {key.Type}.");
            report.Take(key, taken, why);
            if (taken is Taken.Created or Taken.Updated)
                changed[key] = (resource, state.Version == 0);
            else if (!state.Exists)
                absent.Add(key);
        }

        var facts = wanted.Zip(states).Where(w => w.First != papers.Composition).ToList();
        foreach (var (resource, state) in facts)
            One(resource, state);
        for (var i = 0; i < absent.Count; i++)
        {
            var name = System.Text.Encoding.UTF8.GetBytes($"\"{absent[i]}\"");
            foreach (var (key, (resource, isNew)) in changed.ToArray())
                if (FhirFormats.ToJson(resource).AsSpan().IndexOf(name) >= 0)
                {
                    changed.Remove(key);
                    report.Take(key, Taken.Kept, $"It refers to {absent[i]}, which is not here and does not come.");
                    if (isNew)
                        absent.Add(key);
                }

            foreach (var section in Sections(papers.Composition.Section))
                section.Entry.RemoveAll(e => e.Reference == absent[i].ToString());
        }

        One(papers.Composition, states[wanted.IndexOf(papers.Composition)]);
        return [.. changed.Values.Select(c => c.Resource)];
    }

    private static IEnumerable<Composition.SectionComponent> Sections(IEnumerable<Composition.SectionComponent> sections) => sections.SelectMany(s => Sections(s.Section).Prepend(s));

    /// <summary>What is done with a resource, seen what is stored under its id.</summary>
    private static (Taken Taken, string? Why) Decide(Resource resource, CurrentState state, string at)
    {
        var print = new ImportPrint(ImportPrint.Of(resource), at);
        if (resource is not (Binary or Practitioner or Patient))
            print.Put(resource);
        if (state.Version == 0)
            return (Taken.Created, null);
        if (state.IsDeleted)
            return (Taken.Kept, "It was imported before and deleted here since.");
        if (resource is Binary or Practitioner or Patient)
            return (Taken.Unchanged, null); // shared or immutable: what is here stays as it is
        var stored = FhirFormats.Parse(state.Json.Span);
        if (ImportPrint.On(stored) is not { } mark)
            return (Taken.Kept, "It was imported before and changed here since.");
        if (mark.Print == print.Print)
            return (Taken.Unchanged, null);
        if (ImportPrint.Of(stored) != mark.Print && resource is not DocumentReference)
            return (Taken.Kept, "It was imported before and changed here since.");
        return mark.IsLaterThan(at) ? (Taken.Kept, "A newer document says otherwise.") : (Taken.Updated, null);
    }

    /// <summary>The original and a Task for a person: who is it?</summary>
    private async Task<(ImportReport? Report, FhirFault? Fault)> HoldAsync(
        CdaDocument document, ReadOnlyMemory<byte> xml, byte[] hash, IReadOnlyList<(ResourceKey Key, MatchScore Score)> candidates, ImportReport report, FhirRequest request, CancellationToken ct)
    {
        const string Held = "It is not certain whose document it is: a person has to say.";
        var (binary, reference, task) = DocumentPapers.Hold(document, xml, hash, candidates, clock.GetUtcNow());
        report.Balance(CcdaConverter.Convert(document, new(reference.Id!, zone, new Dictionary<string, string>(), true, own.Value)).Statements, Held);
        (report.Document, report.Review) = ("DocumentReference/" + reference.Id, "Task/" + task.Id);
        Resource[] held = [binary, reference, task];
        var states = await store.LookUpAsync([.. held.Select(h => KeyOf(h))], withBodies: false, request.Caller.Access, ct);
        Resource[] fresh = [.. held.Zip(states).Where(h => h.Second.Version == 0).Select(h => h.First)];
        foreach (var resource in fresh)
            report.Take(KeyOf(resource), Taken.Created);
        return report.IsDryRun || fresh.Length == 0 ? (report, null) : (report, await CommitAsync(fresh, request, ct));
    }

    private async Task<FhirFault?> CommitAsync(IReadOnlyList<Resource> resources, FhirRequest request, CancellationToken ct)
    {
        var bundle = new Bundle { Type = Bundle.BundleType.Transaction };
        foreach (var resource in resources)
            bundle.Entry.Add(new() { Resource = resource, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"{resource.TypeName}/{resource.Id}" } });
        if (FhirJsonReader.Read(FhirFormats.ToJson(bundle), out var issues) is not { } tree || issues.Count > 0)
            return FhirFault.Structure(issues);
        var reply = await interactions.Value.HandleAsync(new("POST", FhirTarget.Parse("", out _)!, request.Caller) { Body = tree.Root, BaseUrl = request.BaseUrl }, ct);
        return reply.Fault;
    }

    private Provenance Provenance(IReadOnlyList<Resource> changed, DocumentPapers papers, Composition composition, FhirRequest request, bool isNew)
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
            Entity = [new() { Role = Hl7.Fhir.Model.Provenance.ProvenanceEntityRole.Source, What = new("DocumentReference/" + papers.Reference.Id) }],
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
