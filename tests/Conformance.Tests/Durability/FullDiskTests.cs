using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>The disk runs low, or full, and has room again (reliability R-43, F4): 507 for what writes, reads go on, nothing acknowledged is lost, no restart.</summary>
public sealed class FullDiskTests
{
    private const long MiB = 1024 * 1024;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_little_room_clients_only_read_until_there_is_room_again()
    {
        await using var disk = await SmallDisk.MountAsync(96);
        Assert.SkipWhen(disk is null, "Mounting a small disk needs root.");
        await using var server = await ServerProcess.ServeAsync("--Storage:DataFolder", disk!.Folder, "--Storage:MinFreeBytes", $"{32 * MiB}");
        var stored = await PostAsync(server, "Patient", Patient("before"));
        Assert.Equal(201, stored.Status);
        var id = stored.Body["id"]!.GetValue<string>();
        await disk.FillAsync(16 * MiB);

        var refused = await PostAsync(server, "Patient", Patient("low"));
        for (var n = 0; n < 100 && refused.Status == 201; n++, await Task.Delay(50, Ct)) // measured once a second
            refused = await PostAsync(server, "Patient", Patient("early"));
        Assert.Equal((507, "no-store"), (refused.Status, refused.Body["issue"]![0]!["code"]!.GetValue<string>()));
        Assert.Contains("only reads", refused.Body["issue"]![0]!["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(507, (await PostAsync(server, "Binary", "raw content", "text/plain")).Status);
        Assert.Equal(507, (await SendAsync(server, HttpMethod.Put, "Patient/" + id, $$"""{"resourceType":"Patient","id":"{{id}}"}""")).Status);
        Assert.Equal(507, (await SendAsync(server, HttpMethod.Delete, "Patient/" + id, null)).Status);
        Assert.Equal(507, (await PostAsync(server, "", Bundle("transaction", id))).Status);
        Assert.Equal(507, (await PostAsync(server, "", Bundle("batch", id), prefer: "respond-async")).Status);
        var batch = await PostAsync(server, "", Bundle("batch", id));
        Assert.Equal(["200", "507"], batch.Body["entry"]!.AsArray().Select(e => e!["response"]!["status"]!.GetValue<string>()));

        Assert.Equal(200, (await SendAsync(server, HttpMethod.Get, "Patient/" + id, null)).Status);
        Assert.Equal(200, (await PostAsync(server, "Patient/_search", "_id=" + id, "application/x-www-form-urlencoded")).Status);
        using (var ready = await server.Http.GetAsync(server.BaseUrl.Replace("/fhir", "/health/ready", StringComparison.Ordinal), Ct))
            Assert.Equal((200, true), ((int)ready.StatusCode, (await ready.Content.ReadAsStringAsync(Ct)).Contains("read only", StringComparison.Ordinal)));

        disk.Free();
        var again = await PostAsync(server, "Patient", Patient("after"));
        for (var n = 0; n < 100 && again.Status == 507; n++, await Task.Delay(50, Ct))
            again = await PostAsync(server, "Patient", Patient("after"));
        Assert.Equal(201, again.Status);
        Assert.Equal(0, await server.CountAsync("Patient?identifier=urn:disk|entry"));
    }

    [Fact]
    public async Task On_a_full_disk_writes_are_507_and_nothing_acknowledged_is_lost()
    {
        await using var disk = await SmallDisk.MountAsync(48);
        Assert.SkipWhen(disk is null, "Mounting a small disk needs root.");
        string[] settings = ["--Storage:DataFolder", disk!.Folder, "--Storage:MinFreeBytes", "0", "--Storage:MinFreePercent", "0"];
        var acknowledged = new List<string>();
        await using (var server = await ServerProcess.ServeAsync(settings))
        {
            await disk.FillAsync(0);
            var last = 201;
            for (var n = 0; n < 200 && last == 201; n++) // the log has some room of its own
            {
                last = (await PostAsync(server, "Patient", Patient($"p{n}", 500_000))).Status;
                if (last == 201)
                    acknowledged.Add($"p{n}");
            }

            Assert.Equal(507, last);
            for (var n = 0; n < 20; n++) // and it goes on saying so
                Assert.Equal(507, (await PostAsync(server, "Patient", Patient($"q{n}", 500_000))).Status);
            Assert.Equal(507, (await SendAsync(server, HttpMethod.Get, "Patient?_summary=count", null)).Status); // no access goes unaudited

            disk.Free();
            await ThereAsync(server, acknowledged);
            Assert.Equal(201, (await PostAsync(server, "Patient", Patient("after", 500_000))).Status);
            acknowledged.Add("after");
            await server.KillAsync();
        }

        await using var again = await ServerProcess.ServeAsync(settings);
        await ThereAsync(again, acknowledged);
        for (var n = 0; n < 20; n++)
            Assert.Equal(0, await again.CountAsync($"Patient?identifier=urn:disk|q{n}"));
    }

    private static async Task ThereAsync(ServerProcess server, IEnumerable<string> names)
    {
        foreach (var name in names)
            Assert.Equal(1, await server.CountAsync($"Patient?identifier=urn:disk|{name}"));
    }

    /// <summary>With content that does not compress when it is to be large.</summary>
    private static string Patient(string name, int size = 0) =>
        $$"""{"resourceType":"Patient","identifier":[{"system":"urn:disk","value":"{{name}}"}],"name":[{"text":"{{Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes((size / 2) + 1))}}"}]}""";

    private static string Bundle(string type, string id) => $$"""
        {"resourceType":"Bundle","type":"{{type}}","entry":[{"request":{"method":"GET","url":"Patient/{{id}}"} },{"resource":{{Patient("entry")}},"request":{"method":"POST","url":"Patient"} }]}
        """;

    private static Task<(int Status, JsonNode Body)> PostAsync(ServerProcess server, string path, string body, string contentType = "application/fhir+json", string? prefer = null) =>
        SendAsync(server, HttpMethod.Post, path, body, contentType, prefer);

    private static async Task<(int Status, JsonNode Body)> SendAsync(
        ServerProcess server, HttpMethod method, string path, string? body, string contentType = "application/fhir+json", string? prefer = null)
    {
        using var request = new HttpRequestMessage(method, $"{server.BaseUrl}/{path}");
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var reply = await server.Http.SendAsync(request, Ct);
        return ((int)reply.StatusCode, JsonNode.Parse(await reply.Content.ReadAsStringAsync(Ct))!);
    }
}
