using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>What every engine must do, run on each: one meaning, three engines.</summary>
public abstract partial class StoreSuite : IAsyncLifetime
{
    private StoreHarness? harness;

    internal StoreHarness H => harness!;

    internal IResourceStore Store => H.Store;

    private protected static CancellationToken Ct => StoreHarness.Ct;

    public async ValueTask InitializeAsync()
    {
        var store = await CreateAsync();
        await store.StartAsync(Ct);
        harness = new(store);
    }

    public async ValueTask DisposeAsync()
    {
        if (harness is not null)
            await Store.DisposeAsync();
        keys.Refresh();
        if (keys.Exists)
            keys.Delete(recursive: true);
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A store on an empty database.</summary>
    private protected abstract Task<IResourceStore> CreateAsync();

    /// <summary>Another store object on the same database, after the first was disposed.</summary>
    private protected abstract IResourceStore Reopen();

    protected abstract ValueTask CleanUpAsync();

    /// <summary>Bodies of the suite hold their references as <c>"refs":"Type/id Type/id"</c>.</summary>
    private protected static Func<FhirServer.Search.Indexing.IReferencedTargets> References { get; } = () => new StatedReferences();

    /// <summary>Reads the targets that the bodies of these tests state in so many words.</summary>
    private sealed class StatedReferences : FhirServer.Search.Indexing.IReferencedTargets
    {
        public IEnumerable<FhirServer.Search.Indexing.ReferencedTarget> Of(FhirServer.Resources.StoredResource resource, FhirServer.Search.Query.Include include)
        {
            using var json = System.Text.Json.JsonDocument.Parse(resource.Json);
            if (!json.RootElement.TryGetProperty("refs", out var refs))
                yield break;
            foreach (var part in refs.GetString()!.Split(' '))
                if (FhirServer.Resources.ResourceKey.TryParseRelative(part, out var key, out _))
                    yield return new(key, null, null, []);
        }

        public bool MayBeCanonical(FhirServer.Search.Parameters.SearchParam param) => false;

        public FhirServer.Search.Parameters.SearchParam? UrlOf(string type) => null;
    }

    private protected async Task RestartAsync()
    {
        await Store.DisposeAsync();
        var again = Reopen();
        await again.StartAsync(Ct);
        harness = new(again);
    }
}
