using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Hosting.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>The HTTP edge: limits, formats, headers, origins, methods (security §8 and §9, http.html).</summary>
[Trait("Requirement", "S-71")]
[Trait("Requirement", "S-85")]
[Trait("Requirement", "S-86")]
[Trait("Requirement", "S-87")]
[Trait("Requirement", "S-89")]
public abstract class EdgeTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Tiny = """{"resourceType":"Patient","active":true}""";

    [Theory]
    [InlineData("fhir+json", 16 * 1024 * 1024 + 1, "Patient", 413)]
    [InlineData("fhir+xml", 16 * 1024 * 1024 + 1, "Patient", 413)]
    [InlineData("fhir+json", 64 * 1024 * 1024 + 1, "", 413)]
    public async Task A_body_beyond_its_kinds_limit_is_413(string format, int size, string path, int status)
    {
        foreach (var chunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[size]) };
            request.Content.Headers.ContentType = new("application/" + format);
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = true;

            using var reply = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(status, (int)reply.StatusCode);
            Assert.Equal("too-long", JsonNode.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["issue"]![0]!["code"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_Bundle_may_be_larger_than_a_resource()
    {
        var name = new string('x', 1_000_000);
        var entries = string.Join(',', Enumerable.Range(0, 20).Select(_ => $$"""{"resource":{"resourceType":"Basic","code":{"text":"{{name}}"} },"request":{"method":"POST","url":"Basic"} }"""));

        var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{entries}}]}""");

        Assert.True(reply.Status == 200, reply.Body);
    }

    [Theory]
    [InlineData("""{"resourceType":"Patient","active":true,"active":false}""", "once only")]
    [InlineData("""{"resourceType":"Patient","name":[{"text":"a","text":"b"}]}""", "once only")]
    [InlineData("""{"resourceType":"Patient","name":[{"text":"a\u0000b"}]}""", "control characters")]
    [InlineData("""{"resourceType":"Patient","name":[{"text":"a\ud800b"}]}""", "surrogate")]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":12345678901234567890123456789012345678901}}""", "40 digits")]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e999999999}}""", "exponent")]
    [InlineData("""{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"}}""", "<script>")]
    public async Task What_breaks_a_limit_of_the_format_is_400_and_named(string body, string named)
    {
        var reply = await Server.PostAsync(body.Contains("Observation", StringComparison.Ordinal) ? "Observation" : "Patient", body);

        Assert.Equal(400, reply.Status);
        Assert.Contains(named, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_deeper_than_64_and_texts_longer_than_1_MiB_are_400()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"url":"u","extension":[""", 40)) + """{"url":"u","valueCode":"v"}""" + string.Concat(Enumerable.Repeat("]}", 40));
        Assert.Equal(400, (await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","extension":[{{deep}}]}""")).Status);
        Assert.Contains("1 MiB", (await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","name":[{"text":"{{new string('x', 1_048_577)}}"}]}""")).Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/fhir+json; charset=iso-8859-1", 415)]
    [InlineData("application/fhir+json; charset=UTF-8", 201)]
    [InlineData("application/fhir+json; fhirVersion=4.0", 201)]
    [InlineData("application/fhir+json; fhirVersion=5.0", 415)]
    [InlineData("application/json", 201)]
    [InlineData("text/plain", 415)]
    public async Task Content_types_are_read_exactly(string type, int status)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Tiny));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        Assert.Equal(status, (int)(await Server.Http.PostAsync("Patient", content, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Invalid_UTF_8_is_400()
    {
        using var content = new ByteArrayContent([.. """{"resourceType":"Patient","name":[{"text":"""u8, (byte)'"', 0xC3, 0x28, .. "\"}]}"u8]);
        content.Headers.ContentType = new("application/fhir+json");

        Assert.Equal(HttpStatusCode.BadRequest, (await Server.Http.PostAsync("Patient", content, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_compressed_body_is_415_until_it_is_allowed()
    {
        using var content = new ByteArrayContent(Gzip(Encoding.UTF8.GetBytes(Tiny)));
        content.Headers.ContentType = new("application/fhir+json");
        content.Headers.ContentEncoding.Add("gzip");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await Server.Http.PostAsync("Patient", content, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Long_addresses_headers_and_lists_have_their_answers()
    {
        Assert.Equal((414, "too-long"), await FaultAsync("Patient?name=" + new string('x', 17_000)));
        Assert.Equal((431, "too-long"), await FaultAsync("Patient", ("X-Long", new string('x', 20_000)), ("X-Longer", new string('x', 20_000))));
        Assert.Equal((400, "too-costly"), await FaultAsync("Patient?" + string.Join('&', Enumerable.Range(0, 101).Select(i => $"_tag=t{i}"))));
        Assert.Equal((400, "too-costly"), await FaultAsync("Patient?_id=" + string.Join(',', Enumerable.Range(0, 501))));
        Assert.Equal(200, (await Server.GetAsync("Patient?_id=" + string.Join(',', Enumerable.Range(0, 500)))).Status);

        async Task<(int, string)> FaultAsync(string path, params (string, string)[] headers)
        {
            var reply = await Server.GetAsync(path, headers);
            return (reply.Status, reply.Json["issue"]![0]!["code"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_length_beside_chunks_is_400_and_ends_the_connection()
    {
        var answer = await TalkAsync("POST /fhir/Patient HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/fhir+json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("TRACE", "Patient", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]
    [InlineData("BREW", "Patient/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")]
    [InlineData("POST", "Patient/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")]
    [InlineData("DELETE", "metadata", "GET, HEAD, OPTIONS")]
    [InlineData("PUT", "Patient/1/_history/1", "GET, HEAD, OPTIONS")]
    public async Task A_method_that_an_address_does_not_take_is_405_with_those_it_takes(string method, string path, string allow)
    {
        using var reply = await Server.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, reply.StatusCode);
        Assert.Equal(allow, string.Join(", ", reply.Content.Headers.Allow));
    }

    [Fact]
    public async Task Headers_that_name_another_method_are_ignored()
    {
        var stored = await Server.PostAsync("Patient", Tiny, ("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/health/live"));

        Assert.Equal(201, stored.Status);
    }

    [Fact]
    public async Task OPTIONS_says_what_an_address_takes()
    {
        using var reply = await Server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Options, "Patient/1"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, reply.StatusCode);
        Assert.Contains("PATCH", reply.Content.Headers.Allow);
        Assert.False(reply.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("metadata")]
    [InlineData("Patient?_count=3")]
    [InlineData("Patient/_history")]
    [InlineData("Patient/not-there")]
    [InlineData("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/none")]
    public async Task HEAD_is_GET_without_the_body(string path)
    {
        using var get = await Server.Http.GetAsync(path, TestContext.Current.CancellationToken);
        using var head = await Server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), TestContext.Current.CancellationToken);

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("application/fhir+xml;q=0.5, application/fhir+json;q=0.9", "application/fhir+json")]
    [InlineData("application/fhir+json;q=0.5, application/fhir+xml", "application/fhir+xml")]
    [InlineData("application/fhir+json;q=0, application/fhir+xml;q=0.1", "application/fhir+xml")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/fhir+json")]
    [InlineData("image/png, */*;q=0.1", "application/fhir+json")]
    [InlineData("application/fhir+json; fhirVersion=4.0", "application/fhir+json")]
    [InlineData("application/fhir+json; fhirVersion=3.0, application/fhir+xml;q=0.2", "application/fhir+xml")]
    [InlineData("image/png", null)]
    [InlineData("application/fhir+json; fhirVersion=3.0", null)]
    [InlineData("application/fhir+json;q=0", null)]
    public async Task The_format_is_the_one_wanted_most(string accept, string? type)
    {
        var reply = await Server.GetAsync("Patient?_count=1", ("Accept", accept));

        Assert.Equal(type is null ? 406 : 200, reply.Status);
        if (type is not null)
            Assert.Equal(type, reply.MediaType);
    }

    [Fact]
    public async Task A_browser_gets_indented_JSON()
    {
        var reply = await Server.GetAsync("Patient?_count=1", ("Accept", "text/html,application/xml;q=0.9,*/*;q=0.8"));

        Assert.StartsWith("{\n  \"resourceType\"", reply.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metadata", 200)]
    [InlineData("Patient/not-there", 404)]
    [InlineData("Nothing", 404)]
    [InlineData("../health/live", 200)]
    [InlineData("../", 200)]
    public async Task Every_answer_carries_the_security_headers(string path, int status)
    {
        using var reply = await Server.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", reply.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", reply.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.Contains("frame-ancestors 'none'", reply.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-store", reply.Headers.CacheControl!.ToString());
        Assert.False(reply.Headers.Contains("Server"));
    }

    [Fact]
    public async Task An_outcome_and_its_answer_carry_the_requests_id()
    {
        var given = "req-" + Guid.NewGuid().ToString("N");
        using var request = new HttpRequestMessage(HttpMethod.Get, "Patient/not-there");
        request.Headers.Add("X-Request-Id", given);
        using var reply = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(given, reply.Headers.GetValues("X-Request-Id").Single());
        Assert.Equal(given, JsonNode.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]!.GetValue<string>());

        using var plain = await Server.Http.GetAsync("Patient/not-there", TestContext.Current.CancellationToken);
        Assert.Equal(plain.Headers.GetValues("X-Request-Id").Single(), JsonNode.Parse(await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]!.GetValue<string>());
        Assert.DoesNotContain("<", (await Server.GetAsync("Patient/not-there", ("X-Request-Id", "<b>"))).Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_large_answer_is_compressed_for_who_asks_and_a_small_one_is_not(string encoding)
    {
        using var large = await GetCompressedAsync("metadata", encoding);
        Assert.Equal(encoding, large.Content.Headers.ContentEncoding.Single());
        Assert.Contains("Accept-Encoding", large.Headers.Vary);
        await using var packed = await large.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await using Stream unpacked = encoding == "br" ? new BrotliStream(packed, CompressionMode.Decompress) : new GZipStream(packed, CompressionMode.Decompress);
        Assert.Equal("CapabilityStatement", (await JsonNode.ParseAsync(unpacked, cancellationToken: TestContext.Current.CancellationToken))!["resourceType"]!.GetValue<string>());

        using var small = await GetCompressedAsync("Patient/not-there", encoding);
        Assert.Empty(small.Content.Headers.ContentEncoding);
        Assert.NotNull(small.Content.Headers.ContentLength);
        Assert.Empty((await GetCompressedAsync("metadata", "gzip;q=0")).Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_batch_answers_every_entry_in_order_and_each_for_itself()
    {
        var stored = await Server.PostAsync("Patient", Tiny);
        var entries = string.Join(',', Enumerable.Range(0, 500).Select(i => i % 3 == 0
            ? $$"""{"request":{"method":"GET","url":"Patient/{{stored.Id}}"} }"""
            : $$"""{"request":{"method":"GET","url":"Patient/none-{{i}}"} }"""));

        var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"batch","entry":[{{entries}}]}""");

        Assert.Equal(500, reply.Entries.Count);
        Assert.All(reply.Entries.Index(), e => Assert.Equal(e.Index % 3 == 0 ? "200" : "404", e.Item["response"]!["status"]!.GetValue<string>()[..3]));
        var xml = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"batch","entry":[{{entries}}]}""", ("Accept", "application/fhir+xml"));
        Assert.StartsWith("<?xml", xml.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_are_measured_without_a_word_about_their_values()
    {
        var seen = new List<KeyValuePair<string, object?>[]>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument is { Name: "fhir.server.request.duration", Meter.Name: RequestLog.MeterName })
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            lock (seen)
                seen.Add(tags.ToArray());
        });
        listener.Start();

        await Server.GetAsync("Patient?name=Canary");
        await Server.GetAsync("Observation/not-there");

        // A request is measured when its last byte is out, which the client may see first.
        for (var waited = 0; waited < 100 && !(Has("search-type", "Patient", 200) && Has("read", "Observation", 404)); waited++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.True(Has("search-type", "Patient", 200));
        Assert.True(Has("read", "Observation", 404));
        lock (seen)
            Assert.DoesNotContain(seen, t => t.Any(p => p.Value?.ToString()?.Contains("Canary", StringComparison.Ordinal) == true));

        bool Has(string interaction, string type, int status)
        {
            lock (seen)
                return seen.Exists(t => t.Contains(new("interaction", interaction)) && t.Contains(new("type", type)) && t.Contains(new("status", status)));
        }
    }

    [Fact]
    public async Task Without_configured_origins_a_web_page_gets_metadata_only()
    {
        Assert.Equal("*", (await FromAsync("metadata", "https://app.example.org")).Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False((await FromAsync("Patient?_count=1", "https://app.example.org")).Headers.Contains("Access-Control-Allow-Origin"));
    }

    private async Task<HttpResponseMessage> FromAsync(string path, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", origin);
        return await Server.Http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> GetCompressedAsync(string path, string encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        return await Server.Http.SendAsync(request);
    }

    private async Task<string> TalkAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(Server.BaseUrl).Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(bytes);
        return packed.ToArray();
    }
}

public sealed class SqliteEdgeTests(SqliteServer fixture) : EdgeTests(fixture), IClassFixture<SqliteServer>;

public sealed class PostgresEdgeTests(PostgresServer fixture) : EdgeTests(fixture), IClassFixture<PostgresServer>;

/// <summary>Behind a proxy on this machine, with an origin allowed, compression of bodies switched on, and little time.</summary>
public sealed class ConfiguredServer() : ServerFixture(null)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Proxy:Trusted"] = "127.0.0.1, ::1";
        builder.Configuration["Limits:Origins:0"] = "https://app.example.org";
        builder.Configuration["Limits:RequestCompression"] = "true";
        builder.Configuration["Limits:ConvertedBytes"] = "20000";
        builder.Configuration["Limits:SlowRequest"] = "00:00:00";
        builder.Logging.AddProvider(Log);
    }

    internal LogLines Log { get; } = new();
}

public sealed class ConfiguredEdgeTests(ConfiguredServer fixture) : OnServer(fixture), IClassFixture<ConfiguredServer>
{
    private const string Tiny = """{"resourceType":"Patient","active":true}""";

    [Fact]
    public async Task Links_follow_a_trusted_proxy_and_its_prefix()
    {
        var reply = await Server.GetAsync("Patient?_count=1",
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "emr.example.org"), ("X-Forwarded-Prefix", "/practice"), ("X-Forwarded-For", "192.0.2.7"));

        Assert.StartsWith("https://emr.example.org/practice/fhir/Patient", reply.Json["link"]![0]!["url"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allowed_origin_may_ask_and_call_but_never_with_credentials()
    {
        using var ask = new HttpRequestMessage(HttpMethod.Options, "Patient/1");
        ask.Headers.Add("Origin", "https://app.example.org");
        ask.Headers.Add("Access-Control-Request-Method", "PUT");
        using var answer = await Server.Http.SendAsync(ask, TestContext.Current.CancellationToken);
        Assert.Equal("https://app.example.org", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("PUT", answer.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Contains("Authorization", answer.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));

        using var call = new HttpRequestMessage(HttpMethod.Get, "Patient?_count=1");
        call.Headers.Add("Origin", "https://app.example.org");
        using var reply = await Server.Http.SendAsync(call, TestContext.Current.CancellationToken);
        Assert.Contains("ETag", reply.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
        Assert.Contains("Origin", reply.Headers.Vary);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("https://evil.example.org")]
    [InlineData("https://app.example.org.evil.example")]
    public async Task Another_origin_gets_no_permission(string origin)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Options, "Patient/1");
        ask.Headers.Add("Origin", origin);
        ask.Headers.Add("Access-Control-Request-Method", "PUT");
        using var answer = await Server.Http.SendAsync(ask, TestContext.Current.CancellationToken);

        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Methods"));
        Assert.Contains("Origin", answer.Headers.Vary);
    }

    [Fact]
    public async Task A_compressed_body_is_read_within_its_ratio()
    {
        Assert.Equal(HttpStatusCode.Created, (await PostGzipAsync(Encoding.UTF8.GetBytes(Tiny))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostGzipAsync(new byte[10_000_000])).StatusCode);
        using var broken = new ByteArrayContent([1, 2, 3]);
        broken.Headers.ContentType = new("application/fhir+json");
        broken.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(HttpStatusCode.BadRequest, (await Server.Http.PostAsync("Patient", broken, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task What_is_too_large_for_XML_is_refused_and_given_as_JSON()
    {
        Assert.Equal(422, (await Server.GetAsync("metadata?_format=xml")).Status);
        Assert.Equal(200, (await Server.GetAsync("metadata")).Status);
    }

    [Fact]
    public async Task A_slow_request_is_logged_with_its_shape_and_no_value()
    {
        await Server.GetAsync("Patient?name=Canary&_count=1", ("Authorization", "Bearer Canary"));

        // The line is written after the last byte of the answer.
        var log = ((ConfiguredServer)Server).Log;
        while (!log.Lines.Any(l => l.Contains("search-type of Patient", StringComparison.Ordinal) && l.Contains("name=#", StringComparison.Ordinal)))
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(log.Lines, l => l.Contains("Canary", StringComparison.Ordinal));
    }

    private async Task<HttpResponseMessage> PostGzipAsync(byte[] body)
    {
        using var content = new ByteArrayContent(EdgeTests.Gzip(body));
        content.Headers.ContentType = new("application/fhir+json");
        content.Headers.ContentEncoding.Add("gzip");
        return await Server.Http.PostAsync("Patient", content);
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly List<string> lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines)
            lines.Add(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
