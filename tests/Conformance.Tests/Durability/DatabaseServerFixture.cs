using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>The server in this process on a PostgreSQL reached in a way of the test's own, with little patience.</summary>
internal sealed class DatabaseServerFixture(string connectionString) : ServerFixture(null)
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Storage:Provider"] = "postgres",
        ["Storage:ConnectionString"] = connectionString,
        ["Storage:StatementTimeoutSeconds"] = "2",
        ["Limits:RequestTime"] = "00:00:05",
    };

    /// <summary>Stores a patient under a name nobody else has.</summary>
    public async Task<(int Status, Reply Reply)> StoreAsync(string name)
    {
        var reply = await PostAsync("Patient", $$"""{"resourceType":"Patient","identifier":[{"system":"urn:fault","value":"{{name}}"}]}""");
        return (reply.Status, reply);
    }

    public async Task<int> CountAsync(string name) => (await GetAsync($"Patient?identifier=urn:fault|{name}&_summary=count")).Json["total"]!.GetValue<int>();

    /// <summary>Returns when the server says it is ready; the test's own time limit ends a wait in vain.</summary>
    public async Task BecomesReadyAsync()
    {
        for (var n = 0; n < 600; n++, await Task.Delay(50))
            if ((await GetAsync("../health/ready")).Status == 200)
                return;
        Assert.Fail("The server does not become ready again.");
    }
}
