using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Imports;

/// <summary>A server that may fetch from one other on this machine and from one folder, and imports into it over HTTP.</summary>
public abstract class ImportServer : ServerFixture
{
    internal static readonly (string, string)[] Async = [("Prefer", "respond-async"), ("Accept", "application/fhir+json")];

    /// <summary>A file of the other server of which nothing comes.</summary>
    internal const string Endless = "/endless";

    private readonly TcpListener source = new(IPAddress.Loopback, 0);

    protected ImportServer(PostgresCluster? cluster) : base(cluster)
    {
        source.Start();
        _ = AnswerAsync();
    }

    /// <summary>What the other server has, by path.</summary>
    internal ConcurrentDictionary<string, byte[]> Files { get; } = new();

    internal string Origin => $"http://127.0.0.1:{((IPEndPoint)source.LocalEndpoint).Port}";

    internal DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("fhir-emr-import-folder-");

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Import:AllowedOrigins:0"] = Origin,
        ["Import:Folder"] = Folder.FullName,
        ["Outbound:AllowLoopback"] = "true",
    };

    internal async Task<(int Status, string Location, JsonNode Json)> ImportAsync(string body, string contentType = "application/json", string query = "")
    {
        var accepted = await SendAsync(HttpMethod.Post, "$import" + query, body, contentType, Async);
        Assert.True(accepted.Status == 202, accepted.Body);
        Assert.StartsWith(BaseUrl + "/$import/", accepted.Location, StringComparison.Ordinal);
        while (true)
        {
            var reply = await GetAsync(accepted.Location!);
            if (reply.Status != 202)
                return (reply.Status, accepted.Location!, reply.Json);
            Assert.True(reply.Headers.ContainsKey("X-Progress") && reply.Headers.ContainsKey("Retry-After"));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Of a finished import, what its one file became, and the lines of what was refused.</summary>
    internal async Task<(JsonNode Output, string[] Errors)> DoneAsync(string body, string contentType = "application/json", string query = "")
    {
        var (status, _, manifest) = await ImportAsync(body, contentType, query);
        Assert.True(status == 200, manifest.ToJsonString());
        foreach (var file in manifest["output"]!.AsArray())
            Assert.Equal(file!["count"]!.GetValue<long>(), ((string[])["created", "updated", "unchanged", "skipped", "refused"]).Sum(n => file[n]!.GetValue<long>()));
        var errors = new List<string>();
        foreach (var file in manifest["error"]!.AsArray())
        {
            var reply = await GetAsync(file!["url"]!.GetValue<string>(), ("Accept", "application/fhir+ndjson"));
            Assert.Equal((200, "application/fhir+ndjson"), (reply.Status, reply.MediaType));
            errors.AddRange(reply.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(file["count"]!.GetValue<int>(), errors.Count);
        }

        return (manifest["output"]![0]!, [.. errors]);
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            using var client = await source.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            var (request, buffer) = (new StringBuilder(), new byte[4096]);
            while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is > 0 and var read)
                request.Append(Encoding.ASCII.GetString(buffer, 0, read));
            var path = request.ToString().Split(' ').ElementAtOrDefault(1)?.Split('?')[0] ?? "";
            if (path == Endless)
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"u8.ToArray());
                await Task.WhenAny(stream.ReadAsync(buffer).AsTask()); // until the other side gives up
                continue;
            }

            var known = Files.TryGetValue(path, out var file);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(known ? "200 OK" : path == "/moved" ? "302 Found\r\nLocation: /there" : "404 Not Found")}\r\nContent-Length: {file?.Length ?? 0}\r\nConnection: close\r\n\r\n"));
            await stream.WriteAsync(file ?? []);
        }
    }
}

public sealed class ImportSqlite() : ImportServer(null);

public sealed class ImportPostgres(PostgresCluster cluster) : ImportServer(cluster);

/// <summary>Another server of the engine, with nothing in it.</summary>
public sealed class EmptySqlite() : ImportServer(null);

/// <inheritdoc cref="EmptySqlite"/>
public sealed class EmptyPostgres(PostgresCluster cluster) : ImportServer(cluster);
