using System.Text;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;

namespace FhirEmr.BillingBridge.Tests;

public sealed class InboundPipelineTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("inbound").FullName;
    private readonly SmallPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_file_that_fails_stays_and_the_files_behind_it_are_applied()
    {
        _practice.AddClaim("a1");
        var channel = new FolderChannel(_root, ChannelKind.Mock);
        var submission = _practice.Submission(channel);
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
        await channel.DeliverAsync("1.x12", Acceptance(11), Ct);
        await channel.DeliverAsync("2.x12", Acceptance(12), Ct);
        var commits = 0;
        _practice.Records.BeforeCommit = () =>
        {
            if (commits++ == 0)
                throw new IOException("disk full");
        };
        var inbound = new InboundPipeline(channel, submission, _practice.Remittance());

        var failure = await Assert.ThrowsAsync<AggregateException>(() => inbound.ReceiveAsync(Ct));

        Assert.Contains("disk full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ClaimStage.Forwarded, _practice.Stage("a1"));
        var left = Path.GetFileName(Assert.Single(Directory.GetFiles(channel.Inbound)));
        Assert.Equal(left, Assert.Single(await inbound.ReceiveAsync(Ct)).FileName);
        Assert.Empty(Directory.GetFiles(channel.Inbound));
    }

    private static byte[] Acceptance(int number) =>
        Encoding.ASCII.GetBytes(Fixtures.File999(["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1", "IK5*A", "AK9*A*1*1*1"]).Inbound(number));
}
