using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>Following references through <see cref="IFhirRecords"/>, each resource read once.</summary>
internal sealed class FhirReferences(IFhirRecords records)
{
    private readonly Dictionary<string, Resource?> _read = [];

    /// <summary>The resource a reference names; null when it is empty, of another type, or not there.</summary>
    public async Task<T?> FindAsync<T>(ResourceReference? reference, CancellationToken ct)
        where T : Resource
    {
        if (IdOf(reference?.Reference, ModelInfo.GetFhirTypeNameForType(typeof(T))!) is not { } id)
            return null;
        var key = $"{typeof(T).Name}/{id}";
        if (!_read.TryGetValue(key, out var found))
            _read[key] = found = await records.ReadAsync<T>(id, ct);
        return found as T;
    }

    /// <summary>The id in <c>Type/id</c>, <c>Type/id/_history/n</c> or an absolute URL ending so; null for other types.</summary>
    public static string? IdOf(string? reference, string type)
    {
        if (reference is not { Length: > 0 })
            return null;
        var parts = reference.Split('/');
        var at = Array.LastIndexOf(parts, type);
        return at >= 0 && at + 1 < parts.Length && parts[at + 1].Length > 0 ? parts[at + 1] : null;
    }
}
