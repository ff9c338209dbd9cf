using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Model;

/// <summary>Random requests to the real program, killed and started again in between, against a model of what the record must hold.</summary>
public abstract class ModelTests : IDisposable
{
    /// <summary>How often a failing sequence is run again to make it shorter.</summary>
    private const int Attempts = 60;

    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-model-").FullName;
    private int runs;

    /// <summary>Settings of an empty store, or why there is none.</summary>
    protected abstract Task<(string[] Settings, string? WhyNot)> StoreAsync(string folder);

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
        var steps = ModelStep.Sequence(seed, commands, restarts);
        if (await FailureAsync(seed, steps) is not { } failure)
            return;
        var least = await Shrinker.ShrinkAsync(steps, async some => await FailureAsync(seed, some) is not null, Attempts);
        Assert.Fail($"Seed {seed} fails after {least.Count} of {steps.Count} steps:\n{string.Join('\n', least)}\n\n{await FailureAsync(seed, least) ?? "(not each time) " + failure}");
    }

    /// <summary>What goes wrong when these steps are taken on an empty store; null when nothing does.</summary>
    private async Task<string?> FailureAsync(int seed, IReadOnlyList<ModelStep> steps)
    {
        var (settings, whyNot) = await StoreAsync(Directory.CreateDirectory(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{runs++}"))).FullName);
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        await using var run = new ModelRun(string.Create(CultureInfo.InvariantCulture, $"m{seed}"), () => ServerProcess.ServeAsync(settings));
        try
        {
            await run.RunAsync(steps);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return e is Xunit.Sdk.XunitException ? e.Message : e.ToString();
        }
    }
}

public sealed class SqliteModelTests : ModelTests
{
    protected override Task<(string[] Settings, string? WhyNot)> StoreAsync(string folder) =>
        Task.FromResult<(string[], string?)>((["--Storage:Provider", "sqlite", "--Storage:DataFolder", folder], null));
}

public sealed class PostgresModelTests(PostgresCluster cluster) : ModelTests
{
    protected override async Task<(string[] Settings, string? WhyNot)> StoreAsync(string folder) => await cluster.StartAsync() is (var server, var whyNot) && server is null
        ? ([], whyNot)
        : (["--Storage:Provider", "postgres", "--Storage:DataFolder", folder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(server!)], null);
}
