using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>The orders that results answer: ServiceRequests by the placer's number, which for our own orders is their id, or by an identifier.</summary>
internal sealed class OrderFinder(IResourceStore store, SearchParser parser)
{
    private const int MostNumbers = 20;

    /// <summary>Numbers → references, of this patient's orders only.</summary>
    public async Task<IReadOnlyDictionary<string, string>> FindAsync(IEnumerable<string> numbers, string patient, AccessPlan access, CancellationToken ct)
    {
        var (found, rest) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<string>());
        foreach (var number in numbers.Take(MostNumbers))
        {
            if (ResourceKey.IsId(number) && await store.ReadAsync(new("ServiceRequest", number), access, ct) is { IsDeleted: false } own && IsOf(own, patient))
                found[number] = own.Key.ToString();
            else
                rest.Add(number);
        }

        if (rest.Count == 0)
            return found;
        var query = string.Join(',', rest.Select(SearchText.Escape));
        if (await parser.ParseAsync("ServiceRequest", [new("identifier", query), new("subject", patient)], SearchHandling.Strict, null, ct) is not SearchParse.Parsed parsed)
            return found;
        foreach (var match in (await store.SearchAsync(parsed.Query with { Count = MostNumbers }, access, ct)).Matches)
            foreach (var child in FhirJsonReader.Read(match.Json, out _)!.Root.Children)
                if (FhirNames.Name(child.NameId) == "identifier" && child.TextOf("value") is { } value && rest.Contains(value))
                    found.TryAdd(value, match.Key.ToString());
        return found;
    }

    private static bool IsOf(StoredResource order, string patient) =>
        FhirJsonReader.Read(order.Json, out _)!.Root.Child("subject") is { Exists: true } subject && subject.TextOf("reference") == patient;
}
