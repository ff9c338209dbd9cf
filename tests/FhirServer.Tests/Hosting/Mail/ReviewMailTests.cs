using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Mail;
using FhirEmr.FhirServer.Security.Smart;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MimeKit;
using SmtpServer;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using FhirTask = Hl7.Fhir.Model.Task;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Hosting.Mail;

/// <summary>The privacy officer's mail, through a mail server that listens on this machine.</summary>
[Trait("Requirement", "S-47")]
public sealed class ReviewMailTests : IAsyncLifetime
{
    private readonly Box box = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Reviews records = new(new FhirTask
    {
        Id = "r1",
        Meta = new() { VersionId = "1" },
        Status = FhirTask.TaskStatus.Requested,
        Code = new CodeableConcept("urn:fhiremr:task", "break-glass-review"),
        Description = "mina opened this record in an emergency. Reason given: unconscious in room 4",
        For = new ResourceReference("Patient/p1"),
    });

    private int port;
    private Task running = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        var services = new ServiceProvider();
        services.Add(box);
        var server = new SmtpServer.SmtpServer(
            new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(e => e.Endpoint(new IPEndPoint(IPAddress.Loopback, port)).AllowUnsecureAuthentication()).Build(), services);
        running = server.StartAsync(stop.Token);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // that is how it ends
        }

        stop.Dispose();
    }

    [Fact]
    public async Task Each_review_is_told_once_with_nothing_of_the_record()
    {
        var mail = Make(port);

        Assert.Equal(1, await mail.SendAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await mail.SendAsync(TestContext.Current.CancellationToken));

        var message = Assert.Single(box.Messages);
        Assert.Equal("officer@practice.example", message.To.Mailboxes.Single().Address);
        Assert.Equal("break-glass-review.r1@practice.example", message.MessageId);
        Assert.Contains("https://emr.example/fhir/Task/r1", message.TextBody, StringComparison.Ordinal);
        foreach (var secret in (string[])["Patient/p1", "mina", "unconscious"])
            Assert.DoesNotContain(secret, message.ToString(), StringComparison.Ordinal);
        Assert.Equal(ReviewMail.Mailed, records.Task.Output.Single().Type.Coding.Single().Code);
    }

    [Fact]
    public async Task A_mail_server_that_is_down_is_asked_again_later_and_nothing_is_marked()
    {
        var clock = new CountedTime();
        var mail = Make(1, clock);

        Assert.Equal(0, await mail.SendAsync(TestContext.Current.CancellationToken));
        Assert.Empty(records.Task.Output);

        var searches = records.Searches;
        Assert.Equal(0, await mail.SendAsync(TestContext.Current.CancellationToken)); // too early: nobody is asked
        Assert.Equal(searches, records.Searches);
        clock.Now += TimeSpan.FromSeconds(31);
        await mail.SendAsync(TestContext.Current.CancellationToken);
        Assert.Equal(searches + 1, records.Searches);
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("mail.example", "emr@practice.example", null)]
    [InlineData("mail.example", "", "Mail:From")]
    [InlineData("mail.example", "no address at all @@", "Mail:From")]
    public void Settings_that_cannot_send_are_named(string host, string from, string? named)
    {
        var fault = new MailOptions { Host = host, From = from }.Fault();
        Assert.Equal(named is null, fault is null);
        if (named is not null)
            Assert.StartsWith(named, fault, StringComparison.Ordinal);
    }

    private ReviewMail Make(int to, TimeProvider? clock = null)
    {
        var options = Options.Create(new MailOptions { Host = "127.0.0.1", Port = to, From = "emr@practice.example", PrivacyOfficer = "officer@practice.example" });
        return new(records, new Mailer(options), options, new Identity(), clock ?? TimeProvider.System, NullLogger<ReviewMail>.Instance);
    }

    private sealed class Box : MessageStore
    {
        public List<MimeMessage> Messages { get; } = [];

        public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var stream = new MemoryStream(buffer.ToArray());
            Messages.Add(await MimeMessage.LoadAsync(stream, cancellationToken));
            return SmtpResponse.Ok;
        }
    }

    /// <summary>One Task that waits for its review.</summary>
    private sealed class Reviews(FhirTask task) : IFhirRecords
    {
        public FhirTask Task { get; private set; } = task;

        public int Searches { get; private set; }

        public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
            where T : Resource
        {
            await System.Threading.Tasks.Task.Yield();
            Assert.Equal("code=urn:fhiremr:task|break-glass-review&status=requested", query);
            Searches++;
            yield return (T)(Resource)Task.DeepCopy();
        }

        public Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
        {
            var entry = Assert.Single(transaction.Entry);
            Assert.Equal("W/\"1\"", entry.Request!.IfMatch);
            Task = (FhirTask)entry.Resource!;
            return System.Threading.Tasks.Task.FromResult<CommitOutcome>(new CommitOutcome.Committed(new Bundle()));
        }

        public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => throw new NotSupportedException();

        public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
            where T : Resource => throw new NotSupportedException();
    }

    private sealed class Identity : IServerIdentity
    {
        public Uri Issuer { get; } = new("https://emr.example/");

        public string FhirBase => "https://emr.example/fhir";

        public bool IsFhirBase(string? audience) => audience == FhirBase;
    }

    private sealed class CountedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
