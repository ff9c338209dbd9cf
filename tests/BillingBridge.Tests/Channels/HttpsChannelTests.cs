using System.Text;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using Answer = FhirEmr.BillingBridge.Tests.Channels.HttpHub.Answer;

namespace FhirEmr.BillingBridge.Tests.Channels;

[Trait("Requirement", "R-21")]
public sealed class HttpsChannelTests : IDisposable
{
    private const string Reply271 = "ISA*00*answer~";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fhir-emr-https-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_question_goes_out_as_CORE_has_it_and_its_answer_waits_on_our_disk()
    {
        using var hub = new HttpHub(_ => Core(("PayloadType", "X12_271_Response_005010X279A1"), ("ErrorCode", "Success"), ("Payload", Reply271)));
        using (var channel = Channel(hub))
            Assert.Equal(SendOutcome.Sent, await channel.SendAsync("270-000000001.x12", "ISA*00*question~\n"u8.ToArray(), Ct));

        var request = Assert.Single(hub.Requests);
        Assert.Equal(("POST", "/x12", "Basic dXM6c2VjcmV0"), (request.Method, request.Path, request.Authorization));
        var boundary = request.Type!.Split("boundary=")[1].Trim('"');
        var parts = CoreEnvelope.Read(request.Body, boundary);
        Assert.Equal(
            ["X12_270_Request_005010X279A1", "RealTime", "2026-04-01T08:00:00Z", "OURS", "THEIRS", "ISA*00*question~\n"],
            ((string[])["PayloadType", "ProcessingMode", "TimeStamp", "SenderID", "ReceiverID", "Payload"]).Select(p => Encoding.UTF8.GetString(parts[p])));

        // After a restart it is there all the same.
        using var restarted = Channel(hub);
        var waiting = Assert.Single(await restarted.ListInboundAsync(Ct).ToListAsync(Ct));
        Assert.Equal("reply-270-000000001.x12", waiting.Name);
        Assert.Equal(Reply271, await ReadAsync(restarted, waiting.Name));
    }

