using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>Resources by their identifiers of one system: of many that are known beforehand, many are asked for with one search.</summary>
internal sealed class ByIdentifier<T>(IFhirRecords records, string system)
    where T : Resource, IIdentifiable<List<Identifier>>
{
    private readonly Dictionary<string, List<T>> _found = new(StringComparer.Ordinal);

    public async Task GatherAsync(IEnumerable<string> values, CancellationToken ct)
    {
        foreach (var some in values.Where(v => !string.IsNullOrWhiteSpace(v) && !_found.ContainsKey(v)).Distinct(StringComparer.Ordinal).Chunk(BillingKey.ValuesAtOnce))
        {
            foreach (var value in some)
                _found[value] = [];
            await foreach (var resource in records.SearchAsync<T>(BillingKey.Query(system, some), ct))
                foreach (var value in resource.Identifier.Where(i => i.System == system && i.Value is not null).Select(i => i.Value!).Distinct(StringComparer.Ordinal))
                    if (_found.TryGetValue(value, out var found) && some.Contains(value))
                        found.Add(resource);
        }
    }

    /// <summary>All that have this identifier.</summary>
    public async Task<IReadOnlyList<T>> FindAsync(string value, CancellationToken ct)
    {
        if (!_found.ContainsKey(value))
            await GatherAsync([value], ct);
        return _found.GetValueOrDefault(value) ?? [];
    }
}
