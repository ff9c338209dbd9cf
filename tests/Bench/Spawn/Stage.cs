namespace FhirEmr.Bench.Spawn;

/// <summary>A server of ours on a fresh store of one engine; all of it is gone afterwards.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan TokenPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TokenPatience = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string _program;
    private readonly string[] _arguments;
    private readonly bool _signsIn;

    private Stage(string folder, string program, string[] arguments, PostgresCluster? cluster, string data, bool signsIn) =>
        (_folder, _program, _arguments, Cluster, Database, _signsIn) = (folder, program, arguments, cluster, cluster?.ConnectionString ?? data, signsIn);

    public PostgresCluster? Cluster { get; }

    /// <summary>Folder or connection string to take the size of.</summary>
    public string Database { get; }

    public SpawnedServer Server { get; private set; } = null!;

    /// <summary>The administrator's token of the running server: measured is what asks who is there. Null when nobody is asked.</summary>
    public string? Bearer { get; private set; }

    /// <summary>The server as a practice runs it, with the administrator's token. Without the demo's people: hashing their passwords would be measured, too.</summary>
    public static Task<Stage> SetAsync(string program, Engine engine, IReadOnlyList<string> more, CancellationToken ct) => SetAsync(program, engine, ["--demo", "--no-seed", "--no-users", .. more], signsIn: true, ct);

    /// <summary>The program that asks nobody who they are.</summary>
    public static Task<Stage> SetOpenAsync(string program, Engine engine, IReadOnlyList<string> more, CancellationToken ct) => SetAsync(program, engine, more, signsIn: false, ct);

    private static async Task<Stage> SetAsync(string program, Engine engine, IReadOnlyList<string> more, bool signsIn, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fhir-bench-").FullName;
        var cluster = engine == Engine.Postgres ? await PostgresCluster.StartAsync(ct) : null;
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        string[] storage = cluster is null
            ? ["--Storage:Provider=sqlite", $"--Storage:DataFolder={data}"]
            : ["--Storage:Provider=postgres", $"--Storage:ConnectionString={cluster.ConnectionString}", $"--Storage:DataFolder={data}"];
        var stage = new Stage(folder, program, [.. more, .. storage], cluster, data, signsIn);
        try
        {
            await stage.StartAsync(ct);
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
        await StartAsync(ct);
    }

    private async Task StartAsync(CancellationToken ct)
    {
        Server = await SpawnedServer.StartAsync(_program, _arguments, ct);
        if (!_signsIn)
            return;
        var file = Path.Combine(_folder, "data", "demo-token");
        for (var waited = TimeSpan.Zero; !File.Exists(file) || new FileInfo(file).Length == 0; waited += TokenPoll)
        {
            if (waited > TokenPatience)
                throw new BenchException($"The server wrote no {file}.");
            await Task.Delay(TokenPoll, ct);
        }

        Bearer = (await File.ReadAllTextAsync(file, ct)).Trim();
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
