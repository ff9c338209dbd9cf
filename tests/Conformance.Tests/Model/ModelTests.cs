using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Model;

/// <summary>Random requests to the real program, killed and started again in between, against a model of what the record must hold.</summary>
public abstract class ModelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-model-").FullName;

    protected string DataFolder => folder;

    /// <summary>Settings of the store under test, or why there is none.</summary>
    protected abstract Task<(string[] Settings, string? WhyNot)> StoreAsync();

    [Theory]
    [InlineData(1)]
    public Task The_record_is_what_the_model_says_after_each_kill(int seed) => RunAsync(seed, commands: 70, restarts: 2);

    [Theory(Explicit = true)]
    [InlineData(100)]
    public async Task It_is_for_many_seeds_and_kills(int seeds)
    {
        for (var seed = 1000; seed < 1000 + seeds; seed++)
            await RunAsync(seed, commands: 60, restarts: 3);
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private async Task RunAsync(int seed, int commands, int restarts)
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        await using var run = new ModelRun(seed, () => ServerProcess.ServeAsync(settings));
        await run.RunAsync(commands, restarts);
    }
}

public sealed class SqliteModelTests : ModelTests
{
    protected override Task<(string[] Settings, string? WhyNot)> StoreAsync() =>
        Task.FromResult<(string[], string?)>((["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder], null));
}

public sealed class PostgresModelTests(PostgresCluster cluster) : ModelTests
{
    protected override async Task<(string[] Settings, string? WhyNot)> StoreAsync() => await cluster.StartAsync() is (var server, var whyNot) && server is null
        ? ([], whyNot)
        : (["--Storage:Provider", "postgres", "--Storage:DataFolder", DataFolder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(server!)], null);
}
