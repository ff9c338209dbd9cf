using System.Text;
using FhirEmr.Terminology.ValueSets;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Specification.Snapshot;
using Hl7.Fhir.Specification.Source;

namespace FhirEmr.FhirServer.Validation.Schemas;

/// <summary>The snapshot of a profile that came with a differential only, by the SDK's generator. What was published with a snapshot is never made anew.</summary>
internal static class SnapshotMaker
{
    private static readonly FhirJsonDeserializer Deserializer = new(new DeserializerSettings().UsingMode(DeserializationMode.Ostrich));
    private static readonly FhirJsonSerializer Serializer = new();

    /// <exception cref="FormatException">None can be made; why not.</exception>
    public static ReadOnlyMemory<byte> Make(ICanonicalSource definitions, ReadOnlyMemory<byte> json)
    {
        var bases = new Bases(definitions);
        try
        {
            var profile = (StructureDefinition)Read(json);
            var generator = new SnapshotGenerator(bases, SnapshotGeneratorSettings.CreateDefault());
            generator.UpdateAsync(profile).GetAwaiter().GetResult(); // nothing in it waits: the resolver answers at once
            if (profile.Snapshot is not { Element: [_, ..] elements })
                throw new FormatException(Why(bases, "its differential makes none"));
            RaiseMinimum(elements);
            return Encoding.UTF8.GetBytes(Serializer.SerializeToString(profile));
        }
        catch (Exception e) when (e is not (FormatException or OutOfMemoryException))
        {
            // The generator throws what it likes: for a base that is missing, one that leads back here, and elements that the base does not have.
            throw new FormatException(Why(bases, e.Message), e);
        }
    }

    private static string Why(Bases bases, string otherwise) =>
        bases.Missing is { } missing ? $"it has no snapshot, and none can be made without {missing}" : $"it has no snapshot, and none can be made: {otherwise}";

    /// <summary>A choice must be there as often as its slices must together; the generator leaves it at what the base says.</summary>
    private static void RaiseMinimum(List<ElementDefinition> elements)
    {
        foreach (var choice in elements.Where(e => e.SliceName is null && e.Path?.EndsWith("[x]", StringComparison.Ordinal) == true))
        {
            var slices = elements.Where(e => e.SliceName is not null && e.ElementId == $"{choice.ElementId}:{e.SliceName}").Sum(e => e.Min ?? 0);
            if (slices > (choice.Min ?? 0))
                choice.Min = slices;
        }
    }

    private static Resource Read(ReadOnlyMemory<byte> json) => Deserializer.DeserializeResource(Encoding.UTF8.GetString(json.Span));

    private sealed class Bases(ICanonicalSource definitions) : IAsyncResourceResolver
    {
        private readonly Dictionary<string, Resource> read = new(StringComparer.Ordinal);

        public string? Missing { get; private set; }

        public Task<Resource?> ResolveByUriAsync(string uri) => System.Threading.Tasks.Task.FromResult(Find(uri));

        public Task<Resource?> ResolveByCanonicalUriAsync(string uri) => System.Threading.Tasks.Task.FromResult(Find(uri));

        public Task<ResolverResult> TryResolveByUriAsync(string uri) => System.Threading.Tasks.Task.FromResult(Try(uri));

        public Task<ResolverResult> TryResolveByCanonicalUriAsync(string uri) => System.Threading.Tasks.Task.FromResult(Try(uri));

        private ResolverResult Try(string uri) => Find(uri) is { } found ? new(found) : new(ResolverException.NotFound());

        private Resource? Find(string uri)
        {
            if (read.TryGetValue(uri, out var known))
                return known;
            var (url, version) = SchemaSet.Parts(uri);
            if (definitions.Find("StructureDefinition", url, version) is { } json)
                return read[uri] = Read(json);
            Missing ??= uri;
            return null;
        }
    }
}
