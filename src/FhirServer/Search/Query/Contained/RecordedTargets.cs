using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query.Contained;

/// <summary>Remembers what the references of a search stand for, so that references in bodies can be compared with them.</summary>
internal sealed class RecordedTargets(IReferenceLookup lookup) : IReferenceLookup
{
    private const long Unknown = long.MaxValue;

    private readonly Dictionary<(string? Type, string Address), long> known = [];

    public async ValueTask<IReadOnlyList<long>> TargetsAsync(string? type, string idOrUrl, CancellationToken ct)
    {
        var found = await lookup.TargetsAsync(type, idOrUrl, ct);
        if (found.Count > 0)
            known[(type, idOrUrl)] = found[0]; // any of them stands for all: the criterion holds them all
        return found;
    }

    /// <remarks>What is above or below is known by key alone, so bodies cannot be compared with it: the parser refuses it for contained resources.</remarks>
    public ValueTask<IReadOnlyList<long>?> ClosureAsync(SearchParam partOf, IReadOnlyList<long> sids, bool above, CancellationToken ct) =>
        lookup.ClosureAsync(partOf, sids, above, ct);

    /// <summary>Index form of a reference as a body has it; for what the search did not name, a number that equals none of its.</summary>
    public long Of(string reference)
    {
        if (reference.Length == 0 || reference[0] == '#')
            return 0;
        if (ResourceKey.TryParseRelative(reference, out var key, out _))
            return known.GetValueOrDefault((key.Type, key.Id), known.GetValueOrDefault((null, key.Id), Unknown));
        return known.GetValueOrDefault((null, reference), Unknown);
    }
}
