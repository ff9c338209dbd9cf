namespace FhirEmr.Bench.Spawn;

internal enum Engine
{
    Sqlite,
    Postgres,
}

/// <summary><c>--engine sqlite|postgres</c>.</summary>
internal static class Engines
{
    public static Engine Read(BenchOptions options) => Parse(options.Text("engine", "sqlite"));

    public static Engine Parse(string name) => name switch
    {
        "sqlite" => Engine.Sqlite,
        "postgres" => Engine.Postgres,
        var other => throw new BenchException($"--engine {other}: sqlite or postgres."),
    };
}
