using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>What became of one clinical statement of a document.</summary>
internal enum Fate
{
    /// <summary>It is a resource, or part of one.</summary>
    Mapped,

    /// <summary>It says nothing that could be stored, or what another statement says already.</summary>
    Skipped,

    /// <summary>It says something that cannot be read or has no place.</summary>
    Rejected,
}

/// <summary>A clinical statement and what became of it.</summary>
/// <param name="Place">Where it stands: the section and the number of its entry, from 1.</param>
/// <param name="Key">The resource it became; null unless mapped.</param>
internal sealed record CdaStatement(string Section, string Place, Fate Fate, string? Reason, ResourceKey? Key);

/// <summary>What the mapping has to know of the world outside the document.</summary>
/// <param name="PatientId">The Patient resource that the document is about.</param>
/// <param name="Zone">For times without an offset.</param>
/// <param name="Practitioners">Practitioners that are here already, by NPI.</param>
/// <param name="MayAddPractitioners">Whether those that are not here may be made resources of; otherwise they are named only.</param>
/// <param name="OwnRoot">The root of ids that this server gives when it writes a document: such statements are its own.</param>
internal sealed record ConversionTerms(string PatientId, TimeZoneInfo Zone, IReadOnlyDictionary<string, string> Practitioners, bool MayAddPractitioners, string? OwnRoot);

/// <summary>The work of one conversion: resources under their stable ids, and what became of every statement.</summary>
internal sealed class Conversion(CdaDocument document, ConversionTerms terms)
{
    private readonly Dictionary<ResourceKey, Resource> resources = [];
    private readonly Dictionary<string, ResourceKey> encounters = new(StringComparer.Ordinal);
    private readonly List<CdaStatement> statements = [];
    private CdaSection section = null!;
    private int entry;

    public CdaDocument Document { get; } = document;

    public CdaValues Values { get; } = new(document, terms.Zone);

    public ConversionTerms Terms { get; } = terms;

    public ResourceReference Patient => new("Patient/" + Terms.PatientId);

    public IReadOnlyDictionary<ResourceKey, Resource> Resources => resources;

    public IReadOnlyList<CdaStatement> Statements => statements;

    public CdaSection Section => section;

    /// <summary>Resources that the statements of the section at hand became, for its Composition section.</summary>
    public List<ResourceKey> InSection { get; } = [];

    private string Place => $"{section.Title}, entry {entry}";

    public void Enter(CdaSection next)
    {
        (section, entry) = (next, 0);
        InSection.Clear();
    }

    public void EnterEntry() => entry++;

    public void Skip(string why) => statements.Add(new(section.Title, Place, Fate.Skipped, why, null));

    public void Reject(string why) => statements.Add(new(section.Title, Place, Fate.Rejected, why, null));

    /// <summary>Another statement that went into a resource which is there already.</summary>
    public void Join(ResourceKey key) => statements.Add(new(section.Title, Place, Fate.Mapped, null, key));

    /// <summary>Takes a resource made from a statement: gives it the id that its CDA ids make, and its identifiers.</summary>
    /// <returns>Its key; null when it is this server's own or was in the document before.</returns>
    public ResourceKey? Add(Resource resource, XElement statement, string? part = null)
    {
        if (SkipsOwn(statement))
            return null;
        FhirJsonReader.Read(FhirFormats.ToJson(resource), out var issues);
        if (issues.Count > 0)
        {
            // One odd statement is told, and does not take the document with it.
            Reject($"It makes no {resource.TypeName} that can be stored: {issues[0].Text}");
            return null;
        }

        var ids = CdaId.AllOf(statement).ToArray();
        var key = KeyOf(resource, ids, part);
        if (resources.TryGetValue(key, out var there))
        {
            if (Print(there) == Print(resource))
            {
                Skip("It stands in the document twice.");
                InSection.Add(key);
                return null;
            }

            // Some systems give two statements one id: what they say tells them apart.
            key = new(key.Type, StableId.Of(key.Id, Print(resource)));
            if (resources.ContainsKey(key))
            {
                Skip("It stands in the document twice.");
                return null;
            }
        }

        resource.Id = key.Id;
        resources[key] = resource;
        InSection.Add(key);
        statements.Add(new(section.Title, Place, Fate.Mapped, null, key));
        if (resource is Encounter)
            foreach (var id in ids)
                encounters.TryAdd(id.ToString(), key);
        return key;
    }

    /// <summary>Whether the statement is this server's own, in a document that it wrote; it is skipped then.</summary>
    public bool SkipsOwn(XElement statement)
    {
        if (OwnOf(statement) is not { } extension)
            return false;
        Skip($"It is {Own(extension)} of this server, in a document that it wrote.");
        return true;
    }

