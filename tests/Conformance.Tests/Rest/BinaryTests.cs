using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Rest;

/// <summary>Binary: content of any type in and out byte for byte, small or large, as itself or inside the resource.</summary>
[Trait("Requirement", "S-77")]
public abstract class BinaryTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Json = "application/fhir+json";

    /// <summary>Inline, one piece, several pieces, at and around their borders.</summary>
    public static TheoryData<int> Sizes { get; } = [1, 65_536, 65_537, 262_144, 262_145, 1_048_576, 3_000_001];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_is_uploaded_as_it_is_comes_back_the_same_in_every_form(int size)
    {
        var content = Bytes(size);
        var id = await UploadAsync(content, "application/pdf");

        var raw = await SendAsync(HttpMethod.Get, $"Binary/{id}");
        Assert.Equal("application/pdf", raw.Content.Headers.ContentType!.ToString());
        Assert.Equal(size, raw.Content.Headers.ContentLength);
        Assert.Equal(content, await raw.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        var resource = await Server.GetAsync($"Binary/{id}", ("Accept", Json));
        Assert.Equal(content, Convert.FromBase64String(resource.Json["data"]!.GetValue<string>()));
        Assert.DoesNotContain("urn:fhiremr", resource.Body, StringComparison.Ordinal);

        var xml = await Server.GetAsync($"Binary/{id}", ("Accept", "application/fhir+xml"));
        Assert.Contains($"<data value=\"{Convert.ToBase64String(content)}\"", xml.Body, StringComparison.Ordinal);

        var pretty = await Server.GetAsync($"Binary/{id}?_format=json&_pretty=true");
        Assert.Equal(content, Convert.FromBase64String(pretty.Json["data"]!.GetValue<string>()));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_is_sent_inside_a_resource_comes_out_as_it_is(int size)
    {
        var content = Bytes(size);
        var reply = await Server.PostAsync("Binary", Resource(content), ("Prefer", "return=minimal"));
        Assert.Equal(201, reply.Status);

        var raw = await SendAsync(HttpMethod.Get, Relative(reply.Location!));

        Assert.Equal(content, await raw.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_create_that_asks_for_the_representation_gets_the_data_with_it()
    {
        var content = Bytes(300_000);

        var reply = await Server.PostAsync("Binary", Resource(content), ("Prefer", "return=representation"));

        Assert.Equal(content, Convert.FromBase64String(reply.Json["data"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Each_version_keeps_its_own_content()
    {
        var (first, second) = (Bytes(200_000), Bytes(400_000));
        var id = Guid.NewGuid().ToString();
        await PutRawAsync(id, first, "image/png");
        await PutRawAsync(id, second, "image/png");

        Assert.Equal(first, await (await SendAsync(HttpMethod.Get, $"Binary/{id}/_history/1")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(second, await (await SendAsync(HttpMethod.Get, $"Binary/{id}/_history/2")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var history = await Server.GetAsync($"Binary/{id}/_history");
        Assert.Equal([second, first], history.Entries.Select(e => Convert.FromBase64String(e["resource"]!["data"]!.GetValue<string>())));
        var search = await Server.GetAsync($"Binary?_id={id}");
        Assert.Equal(second, Convert.FromBase64String(search.Entries[0]["resource"]!["data"]!.GetValue<string>()));
        Assert.Equal(second, Convert.FromBase64String((await Server.GetAsync($"Binary?_id={id}&_elements=data")).Entries[0]["resource"]!["data"]!.GetValue<string>()));
        Assert.Contains(Convert.ToBase64String(first), (await Server.GetAsync($"Binary/{id}/_history?_format=xml")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_with_the_same_content_makes_no_version_and_leaves_no_copy()
    {
        var content = Bytes(300_000);
        var id = Guid.NewGuid().ToString();
        await PutRawAsync(id, content, "image/png");

        var again = await PutRawAsync(id, content, "image/png");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("W/\"1\"", again.Headers.ETag!.ToString());
        Assert.Empty(await AbandonedAsync());
    }

    [Fact]
    public async Task A_deleted_Binary_is_gone_and_its_versions_stay()
    {
        var content = Bytes(300_000);
        var id = await UploadAsync(content, "image/png");

        Assert.Equal(204, (await Server.DeleteAsync($"Binary/{id}")).Status);

        Assert.Equal(410, (await Server.GetAsync($"Binary/{id}")).Status);
        Assert.Equal(content, await (await SendAsync(HttpMethod.Get, $"Binary/{id}/_history/1")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=10-262200", 10, 262_201)]
    [InlineData("bytes=262144-", 262_144, 700_000)]
    [InlineData("bytes=-5", 699_995, 700_000)]
    [InlineData("bytes=699999-9999999", 699_999, 700_000)]
    public async Task One_range_of_a_content_can_be_asked_for(string range, int from, int to)
    {
        var content = Bytes(700_000);
        var id = await UploadAsync(content, "video/mp4");

        var reply = await SendAsync(HttpMethod.Get, $"Binary/{id}", ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, reply.StatusCode);
        Assert.Equal($"bytes {from}-{to - 1}/700000", reply.Content.Headers.ContentRange!.ToString());
        Assert.Equal(content[from..to], await reply.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=5-1")]
    public async Task Several_ranges_and_those_that_cannot_be_read_give_the_whole(string range)
    {
        var id = await UploadAsync(Bytes(1000), "image/png");

        var reply = await SendAsync(HttpMethod.Get, $"Binary/{id}", ("Range", range));

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal(1000, reply.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_range_behind_the_end_is_416_with_the_size()
    {
        var id = await UploadAsync(Bytes(1000), "image/png");

        var reply = await SendAsync(HttpMethod.Get, $"Binary/{id}", ("Range", "bytes=1000-"));

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, reply.StatusCode);
        Assert.Equal("bytes */1000", reply.Content.Headers.ContentRange!.ToString());
        Assert.Contains("OperationOutcome", await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_uploaded_is_never_shown_as_a_page()
    {
        var id = await UploadAsync("<script>alert(1)</script>"u8.ToArray(), "text/html");

        var reply = await SendAsync(HttpMethod.Get, $"Binary/{id}", ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));

        Assert.Equal("text/html", reply.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", reply.Content.Headers.ContentDisposition!.DispositionType);
        Assert.StartsWith("sandbox;", reply.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Conditional_reads_and_HEAD_hold_for_content_too()
    {
        var id = await UploadAsync(Bytes(300_000), "image/png");

        Assert.Equal(HttpStatusCode.NotModified, (await SendAsync(HttpMethod.Get, $"Binary/{id}", ("If-None-Match", "W/\"1\""))).StatusCode);
        var head = await SendAsync(HttpMethod.Head, $"Binary/{id}");
        Assert.Equal(300_000, head.Content.Headers.ContentLength);
        Assert.Equal("bytes", head.Headers.AcceptRanges.Single());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("image/jpeg", 406)]
    [InlineData("image/png", 200)]
    [InlineData("image/*;q=0.1", 200)]
    [InlineData("application/octet-stream", 200)]
    public async Task Only_types_that_fit_are_answered(string accept, int status)
    {
        var id = await UploadAsync(Bytes(10), "image/png");

        Assert.Equal(status, (int)(await SendAsync(HttpMethod.Get, $"Binary/{id}", ("Accept", accept))).StatusCode);
    }

    [Theory]
    [InlineData("application/fhir+json", "{\"resourceType\":\"Patient\"}")]
    [InlineData("application/json", "[1, 2,  3]")]
    [InlineData("application/xml", "<note>  kept as it is</note>")]
    public async Task Content_in_a_format_of_FHIR_that_is_no_Binary_is_kept_as_it_is(string type, string text)
    {
        var id = await UploadAsync(Encoding.UTF8.GetBytes(text), type);

        var reply = await SendAsync(HttpMethod.Get, $"Binary/{id}", ("Accept", "*/*"));

        Assert.Equal(text, await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(type, reply.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task A_transaction_and_a_batch_store_large_Binaries_with_the_rest()
    {
        var (one, two) = (Bytes(500_000), Bytes(100_000));
        foreach (var kind in (string[])["transaction", "batch"])
        {
            var reply = await Server.PostAsync("", $$"""
                {"resourceType":"Bundle","type":"{{kind}}","entry":[
                 {"fullUrl":"urn:uuid:6a9d7a3e-1c0b-4c55-8a5e-0d3bd8a7a111","resource":{{Resource(one)}} ,"request":{"method":"POST","url":"Binary"} },
                 {"resource":{{Resource(two)}} ,"request":{"method":"POST","url":"Binary"} },
                 {"request":{"method":"GET","url":"Binary?_count=0"} }]}
                """);
            Assert.True(reply.Status == 200, reply.Body);
            var ids = reply.Entries.Take(2).Select(e => Relative(e["response"]!["location"]!.GetValue<string>())).ToArray();
            Assert.Equal(one, await (await SendAsync(HttpMethod.Get, ids[0])).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.Equal(two, await (await SendAsync(HttpMethod.Get, ids[1])).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

            var read = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"{{kind}}","entry":[{"request":{"method":"GET","url":"{{ids[0].Split("/_history")[0]}}"} }]}""");
            Assert.Equal(one, Convert.FromBase64String(read.Entries[0]["resource"]!["data"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task A_refused_write_leaves_no_content_behind()
    {
        var content = Bytes(300_000);
        var id = await UploadAsync(content, "image/png");

        using var put = new HttpRequestMessage(HttpMethod.Put, $"Binary/{id}") { Content = Raw(Bytes(300_000), "image/png") };
        put.Headers.TryAddWithoutValidation("If-Match", "W/\"9\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Server.Http.SendAsync(put, TestContext.Current.CancellationToken)).StatusCode);
        var broken = await Server.PostAsync("", $$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"resource":{{Resource(content)}} ,"request":{"method":"POST","url":"Binary"} },
             {"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/not-there"} },"request":{"method":"POST","url":"Observation"} }]}
            """);
        Assert.Equal(422, broken.Status);

        Assert.Empty(await AbandonedAsync());
    }

    [Fact]
    public async Task An_upload_that_nothing_came_to_refer_to_is_swept_and_others_stay()
    {
        var contents = Services<ContentStore>();
        var id = await UploadAsync(Bytes(300_000), "image/png");
        using var lost = new MemoryStream(Bytes(700_000));
        var pointer = await contents.StoreAsync(lost, long.MaxValue, CancellationToken.None);

        Assert.True(await contents.SweepAsync(DateTimeOffset.MaxValue, SystemPlans.Work, CancellationToken.None) >= 1);

        Assert.Null(await Services<IResourceStore>().ReadPieceAsync(pointer!.Content, 0, SystemPlans.Work, CancellationToken.None));
        Assert.Equal(300_000, (await (await SendAsync(HttpMethod.Get, $"Binary/{id}")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task A_pointer_made_up_by_a_client_is_refused()
    {
        var id = await UploadAsync(Bytes(300_000), "image/png");
        var stored = await Services<IResourceStore>().ReadAsync(new("Binary", id), SystemPlans.Work, CancellationToken.None);
        var forged = Encoding.UTF8.GetString(stored!.Json.Span).Replace(".300000.", ".299999.", StringComparison.Ordinal);
        Assert.NotEqual(forged, Encoding.UTF8.GetString(stored.Json.Span));

        var reply = await Server.PostAsync("Binary", forged);

        Assert.Equal(422, reply.Status);
        Assert.Equal("Binary.data", reply.Expression);
    }

    [Fact]
    public async Task More_than_100_MiB_is_413_without_reading_it_when_the_length_is_said()
    {
        using var content = new PaddedContent(100L * 1024 * 1024 + 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "Binary") { Content = content };
        request.Headers.ExpectContinue = true;
        content.Headers.ContentType = new("application/pdf");

        using var reply = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
        Assert.Contains("100 MiB", await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_security_context_is_kept_and_shown()
    {
        var patient = await Server.PostAsync("Patient", """{"resourceType":"Patient","active":true}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "Binary") { Content = Raw(Bytes(300_000), "image/png") };
        request.Headers.Add("X-Security-Context", $"Patient/{patient.Id}");
        using var created = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var path = Relative(created.Headers.Location!.ToString());

        Assert.Equal($"Patient/{patient.Id}", (await SendAsync(HttpMethod.Get, path)).Headers.GetValues("X-Security-Context").Single());
        Assert.Equal($"Patient/{patient.Id}", (await Server.GetAsync(path, ("Accept", Json))).Json["securityContext"]!["reference"]!.GetValue<string>());
    }

    [Fact]
    public async Task Upload_without_a_content_type_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "Binary") { Content = new ByteArrayContent([1, 2, 3]) };

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await Server.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    private static byte[] Bytes(int size) => RandomNumberGenerator.GetBytes(size);

    private static string Resource(byte[] content) => new JsonObject { ["resourceType"] = "Binary", ["contentType"] = "image/png", ["data"] = Convert.ToBase64String(content) }.ToJsonString();

    private static string Relative(string location) => location[location.IndexOf("Binary/", StringComparison.Ordinal)..];

    private static ByteArrayContent Raw(byte[] content, string type)
    {
        var raw = new ByteArrayContent(content);
        raw.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return raw;
    }

    private async Task<string> UploadAsync(byte[] content, string type)
    {
        using var reply = await Server.Http.PostAsync("Binary", Raw(content, type));
        Assert.True(reply.StatusCode == HttpStatusCode.Created, await reply.Content.ReadAsStringAsync());
        return Relative(reply.Headers.Location!.ToString()).Split('/')[1];
    }

    private Task<HttpResponseMessage> PutRawAsync(string id, byte[] content, string type) => Server.Http.PutAsync($"Binary/{id}", Raw(content, type));

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return Server.Http.SendAsync(request);
    }

    private Task<IReadOnlyList<long>> AbandonedAsync() =>
        Services<IResourceStore>().AbandonedContentAsync(DateTimeOffset.MaxValue, 100, SystemPlans.Work, CancellationToken.None);

    private T Services<T>() where T : notnull => Server.Services.GetRequiredService<T>();

    /// <summary>As many zero bytes as it says, made as they are sent.</summary>
    private sealed class PaddedContent(long size) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var zeros = new byte[64 * 1024];
            for (var sent = 0L; sent < size; sent += zeros.Length)
                await stream.WriteAsync(zeros.AsMemory(0, (int)Math.Min(zeros.Length, size - sent)));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }
    }
}

public sealed class SqliteBinaryTests(SqliteServer fixture) : BinaryTests(fixture), IClassFixture<SqliteServer>;

public sealed class PostgresBinaryTests(PostgresServer fixture) : BinaryTests(fixture), IClassFixture<PostgresServer>;
