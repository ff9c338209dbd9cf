using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>What an import writes of what a document says, seen what is here already. No I/O.</summary>
internal static class ImportDecision
{
    /// <summary>What a confidential document says is as confidential here; people are not, since others have told of them, too.</summary>
    public static void Label(CdaDocument document, IEnumerable<Resource> resources)
    {
        if (document.Confidentiality is not { } code)
            return;
        foreach (var resource in resources.Where(r => r is not (Patient or Practitioner)))
            (resource.Meta ??= new()).Security = [new(OidSystems.UrlOf(OidSystems.Confidentiality), code)];
    }

    /// <summary>What is to be written, in order. What is not here and does not come takes along what refers to it; of the Composition it is left out.</summary>
    public static List<Resource> Of(List<Resource> wanted, IReadOnlyList<CurrentState> states, DocumentPapers papers, string at, ImportReport report, AccessPlan access)
    {
        var (changed, absent) = (new Dictionary<ResourceKey, (Resource Resource, bool IsNew)>(), new List<ResourceKey>());
        void Add(Resource resource, CurrentState state)
        {
            var key = KeyOf(resource);
            var (taken, why, written) = One(resource, state, at, isPaper: resource == papers.Reference);
            var needed = taken switch { Taken.Created => Interaction.Create, Taken.Updated => Interaction.Update, _ => (Interaction?)null };
            if (needed is { } right && !access.Of(key.Type).Allows(right))
                (taken, why) = (Taken.Kept, $"You may not {(right == Interaction.Create ? "create" : "update")} {key.Type}.");
            report.Take(key, taken, why);
            if (taken is Taken.Created or Taken.Updated)
                changed[key] = (written, state.Version == 0);
            else if (!state.Exists)
                absent.Add(key);
        }

        foreach (var (resource, state) in wanted.Zip(states).Where(w => w.First != papers.Composition))
            Add(resource, state);

        // Authors are named in the document, whether or not they are here.
        foreach (var author in papers.Composition.Author.Concat(papers.Reference.Author).Where(a => a.Display is not null && absent.Exists(k => k.ToString() == a.Reference)))
            author.Reference = null;
        var referrers = absent.Count == 0 ? null : changed.SelectMany(c => Mentions(c.Value.Resource).Select(m => (Mentioned: m, By: c.Key))).ToLookup(m => m.Mentioned, m => m.By);
        for (var i = 0; i < absent.Count; i++)
            foreach (var key in referrers![absent[i]])
                if (changed.Remove(key, out var gone))
                {
                    report.Take(key, Taken.Kept, $"It refers to {absent[i]}, which is not here and does not come.");
                    if (gone.IsNew)
                        absent.Add(key);
                }

        var missing = absent.Select(k => k.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var section in Sections(papers.Composition.Section))
            section.Entry.RemoveAll(e => e.Reference is { } reference && missing.Contains(reference));
        absent.Clear();
        Add(papers.Composition, states[wanted.IndexOf(papers.Composition)]);
        if (absent.Count > 0)
            papers.Reference.Context = null;
        return [.. changed.Values.Select(c => c.Resource)];
    }

    /// <summary>What a resource refers to, the contents of attachments among it.</summary>
    private static IEnumerable<ResourceKey> Mentions(Resource resource)
    {
        var json = FhirFormats.ToJson(resource);
        var mentioned = FhirJsonReader.Read(json, out _) is { } tree ? new RecordResource(KeyOf(resource), 0, json, tree.Root).References() : [];
        return resource is DocumentReference document
            ? mentioned.Concat(document.Content.Select(c => ResourceKey.TryParseRelative(c.Attachment?.Url, out var key, out _) ? key : default).Where(k => k != default)) : mentioned;
    }

    private static IEnumerable<Composition.SectionComponent> Sections(IEnumerable<Composition.SectionComponent> sections) => sections.SelectMany(s => Sections(s.Section).Prepend(s));

    /// <summary>What is done with a resource, seen what is stored under its id.</summary>
    /// <param name="isPaper">It is the DocumentReference to the document itself, whose status imports change.</param>
    /// <returns>With what is written, when anything is: the resource of the document, or the stored one with the label of a document that says the same and is more confidential.</returns>
    internal static (Taken Taken, string? Why, Resource Written) One(Resource resource, CurrentState state, string at, bool isPaper)
    {
        var print = new ImportPrint(ImportPrint.Of(resource), at);
        if (resource is not (Binary or Practitioner or Patient))
            print.Put(resource);
        if (state.Version == 0)
            return (Taken.Created, null, resource);
        if (state.IsDeleted)
            return (Taken.Kept, "It was imported before and deleted here since.", resource);
        if (resource is Practitioner or Patient)
            return (Taken.Unchanged, null, resource); // shared: what is here stays as it is
        var stored = FhirFormats.Parse(state.Json.Span);
        var raised = Together(stored.Meta?.Security ?? [], resource.Meta?.Security ?? []);
        if (resource is Binary binary) // named by its content: it is what is stored, but for its label
            return stored is Binary { Data: { } here } && !here.AsSpan().SequenceEqual(binary.Data) ? (Taken.Unchanged, null, resource) : Labelled(resource);
        if (ImportPrint.On(stored) is not { } mark)
            return (Taken.Kept, "It was imported before and changed here since.", resource);
        if (mark.Print == print.Print)
            return Labelled(stored);
        if (ImportPrint.Of(stored) != mark.Print && !isPaper)
            return (Taken.Kept, "It was imported before and changed here since.", resource);
        if (mark.IsLaterThan(at))
            return (Taken.Kept, "A newer document says otherwise.", resource);
        if (stored.Meta?.Security is { Count: > 0 })
            resource.Meta!.Security = raised;
        return (Taken.Updated, null, resource);

        (Taken, string?, Resource) Labelled(Resource same)
        {
            if (raised.Count == 0)
                return (Taken.Unchanged, null, same);
            (same.Meta ??= new()).Security = raised;
            return (Taken.Updated, null, same);
        }
    }

    /// <summary>Labels that are here stay, and a document makes what it tells more confidential, never less; none when nothing changes.</summary>
    private static List<Coding> Together(List<Coding> here, List<Coding> told)
    {
        var system = OidSystems.UrlOf(OidSystems.Confidentiality);
        return told.Exists(t => !here.Exists(h => h.System == system && Rank(h.Code) >= Rank(t.Code))) ? [.. here.Where(h => h.System != system), .. told] : [];
    }

    /// <summary>Unrestricted, low, moderate, normal, restricted, very restricted; what is none of them is below all.</summary>
    private static int Rank(string? code) => code is { Length: 1 } ? "ULMNRV".IndexOf(code[0], StringComparison.Ordinal) : -1;

    private static ResourceKey KeyOf(Resource resource) => new(resource.TypeName, resource.Id!);
}
