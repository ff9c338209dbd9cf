using System.Net.Sockets;
using System.Text;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Storage.Sqlite;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>SIGTERM (reliability R-44): nothing new is taken, what runs is finished, everything is put in order, and the process ends with 0.</summary>
public sealed class StopTests : IDisposable
{
    private const int Size = 300_000;
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-stop-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_runs_is_finished_leases_are_given_back_the_log_is_folded_in_and_the_exit_is_0()
    {
        string binary;
        await using (var server = await ServerProcess.ServeAsync("--Storage:DataFolder", folder))
        {
            var url = new Uri(server.BaseUrl);
            using var client = new TcpClient();
            await client.ConnectAsync(url.Host, url.Port, Ct);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /fhir/Binary HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/octet-stream\r\nContent-Length: {Size}\r\nAuthorization: {server.Http.DefaultRequestHeaders.Authorization}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"), Ct);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            Assert.StartsWith("HTTP/1.1 100", await reader.ReadLineAsync(Ct), StringComparison.Ordinal); // so it is being worked on
            await stream.WriteAsync(new byte[Size / 2], Ct);
            await StartJobAsync(server);

            await server.TerminateAsync();
            await NotReadyAsync(server);
            await stream.WriteAsync(new byte[Size / 2], Ct);
            var answer = await reader.ReadToEndAsync(Ct);
            Assert.Contains("HTTP/1.1 201", answer, StringComparison.Ordinal);
            binary = answer.Split("Location: ")[1].Split('\r')[0].Split("/_history")[0].Split("/fhir/")[1];

            Assert.True(await server.ExitAsync() == 0, server.Output);
        }

        Assert.False(File.Exists(Path.Combine(folder, SqliteFile.Name + "-wal")), "The log was not folded in.");
        using (var store = SqliteSession.Open(Path.Combine(folder, SqliteFile.Name), create: false, 1024))
            Assert.Equal(0, store.Scalar("SELECT COUNT(*) FROM Job WHERE State = 'running' AND LeaseUntil > 0"));

        await using var again = await ServerProcess.ServeAsync("--Storage:DataFolder", folder);
        Assert.Equal(Size, (await again.Http.GetByteArrayAsync($"{again.BaseUrl}/{binary}", Ct)).Length);
    }

    [Fact]
    public async Task An_idle_server_stops_with_0_and_says_live_ready_and_startup_before()
    {
        await using var server = await ServerProcess.ServeAsync("--Storage:DataFolder", folder);
        foreach (var (name, text) in ((string, string)[])[("live", "live"), ("ready", "ready"), ("startup", "ready")])
        {
            using var reply = await server.Http.GetAsync(server.BaseUrl.Replace("/fhir", "/health/" + name, StringComparison.Ordinal), Ct);
            Assert.Equal((200, text + "\n"), ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(Ct)));
        }

        await server.TerminateAsync();
        Assert.True(await server.ExitAsync() == 0, server.Output);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A Bundle that takes longer than the server has.</summary>
    private static async Task StartJobAsync(ServerProcess server)
    {
        var entries = string.Join(',', Enumerable.Range(0, 5000).Select(i => $$"""{"resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"} }"""));
        using var request = new HttpRequestMessage(HttpMethod.Post, server.BaseUrl)
        {
            Content = new StringContent($$"""{"resourceType":"Bundle","type":"batch","entry":[{{entries}}]}""", Encoding.UTF8, "application/fhir+json"),
        };
        request.Headers.Add("Prefer", "respond-async");
        using var reply = await server.Http.SendAsync(request, Ct);
        Assert.Equal(202, (int)reply.StatusCode);
        while (await server.CountAsync("Patient") == 0) // it runs
            await Task.Delay(10, Ct);
    }

    /// <summary>Who asks is told no, or gets no connection any more.</summary>
    private static async Task NotReadyAsync(ServerProcess server)
    {
        for (var n = 0; n < 500; n++, await Task.Delay(10, Ct))
            try
            {
                using var fresh = new HttpClient();
                using var reply = await fresh.GetAsync(server.BaseUrl.Replace("/fhir", "/health/ready", StringComparison.Ordinal), Ct);
                if ((int)reply.StatusCode == 503)
                    return;
            }
            catch (HttpRequestException)
            {
                return;
            }

        Assert.Fail("A stopping server says it is ready.");
    }
}
