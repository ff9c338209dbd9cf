using System.Security.Cryptography;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Space;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>The front desk for messages: one message in, everything it makes in one commit, the answer after it.</summary>
/// <remarks>
/// The original, the answer and the resources are one transaction through the one door, as the caller. So a crash before the commit leaves nothing, and the sender,
/// who has no answer, sends again; a crash after it finds the answer, and gives the same one. The first try assumes that nothing of the message is here yet, and lets
/// the commit say otherwise: a result that is new costs no read.
/// </remarks>
internal sealed partial class Reception(
    FhirInteractions interactions, IResourceStore store, FreeSpace space, PatientFinder patients, OrderFinder orders, ContentStore contents, MessageLimits limits, TimeProvider clock, ILogger<Reception> log)
{
    private const int MostAttempts = 10;

    /// <summary>How the reason begins of a message that would take something from another patient.</summary>
    private const string NumberOfAnother = "A number of the message is that of another patient's ";

    /// <summary>How the reason begins of a merge that would make a stranger's record inactive.</summary>
    private const string MergesAnother = "The record that is to be merged away seems to be another person's: ";

    /// <summary>What a message that meets what is here already is compared with.</summary>
    private static readonly string[] MustRead = ["Basic", "Patient", "Provenance", "Task"];

    /// <summary>Takes in one message.</summary>
    /// <param name="bytes">As it came, without a frame.</param>
    /// <param name="sender">Who sends it.</param>
    /// <param name="caller">With whose rights it is stored.</param>
    /// <param name="decision">What a person has said of a message that was parked; null for one that comes in.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<Received> ReceiveAsync(ReadOnlyMemory<byte> bytes, SenderProfile sender, Caller caller, ReplayDecision? decision, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (message, unreadable) = MessageReader.Read(bytes.Span, limits, sender.Charset);
        var header = message is null ? HeaderOf(bytes.Span) : Msh.Read(message);
        if ((unreadable ?? header!.Fault(sender.TakesTests)) is { } fault)
            return Refuse(header, fault, now);

        var work = new Work(message!, header!, sender, caller, bytes, StoredMessage.IdOf(sender, header!), HashOf(message!), now, decision?.ReceivedAt ?? now);
        try
        {
            for (var attempt = 0; attempt < MostAttempts; attempt++)
            {
                if (await TryAsync(work, isFirst: attempt == 0 && decision is null, decision, ct) is { } received)
                    return received;
                if (attempt > 1)
                    await Task.Delay(Random.Shared.Next(1, 4 << Math.Min(attempt, 6)), ct); // others write the same: each gets its turn
            }
        }
        catch (AccessRefusedException)
        {
            return Refuse(header, new(ErrorCodes.ApplicationInternal, "Whoever sends here may not store what the message says."), now);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The boundary of a message: whatever failed, its sender is told to send it again, and finds it done when it was.
            Failed(log, sender.Name, e);
            return Refuse(header, new(ErrorCodes.ApplicationInternal, "The records cannot be written just now. Send the message again."), now) with { IsTransient = true };
        }

        if (MustRead.FirstOrDefault(t => !caller.Access.Of(t).Allows(Interaction.Read)) is { } unread)
            return Refuse(header, new(ErrorCodes.ApplicationInternal, $"Whoever sends here may not read {unread}, and so cannot see what of the message is here already."), now);
        return Refuse(header, new(ErrorCodes.RecordLocked, "Others keep changing the same records. Send the message again."), now) with { IsTransient = true };
    }

    /// <summary>One try; null when something changed meanwhile.</summary>
    private async Task<Received?> TryAsync(Work work, bool isFirst, ReplayDecision? decision, CancellationToken ct)
    {
        var (before, version) = isFirst ? (null, null) : await ReadAsync<Basic>(new("Basic", work.Id), work.Caller, ct);
        if (before is not null && decision is null && StoredMessage.StateOf(before) is not Hl7V2Urls.Refused)
        {
            if (StoredMessage.HashOf(before) != work.Hash)
                return Refuse(work.Header, new(ErrorCodes.DuplicateKey, "A message with this control id was taken in, and it said something else. Nothing is done.", new("MSH", 1, 10)), work.Now);
            if (StoredMessage.AnswerOf(before) is { } answer)
                return new(work.Header, Acknowledgement.Accepted, answer) { IsRepeat = true, IsParked = StoredMessage.StateOf(before) is Hl7V2Urls.Parked };
        }

        if (before is not null && decision is not null && StoredMessage.StateOf(before) is Hl7V2Urls.Applied)
            return Refuse(work.Header, new(ErrorCodes.DuplicateKey, StoredMessage.AppliedAlready), work.Now);

        var kept = new Kept(version, before is not null && StoredMessage.HashOf(before) == work.Hash, isFirst);
        var (map, unsupported) = MessageMaps.Find(work.Header);
        if (map is null)
            return await KeepRefusedAsync(work, kept, [unsupported!], decision, ct);
        var reading = new MessageScope(work.Message, work.Header, work.Sender, work.ReceivedAt);
        if (PatientSegments.Read(reading) is not { } described || reading.Faults.Count > 0)
            return await KeepRefusedAsync(work, kept, reading.Faults, decision, ct);

        var plan = new Plan(work, kept, map, described);
        var (patient, isNew, parked) = await WhoAsync(plan, reading, decision, ct);
        if (parked is not null)
            return await ParkAsync(plan, parked, ct);

        var scope = new MessageScope(work.Message, work.Header, work.Sender, work.ReceivedAt)
        {
            Patient = patient!,
            Orders = work.Header.Type == "ORU" ? await orders.FindAsync(ResultMap.OrderNumbers(work.Message), patient!, work.Caller.Access, ct) : new Dictionary<string, string>(),
        };
        var mapped = map.Resources(scope);
        scope.Faults.AddRange(reading.Faults);
        if (scope.Faults.Count > 0)
            return await KeepRefusedAsync(work, kept, scope.Faults, decision, ct);

        var writes = new Writes();
        if ((map.IsAdmission || isNew) && await AddPatientAsync(plan, scope, writes, patient!, isNew, decision, ct) is { } wrong)
            return wrong.Why is null ? null : await ParkAsync(plan, wrong, ct);
        foreach (var resource in mapped)
            if (await AddAsync(plan, resource, writes, patient!, decision, ct) is { } belongsElsewhere)
                return await ParkAsync(plan, belongsElsewhere, ct);
        return await CommitAsync(plan, writes, patient, decision, ct);
    }

    /// <summary>Who the message is about: a reference, whether to make them, or why a person has to say.</summary>
    private async Task<(string? Patient, bool IsNew, PatientFinding.Uncertain? Parked)> WhoAsync(Plan plan, MessageScope reading, ReplayDecision? decision, CancellationToken ct)
    {
        var fresh = $"Patient/{reading.Id("patient", PatientSegments.RecordNumbers(plan.Described).Select(n => $"{n.System}|{n.Value}").FirstOrDefault() ?? plan.Work.Header.ControlId)}";
        if (decision?.Patient is { } chosen)
            return (chosen.ToString(), false, null);
        if (decision is { CreatesPatient: true }) // whoever has the number here is somebody else: the new patient is the message's own
            return ($"Patient/{reading.Id("patient", "of message", plan.Work.Id)}", true, null);
        switch (await patients.FindAsync(plan.Described, plan.Work.Caller.Access, ct))
        {
            case PatientFinding.Known known:
                return (known.Patient.Key.ToString(), false, null);
            case PatientFinding.Nobody when plan.Map.IsAdmission || plan.Work.Sender.CreatesPatients:
                return (fresh, true, null);
            case PatientFinding.Nobody:
                return (null, false, new("The patient is not known here, and this sender's messages do not make patients.", []));
            case PatientFinding.Uncertain { Why: Likeness.NotSure } when plan.Map.IsAdmission && PatientSegments.RecordNumbers(plan.Described).Any():
                return (fresh, true, null);
            case PatientFinding.Uncertain uncertain:
                return (null, false, uncertain);
            default:
                throw new global::System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The patient as an admission makes or changes them, or a result makes them, and with A40 the one merged away.</summary>
    /// <returns>Null when all is well; a reason to park; one without a reason when something changed meanwhile.</returns>
    private async Task<PatientFinding.Uncertain?> AddPatientAsync(Plan plan, MessageScope scope, Writes writes, string patient, bool isNew, ReplayDecision? decision, CancellationToken ct)
    {
        var pid = scope.Message.First("PID")!.At();
        var (survivor, version) = isNew && plan.Kept.IsFirst ? (null, null) : await ReadAsync<Patient>(KeyOf(patient), plan.Work.Caller, ct);
        if (survivor is null && !isNew)
            return new(null!, []);
        var said = plan.Described;
        if (survivor is not null && isNew && decision is not { CreatesPatient: true })
        {
            // Made meanwhile by another message, or long ago, and then given another number by people: who the number is of is not for this message to say.
            return PatientSegments.RecordNumbers(said).Any(n => survivor.Identifier.Exists(i => PatientSegments.IsSame(i, n))) ? new(null!, [])
                : new("The record first made for this number does not hold it any more.", [(KeyOf(patient), 0)]);
        }

        if (survivor is null)
        {
            said.Id = KeyOf(patient).Id;
            Reconciliation.SetAsOf(said, scope.AsOf, "1");
            survivor = said;
        }
        else
        {
            var since = Reconciliation.KnownSince(survivor);
            var isOlder = since > scope.AsOf;
            PatientChange.Apply(survivor, said, isOlder);
            Reconciliation.SetAsOf(survivor, isOlder ? since!.Value : scope.AsOf, Next(version!));
        }

        if (scope.Header.Event == MessageMaps.Merge)
        {
            var prior = PatientSegments.Prior(scope);
            var (found, isReplaced) = await patients.OfNumbersAsync(prior, plan.Work.Caller.Access, ct);
            var merged = found.Where(p => p.Key.ToString() != patient).ToList();
            if (isReplaced)
                return new(PatientFinder.Replaced, [.. merged.Select(p => (p.Key, 1.0))]);
            if (merged.Count > 1)
                return new("The number that is to be merged away belongs to several patients here.", [.. merged.Select(p => (p.Key, 1.0))]);
            if (merged is [var one])
            {
                var (asked, stored) = (PatientTraits.Of(FhirFormats.ToJson(said)), PatientTraits.Of(one.Json));
                if (PatientCandidates.Contradiction(asked, stored) is { } why && decision?.Answers(MergesAnother) is not true)
                    return new($"{MergesAnother}{char.ToLowerInvariant(why[0])}{why[1..]} Naming the patient of PID merges it all the same.", [.. version is null ? [] : new[] { (KeyOf(patient), 1.0) }, (one.Key, MatchScore.Of(asked, stored).Value)]);
                var (old, oldVersion) = await ReadAsync<Patient>(one.Key, plan.Work.Caller, ct);
                if (old is null)
                    return new(null!, []);
                PatientChange.Merge(survivor, old);
                writes.Add(old, scope.Message.First("MRG")!.At(1), oldVersion);
            }
            else
            {
                PatientChange.Keep(survivor, prior);
            }
        }

        writes.Add(survivor, pid, version);
        return null;
    }

    /// <summary>One resource, as new or beside what is stored of it.</summary>
    /// <returns>Null when all is well; why a person has to say: a sender's number that came round again would else move a result from one patient to another.</returns>
    private async Task<PatientFinding.Uncertain?> AddAsync(Plan plan, MappedResource mapped, Writes writes, string patient, ReplayDecision? decision, CancellationToken ct)
    {
        if (!plan.Kept.IsFirst && await ReadAsync(KeyOf(mapped.Reference), plan.Work.Caller, ct) is ({ } stored, var version))
        {
            var isMoved = Reconciliation.SubjectOf(stored) is { } owner && owner != patient && (await patients.SurvivorAsync(owner, plan.Work.Caller.Access, ct))?.ToString() != patient;
            if (isMoved && decision?.Answers(NumberOfAnother) is not true)
                return new($"{NumberOfAnother}{mapped.Resource.TypeName} here. Saying who the message is about, now, moves all that has its numbers to them.", await patients.SurvivorAsync(patient, plan.Work.Caller.Access, ct) is { } known ? [(known, 1)] : []);
            if (Reconciliation.Apply(stored, mapped, isMoved) is { } result)
                writes.Add(result, mapped.Origin, version);
            return null;
        }

        if (mapped.Resource is DomainResource made)
            Reconciliation.SetAsOf(made, mapped.AsOf);
        writes.Add(mapped.Resource, mapped.Origin, null);
        return null;
    }

    private async Task<Received?> CommitAsync(Plan plan, Writes writes, string? patient, ReplayDecision? decision, CancellationToken ct)
    {
        var work = plan.Work;
        var acknowledgement = new Acknowledgement(Acknowledgement.Accepted, "", []);
        if (!writes.IsEmpty)
            writes.Add(Provenance(work, writes), MshOf(), plan.Kept.IsFirst ? null : (await ReadAsync<Provenance>(new("Provenance", ProvenanceId(work)), work.Caller, ct)).Version);
        var (answer, _) = await KeepAsync(work, writes, Hl7V2Urls.Applied, acknowledgement, patient, plan.Kept, ct);
        if (!plan.Kept.IsFirst && await ReadAsync<FhirTask>(new("Task", TaskId(work)), work.Caller, ct) is ({ Status: not (FhirTask.TaskStatus.Completed or FhirTask.TaskStatus.Cancelled or FhirTask.TaskStatus.EnteredInError) } task, var taskVersion))
        {
            task.Status = FhirTask.TaskStatus.Completed;
            task.LastModified = work.Now.ToString("yyyy-MM-dd'T'HH:mm:sszzz", global::System.Globalization.CultureInfo.InvariantCulture);
            writes.Add(task, MshOf(), taskVersion);
        }

        return await StoreAsync(work, writes, ct) switch
        {
            null => new(work.Header, acknowledgement.Code, answer),
            { Kind: FaultKind.PreconditionFailed or FaultKind.Conflict } => null,
            { } refused when Transient(refused) is { } later => Refuse(work.Header, later, work.Now) with { IsTransient = true },
            { } refused => await KeepRefusedAsync(work, plan.Kept, FaultsOf(refused, writes), decision, ct),
        };
    }

    /// <summary>Keeps the message for a person to decide: the sender is done with it.</summary>
    private async Task<Received?> ParkAsync(Plan plan, PatientFinding.Uncertain why, CancellationToken ct)
    {
        var (work, writes) = (plan.Work, new Writes());
        var acknowledgement = new Acknowledgement(Acknowledgement.Accepted, "Taken in; a person will say which patient it is about.", []);
        var (answer, basic) = await KeepAsync(work, writes, Hl7V2Urls.Parked, acknowledgement, null, plan.Kept, ct);
        basic.Extension.Add(new Extension(Hl7V2Urls.Reason, new FhirString(why.Why)));
        var (task, taskVersion) = plan.Kept.IsFirst ? (null, null) : await ReadAsync<FhirTask>(new("Task", TaskId(work)), work.Caller, ct);
        var review = ReviewTask(work, why);
        if (task is not null)
        {
            // Somebody may have it in hand: what they made of it stays.
            (task.Description, task.Input) = (review.Description, review.Input);
            if (task.Status is FhirTask.TaskStatus.Completed)
                task.Status = FhirTask.TaskStatus.Requested;
        }

        writes.Add(task ?? review, MshOf(), taskVersion);
        return await StoreAsync(work, writes, ct) switch
        {
            null => new(work.Header, acknowledgement.Code, answer) { IsParked = true, Why = why.Why },
            { Kind: FaultKind.PreconditionFailed or FaultKind.Conflict } => null,
            { } refused when Transient(refused) is { } later => Refuse(work.Header, later, work.Now) with { IsTransient = true },
            { } refused => Refuse(work.Header, FaultsOf(refused, writes)[0], work.Now),
        };
    }

    /// <summary>A message in error is kept, too: with its answer, until the sender sends it again. One that a person tries again stays what it was.</summary>
    private async Task<Received?> KeepRefusedAsync(Work work, Kept kept, List<MessageFault> faults, ReplayDecision? decision, CancellationToken ct)
    {
        var (acknowledgement, writes) = (Acknowledgement.Of(faults), new Writes());
        if (decision is not null)
            return new(work.Header, acknowledgement.Code, []) { Why = string.Join(' ', faults.Select(f => f.Text)) };
        var (answer, basic) = await KeepAsync(work, writes, Hl7V2Urls.Refused, acknowledgement, null, kept, ct);
        basic.Extension.Add(new Extension(Hl7V2Urls.Reason, new FhirString(faults[0].Text)));
        var received = new Received(work.Header, acknowledgement.Code, answer) { Why = string.Join(' ', faults.Select(f => f.Text)) };
        return await StoreAsync(work, writes, ct) switch
        {
            { Kind: FaultKind.PreconditionFailed or FaultKind.Conflict } => null,
            { } refused when Transient(refused) is { } later => Refuse(work.Header, later, work.Now) with { IsTransient = true },
            { } => received, // who may not even keep a message is told what is wrong with it all the same
            null => received,
        };
    }

    /// <summary>Adds the Basic that keeps the message, and gives the answer in it.</summary>
    private async Task<(byte[] Answer, Basic Basic)> KeepAsync(Work work, Writes writes, string state, Acknowledgement acknowledgement, string? patient, Kept kept, CancellationToken ct)
    {
        var answer = acknowledgement.Render(work.Header, Acknowledgement.IdOf(work.Id), work.Now);
        var basic = StoredMessage.Of(work.Id, work.Sender, work.Header, work.Hash, work.Bytes, answer, state, patient, work.ReceivedAt, out var content);
        writes.Add(basic, MshOf(), kept.Version);
        if (content is not null)
        {
            // What was mended under the same control id replaces what was refused; and a Basic that was deleted may have left its content here.
            var stands = kept.IsFirst ? null : (await ReadAsync(KeyOf($"Binary/{content.Id}"), work.Caller, ct)).Version;
            if (stands is null || !kept.IsSame)
                writes.Add(content, MshOf(), stands);
        }

        return (answer, basic);
    }

    private async Task<FhirFault?> StoreAsync(Work work, Writes writes, CancellationToken ct)
    {
        if (FhirJsonReader.Read(FhirFormats.ToJson(writes.Bundle), out var issues) is not { } tree || issues.Count > 0)
            return FhirFault.Structure(issues);
        var request = new FhirRequest("POST", FhirTarget.Parse("", out _)!, work.Caller) { Body = tree.Root, BaseUrl = "", Prefer = new Preference("minimal", false), IsReadOnly = space.IsReadOnly };
        return (await interactions.HandleAsync(request, ct)).Fault;
    }

    private static Provenance Provenance(Work work, Writes writes)
    {
        var provenance = new Provenance
        {
            Id = ProvenanceId(work),
            Recorded = work.Now,
            Target = [.. writes.References.Select(r => new ResourceReference(r))],
            Agent = [new Provenance.AgentComponent { Who = new ResourceReference { Display = work.Sender.Name, Identifier = new Identifier(Hl7V2Urls.Sender, work.Sender.Name) } }],
        };
        provenance.Entity.Add(new Provenance.EntityComponent { Role = Hl7.Fhir.Model.Provenance.ProvenanceEntityRole.Source, What = new ResourceReference($"Basic/{work.Id}") });
        return provenance;
    }

    private static FhirTask ReviewTask(Work work, PatientFinding.Uncertain why)
    {
        var task = new FhirTask
        {
            Id = TaskId(work),
            Status = FhirTask.TaskStatus.Requested,
            Intent = FhirTask.TaskIntent.Order,
            Code = new CodeableConcept(Hl7V2Urls.Kind, Hl7V2Urls.ReviewTask) { Text = "Message of which it is not certain who it is about" },
            Description = $"{work.Header.Kind} of {work.Sender.Name}: {why.Why} Decide with Basic/{work.Id}/$hl7v2-replay.",
            Focus = new ResourceReference($"Basic/{work.Id}"),
            AuthoredOn = work.Now.ToString("yyyy-MM-dd'T'HH:mm:sszzz", global::System.Globalization.CultureInfo.InvariantCulture),
        };
        foreach (var (candidate, score) in why.Candidates)
        {
            task.Input.Add(new FhirTask.ParameterComponent { Type = new CodeableConcept { Text = "candidate" }, Value = new ResourceReference(candidate.ToString()) });
            task.Input.Add(new FhirTask.ParameterComponent { Type = new CodeableConcept { Text = "score" }, Value = new FhirDecimal((decimal)score) });
        }

        return task;
    }

    private async Task<(T? Resource, string? Version)> ReadAsync<T>(ResourceKey key, Caller caller, CancellationToken ct)
        where T : Resource
    {
        var (resource, version) = await ReadAsync(key, caller, ct);
        return (resource as T, version);
    }

    private async Task<(Resource? Resource, string? Version)> ReadAsync(ResourceKey key, Caller caller, CancellationToken ct) =>
        await store.ReadAsync(key, caller.Access, ct) is { IsDeleted: false } stored
            ? (FhirFormats.Parse(stored.Json.Span), stored.Version.ToString(global::System.Globalization.CultureInfo.InvariantCulture)) : (null, null);

    /// <summary>The original of a large message, which stands in a Binary.</summary>
    public async Task<byte[]?> ContentAsync(string? url, Caller caller, CancellationToken ct)
    {
        if (url is null || FhirTarget.Parse(url, out _) is not { Type: "Binary", Id: not null } target)
            return null;
        var reply = await interactions.HandleAsync(new FhirRequest("GET", target, caller) { BaseUrl = "" }, ct);
        return reply.Status == 200 && await contents.WholeAsync(reply.Json, limits.Bytes, caller.Access, ct) is { Length: > 0 } original ? original : null;
    }

    /// <summary>Answers a message that is longer than one may be, by its beginning.</summary>
    public static Received TooLarge(ReadOnlySpan<byte> head, MessageLimits limits, DateTimeOffset now) =>
        Refuse(HeaderOf(head), new(ErrorCodes.ValueTooLong, $"A message may have {limits.Bytes} bytes."), now);

    /// <summary>Answers when the client of a listener is not one any more.</summary>
    public static Received Closed(ReadOnlySpan<byte> message, DateTimeOffset now) =>
        Refuse(HeaderOf(message), new(ErrorCodes.ApplicationInternal, "Nobody may send here just now: the client of this listener is not registered."), now);

    /// <summary>Answers when the server has more to do than it can.</summary>
    public static Received Busy(ReadOnlySpan<byte> message, DateTimeOffset now) =>
        Refuse(HeaderOf(message), new(ErrorCodes.ApplicationInternal, "The server has more to do than it can just now. Send the message again."), now) with { IsTransient = true };

    private static Received Refuse(Msh? header, MessageFault fault, DateTimeOffset now)
    {
        var acknowledgement = Acknowledgement.Of(fault);
        return new(header, acknowledgement.Code, acknowledgement.Render(header, $"A{now.ToUnixTimeMilliseconds()}", now)) { Why = fault.Text };
    }

    private static List<MessageFault> FaultsOf(FhirFault refused, Writes writes) => [.. refused.Issues.Take(10).Select(i =>
        new MessageFault(refused.Kind is FaultKind.Forbidden or FaultKind.Unauthorized ? ErrorCodes.ApplicationInternal : ErrorCodes.DataType, i.Text, writes.OriginOf(i.Expression)))];

    /// <summary>What passes by itself.</summary>
    private static MessageFault? Transient(FhirFault refused) => refused.Kind is FaultKind.Unavailable or FaultKind.StorageFull or FaultKind.Timeout or FaultKind.Overloaded or FaultKind.TooManyRequests
        ? new(ErrorCodes.ApplicationInternal, "The records cannot be written just now. Send the message again.") : null;

    /// <summary>Of what the message says: the same segments are the same message, whatever ends them on their way here.</summary>
    private static string HashOf(Message message) => Convert.ToHexStringLower(SHA256.HashData(Charsets.Utf8.GetBytes(message.ToString())));

    /// <summary>As much of MSH as can be read of a message that cannot.</summary>
    private static Msh? HeaderOf(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.TrimStart("\r\n\u00ef\u00bb\u00bf"u8);
        var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        var first = end < 0 ? bytes : bytes[..end];
        var text = global::System.Text.Encoding.Latin1.GetString(first.Length > 4096 ? first[..4096] : first);
        if (text.Length > 8 && text.Split(text[3]) is { Length: > 17 } fields)
            text = string.Join(text[3], fields[..17]); // without the character set, which may be what cannot be read
        return MessageReader.Read(global::System.Text.Encoding.Latin1.GetBytes(text), new MessageLimits(), global::System.Text.Encoding.Latin1).Message is { } message ? Msh.Read(message) : null;
    }

    private static ResourceKey KeyOf(string reference) => ResourceKey.TryParseRelative(reference, out var key, out _) ? key : throw new ArgumentException(reference);

    /// <summary>The version that is written over this one.</summary>
    private static string Next(string version) => (int.Parse(version, global::System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(global::System.Globalization.CultureInfo.InvariantCulture);

    private static ErrorLocation MshOf() => new("MSH", 1);

    private static string ProvenanceId(Work work) => "p" + work.Id[..39];

    private static string TaskId(Work work) => "t" + work.Id[..39];

    [LoggerMessage(Level = LogLevel.Error, Message = "A message of {Sender} could not be stored; it is to be sent again")]
    private static partial void Failed(ILogger log, string sender, Exception e);

    /// <summary>One message on its way.</summary>
    /// <param name="ReceivedAt">When it came: of one that a person tries again, the first time.</param>
    private sealed record Work(Message Message, Msh Header, SenderProfile Sender, Caller Caller, ReadOnlyMemory<byte> Bytes, string Id, string Hash, DateTimeOffset Now, DateTimeOffset ReceivedAt);

    /// <summary>What is here of the message already.</summary>
    /// <param name="Version">Of the Basic that keeps it; null when there is none.</param>
    /// <param name="IsSame">It says what the message says now: one that was refused may have been mended.</param>
    /// <param name="IsFirst">Nobody has looked: the first try assumes that there is nothing.</param>
    private sealed record Kept(string? Version, bool IsSame, bool IsFirst);

    private sealed record Plan(Work Work, Kept Kept, MessageMaps.Map Map, Patient Described);
}
