using FhirEmr.Bench.Load;
using FhirEmr.Bench.Spawn;
using SQLitePCL;

namespace FhirEmr.Bench.Limits;

/// <summary>Reads by id from <see cref="PointServer"/> with the same client, concurrency and bodies as the real server's reads.</summary>
internal static class PointReadLimit
{
    private const int Concurrency = 16;

    public static async Task<PointReadFigure> MeasureAsync(LimitInput input, string folder, TimeSpan duration, CancellationToken ct)
    {
        var path = Path.Combine(folder, $"point-{Guid.NewGuid():N}.db");
        try
        {
            Fill(path, input);
            var url = $"http://127.0.0.1:{FreePort.Next()}";
            await using var server = ChildProcess.StartSelf(["point-server", "--database", path, "--url", url]);
            var targets = Enumerable.Range(0, LimitInput.Resources).Select(i => $"/fhir/Observation/{LimitKeys.Id(i)}").ToArray();
            await WaitAsync(url + targets[0], ct);
            var phase = new ReadPhase(new Uri(url), bearer: null);
            await phase.RunAsync(targets, Concurrency, TimeSpan.FromSeconds(2), serverPid: null, ct); // warm-up
            var read = await phase.RunAsync(targets, Concurrency, duration, server.Pid, ct);
            if (read.Errors > 0)
                throw new BenchException($"The point-read limit failed {read.Errors} times.");
            return new PointReadFigure(read.PerSecond, read.Latency.P50, read.Latency.P95, read.AverageBytes, read.ServerCpuMicroseconds);
        }
        finally
        {
            foreach (var suffix in (string[])["", "-wal", "-shm"])
                File.Delete(path + suffix);
        }
    }

    private static void Fill(string path, LimitInput input)
    {
        using var database = new RawSqlite(path, "OFF");
        database.Execute("CREATE TABLE resource(sid INTEGER PRIMARY KEY, type INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL)");
        database.Execute("CREATE UNIQUE INDEX resource_key ON resource(type, id)");
        using var insert = database.Prepare("INSERT INTO resource VALUES(?,1,?,?)");
        database.Execute("BEGIN");
        for (var i = 0; i < LimitInput.Resources; i++)
        {
            raw.sqlite3_bind_int64(insert, 1, i + 1L);
            raw.sqlite3_bind_text(insert, 2, LimitKeys.Id(i));
            raw.sqlite3_bind_blob(insert, 3, input.Bodies[i]);
            database.Run(insert);
        }

        database.Execute("COMMIT");
    }

    private static async Task WaitAsync(string url, CancellationToken ct)
    {
        using var client = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(url), ct);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (attempt < 200)
            {
                // it is still starting
            }

            await Task.Delay(50, ct);
        }
    }
}
