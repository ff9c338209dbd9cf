using System.Globalization;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Sending;

/// <summary>Sends what waits in the outbox, to each destination in order, until it is answered with AA (reliability ).</summary>
/// <remarks>
/// Each attempt is written down before it is made, under the version that was read: of several nodes one makes it, and a crash repeats it at most. The receiver knows
/// a repeat by MSH-10. AE is final and a person is told; AR, silence and a closed connection are tried again with longer and longer waits, until they are given up.
/// </remarks>
internal sealed partial class OutboxWorker(
    FhirInteractions interactions, IResourceStore store, SearchParser parser, IReadOnlyDictionary<string, DestinationOptions> destinations, OutboxSignal signal, TimeProvider clock, ILogger<OutboxWorker> log) : BackgroundService
{
    private const int MostAtOnce = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (destinations.Count == 0)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TurnAsync(stoppingToken);
                await signal.WaitAsync(Every, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The boundary of a turn: what waits is still there, and the next turn tries again.
                Failed(log, e);
                await Task.Delay(Every, clock, stoppingToken);
            }
        }
    }

    /// <summary>Sends all that is due, to all destinations side by side, so that one that does not answer keeps nothing waiting that is due to another now; what comes for the other meanwhile waits for the next turn. Returns how many were settled.</summary>
    public async Task<int> TurnAsync(CancellationToken ct) => (await Task.WhenAll(destinations.Select(d => ToAsync(d.Key, d.Value, ct)))).Sum();

    private async Task<int> ToAsync(string name, DestinationOptions to, CancellationToken ct)
    {
        KeyValuePair<string, string>[] waiting = [new("code", $"{Hl7V2Urls.Kind}|{Hl7V2Urls.Outbound}"), new("code", $"{Hl7V2Urls.State}|{Hl7V2Urls.Queued}"), new("code", $"{Hl7V2Urls.Destination}|{name}")];
        if (await parser.ParseAsync("Basic", waiting, SearchHandling.Strict, null, ct) is not SearchParse.Parsed parsed)
            return 0;
        for (var settled = 0; ;)
        {
            // In the order in which they were put in; what is settled waits no more, so the next ones come first.
            var first = (await store.SearchAsync(parsed.Query with { Count = MostAtOnce }, Caller.System.Access, ct)).Matches;
            foreach (var match in first)
            {
                var basic = FhirFormats.Parse<Basic>(match.Json.Span);
                if (Waits(basic, to) || !await SendAsync(basic, match.Version, name, to, ct))
                    return settled; // what comes behind may cancel what goes before: it waits
                settled++;
            }

            if (first.Count < MostAtOnce)
                return settled;
        }
    }

    /// <summary>Whether its next attempt is to come. Believed of what this server has written, and no longer than it ever waits: anybody else's is put aside at once, and holds nothing.</summary>
    private bool Waits(Basic basic, DestinationOptions to) => OutboundMessage.IsGenuine(basic, store.Symbols)
        && OutboundMessage.NextAttemptOf(basic) - clock.GetUtcNow() is { } left && left > TimeSpan.Zero && left <= LongestWait + TimeSpan.FromSeconds(to.AnswerSeconds);

    private async Task<bool> SendAsync(Basic basic, int version, string name, DestinationOptions to, CancellationToken ct)
    {
        var attempt = OutboundMessage.AttemptsOf(basic) + 1;
        if (!OutboundMessage.IsGenuine(basic, store.Symbols))
        {
            Refused(log, name, attempt);
            OutboundMessage.SetState(basic, Hl7V2Urls.Refused);
            return await UpdateAsync(basic, version, Work(basic, name, "was not written by this server, or was changed since: it is not sent. Ask for the order's message again."), ct) is not null;
        }

        OutboundMessage.Set(basic, Hl7V2Urls.Attempts, new Integer(attempt));
        OutboundMessage.Set(basic, Hl7V2Urls.NextAttempt, new Instant(clock.GetUtcNow() + Wait(attempt) + TimeSpan.FromSeconds(to.AnswerSeconds)));
        if (await UpdateAsync(basic, version, null, ct) is not { } leased)
            return false; // another node was first

        var (code, answer, why) = await ExchangeAsync(basic, to, ct);
        switch (code)
        {
            case Acknowledgement.Accepted:
                OutboundMessage.SetState(basic, Hl7V2Urls.Sent);
                OutboundMessage.Set(basic, Hl7V2Urls.Answer, new Attachment { ContentType = Hl7V2Urls.ContentType, Data = answer });
                return await UpdateAsync(basic, leased, null, ct) is not null;
            case Acknowledgement.InError:
                Refused(log, name, attempt);
                OutboundMessage.SetState(basic, Hl7V2Urls.Refused);
                OutboundMessage.Set(basic, Hl7V2Urls.Answer, new Attachment { ContentType = Hl7V2Urls.ContentType, Data = answer });
                return await UpdateAsync(basic, leased, Work(basic, name, "was answered with an error: it must be mended and sent as a new version of the order."), ct) is not null;
        }

        Waits(log, name, attempt, why!);
        if (OutboundMessage.QueuedAtOf(basic) is { } queued && clock.GetUtcNow() - queued > TimeSpan.FromHours(to.GiveUpHours))
        {
            OutboundMessage.SetState(basic, Hl7V2Urls.Dead);
            await UpdateAsync(basic, leased, Work(basic, name, $"was not accepted for {to.GiveUpHours} hours and is given up."), ct);
            return false;
        }

        OutboundMessage.Set(basic, Hl7V2Urls.NextAttempt, new Instant(clock.GetUtcNow() + Wait(attempt)));
        await UpdateAsync(basic, leased, null, ct);
        return false;
    }

    /// <summary>AA, AE, or null for what is to be tried again, with the reason.</summary>
    private static async Task<(string? Code, byte[]? Answer, string? Why)> ExchangeAsync(Basic basic, DestinationOptions to, CancellationToken ct)
    {
        byte[] answer;
        try
        {
            answer = await MllpClient.ExchangeAsync(to, StoredMessage.OriginalOf(basic)!.Data!, ct);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            return (null, null, e.Message);
        }

        var (message, fault) = MessageReader.Read(answer, new MessageLimits(), Charsets.Utf8);
        if (message?.First("MSA") is not { } msa)
            return (null, answer, fault?.Text ?? "The answer has no MSA.");
        if (msa[2].Text != OutboundMessage.ControlIdOf(basic))
            return (null, answer, "The answer is to another message.");
        return msa[1].Text switch
        {
            "AA" or "CA" => (Acknowledgement.Accepted, answer, null),
            "AE" or "CE" => (Acknowledgement.InError, answer, null),
            _ => (null, answer, "The message was rejected."),
        };
    }

    /// <summary>The version written, or null when it is not the one that was read any more.</summary>
    private async Task<int?> UpdateAsync(Basic basic, int version, FhirTask? work, CancellationToken ct)
    {
        var writes = new Writes();
        writes.Add(basic, new("MSH", 1), version.ToString(CultureInfo.InvariantCulture));
        if (work is not null)
        {
            // One that was made before, for the same message put into the queue again, is opened again as whoever has it left it.
            var before = await store.ReadAsync(new("Task", work.Id!), Caller.System.Access, ct) is { IsDeleted: false } known ? known : null;
            if (before is not null)
                (work, work.Status) = (FhirFormats.Parse<FhirTask>(before.Json.Span), FhirTask.TaskStatus.Requested);
            writes.Add(work, new("MSH", 1), before?.Version.ToString(CultureInfo.InvariantCulture));
        }

        var reply = await interactions.HandleAsync(new FhirRequest("POST", FhirTarget.Parse("", out _)!, Caller.System) { Body = FhirJsonReader.Read(FhirFormats.ToJson(writes.Bundle), out _)!.Root, BaseUrl = "" }, ct);
        if (reply.Fault is { Kind: FaultKind.PreconditionFailed or FaultKind.Conflict })
            return null;
        return reply.Fault is { } fault ? throw new InvalidOperationException($"The outbox cannot be written: {fault.Issues[0].Text}") : version + 1;
    }

    private FhirTask Work(Basic basic, string destination, string why) => new()
    {
        Id = "t" + Hl7Id.Of(destination, "not-delivered", basic.Id)[..39],
        Status = FhirTask.TaskStatus.Requested,
        Intent = FhirTask.TaskIntent.Order,
        Code = new CodeableConcept(Hl7V2Urls.Kind, Hl7V2Urls.FailureTask) { Text = "Message that was not delivered" },
        Description = $"An order to {destination} {why}",
        Focus = new ResourceReference($"Basic/{basic.Id}"),
        AuthoredOn = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
    };

    /// <summary>Doubles up to an hour, with full jitter from the half on.</summary>
    private static TimeSpan Wait(int attempt)
    {
        var most = Math.Min(LongestWait.TotalSeconds, Math.Pow(2, Math.Min(attempt, 12)));
        return TimeSpan.FromSeconds((most / 2) + (Random.Shared.NextDouble() * most / 2));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of the HL7 v2 outbox failed; the next one tries again")]
    private static partial void Failed(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message to {Destination} was refused at attempt {Attempt}")]
    private static partial void Refused(ILogger log, string destination, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message to {Destination} is not accepted yet (attempt {Attempt}): {Reason}")]
    private static partial void Waits(ILogger log, string destination, int attempt, string reason);
}