    /// <summary>What this server calls the statement, in a document that it wrote; null for what is not its own.</summary>
    public string? OwnOf(XElement statement) =>
        Terms.OwnRoot is { } own ? CdaId.AllOf(statement).FirstOrDefault(i => string.Equals(i.Root, own, StringComparison.OrdinalIgnoreCase)).Extension : null;

    /// <summary>A resource that no statement of its own stands for: a practitioner, a device.</summary>
    public ResourceKey Support(Resource resource, string id)
    {
        var key = new ResourceKey(resource.TypeName, id);
        resource.Id = id;
        resources.TryAdd(key, resource);
        return key;
    }

    /// <summary>The encounter that a statement belongs to, when the document has it.</summary>
    public ResourceReference? EncounterOf(XElement statement)
    {
        foreach (var (_, related) in statement.Related())
            if (related.Name.LocalName == "encounter")
                foreach (var id in CdaId.AllOf(related))
                    if (encounters.TryGetValue(id.ToString(), out var key))
                        return new(key.ToString());
        return null;
    }

    /// <summary>Who an <c>assignedEntity</c> or <c>assignedAuthor</c> is: a Practitioner when the NPI tells, else a name.</summary>
    public ResourceReference? Who(XElement? role)
    {
        if (role is null)
            return null;
        var person = role.One("assignedPerson") ?? role.One("playingEntity") ?? role.One("associatedPerson");
        var name = CdaPeople.Name(person.One("name"));
        var organization = (role.One("representedOrganization") ?? role.One("scopingOrganization")).One("name").Words();
        var display = CdaPeople.Display(name) is { } who ? organization is null ? who : $"{who}, {organization}"
            : organization ?? role.At("assignedAuthoringDevice", "softwareName").Words();
        var npi = CdaId.AllOf(role).FirstOrDefault(i => i.Root == OidSystems.Npi).Extension;
        if (npi is not null && name is not null && IsNpi(npi))
        {
            if (Terms.Practitioners.TryGetValue(npi, out var known))
                return new(known) { Display = CdaPeople.Display(name) };
            if (Terms.MayAddPractitioners)
                return new(Support(new Practitioner
                {
                    Identifier = [new("http://hl7.org/fhir/sid/us-npi", npi)],
                    Name = [name],
                    Telecom = CdaPeople.Telecoms(role),
                    Address = CdaPeople.Addresses(role),
                }, StableId.Of("Practitioner", npi)).ToString())
                { Display = CdaPeople.Display(name) };
        }

        return display is null ? null : new() { Display = display };
    }

    public ResourceReference? Author(XElement statement) => Who(statement.At("author", "assignedAuthor"));

    public ResourceReference? Performer(XElement statement) => statement.Many("performer").Select(p => Who(p.One("assignedEntity"))).OfType<ResourceReference>().FirstOrDefault();

    /// <summary>Where it took place, by name.</summary>
    public static ResourceReference? LocationOf(XElement statement) => statement.Many("participant").Where(p => p.Attr("typeCode") == "LOC")
        .Select(p => p.At("participantRole", "playingEntity", "name").Words()).OfType<string>().Select(n => new ResourceReference { Display = n }).FirstOrDefault();

    /// <summary>Comments (Comment Activity) on a statement.</summary>
    public List<Annotation> Notes(XElement statement) =>
    [
        .. statement.Related().Where(r => r.Statement.Is(Template.Comment)).Select(r => Document.TextOf(r.Statement.One("text"))).OfType<string>().Select(t => new Annotation { Text = new(t) }),
    ];

    private ResourceKey KeyOf(Resource resource, CdaId[] ids, string? part)
    {
        // Under the patient: ids of somebody else's document can never name a resource of another patient.
        var type = resource.TypeName;
        return ids.Length > 0
            ? new(type, StableId.Of("ccda", type, Terms.PatientId, ids[0].ToString(), part ?? ""))
            : new(type, StableId.Of("ccda", type, Terms.PatientId, section.Code ?? section.Title, part ?? "", Print(resource)));
    }

    /// <summary><c>Condition-1</c> as this server writes it is <c>Condition/1</c>.</summary>
    private static string Own(string extension) => extension.IndexOf('-', StringComparison.Ordinal) is > 0 and var at ? $"{extension[..at]}/{extension[(at + 1)..]}" : extension;

    private static bool IsNpi(string npi) => npi.Length == 10 && npi.All(char.IsAsciiDigit);

    private static string Print(Resource resource)
    {
        var copy = (Resource)resource.DeepCopy();
        (copy.Id, copy.Meta) = (null, null);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(FhirFormats.ToJson(copy)));
    }
}
