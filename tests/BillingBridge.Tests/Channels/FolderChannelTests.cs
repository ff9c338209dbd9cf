using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Tests.Channels;

public sealed class FolderChannelTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("channel").FullName;
    private readonly FolderChannel _channel;

    public FolderChannelTests() => _channel = new FolderChannel(_root, ChannelKind.Mock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Writes_a_whole_file_and_leaves_nothing_else()
    {
        Assert.Equal(SendOutcome.Sent, await _channel.SendAsync("837P-1.x12", "ISA~"u8.ToArray(), Ct));

        Assert.Equal(["837P-1.x12"], Directory.GetFiles(_channel.Outbound).Select(Path.GetFileName));
        Assert.Equal("ISA~", await File.ReadAllTextAsync(Path.Combine(_channel.Outbound, "837P-1.x12"), Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sending_the_same_file_again_counts_as_sent_also_after_it_was_taken(bool taken)
    {
        await _channel.SendAsync("a.x12", "ISA~"u8.ToArray(), Ct);
        if (taken)
            _channel.MarkTaken("a.x12");

        Assert.Equal(SendOutcome.AlreadySent, await _channel.SendAsync("a.x12", "ISA~"u8.ToArray(), Ct));
        Assert.Equal(SendOutcome.NameTaken, await _channel.SendAsync("a.x12", "other"u8.ToArray(), Ct));
        Assert.Equal(taken ? 0 : 1, Directory.GetFiles(_channel.Outbound).Length);
    }

    [Theory]
    [InlineData("../a.x12")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("in/a.x12")]
    public async Task A_name_cannot_leave_the_folder(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _channel.SendAsync(name, "x"u8.ToArray(), Ct));

    [Fact]
    public async Task Lists_whole_inbound_files_and_moves_them_when_acknowledged()
    {
        await _channel.DeliverAsync("835-1.x12", "A"u8.ToArray(), Ct);
        await File.WriteAllTextAsync(Path.Combine(_channel.Inbound, ".835-2.x12.part"), "half", Ct);
        Assert.Equal(["835-1.x12"], (await _channel.ListInboundAsync(Ct).ToListAsync(Ct)).Select(f => f.Name));

        await _channel.AcknowledgeAsync("835-1.x12", InboundDisposition.Archive, Ct);
        await _channel.AcknowledgeAsync("835-1.x12", InboundDisposition.Archive, Ct);
        Assert.Empty(await _channel.ListInboundAsync(Ct).ToListAsync(Ct));
        Assert.True(File.Exists(Path.Combine(_channel.Archive, "835-1.x12")));
        Assert.Null(await _channel.OpenInboundAsync("835-1.x12", Ct));
    }

    [Fact]
    public async Task A_second_file_of_a_name_already_archived_keeps_both()
    {
        foreach (var content in (string[])["one", "two"])
        {
            await File.WriteAllTextAsync(Path.Combine(_channel.Inbound, "era.x12"), content, Ct);
            await _channel.AcknowledgeAsync("era.x12", InboundDisposition.Reject, Ct);
        }

        Assert.Equal(["one", "two"], Directory.GetFiles(_channel.Rejected).Select(File.ReadAllText).Order());
    }
}
