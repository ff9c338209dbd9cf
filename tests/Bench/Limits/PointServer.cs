using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace FhirEmr.Bench.Limits;

/// <summary>
/// The least a durable server can do for a read: Kestrel, one prepared point lookup by type and id on SQLite, the body to the response.
/// It runs as a process of its own (<c>bench point-server</c>), so that its CPU can be told from the client's.
/// </summary>
internal static class PointServer
{
    public static async Task<int> RunAsync(BenchOptions options)
    {
        var database = options.Required("database");
        var url = options.Required("url");
        options.RefuseUnknown();

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Logging.ClearProviders();
        await using var app = builder.Build();

        var pool = new ConcurrentBag<Reader>();
        app.Run(async http =>
        {
            var path = http.Request.Path.Value!;
            if (!pool.TryTake(out var reader))
                reader = new Reader(database);
            var body = reader.Find(path[(path.LastIndexOf('/') + 1)..]);
            pool.Add(reader);

            if (body is null)
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            http.Response.ContentType = "application/fhir+json";
            http.Response.ContentLength = body.Length;
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        });
        await app.RunAsync();
        return 0;
    }

    private sealed class Reader
    {
        private readonly sqlite3_stmt _find;

        public Reader(string path) => _find = new RawSqlite(path, "FULL").Prepare("SELECT body FROM resource WHERE type=1 AND id=?");

        public byte[]? Find(string id)
        {
            raw.sqlite3_bind_text(_find, 1, id);
            var body = raw.sqlite3_step(_find) == raw.SQLITE_ROW ? raw.sqlite3_column_blob(_find, 0).ToArray() : null;
            raw.sqlite3_reset(_find);
            return body;
        }
    }
}