    [Fact]
    public async Task What_went_out_is_not_posted_again_and_another_file_of_the_name_is_refused()
    {
        using var hub = new HttpHub(_ => Core(("ErrorCode", "Success")));
        using var channel = Channel(hub);
        await channel.SendAsync("837P-000000001.x12", "ISA one"u8.ToArray(), Ct);

        using var restarted = Channel(hub);
        Assert.Equal(SendOutcome.AlreadySent, await restarted.SendAsync("837P-000000001.x12", "ISA one"u8.ToArray(), Ct));
        Assert.Equal(SendOutcome.NameTaken, await restarted.SendAsync("837P-000000001.x12", "ISA two"u8.ToArray(), Ct));
        Assert.Single(hub.Requests);
        Assert.Contains("Batch", hub.Requests[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_posted_again_after_a_failure_has_the_same_payload_id()
    {
        var isDown = true;
        using var hub = new HttpHub(_ => isDown ? Answer.Of(503) : Answer.Of(200, "application/edi-x12", Reply271));
        using var channel = Channel(hub, s => s.Envelope = HttpsEnvelope.Raw);

        var failed = await Assert.ThrowsAsync<ChannelException>(() => channel.SendAsync("276-000000001.x12", "ISA one"u8.ToArray(), Ct));
        isDown = false;
        Assert.Equal(SendOutcome.Sent, await channel.SendAsync("276-000000001.x12", "ISA one"u8.ToArray(), Ct));

        Assert.Equal("https 127.0.0.1 takes no files: it answered 503.", failed.Message);
        Assert.Equal(2, hub.Requests.Count);
        Assert.Single(hub.Requests.Select(r => r.Headers["X-Payload-ID"]).Distinct());
        Assert.All(hub.Requests, r => Assert.Equal(("application/edi-x12", "ISA one"), (r.Type, r.Text)));
        Assert.Equal(["reply-276-000000001.x12"], await channel.ListInboundAsync(Ct).Select(f => f.Name).ToListAsync(Ct));
    }

    [Fact]
    public async Task What_CORE_calls_an_error_is_one_and_nothing_counts_as_sent()
    {
        using var hub = new HttpHub(_ => Core(("ErrorCode", "SenderIDNotAuthorized"), ("ErrorMessage", "Ask for enrolment")));
        using var channel = Channel(hub);

        var refused = await Assert.ThrowsAsync<ChannelException>(() => channel.SendAsync("270-000000001.x12", "ISA"u8.ToArray(), Ct));

        Assert.Equal("https 127.0.0.1 does not take the file: SenderIDNotAuthorized (Ask for enrolment).", refused.Message);
        Assert.Empty(await channel.ListInboundAsync(Ct).ToListAsync(Ct));
        await Assert.ThrowsAsync<ChannelException>(() => channel.SendAsync("270-000000001.x12", "ISA"u8.ToArray(), Ct));
    }

    [Fact]
    public async Task A_token_is_fetched_once_and_again_when_it_is_refused()
    {
        var tokens = 0;
        using var hub = new HttpHub(r => r.Path switch
        {
            "/token" => Answer.Of(200, "application/json", $$"""{"access_token":"t{{++tokens}}","expires_in":3600}"""),
            _ when r.Authorization is "Bearer t2" => Answer.Of(200),
            _ when tokens > 1 => Answer.Of(200),
            _ => Answer.Of(r.Text.Contains("first", StringComparison.Ordinal) ? 200 : 401),
        });
        using var channel = Channel(hub, s => (s.User, s.TokenUrl, s.ClientId, s.ClientSecret, s.Scope, s.Envelope) = ("", hub.Url + "/token", "us", "s:cret", "x12", HttpsEnvelope.Raw));

        await channel.SendAsync("837P-000000001.x12", "ISA first"u8.ToArray(), Ct);
        await channel.SendAsync("837P-000000002.x12", "ISA second"u8.ToArray(), Ct);

        Assert.Equal(["/token", "/x12", "/x12", "/token", "/x12"], hub.Requests.Select(r => r.Path));
        Assert.Equal("grant_type=client_credentials&scope=x12", hub.Requests[0].Text);
        Assert.Equal($"Basic {Convert.ToBase64String("us:s%3Acret"u8)}", hub.Requests[0].Authorization);
        Assert.Equal(["Bearer t1", "Bearer t1", "Bearer t2"], hub.Requests.Where(r => r.Path == "/x12").Select(r => r.Authorization));
    }

    [Fact]
    public async Task A_mailbox_is_emptied_file_by_file_after_each_was_applied()
    {
        var mailbox = new SortedDictionary<string, string> { ["999-1.x12"] = "ISA 999", ["835 a.x12"] = "ISA 835", ["../bad"] = "no" };
        using var hub = new HttpHub(r => (r.Method, Uri.UnescapeDataString(r.Path)) switch
        {
            ("GET", "/box") => Answer.Of(200, "application/json", System.Text.Json.JsonSerializer.Serialize(mailbox.Keys)),
            ("GET", ['/', 'b', 'o', 'x', '/', .. var name]) => mailbox.TryGetValue(name, out var file) ? Answer.Of(200, "application/edi-x12", file) : Answer.Of(404),
            ("DELETE", ['/', 'b', 'o', 'x', '/', .. var name]) => Answer.Of(mailbox.Remove(name) ? 204 : 404),
            _ => Answer.Of(404),
        });
        using var channel = Channel(hub, s => s.MailboxUrl = hub.Url + "/box");

        var names = await channel.ListInboundAsync(Ct).Select(f => f.Name).ToListAsync(Ct);
        Assert.Equal(["mailbox-835 a.x12", "mailbox-999-1.x12"], names.Order(StringComparer.Ordinal));
        Assert.Equal("ISA 835", await ReadAsync(channel, "mailbox-835 a.x12"));
        Assert.Equal(3, mailbox.Count);
        foreach (var name in names)
        {
            await channel.AcknowledgeAsync(name, InboundDisposition.Archive, Ct);
            await channel.AcknowledgeAsync(name, InboundDisposition.Archive, Ct);
        }

        Assert.Equal(["../bad"], mailbox.Keys);

        // Applied, and not taken away because of a crash: not applied again.
        mailbox["999-1.x12"] = "ISA 999";
        Assert.Empty(await channel.ListInboundAsync(Ct).ToListAsync(Ct));
        Assert.Equal(["../bad"], mailbox.Keys);
    }

    [Fact]
    public async Task Nobody_there_is_said_in_a_sentence()
    {
        using var channel = Channel($"http://127.0.0.1:{SftpServer.FreePort()}", null);
        Assert.Equal("https 127.0.0.1 cannot be reached.", (await Assert.ThrowsAsync<ChannelException>(() => channel.SendAsync("270-000000001.x12", "ISA"u8.ToArray(), Ct))).Message);
    }

    [Theory]
    [InlineData("https://hub.example.org/x12", true)]
    [InlineData("http://127.0.0.1:81/x12", true)]
    [InlineData("http://hub.example.org/x12", false)]
    [InlineData("https://me:pw@hub.example.org/x12", false)]
    [InlineData("hub.example.org", false)]
    public void Only_TLS_leaves_this_machine(string url, bool isFine) =>
        Assert.Equal(isFine, !new HttpsSettings { Url = url, User = "us", Password = "x" }.Faults().Any());

    [Fact]
    public void What_is_wrong_in_the_settings_is_named()
    {
        Assert.Equal(2, new HttpsSettings().Faults().Count());
        Assert.Contains("ClientSecretFile", Assert.Single(new HttpsSettings { Url = "https://h.example.org", TokenUrl = "https://h.example.org/t", ClientId = "us" }.Faults()), StringComparison.Ordinal);
        Assert.Contains("one way to sign in", Assert.Single(new HttpsSettings { Url = "https://h.example.org", User = "us", Password = "x", TokenUrl = "https://h.example.org/t", ClientId = "us", ClientSecret = "x" }.Faults()), StringComparison.Ordinal);
    }

    private HttpsChannel Channel(HttpHub hub, Action<HttpsSettings>? change = null) => Channel(hub.Url, change);

    private HttpsChannel Channel(string url, Action<HttpsSettings>? change)
    {
        var settings = new HttpsSettings { Url = url + "/x12", User = "us", Password = "secret" };
        change?.Invoke(settings);
        return new HttpsChannel(settings, _folder.FullName, ChannelKind.Mock, "OURS", "THEIRS", new SocketsHttpHandler { AllowAutoRedirect = false }, SmallPractice.Time);
    }

    private static Answer Core(params (string Name, string Value)[] parts)
    {
        var body = string.Concat(parts.Select(p => $"--edge\r\nContent-Disposition: form-data; name=\"{p.Name}\"\r\n\r\n{p.Value}\r\n")) + "--edge--\r\n";
        return Answer.Of(200, "multipart/form-data; boundary=edge", body);
    }

    private static async Task<string> ReadAsync(HttpsChannel channel, string name)
    {
        await using var stream = await channel.OpenInboundAsync(name, Ct);
        using var reader = new StreamReader(stream!);
        return await reader.ReadToEndAsync(Ct);
    }
}
