using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Finds an entry of one bundle by the references that can mean it: its fullUrl and <c>Type/id</c>.</summary>
internal sealed class BundleIndex
{
    private readonly Dictionary<string, Bundle.EntryComponent> _byReference = new(StringComparer.Ordinal);

    public BundleIndex(Bundle bundle)
    {
        foreach (var entry in bundle.Entry)
        {
            if (entry.Resource is not { } resource)
                continue;
            if (entry.FullUrl is { Length: > 0 } fullUrl)
                _byReference.TryAdd(fullUrl, entry);
            if (resource.Id is { Length: > 0 } id)
                _byReference.TryAdd($"{resource.TypeName}/{id}", entry);
        }
    }

    /// <summary>The resource a reference points at inside the bundle; null when it is elsewhere or of another type.</summary>
    public T? Find<T>(ResourceReference? reference)
        where T : Resource => EntryOf(reference)?.Resource as T;

    /// <summary>How others in the bundle should refer to what this reference means: by <c>urn:</c> fullUrl, else by <c>Type/id</c>.</summary>
    public string? Canonical(ResourceReference? reference) => EntryOf(reference) is { } entry ? ReferenceTo(entry) : null;

    /// <summary>The reference that a transaction will resolve to this entry.</summary>
    public static string ReferenceTo(Bundle.EntryComponent entry) =>
        entry.FullUrl?.StartsWith("urn:", StringComparison.Ordinal) == true ? entry.FullUrl : $"{entry.Resource?.TypeName}/{entry.Resource?.Id}";

    private Bundle.EntryComponent? EntryOf(ResourceReference? reference) =>
        reference?.Reference is { } target && _byReference.TryGetValue(target, out var entry) ? entry : null;
}
