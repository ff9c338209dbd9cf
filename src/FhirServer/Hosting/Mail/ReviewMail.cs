using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Security.Smart;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Mail;

/// <summary>Tells the privacy officer by mail of each emergency access that waits for its review (security S-47).</summary>
/// <remarks>
/// The Task is what is remembered: it gets an output when its mail was taken. A crash between the two sends the mail again, with the same Message-ID. A mail
/// server that does not answer is asked again, at longer and longer intervals.
/// </remarks>
internal sealed partial class ReviewMail(IFhirRecords records, Mailer mailer, IOptions<MailOptions> options, IServerIdentity server, TimeProvider clock, ILogger<ReviewMail> log) : Watch(Every, clock, log)
{
    public const string Mailed = "mailed";
    private const string TaskSystem = "urn:fhiremr:task";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private TimeSpan pause = TimeSpan.Zero;
    private DateTimeOffset next = DateTimeOffset.MinValue;

    protected override Task TurnAsync(CancellationToken ct) => SendAsync(ct);

    /// <summary>One turn.</summary>
    /// <returns>How many mails went out.</returns>
    public async Task<int> SendAsync(CancellationToken ct)
    {
        var settings = options.Value;
        if (!settings.IsOn || settings.PrivacyOfficer.Length == 0 || Clock.GetUtcNow() < next)
            return 0;

        var sent = 0;
        var waiting = new List<FhirTask>();
        await foreach (var task in records.SearchAsync<FhirTask>($"code={TaskSystem}|break-glass-review&status=requested", ct))
            if (!task.Output.Exists(o => o.Type.Coding.Exists(c => c.System == TaskSystem && c.Code == Mailed)))
                waiting.Add(task);
        foreach (var task in waiting)
        {
            try
            {
                await mailer.SendAsync($"break-glass-review.{task.Id}", settings.PrivacyOfficer, "Emergency access waits for your review", Text(task), ct);
            }
            catch (MailException e)
            {
                pause = pause == TimeSpan.Zero ? Every : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Longest.Ticks));
                next = Clock.GetUtcNow() + pause;
                NotSent(log, pause, e.Message);
                return sent;
            }

            (pause, next) = (TimeSpan.Zero, DateTimeOffset.MinValue);
            await MarkAsync(task, ct);
            sent++;
        }

        return sent;
    }

    /// <summary>Neither whose record nor who opened it: that is in the Task, for those who may read it.</summary>
    private string Text(FhirTask task) =>
        $"""
        A member of staff has opened a record in an emergency. The access is audited, ends after an hour, and has to be reviewed.

        The review: {server.FhirBase}/Task/{task.Id}
        """;

    private async Task MarkAsync(FhirTask task, CancellationToken ct)
    {
        task.Output.Add(new() { Type = new CodeableConcept(TaskSystem, Mailed, null, "told by mail"), Value = new FhirDateTime(Clock.GetUtcNow()) });
        var bundle = new Bundle { Type = Bundle.BundleType.Transaction };
        bundle.Entry.Add(new() { Resource = task, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"Task/{task.Id}", IfMatch = $"W/\"{task.Meta!.VersionId}\"" } });
        if (await records.CommitAsync(bundle, ct) is not CommitOutcome.Committed)
            NotMarked(log, task.Id!); // somebody works on it: marked at the next turn, if it still waits then
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The privacy officer could not be told of an emergency access; tried again in {Pause}: {Reason}")]
    private static partial void NotSent(ILogger log, TimeSpan pause, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Task/{Id} was changed while its mail was sent")]
    private static partial void NotMarked(ILogger log, string id);
}
