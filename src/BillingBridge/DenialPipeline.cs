using System.Text;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Working denials (billing spec section 7): appeal, assign, resolve, what comes next, and what keeps coming back.</summary>
/// <remarks>Every step reads, decides, and commits one transaction; doing it twice changes nothing.</remarks>
public sealed class DenialPipeline(IFhirRecords records, BillingSetup setup, TimeProvider clock)
{
    private const int Attempts = 3;
    private const int PatternDays = 180;

    private readonly DenialDesk desk = new(records, setup.Payers);

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().DateTime);

    /// <summary>Opens the appeal of a denial: record, letter, enclosures; the claim is then <c>appealed</c>. The open appeal when there is one.</summary>
    /// <param name="taskId">A denial Task.</param>
    /// <param name="request">What the person says with it.</param>
    /// <param name="by">Who appeals.</param>
    public Task<DenialResult> AppealAsync(string taskId, AppealRequest request, string by, CancellationToken ct) => OnAsync(taskId, async denial =>
    {
        if (FhirReferences.IdOf(denial.Focus?.Reference, "Claim") is not { } claimId || await records.ReadAsync<Claim>(claimId, ct) is not { } claim)
            return Refuse("The Task names no claim that is here, so there is nothing to appeal.");
        var appeals = await ListAsync<FhirTask>($"focus=Claim/{claimId}&code={BillingUrls.TaskCode}|{AppealTask.Code}", ct);
        if (appeals.Find(DenialOutputs.IsOpen) is { } open)
            return new Decision(new DenialResult.Done(open));
        if (Unworkable(denial) is { } closed)
            return Refuse(closed);

        var denied = DeniedAmount.Of(denial);
        if (denied.Any(d => DenialReason.IsUnprocessable(d.Remarks)))
            return Refuse("The payer did not process this claim (MA130), so there is no decision to appeal: correct it and send it as a new claim.");
        if (denied.Any(d => d.Remarks.Contains("N211")))
            return Refuse("The payer says with remark N211 that this decision cannot be appealed.");

        var level = 1 + appeals.Select(a => DenialInputs.Level(a) ?? 1).DefaultIfEmpty(0).Max();
        var context = await desk.ContextAsync(claim, ct);
        var limits = DenialLimits.Of(context.Payer, DenialInputs.Remitted(denial) ?? Today, context.LastService, unprocessable: false, level);
        if (limits.AppealBy is not { } deadline)
            return Refuse($"{context.PayerName ?? "This payer"} has {context.Payer.AppealDays.Count} appeal levels, and all were used: write it off with a reason, or bill the patient where the group code allows it.");
        if (deadline < Today && string.IsNullOrWhiteSpace(request.GoodCause))
            return Refuse($"The limit for appeal level {level} passed on {DateOfService.Text(deadline)}. With a good cause say it in goodCause; the letter will.");

        var (attachments, fault) = await AttachmentsAsync(claim, request.Attachments, ct);
        if (fault is not null)
            return Refuse(fault);
        var walk = new StageWalk(claim, new ResourceReference { Display = by }, clock.GetUtcNow());
        var basis = string.IsNullOrWhiteSpace(request.Basis) ? string.Join("; ", denied.Select(d => d.Words).Distinct()) : request.Basis.Trim();
        if (walk.MoveTo(ClaimStage.Appealed, $"appeal, level {level}: {basis}") is { } refusal)
            return Refuse(refusal.Issue[0].Details!.Text!);

        var letter = string.IsNullOrWhiteSpace(request.Letter)
            ? AppealLetter.Draft(await FactsAsync(denial, claim, level, request, denied, attachments, ct))
            : request.Letter;
        var transaction = new FhirTransaction();
        var document = Letter(transaction, claim, level, letter);
        var appeal = AppealTask.For(denial, level, deadline, basis, document, attachments.Select(a => $"{a.TypeName}/{a.Id}"));
        transaction.Add(appeal, clock.GetUtcNow());
        transaction.Update(Waiting(denial, by));
        transaction.Write(walk);
        return new Decision(transaction, async () => (await ListAsync<FhirTask>(BillingKey.Query(appeal.Key), ct)).FirstOrDefault());
    }, ct);

    /// <summary>Gives a piece of work to a group, a person, or both; with a person it is in progress.</summary>
    public Task<DenialResult> AssignAsync(string taskId, string? group, string? owner, string? note, string by, CancellationToken ct) => OnAsync(taskId, async task =>
    {
        if (string.IsNullOrWhiteSpace(group) && string.IsNullOrWhiteSpace(owner))
            return Refuse("Say to whom: group, or owner (Practitioner/id or PractitionerRole/id), or both.");
        if (!DenialOutputs.IsOpen(task))
            return Refuse("The Task is closed; only open work is assigned.");
        if (!string.IsNullOrWhiteSpace(group) && !DenialTask.Groups.Contains(group))
            return Refuse($"'{group}' is no group here; the groups are: {string.Join(", ", DenialTask.Groups)}.");
        if (!string.IsNullOrWhiteSpace(owner) && !await IsPersonAsync(owner, ct))
            return Refuse($"'{owner}' is no Practitioner or PractitionerRole here.");

        var assigned = (FhirTask)task.DeepCopy();
        if (!string.IsNullOrWhiteSpace(group))
            assigned.PerformerType = [new CodeableConcept("urn:fhiremr:worklist-group", group) { Text = group }];
        if (!string.IsNullOrWhiteSpace(owner))
        {
            assigned.Owner = new ResourceReference(owner);
            if (assigned.Status is FhirTask.TaskStatus.Requested or FhirTask.TaskStatus.Received or FhirTask.TaskStatus.Accepted or FhirTask.TaskStatus.Ready)
                assigned.Status = FhirTask.TaskStatus.InProgress;
        }

        Note(assigned, note, by);
        if (assigned.IsExactly(task))
            return new Decision(new DenialResult.Done(task));
        return Write(assigned);
    }, ct);

    /// <summary>Ends a denial or appeal by hand, with its outcome. The money itself moves by the ledger's own steps, not by this.</summary>
    /// <param name="taskId">A denial or appeal Task.</param>
    /// <param name="outcome">See <see cref="DenialOutcome"/>.</param>
    /// <param name="amountUsd">Money won; needed for <c>overturned</c> and <c>partial</c>, and for nothing else.</param>
    /// <param name="step">What was done; null takes the step that was suggested.</param>
    /// <param name="reason">Needed when nothing was won.</param>
    /// <param name="by">Who says so.</param>
    public Task<DenialResult> ResolveAsync(string taskId, string outcome, decimal? amountUsd, string? step, string? reason, string by, CancellationToken ct) => OnAsync(taskId, task =>
    {
        if (DenialOutputs.Outcome(task) is { } known)
            return Task.FromResult(known == outcome ? new Decision(new DenialResult.Done(task)) : Refuse($"The Task ended already: {known}."));
        if (Fault(task, outcome, amountUsd, reason) is { } fault)
            return Task.FromResult(Refuse(fault));
        if (step is not null && !DenialStep.Tried.Contains(step))
            return Task.FromResult(Refuse($"step is one of: {string.Join(", ", DenialStep.Tried)}."));
        var isTried = outcome is DenialOutcome.Overturned or DenialOutcome.Partial or DenialOutcome.Upheld;
        var done = step ?? (AppealTask.Is(task) || task.Status == FhirTask.TaskStatus.OnHold ? DenialStep.Appeal : isTried ? DenialInputs.NextStep(task) : null);
        var closed = DenialOutputs.Close(task, outcome, done, amountUsd ?? (outcome == DenialOutcome.Upheld ? 0m : null), null, clock.GetUtcNow());
        Note(closed, reason, by);
        return Task.FromResult(Write(closed));
    }, ct);

    /// <summary>The open work with the most money and the nearest deadline; null when there is none.</summary>
    /// <param name="group">Whose worklist; null looks at all.</param>
    /// <param name="owner">Leaves out what other people have in hand; null leaves nothing out.</param>
    /// <param name="shown">Those that the caller may see: others are neither chosen nor counted.</param>
    public async Task<WorkItem?> WorkNextAsync(
        string? group, string? owner, Func<IReadOnlyList<FhirTask>, CancellationToken, Task<IReadOnlyList<FhirTask>>> shown, CancellationToken ct)
    {
        var who = group is null ? "" : $"&performer={BillingKey.Token("urn:fhiremr:worklist-group", group)}";
        var all = (await ListAsync<FhirTask>($"{DenialTask.CodeQuery},{BillingUrls.TaskCode}|{AppealTask.Code}{who}&status=requested,received,accepted,ready,in-progress", ct))
            .FindAll(t => owner is null || t.Owner?.Reference is null || t.Owner.Reference == owner);
        var open = await shown(all, ct);
        return WorkOrder.First(open, Today) is not { } first
            ? null
            : new WorkItem(first, WorkOrder.Late(first, Today), DenialInputs.Deadline(first) is { } due ? due.DayNumber - Today.DayNumber : null, await NextAsync(first, ct), open.Count);
    }

    /// <summary>What to do about a denial, by today's limits and history; null for a Task that is none.</summary>
    public async Task<NextStep?> NextAsync(FhirTask task, CancellationToken ct)
    {
        if (DenialTask.CategoryOf(task) is not { } category || DeniedAmount.Of(task) is not { Count: > 0 } denied)
            return null;
        var attempts = await DenialDesk.AttemptsAsync(records, category, ct);
        return NextStep.Decide(category, denied, DenialInputs.Limits(task), Today, attempts, DenialInputs.Payer(task));
    }

    /// <summary>What payers keep denying, the most frequent first.</summary>
    /// <param name="since">First day; null is 180 days ago.</param>
    /// <param name="payer">One payer; null looks at all.</param>
    /// <param name="shown">Those that whoever asks may see: others do not count for them; null counts all.</param>
    public async Task<IReadOnlyList<DenialPattern>> PatternsAsync(
        DateOnly? since, string? payer, Func<IReadOnlyList<FhirTask>, CancellationToken, Task<IReadOnlyList<FhirTask>>>? shown, CancellationToken ct)
    {
        var first = since ?? Today.AddDays(-PatternDays);
        IReadOnlyList<FhirTask> counted = (await ListAsync<FhirTask>($"{DenialTask.CodeQuery}&authored-on=ge{DateOfService.Text(first)}", ct))
            .FindAll(t => payer is null || DenialInputs.Payer(t) == payer);
        return DenialPattern.Of(shown is null ? counted : await shown(counted, ct));
    }

    /// <summary>Makes a payer rule of a pattern, which every later scrub of the payer's claims looks at.</summary>
    /// <param name="shown">As for the patterns: a rule is made of what its maker could see.</param>
    public async Task<PatternResult> AcceptAsync(
        PatternAcceptance acceptance, string by, Func<IReadOnlyList<FhirTask>, CancellationToken, Task<IReadOnlyList<FhirTask>>>? shown, CancellationToken ct)
    {
        var pattern = (await PatternsAsync(null, null, shown, ct)).FirstOrDefault(p => p.Id == acceptance.Pattern);
        if (pattern is null)
            return new PatternResult.Refused($"'{acceptance.Pattern}' is no pattern of the last {PatternDays} days; $denial-patterns lists them with their ids.");
        if (pattern.Payer is not { } payer || pattern.Codes.Count == 0)
            return new PatternResult.Refused("A rule looks at one payer's lines: this pattern has no payer or no procedure codes.");

        var key = BillingKey.Of("payer-rule", pattern.Id);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if ((await ListAsync<Basic>(BillingKey.Query(key), ct)).FirstOrDefault() is { } there)
                return new PatternResult.Accepted(there);
            var numbers = (await ListAsync<Basic>(PayerRuleRecord.Query(), ct)).Select(PayerRuleRecord.Read).OfType<PayerRuleRow>().Select(r => Number(r.Id)).DefaultIfEmpty(100).Max();
            var row = new PayerRuleRow($"PAY-{Math.Max(numbers, 100) + 1:000}", acceptance.Rejects ? FindingSeverity.Reject : FindingSeverity.Warn, acceptance.Message ?? Message(pattern))
            {
                Codes = pattern.Codes,
                From = Today,
                WithoutModifier = Lacking(pattern.Cause),
            };
            var transaction = new FhirTransaction();
            transaction.CreateOnce(PayerRuleRecord.Of(row, payer, by, acceptance.ReviewOn ?? Today.AddYears(1), $"denial pattern: {pattern}", key, Today), key);
            if (await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
                return new PatternResult.Refused(Text(refused.Outcome));
        }

        return new PatternResult.Refused("Others kept writing first; nothing was stored. Repeat it.");
    }

    private static string Message(DenialPattern pattern)
    {
        var what = Lacking(pattern.Cause) is { } modifier ? $"without modifier {modifier}" : $"for CARC {pattern.Carc} ({new DeniedAmount("", pattern.Carc, [], 0m).Words})";
        return $"{pattern.PayerName ?? "This payer"} denied {pattern.Count} such lines {what}: look before sending.";
    }

    private static string? Lacking(string? cause) =>
        cause?.StartsWith("missing modifier ", StringComparison.Ordinal) == true ? cause["missing modifier ".Length..] : null;

    private static int Number(string id) =>
        id.StartsWith("PAY-", StringComparison.Ordinal) && int.TryParse(id.AsSpan(4), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : 0;

    private static string? Fault(FhirTask task, string outcome, decimal? amountUsd, string? reason)
    {
        if (!DenialOutputs.IsOpen(task))
            return "The Task is closed.";
        if (DenialTask.CategoryOf(task) is null && !AppealTask.Is(task))
            return "The Task is neither a denial nor an appeal.";
        if (!DenialOutcome.All.Contains(outcome))
            return $"outcome is one of: {string.Join(", ", DenialOutcome.All)}.";
        var isWon = outcome is DenialOutcome.Overturned or DenialOutcome.Partial;
        if (isWon && amountUsd is not > 0)
            return $"outcome {outcome} needs the amount that was won.";
        if (!isWon && amountUsd is not null)
            return $"outcome {outcome} wins no money: leave amount out.";
        if (amountUsd > DenialInputs.AtStakeUsd(task))
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{amountUsd:0.00} is more than the {DenialInputs.AtStakeUsd(task):0.00} that was denied.");
        return !isWon && string.IsNullOrWhiteSpace(reason) ? $"outcome {outcome} needs a reason." : null;
    }

    private static string? Unworkable(FhirTask task) =>
        DenialTask.CategoryOf(task) is null ? "Only a denial Task is appealed." : DenialOutputs.IsOpen(task) ? null : "The denial is closed.";

    private FhirTask Waiting(FhirTask denial, string by)
    {
        var waiting = (FhirTask)denial.DeepCopy();
        waiting.Status = FhirTask.TaskStatus.OnHold;
        waiting.BusinessStatus = new CodeableConcept(BillingUrls.TaskCode, ClaimStage.Appealed, null, "Waiting for the payer's answer to the appeal");
        Note(waiting, "Appealed.", by);
        return waiting;
    }

    private void Note(FhirTask task, string? text, string by)
    {
        if (string.IsNullOrWhiteSpace(text))
            return;
        var now = new FhirDateTime(clock.GetUtcNow());
        task.Note.Add(new Annotation { Author = new FhirString(by), TimeElement = now, Text = text.Trim() });
        task.LastModifiedElement = now;
    }

    /// <summary>The letter as a document of the billing kind, under ids of its own making: writing it twice writes it once.</summary>
    private string Letter(FhirTransaction transaction, Claim claim, int level, string text)
    {
        var key = BillingKey.Of("appeal-letter", claim.Id, level.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var binary = new Binary { Id = BillingKey.Uuid($"{key}|content"), ContentType = "text/plain; charset=utf-8", Data = Encoding.UTF8.GetBytes(text) };
        transaction.Put(binary);
        return transaction.CreateOnce(
            new DocumentReference
            {
                Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)],
                Status = DocumentReferenceStatus.Current,
                DocStatus = CompositionStatus.Preliminary,
                Type = new CodeableConcept { Text = $"Letter of appeal, level {level}" },
                Category = [new CodeableConcept("urn:fhiremr:category", "billing")],
                Subject = claim.Patient is null ? null : new ResourceReference(claim.Patient.Reference),
                Date = clock.GetUtcNow(),
                Description = $"Letter of appeal, level {level}, for Claim/{claim.Id}",
                Content = [new DocumentReference.ContentComponent { Attachment = new Attachment { ContentType = "text/plain; charset=utf-8", Url = $"Binary/{binary.Id}", Title = "Letter of appeal" } }],
                Context = new DocumentReference.ContextComponent { Related = [new ResourceReference($"Claim/{claim.Id}")] },
            },
            key);
    }

    private async Task<AppealFacts> FactsAsync(
        FhirTask denial, Claim claim, int level, AppealRequest request, IReadOnlyList<DeniedAmount> denied, IReadOnlyList<Resource> attachments, CancellationToken ct)
    {
        var references = new FhirReferences(records);
        var coverage = await references.FindAsync<Coverage>(claim.FocalInsurance()?.Coverage, ct);
        var chart = await ChartAsync(claim, ct);
        return new AppealFacts
        {
            Today = Today,
            Category = DenialTask.CategoryOf(denial)!,
            Level = level,
            Basis = request.Basis,
            GoodCause = request.GoodCause,
            Claim = claim,
            Denied = denied,
            Patient = await references.FindAsync<Patient>(claim.Patient, ct),
            Coverage = coverage,
            Payor = await references.FindAsync<Organization>(coverage?.Payor.FirstOrDefault() ?? claim.Insurer, ct),
            Practice = await references.FindAsync<Organization>(claim.Provider, ct),
            Rendering = await references.FindAsync<Practitioner>(claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider, ct),
            Response = await references.FindAsync<ClaimResponse>(denial.ReasonReference, ct),
            Notes = chart is null ? [] : Notes(chart),
            Results = chart is null ? [] : [.. chart.OfType<Observation>().Where(o => o.Encounter?.Reference == $"Encounter/{chart.Encounter.Id}")],
            Trail = await ListAsync<Provenance>($"target=Claim/{claim.Id}", ct),
            Enclosures = [.. attachments.Select(Enclosure)],
        };
    }

    private async Task<(IReadOnlyList<Resource> Attachments, string? Fault)> AttachmentsAsync(Claim claim, IReadOnlyList<string>? asked, CancellationToken ct)
    {
        if (asked is null)
            return (await ChartAsync(claim, ct) is { } chart ? Notes(chart) : [], null);

        var references = new FhirReferences(records);
        var found = new List<Resource>();
        foreach (var name in asked)
        {
            var reference = new ResourceReference(name);
            Resource? resource = await references.FindAsync<Composition>(reference, ct);
            resource ??= await references.FindAsync<DocumentReference>(reference, ct);
            resource ??= await references.FindAsync<DiagnosticReport>(reference, ct);
            if (resource is null)
                return ([], $"{name} cannot be enclosed: it is no Composition, DocumentReference or DiagnosticReport here.");
            if (Subject(resource) != claim.Patient?.Reference)
                return ([], $"{name} is not about the patient of this claim.");
            found.Add(resource);
        }

        return (found, null);
    }

    private static string? Subject(Resource resource) => resource switch
    {
        Composition note => note.Subject?.Reference,
        DocumentReference document => document.Subject?.Reference,
        DiagnosticReport report => report.Subject?.Reference,
        _ => null,
    };

    private static string Enclosure(Resource resource) => resource switch
    {
        Composition note => $"{note.Title ?? note.Type?.Text ?? "Note"} of {note.Date?[..Math.Min(10, note.Date.Length)]}",
        DocumentReference document => document.Description ?? document.Type?.Text ?? "Document",
        DiagnosticReport report => report.Code?.Text ?? report.Code?.Coding.FirstOrDefault()?.Display ?? "Report",
        _ => resource.TypeName,
    };

    private static IReadOnlyList<Composition> Notes(EncounterChart chart) =>
    [
        .. chart.OfType<Composition>().Where(c => c.Encounter?.Reference == $"Encounter/{chart.Encounter.Id}" && c.Status is CompositionStatus.Final or CompositionStatus.Amended),
    ];

    private async Task<EncounterChart?> ChartAsync(Claim claim, CancellationToken ct) =>
        claim.Item.SelectMany(i => i.Encounter).Select(e => FhirReferences.IdOf(e.Reference, "Encounter")).FirstOrDefault(e => e is not null) is { } encounter
            ? await records.ReadChartAsync(encounter, ct)
            : null;

    private async Task<bool> IsPersonAsync(string owner, CancellationToken ct)
    {
        var references = new FhirReferences(records);
        return await references.FindAsync<Practitioner>(new ResourceReference(owner), ct) is not null
            || await references.FindAsync<PractitionerRole>(new ResourceReference(owner), ct) is not null;
    }

    private Decision Write(FhirTask task)
    {
        var transaction = new FhirTransaction();
        task.LastModifiedElement = new FhirDateTime(clock.GetUtcNow());
        transaction.Update(task);
        return new Decision(transaction, null);
    }

    /// <summary>Reads the Task, decides, commits; again from the start when others were first.</summary>
    private async Task<DenialResult> OnAsync(string taskId, Func<FhirTask, Task<Decision>> decide, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await records.ReadAsync<FhirTask>(taskId, ct) is not { } task)
                return new DenialResult.NoSuchTask(taskId);
            var decision = await decide(task);
            if (decision.Result is { } result)
                return result;
            switch (await records.CommitAsync(decision.Transaction!.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    var stored = decision.ReadAsync is null ? await records.ReadAsync<FhirTask>(taskId, ct) : await decision.ReadAsync();
                    return new DenialResult.Done(stored ?? task);
                case CommitOutcome.Refused refused:
                    return new DenialResult.Refused(Text(refused.Outcome));
                default:
                    break;
            }
        }

        return new DenialResult.Refused("Others kept changing the Task or its claim; nothing was stored. Repeat it.");
    }

    private static Decision Refuse(string why) => new(new DenialResult.Refused(why));

    private static string Text(OperationOutcome outcome) =>
        outcome.Issue.Select(i => i.Details?.Text ?? i.Diagnostics).FirstOrDefault(t => t is not null) ?? "The record refuses it.";

    private async Task<List<T>> ListAsync<T>(string query, CancellationToken ct)
        where T : Resource
    {
        var found = new List<T>();
        await foreach (var resource in records.SearchAsync<T>(query, ct))
            found.Add(resource);
        return found;
    }

    /// <summary>An answer at once, or what to commit and what to answer then.</summary>
    private sealed record Decision(DenialResult? Result, FhirTransaction? Transaction, Func<Task<FhirTask?>>? ReadAsync)
    {
        public Decision(DenialResult result)
            : this(result, null, null)
        {
        }

        public Decision(FhirTransaction transaction, Func<Task<FhirTask?>>? readAsync)
            : this(null, transaction, readAsync)
        {
        }
    }
}
