namespace FhirEmr.Bench.Spawn;

/// <summary>A server of ours on a fresh store of one engine; all of it is gone afterwards.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _program;
    private readonly string[] _arguments;

    private Stage(string folder, string program, string[] arguments, PostgresCluster? cluster, string data) =>
        (_folder, _program, _arguments, Cluster, Database) = (folder, program, arguments, cluster, cluster?.ConnectionString ?? data);

    public PostgresCluster? Cluster { get; }

    /// <summary>Folder or connection string to take the size of.</summary>
    public string Database { get; }

    public SpawnedServer Server { get; private set; } = null!;

    public static async Task<Stage> SetAsync(string program, Engine engine, IReadOnlyList<string> more, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fhir-bench-").FullName;
        var cluster = engine == Engine.Postgres ? await PostgresCluster.StartAsync(ct) : null;
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        string[] storage = cluster is null
            ? ["--Storage:Provider=sqlite", $"--Storage:DataFolder={data}"]
            : ["--Storage:Provider=postgres", $"--Storage:ConnectionString={cluster.ConnectionString}", $"--Storage:DataFolder={data}"];
        var stage = new Stage(folder, program, [.. storage, .. more], cluster, data);
        try
        {
            stage.Server = await SpawnedServer.StartAsync(program, stage._arguments, ct);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server and starts it on the same data.</summary>
    public async Task RestartAsync(CancellationToken ct)
    {
        await Server.DisposeAsync();
        Server = await SpawnedServer.StartAsync(_program, _arguments, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
            await Server.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
