using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Writes and searches with index rows made by hand: the store is tested without the rooms above it.</summary>
internal sealed class StoreHarness(IResourceStore store)
{
    private long clock = 1_700_000_000_000;

    public IResourceStore Store { get; } = store;

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public SearchParam Param(string type, string code, SearchParamType kind = SearchParamType.Token) =>
        new(Store.Symbols.ParameterNumber(type, code), type, code, kind, "", [], "");

    public long Hash(string text) => Store.Symbols.Hash(Encoding.UTF8.GetBytes(text));

    public TokenRow Token(SearchParam param, string code, string? system = null) => new(param.Number, Hash(code), system is null ? 0 : Store.Symbols.Intern(system));

    public static byte[] Json(string type, string id, int version, string more = "") =>
        Encoding.UTF8.GetBytes($$"""{"resourceType":"{{type}}","id":"{{id}}","meta":{"versionId":"{{version}}"}{{more}}}""");

    public ResourceWrite Write(
        string type, string id, long sid, IndexRows rows, int expected = 0, IndexRows? before = null, bool delete = false, string more = "") => new()
        {
            Sid = sid,
            Key = new(type, id),
            ExpectedVersion = expected,
            LastUpdated = Interlocked.Increment(ref clock),
            IsDeleted = delete,
            Method = delete ? "DELETE" : expected == 0 ? "POST" : "PUT",
            Body = delete ? [] : BodyCodec.Shipped.Compress(Json(type, id, expected + 1, more)),
            Owner = rows.Owners.FirstOrDefault(),
            Add = rows,
            Remove = before,
        };

    /// <summary>A version with the number and time it had elsewhere.</summary>
    public static ResourceWrite Restore(ResourceKey key, long sid, int version, long lastUpdated) => new()
    {
        Sid = sid,
        Key = key,
        ExpectedVersion = 0,
        Restored = version,
        LastUpdated = lastUpdated,
        IsDeleted = false,
        Method = "PUT",
        Body = BodyCodec.Shipped.Compress(Json(key.Type, key.Id, version)),
        Owner = 0,
        Add = Rows(),
        Remove = null,
    };

    public static IndexRows Rows(long? owner = null, params object[] rows)
    {
        var all = new IndexRows();
        if (owner is { } o)
            all.Owners.Add(o);
        foreach (var row in rows)
            switch (row)
            {
                case TokenRow r: all.Tokens.Add(r); break;
                case ReferenceRow r: all.References.Add(r); break;
                case DateRow r: all.Dates.Add(r); break;
                case StringRow r: all.Strings.Add(r); break;
                case NumberRow r: all.Numbers.Add(r); break;
                case QuantityRow r: all.Quantities.Add(r); break;
                case CompositeRow r: all.Composites.Add(r); break;
                case UriRow r: all.Uris.Add(r); break;
                default: throw new ArgumentException(row.GetType().Name);
            }

        return all;
    }

    public async Task<CommitResult> CommitAsync(params ResourceWrite[] writes)
    {
        var plan = new CommitPlan();
        plan.Writes.AddRange(writes);
        return await Store.CommitAsync(plan, Ct);
    }

    /// <summary>Creates one resource; answers its surrogate key.</summary>
    public async Task<long> CreateAsync(string type, string id, IndexRows? rows = null, long? sid = null, string more = "")
    {
        var key = sid ?? Store.ReserveSids(1);
        Assert.IsType<CommitResult.Committed>(await CommitAsync(Write(type, id, key, rows ?? Rows(), more: more)));
        return key;
    }

    public Task<long> CreateAsync(string type, string id, long? owner, params object[] rows) => CreateAsync(type, id, Rows(owner, rows));

    public async Task<string[]> IdsAsync(SearchQuery query) =>
        [.. (await Store.SearchAsync(query, SystemPlans.Work, Ct)).Matches.Select(m => m.Key.Id)];

    public Task<string[]> IdsAsync(string type, SearchExpression where) => IdsAsync(new SearchQuery(type, where));

    public ValueTask<StoredResource?> ReadAsync(string type, string id) => Store.ReadAsync(new(type, id), SystemPlans.Work, Ct);

    /// <summary>The first changes, once there are as many: transactions of the tests beside this one hold PostgreSQL's horizon back, which is the whole cluster's.</summary>
    public async Task<IReadOnlyList<Change>> ChangesAsync(int count)
    {
        for (var n = 0; ; n++)
            if (await Store.ChangesAsync(0, 10, SystemPlans.Work, Ct) is { } changes && (changes.Count >= count || n == 200))
                return changes;
            else
                await System.Threading.Tasks.Task.Delay(50, Ct);
    }

    /// <summary>All pages, entry by entry, following the position of each.</summary>
    public async Task<List<string>> WalkAsync(SearchQuery query, Func<int, System.Threading.Tasks.Task>? between = null)
    {
        var ids = new List<string>();
        for (var page = 0; ; page++)
        {
            var found = await Store.SearchAsync(query, SystemPlans.Work, Ct);
            ids.AddRange(found.Matches.Select(m => m.Key.Id));
            if (found.Next is null)
                return ids;

            Assert.Equal(query.Count, found.Matches.Count);
            query = query with { After = found.Next };
            if (between is not null)
                await between(page);
        }
    }
}
