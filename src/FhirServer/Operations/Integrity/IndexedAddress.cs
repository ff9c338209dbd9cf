using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>The public base address under which the index was made: absolute references below it are indexed as our own.</summary>
internal sealed class IndexedAddress(IResourceStore store)
{
    private const string Name = "BaseUrl";

    /// <summary>A sentence when the address has changed since the index was made; null when all is well.</summary>
    public async Task<string?> ChangeAsync(string baseUrl, CancellationToken ct)
    {
        string? known;
        await using (var session = await store.SnapshotAsync(SystemPlans.Settings, ct))
            known = (await session.QueryAsync(new($"SELECT s.Value FROM Setting s WHERE s.Name = {store.Dialect.Argument(1)}", [Name]), r => r.Text(0), ct)).FirstOrDefault();
        if (known is null)
            await RememberAsync(baseUrl);
        return known is null || known == baseUrl ? null
            : $"Server:BaseUrl was '{known}' and is now '{baseUrl}': stored references with either address in full may not be found. Run fhir-emr doctor --data --repair, which indexes them anew.";
    }

    /// <summary>The index is right for this address now.</summary>
    public Task RememberAsync(string baseUrl)
    {
        var plan = new CommitPlan();
        plan.Statements.AddRange(SettingSql.Save(Name, baseUrl));
        return store.CommitAsync(plan, CancellationToken.None);
    }
}
