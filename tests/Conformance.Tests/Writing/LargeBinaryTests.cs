using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary>Binaries whose content lies beside them, under all that writes and keeps resources.</summary>
public abstract class LargeBinaryTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Json = "application/fhir+json";

    private IResourceStore Store => Server.Services.GetRequiredService<IResourceStore>();

    [Fact]
    public async Task A_patch_is_refused_and_labels_change_while_the_content_stays()
    {
        var (id, data) = (Guid.NewGuid().ToString(), Data());
        await Server.PutAsync($"Binary/{id}", Resource(data, id));

        var patch = await Server.SendAsync(HttpMethod.Patch, $"Binary/{id}", """[{"op":"replace","path":"/contentType","value":"text/plain"}]""", "application/json-patch+json");
        Assert.Equal(422, patch.Status);
        Assert.Contains("PUT it anew", patch.Diagnostics, StringComparison.Ordinal);

        var meta = await Server.PostAsync($"Binary/{id}/$meta-add", """{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"seen"}]}}]}""");
        Assert.Equal(200, meta.Status);
        var back = await Server.GetAsync($"Binary/{id}", ("Accept", Json));
        Assert.Equal(("W/\"2\"", data), (back.ETag, back.Json["data"]!.GetValue<string>()));
        Assert.Equal(data, (await Server.GetAsync($"Binary/{id}/_history/1", ("Accept", Json))).Json["data"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_purge_takes_the_contents_of_all_versions_those_before_a_deletion_too()
    {
        var id = Guid.NewGuid().ToString();
        var contents = new List<long>();
        for (var i = 0; i < 2; i++)
        {
            await Server.PutAsync($"Binary/{id}", Resource(Data(), id));
            contents.Add(ContentPointer.Find((await Store.ReadAsync(new("Binary", id), SystemPlans.Work, TestContext.Current.CancellationToken))!.Json.Span, out _, out _)!.Content);
        }

        await Server.DeleteAsync($"Binary/{id}");
        foreach (var content in contents)
            Assert.NotNull(await Store.ReadPieceAsync(content, 1, SystemPlans.Work, TestContext.Current.CancellationToken));

        Assert.Equal(200, (await Server.PostAsync($"Binary/{id}/$purge", "")).Status);

        foreach (var content in contents)
            Assert.Null(await Store.ReadPieceAsync(content, 1, SystemPlans.Work, TestContext.Current.CancellationToken));
        Assert.Equal(404, (await Server.GetAsync($"Binary/{id}/_history", ("Accept", Json))).Status);
    }

    [Fact]
    public async Task The_answer_of_a_job_has_the_content_in_it()
    {
        var (id, data) = (Guid.NewGuid().ToString(), Data());
        await Server.PutAsync($"Binary/{id}", Resource(data, id));

        var job = await Server.GetAsync($"Binary?_id={id}", ("Prefer", "respond-async"));
        var path = job.Location![(Server.BaseUrl.Length + 1)..];
        var done = await Server.GetAsync(path);
        for (; done.Status == 202; done = await Server.GetAsync(path))
            await Task.Delay(50, TestContext.Current.CancellationToken);

        Assert.Equal(data, done.Entries[0]["resource"]!["entry"]![0]!["resource"]!["data"]!.GetValue<string>());
        Assert.Equal(204, (await Server.SendAsync(HttpMethod.Options, path)).Status);
        Assert.Equal(202, (await Server.DeleteAsync(path)).Status);
    }

    [Fact]
    public async Task A_repeat_under_a_key_makes_no_second_Binary_however_it_is_sent()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var data = Convert.ToBase64String(bytes);
        var bundle = $$$"""{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{{{Resource(data)}}},"request":{"method":"POST","url":"Binary"}}]}""";
        foreach (var send in (Func<string, Task<Reply>>[])
            [
                key => Server.PostAsync("Binary", Resource(data), ("Idempotency-Key", key), ("Prefer", "return=representation")),
                key => Server.PostAsync("", bundle, ("Idempotency-Key", key), ("Prefer", "return=representation")),
                key => Server.PostAsync("", bundle.Replace("transaction", "batch", StringComparison.Ordinal), ("Idempotency-Key", key), ("Prefer", "return=representation")),
            ])
        {
            var key = Guid.NewGuid().ToString();
            var (first, second) = (await send(key), await send(key));
            Assert.Contains(data, first.Body, StringComparison.Ordinal);
            Assert.True(second.Headers.ContainsKey("Idempotency-Replayed"));
            Assert.Contains(data, second.Body, StringComparison.Ordinal);
            Assert.Equal(first.Location ?? Written(first), second.Location ?? Written(second));
        }

        var name = Guid.NewGuid().ToString();
        var uploads = new List<string>();
        for (var i = 0; i < 2; i++)
            uploads.Add((await UploadAsync(bytes, name)).Headers.Location!.ToString());
        Assert.Equal(uploads[0], uploads[1]);
        Assert.Equal(422, (int)(await UploadAsync(RandomNumberGenerator.GetBytes(300_000), name)).StatusCode);
        Assert.Empty(await Store.AbandonedContentAsync(DateTimeOffset.MaxValue, 10, SystemPlans.Work, TestContext.Current.CancellationToken));
    }

    private static string Written(Reply bundle) => bundle.Entries[0]["response"]!["location"]!.GetValue<string>();

    private static string Data() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(300_000));

    private static string Resource(string data, string? id = null)
    {
        var binary = new JsonObject { ["resourceType"] = "Binary" };
        if (id is not null)
            binary["id"] = id;
        binary["contentType"] = "image/png";
        binary["data"] = data;
        return binary.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private async Task<HttpResponseMessage> UploadAsync(byte[] bytes, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "Binary") { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
        request.Headers.Add("Idempotency-Key", key);
        return await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}

public sealed class SqliteLargeBinaryTests(SqliteServer server) : LargeBinaryTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresLargeBinaryTests(PostgresServer server) : LargeBinaryTests(server), IClassFixture<PostgresServer>;
