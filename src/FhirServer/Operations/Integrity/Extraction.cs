using System.Runtime.InteropServices;
using System.Text;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>Extracts the index rows of stored resources again, as the write that stored them did.</summary>
internal sealed class Extraction(IResourceStore store, ResourceIndexer indexer, LocalAddress address)
{
    /// <summary>Rows by resource; references without a key and bodies that cannot be read are told.</summary>
    public async Task<IReadOnlyList<(StoredResource Resource, IndexRows? Rows)>> RunAsync(
        IReadOnlyList<StoredResource> resources, Seen seen, Action<string, StoredResource, string> found, CancellationToken ct)
    {
        var trees = resources.Select(r => r.IsDeleted ? null : FhirJsonReader.Read(r.Json, out _)).ToArray();
        var (context, unknown) = await StoredContext.OfAsync(store, address, [.. resources.Zip(trees)], SystemPlans.Integrity, ct);
        foreach (var (key, referrer) in unknown)
            found("reference", referrer, $"refers to {key}, which has no key here");

        var sink = new Recorder(context, store.Symbols, seen);
        var rows = new List<(StoredResource, IndexRows?)>(resources.Count);
        for (var i = 0; i < trees.Length; i++)
        {
            var resource = resources[i];
            if (trees[i] is { } tree)
                rows.Add((resource, indexer.Index(tree.Root, sink, resource.Sid)));
            else
            {
                rows.Add((resource, resource.IsDeleted ? new IndexRows() : null));
                if (!resource.IsDeleted)
                    found("body", resource, "has a body that is no FHIR JSON");
            }
        }

        return rows;
    }

    /// <summary>The same rows as they lie on disk, table by table.</summary>
    public static IEnumerable<ColumnRows> Tables(IEnumerable<(StoredResource Resource, IndexRows? Rows)> extracted)
    {
        var plan = new CommitPlan();
        foreach (var (resource, rows) in extracted)
            if (rows is not null)
                plan.Writes.Add(new()
                {
                    Sid = resource.Sid,
                    Key = resource.Key,
                    ExpectedVersion = 0,
                    LastUpdated = 0,
                    IsDeleted = false,
                    Method = "PUT",
                    Body = [],
                    Owner = 0,
                    Add = rows,
                    Remove = null,
                });
        return ColumnRows.Index(new PreparedPlan(plan)).Select(t => t.Added).Where(t => t.Columns.Contains("Sid"));
    }

    /// <summary>Texts and parameter sets that the rows name by hash.</summary>
    internal sealed class Seen
    {
        public Dictionary<long, string> Texts { get; } = [];

        public Dictionary<(int Type, long Hash), string> Shapes { get; } = [];
    }

    private sealed class Recorder(IIndexContext inner, ISymbols symbols, Seen seen) : IIndexContext
    {
        public long Target(string reference) => inner.Target(reference);

        public long Canonical(string canonical) => inner.Canonical(canonical);

        public int Symbol(ReadOnlySpan<byte> text) => inner.Symbol(text);

        public long Hash(ReadOnlySpan<byte> text) => symbols.Hash(text);

        public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
        {
            // beside the rows, not among them
        }

        public long Token(ReadOnlySpan<byte> text)
        {
            var hash = symbols.Hash(text);
            if (!seen.Texts.ContainsKey(hash))
                seen.Texts[hash] = Encoding.UTF8.GetString(text);
            return hash;
        }

        public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams)
        {
            var hash = symbols.Hash(MemoryMarshal.AsBytes(sortedParams));
            if (!seen.Shapes.ContainsKey((typeNumber, hash)))
                seen.Shapes[(typeNumber, hash)] = string.Join(',', sortedParams.ToArray());
            return hash;
        }
    }
}
