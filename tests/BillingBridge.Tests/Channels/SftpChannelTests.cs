using System.Text;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Tests.Channels;

[Trait("Requirement", "R-22")]
public sealed class SftpChannelTests : IClassFixture<SftpServer>, IDisposable
{
    private readonly SftpServer _server;
    private readonly DirectoryInfo _mailbox;
    private readonly DirectoryInfo _local = Directory.CreateTempSubdirectory("fhir-emr-local-");

    public SftpChannelTests(SftpServer server)
    {
        Assert.SkipWhen(server.WhyNot is not null, server.WhyNot ?? "");
        _server = server;
        _mailbox = server.NewMailbox();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _local.Delete(recursive: true);

    [Fact]
    public async Task A_file_arrives_whole_under_its_name_and_sending_it_again_changes_nothing()
    {
        using var channel = Channel();

        Assert.Equal(SendOutcome.Sent, await channel.SendAsync("837P-000000001.x12", "ISA one"u8.ToArray(), Ct));
        Assert.Equal(SendOutcome.AlreadySent, await channel.SendAsync("837P-000000001.x12", "ISA one"u8.ToArray(), Ct));
        Assert.Equal(SendOutcome.NameTaken, await channel.SendAsync("837P-000000001.x12", "ISA two"u8.ToArray(), Ct));

        Assert.Equal(["837P-000000001.x12"], Remote("outbound"));
        Assert.Equal("ISA one", await File.ReadAllTextAsync(Path.Combine(_mailbox.FullName, "outbound", "837P-000000001.x12"), Ct));
    }

    [Fact]
    public async Task What_a_broken_upload_has_left_is_written_over()
    {
        var staging = Path.Combine(_mailbox.FullName, "outbound", ".837P-000000001.x12.part");
        await File.WriteAllTextAsync(staging, "ISA half a file that was longer than the whole one", Ct);
        using var channel = Channel();

        Assert.Equal(SendOutcome.Sent, await channel.SendAsync("837P-000000001.x12", "ISA one"u8.ToArray(), Ct));

        Assert.Equal("ISA one", await File.ReadAllTextAsync(Path.Combine(_mailbox.FullName, "outbound", "837P-000000001.x12"), Ct));
        Assert.False(File.Exists(staging));
    }

    [Fact]
    public async Task Waiting_files_come_oldest_first_and_go_to_the_archive_when_done_with()
    {
        Put("b.x12", "second", minutesAgo: 1);
        Put("a.x12", "third", minutesAgo: 0);
        Put("c.x12", "first", minutesAgo: 2);
        Put(".hidden", "half", 0);
        Put("d.x12.part", "half", 0);
        using var channel = Channel(archive: true);

        Assert.Equal(["c.x12 5", "b.x12 6", "a.x12 5"], await channel.ListInboundAsync(Ct).Select(f => $"{f.Name} {f.Length}").ToListAsync(Ct));
        Assert.Equal("first", await ReadAsync(channel, "c.x12"));
        await channel.AcknowledgeAsync("c.x12", InboundDisposition.Archive, Ct);
        await channel.AcknowledgeAsync("c.x12", InboundDisposition.Archive, Ct);
        await channel.AcknowledgeAsync("b.x12", InboundDisposition.Reject, Ct);

        Assert.Equal(["a.x12"], await channel.ListInboundAsync(Ct).Select(f => f.Name).ToListAsync(Ct));
        Assert.Null(await channel.OpenInboundAsync("c.x12", Ct));
        Assert.Equal(["c.x12"], Remote("archive"));
        Assert.Equal(["b.x12"], Remote("archive/rejected"));
    }

    [Fact]
    public async Task Where_nothing_may_be_moved_what_is_done_with_is_remembered_over_a_restart()
    {
        Put("a.x12", "once", 3);
        using (var channel = Channel())
        {
            await channel.AcknowledgeAsync("a.x12", InboundDisposition.Archive, Ct);
            Assert.Empty(await channel.ListInboundAsync(Ct).ToListAsync(Ct));
        }

        using var restarted = Channel();
        Assert.Empty(await restarted.ListInboundAsync(Ct).ToListAsync(Ct));
        Assert.Equal(["a.x12"], Remote("inbound"));

        // The same name with other content is another file.
        Put("a.x12", "another", 1);
        Assert.Equal(["a.x12"], await restarted.ListInboundAsync(Ct).Select(f => f.Name).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_server_with_another_host_key_gets_nothing()
    {
        using var channel = Channel(s => s.HostKey = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

        var refused = await Assert.ThrowsAsync<ChannelException>(() => channel.SendAsync("837P-000000001.x12", "ISA"u8.ToArray(), Ct));

        Assert.Contains($"shows another host key ({_server.HostKey})", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Remote("outbound"));
    }

    [Fact]
    public async Task A_refused_sign_in_and_a_missing_folder_are_said_in_a_sentence()
    {
        using var stranger = Channel(s => s.KeyFile = _server.OtherKeyFile);
        Assert.Contains("the sign-in was refused", (await Assert.ThrowsAsync<ChannelException>(() => stranger.SendAsync("a.x12", "ISA"u8.ToArray(), Ct))).Message, StringComparison.Ordinal);
        using var lost = Channel(s => s.Outbound = _mailbox.FullName + "/nowhere");
        Assert.Contains("a remote folder is not there", (await Assert.ThrowsAsync<ChannelException>(() => lost.SendAsync("a.x12", "ISA"u8.ToArray(), Ct))).Message, StringComparison.Ordinal);
        using var nobody = Channel(s => s.Port = SftpServer.FreePort());
        Assert.Contains("cannot be reached", (await Assert.ThrowsAsync<ChannelException>(() => nobody.SendAsync("a.x12", "ISA"u8.ToArray(), Ct))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escape.x12")]
    [InlineData("")]
    [InlineData("..")]
    public async Task A_name_cannot_leave_its_folder(string name)
    {
        using var channel = Channel();
        await Assert.ThrowsAsync<ArgumentException>(() => channel.SendAsync(name, "ISA"u8.ToArray(), Ct));
    }

    [Fact]
    public void What_is_wrong_in_the_settings_is_named()
    {
        Assert.Empty(Settings(false).Faults());
        Assert.Equal(
            ["Host", "Port", "User", "HostKey", "has no way to sign in"],
            new SftpSettings { Port = 0 }.Faults().Select(f => Array.Find((string[])["Sftp:Host ", "Sftp:Port", "Sftp:User", "Sftp:HostKey", "has no way to sign in"], w => f.Contains(w, StringComparison.Ordinal))!.Replace("Sftp:", "", StringComparison.Ordinal).Trim()));
        Assert.Contains("no such file", Assert.Single(new SftpSettings { Host = "sftp.example.org", User = "u", HostKey = _server.HostKey, KeyFile = "/nowhere/key" }.Faults()), StringComparison.Ordinal);
    }

    private SftpChannel Channel(bool archive) => new(Settings(archive), _local.FullName, ChannelKind.Mock);

    private SftpChannel Channel(Action<SftpSettings>? change = null)
    {
        var settings = Settings(false);
        change?.Invoke(settings);
        return new SftpChannel(settings, _local.FullName, ChannelKind.Mock);
    }

    private SftpSettings Settings(bool archive) => new()
    {
        Host = "127.0.0.1",
        Port = _server.Port,
        User = Environment.UserName,
        HostKey = _server.HostKey,
        KeyFile = _server.KeyFile,
        Outbound = $"{_mailbox.FullName}/outbound",
        Inbound = $"{_mailbox.FullName}/inbound",
        Archive = archive ? $"{_mailbox.FullName}/archive" : "",
    };

    private void Put(string name, string content, int minutesAgo)
    {
        var path = Path.Combine(_mailbox.FullName, "inbound", name);
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 4, 1, 12, 0, 0, DateTimeKind.Utc).AddMinutes(-minutesAgo));
    }

    private IEnumerable<string> Remote(string folder) =>
        Directory.GetFiles(Path.Combine(_mailbox.FullName, folder)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    private static async Task<string> ReadAsync(SftpChannel channel, string name)
    {
        await using var stream = await channel.OpenInboundAsync(name, Ct);
        using var reader = new StreamReader(stream!, Encoding.ASCII);
        return await reader.ReadToEndAsync(Ct);
    }
}
