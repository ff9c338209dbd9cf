using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Encounter → scrubbed claim. Gathers, decides without I/O, commits once.</summary>
/// <remarks>
/// Billing spec 1.1 to 1.5. Running it twice for one encounter changes nothing and answers with the first claim. A visit whose services are different first payers' has a claim for each
/// (<see cref="VisitSplit"/>); when that changes, running it again moves the lines between claims that were not sent, and says what to do first about one that was.
/// </remarks>
public sealed class ClaimPipeline(IFhirRecords records, ITerminology terminology, BillingSetup setup, TimeProvider clock)
{
    private const string WireRule = "X12-002";

    private readonly Scrubber scrubber = new(terminology, setup.Edits);
    private readonly ClaimWork work = new(records, terminology, setup);
    private readonly VisitLevelPipeline levels = new(records, terminology, setup);

    /// <summary>Bills a finished encounter.</summary>
    /// <param name="encounterId">Logical id.</param>
    /// <param name="billingDate">Claim.created; today when null. Timely filing is judged by it.</param>
    /// <param name="mayChange">Whether claims that are there may be changed; else what would need it is refused.</param>
    public async Task<ClaimResult> RunAsync(string encounterId, DateOnly? billingDate, CancellationToken ct, bool mayChange = true)
    {
        var pcn = PatientControlNumber.Of(encounterId, 1);
        var first = await work.FindByControlNumberAsync(pcn, ct);
        if (await records.ReadChartAsync(encounterId, ct) is not { } chart)
            return first is null ? new ClaimResult.NoSuchEncounter(encounterId) : Already(first);
        var claims = VisitSplit.ClaimsOf(chart);
        if (first is not null || claims.Count > 0)
            return await new VisitResplit(records, work, this, setup, clock, mayChange).RunAsync(chart, first, claims, billingDate ?? Today(), ct);
        if (chart.Encounter.Status != Encounter.EncounterStatus.Finished)
            return new ClaimResult.NotFinished(encounterId, $"{chart.Encounter.Status}");

        var today = billingDate ?? Today();
        var (drafts, nothing) = await DraftAsync(chart, today, ct);
        if (drafts.Count == 0)
            return new ClaimResult.NothingBillable(encounterId, nothing);

        var transaction = new FhirTransaction();
        var entries = drafts.Select(d => Add(transaction, d, chart, today)).ToList();
        return await records.CommitAsync(transaction.Bundle, ct) switch
        {
            CommitOutcome.Committed committed => await AnswerAsync(committed.Response, entries, drafts, ct),
            CommitOutcome.Conflict conflict => await work.FindByControlNumberAsync(drafts[0].Claim.PatientControlNumber()!, ct) is { } other
                ? Already(other)
                : new ClaimResult.Refused(conflict.Outcome),
            CommitOutcome.Refused refused => new ClaimResult.Refused(refused.Outcome),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is not a commit outcome."),
        };
    }

    /// <summary>Looks at a claim without changing it; null when there is no such claim.</summary>
    public async Task<IReadOnlyList<ScrubFinding>?> ScrubAsync(string claimId, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim || await ChartOfAsync(claim, ct) is not { } chart)
            return null;
        return await work.GatherAsync(chart, claim, ct) is { } gathered ? await ScrubAsync(claim, chart, gathered, ct) : [NoDate(chart)];
    }

    /// <summary>Looks at what billing an encounter would find, without storing anything; null when there is no such encounter.</summary>
    public async Task<IReadOnlyList<ScrubFinding>?> ScrubEncounterAsync(string encounterId, DateOnly? billingDate, CancellationToken ct)
    {
        if (await records.ReadChartAsync(encounterId, ct) is not { } chart)
            return null;
        var (drafts, nothing) = await DraftAsync(chart, billingDate ?? Today(), ct);
        return drafts.Count == 0 ? nothing : [.. drafts.SelectMany(d => d.Findings)];
    }

    /// <summary>
    /// Scrubs a draft, held, ready or rejected claim again after a repair: fills in what the chart now has and the claim lacks, moves the
    /// stage, closes the Task when clean and opens one when not.
    /// </summary>
    public async Task<ClaimResult> RescrubAsync(string claimId, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim || await ChartOfAsync(claim, ct) is not { } chart)
            return new ClaimResult.NoSuchClaim(claimId);
        if (await work.GatherAsync(chart, claim, ct) is not { } gathered)
            return new ClaimResult.Refused(ScrubReport.ToOutcome([NoDate(chart)]));

        var refreshed = claim.Status == FinancialResourceStatusCodes.Draft ? ClaimRefresh.Apply(claim, chart, gathered.Sheet, gathered.Fees) : claim;
        if (!ReferenceEquals(refreshed, claim))
            Authorisations.Use(refreshed, gathered.History);
        var findings = await ScrubAsync(refreshed, chart, gathered, ct);
        var rescrub = ClaimRescrub.Decide(refreshed, findings, Agent(), clock.GetUtcNow());
        if (rescrub is ClaimRescrub.Refused refused)
            return new ClaimResult.Refused(refused.Outcome);

        var decided = (ClaimRescrub.Decided)rescrub;
        var result = Result(claim.Id!, decided.Claim, findings);
        if (decided.Provenances.Count == 0 && decided.Claim.IsExactly(claim))
            return result;

        decided.Claim.Pin(chart);
        var transaction = new FhirTransaction();
        transaction.Update(decided.Claim);
        foreach (var provenance in decided.Provenances)
            transaction.Put(provenance);
        if (decided.Provenances.Count > 0)
            await AddTaskChangesAsync(transaction, claim, decided.Claim, chart, findings, ct);

        return await records.CommitAsync(transaction.Bundle, ct) switch
        {
            CommitOutcome.Committed => result,
            CommitOutcome.Conflict conflict => new ClaimResult.Refused(conflict.Outcome),
            CommitOutcome.Refused no => new ClaimResult.Refused(no.Outcome),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is not a commit outcome."),
        };
    }

    /// <summary>
    /// Looks at a claim that somebody is about to store, as it would be stored: the rules as a check at the door. Null when it names no
    /// encounter that is known here, so that there is nothing to hold it against.
    /// </summary>
    public async Task<IReadOnlyList<ScrubFinding>?> CheckAsync(Claim claim, CancellationToken ct) =>
        await ChartOfAsync(claim, ct) is not { } chart ? null
        : await work.GatherAsync(chart, claim, ct) is { } gathered ? await ScrubAsync(claim, chart, gathered, ct)
        : [NoDate(chart)];

    /// <summary>The patient pays for this one: no payer is asked, and it is scrubbed again without the rules about payers. Only before it went anywhere.</summary>
    /// <param name="reason">Why, in a person's words; kept with the claim.</param>
    public async Task<ClaimResult> SelfPayAsync(string claimId, string reason, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim)
            return new ClaimResult.NoSuchClaim(claimId);
        var refusal = string.IsNullOrWhiteSpace(reason) ? "A reason is needed: say why nobody but the patient is asked to pay."
            : claim.Stage() is not (ClaimStage.Draft or ClaimStage.ScrubFailed or ClaimStage.Ready) ? $"Claim/{claimId} is {claim.Stage() ?? "none of ours"}: only a claim that went nowhere yet can be billed to the patient instead."
            : claim.Frequency() != "1" ? $"Claim/{claimId} replaces or voids one that a payer has; that payer must be told."
            : null;
        if (refusal is not null)
            return new ClaimResult.Refused(OperationOutcome.ForMessage(refusal, OperationOutcome.IssueType.BusinessRule));
        if (!claim.IsSelfPay())
        {
            claim.BillThePatient(reason.Trim());
            var transaction = new FhirTransaction();
            transaction.Update(claim);
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Conflict conflict:
                    return new ClaimResult.Refused(conflict.Outcome);
                case CommitOutcome.Refused refused:
                    return new ClaimResult.Refused(refused.Outcome);
                default:
                    break;
            }
        }

        return await RescrubAsync(claimId, ct);
    }

    /// <summary>Lets warnings of one rule stand, with the reason; a rejection cannot be let stand.</summary>
    public async Task<AcknowledgeResult> AcknowledgeAsync(string claimId, string ruleId, string reason, string by, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim || await ChartOfAsync(claim, ct) is not { } chart)
            return new AcknowledgeResult.NoSuchClaim(claimId);
        if (string.IsNullOrWhiteSpace(reason))
            return new AcknowledgeResult.Refused("A reason is needed: say why the warning may stand.");
        var findings = await work.GatherAsync(chart, claim, ct) is { } gathered ? await ScrubAsync(claim, chart, gathered, ct) : [NoDate(chart)];
        var warnings = findings.Where(f => f.RuleId == ruleId && f.Severity == FindingSeverity.Warn && f.Acknowledged is null).ToList();
        if (warnings.Count == 0)
        {
            return new AcknowledgeResult.Refused(findings.Any(f => f.RuleId == ruleId && f.Severity == FindingSeverity.Reject)
                ? $"{ruleId} holds the claim: mend it, it cannot be let stand."
                : $"{ruleId} has no open warning on this claim.");
        }

        var transaction = new FhirTransaction();
        foreach (var warning in warnings)
            transaction.Create(WarningTask.Of(claim, warning, reason.Trim(), by, clock.GetUtcNow()));
        return await records.CommitAsync(transaction.Bundle, ct) switch
        {
            CommitOutcome.Committed => new AcknowledgeResult.Done(warnings.Count),
            CommitOutcome.Conflict conflict => new AcknowledgeResult.Refused($"{conflict.Outcome}"),
            CommitOutcome.Refused refused => new AcknowledgeResult.Refused($"{refused.Outcome}"),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is not a commit outcome."),
        };
    }

    /// <summary>The claims that billing the visit would make, one for each first payer; without any, why.</summary>
    private async Task<(IReadOnlyList<ClaimDraft> Drafts, IReadOnlyList<ScrubFinding> Nothing)> DraftAsync(EncounterChart chart, DateOnly today, CancellationToken ct)
    {
        if (await work.GatherAsync(chart, null, ct) is not { } gathered)
            return ([], [NoDate(chart)]);
        if (gathered.Shares.Count == 0)
            return ([], [.. gathered.Sheet.Gaps.Select(NothingIsMissed.MissedCharge).OfType<ScrubFinding>().DefaultIfEmpty(NoService(chart))]);

        var drafts = new List<ClaimDraft>();
        foreach (var share in gathered.Shares)
            drafts.Add(await DraftAsync(chart, share, today, gathered, ct));
        return (drafts, []);
    }

    /// <summary>The claim of one share, scrubbed.</summary>
    /// <param name="gathered">Of the visit; gathered anew when the share is another payer's, which may have other prices and codes.</param>
    internal async Task<ClaimDraft> DraftAsync(EncounterChart chart, VisitShare share, DateOnly today, GatheredVisit gathered, CancellationToken ct)
    {
        if (share.First?.Id != gathered.First?.Id && await work.GatherAsync(chart, null, share, ct) is { Own: { } own } anew)
            (share, gathered) = (own with { Charges = Only(own.Charges, share.Charges) }, anew);
        var references = share.Charges.Lines
            .Select(l => l.ChargeItemId is { } id ? $"ChargeItem/{id}" : BillingKey.Urn(l.Key(chart.Encounter.Id!)))
            .ToList();
        var claim = ClaimBuilder.Build(chart, share, references, today);
        // What a workers' compensation or motor insurer's account is for began on the day of the accident; COV-019 asks for the day where nothing says it.
        var family = PayerDirectory.FamilyOf(share.First, chart.Find<Organization>(share.First?.Payor.FirstOrDefault()));
        if (family is PayerFamily.WorkersCompensation or PayerFamily.Auto && share.Account is { } account && ChargeAccounts.OnsetOf(chart, account) is { } accident)
            claim.Accident = new Claim.AccidentComponent { Date = DateOfService.Text(accident), Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/v3-ActCode", family == PayerFamily.Auto ? "MVA" : "WPA") };
        Authorisations.Use(claim, gathered.History);
        claim.Pin(chart);
        gathered = gathered with { History = gathered.History with { SameControlNumber = await work.NumberedAsync(claim.PatientControlNumber()!, ct) } };
        return new ClaimDraft(claim, share, await ScrubAsync(claim, chart, gathered, ct));

        // A share that is only some lines of its payer's stays so.
        static ChargeSheet Only(ChargeSheet all, ChargeSheet asked) => asked.Lines.All(l => l.ChargeItemId is not null)
            ? all with { Lines = [.. all.Lines.Where(l => asked.Lines.Any(a => a.ChargeItemId == l.ChargeItemId))] }
            : all;
    }

    private async Task<IReadOnlyList<ScrubFinding>> ScrubAsync(
        Claim claim, EncounterChart chart, GatheredVisit gathered, CancellationToken ct)
    {
        var history = await work.OnDemandAsync(gathered.History, chart, claim, ct) with
        {
            WireProblems = await work.TryToWriteAsync(claim, ct),
            Levels = await levels.SupportAsync(Charged(chart, gathered.Sheet), gathered.History.Before, claim, ct),
        };
        var findings = scrubber.Scrub(work.Graph(claim, chart, gathered.SheetOf(claim), gathered.Fees, history));
        if (claim.IsSelfPay())
            return [.. findings.Where(f => !SelfPayPipeline.IsOfPayers(f.RuleId))];

        // While another rule holds the claim, the file fails for the same reason in words that help nobody; it is tried again after the repair.
        return findings.Any(f => f.Severity == FindingSeverity.Reject && f.RuleId != WireRule) ? [.. findings.Where(f => f.RuleId != WireRule || f.Severity == FindingSeverity.Information)] : findings;
    }

    /// <summary>The chart with the charges that would be stored: the level of a visit depends on what else is billed.</summary>
    private EncounterChart Charged(EncounterChart chart, ChargeSheet sheet) => chart with
    {
        Related = [.. chart.Related, .. sheet.Lines.Where(l => l.ChargeItemId is null).Select(l => ChargeItems.Build(l, chart, Today()))],
    };

    /// <summary>Puts a claim that is new, with its charges, into a transaction; returns the place of its entry.</summary>
    internal int Add(FhirTransaction transaction, ClaimDraft draft, EncounterChart chart, DateOnly today)
    {
        var (claim, findings) = (draft.Claim, draft.Findings);
        foreach (var line in draft.Share.Charges.Lines.Where(l => l.ChargeItemId is null))
            transaction.CreateOnce(ChargeItems.Build(line, chart, today), line.Key(chart.Encounter.Id!));

        var key = claim.CreationKey()!;
        var claimUuid = BillingKey.Urn(key);
        var stage = Scrubber.Holds(findings) ? ClaimStage.ScrubFailed : ClaimStage.Ready;
        if (StageTransitions.Move(claim, stage, ClaimRescrub.Why(findings), Agent(), clock.GetUtcNow(), claimUuid) is not StageChange.Moved moved)
            throw new InvalidOperationException($"A new claim could not become {stage}.");

        var entry = transaction.Count;
        transaction.CreateOnce(moved.Claim, key);
        transaction.Put(moved.Provenance);
        if (stage == ClaimStage.ScrubFailed)
            AddTask(transaction, claim, claimUuid, chart, findings, today, "0");
        return entry;
    }

    private async Task AddTaskChangesAsync(
        FhirTransaction transaction, Claim before, Claim after, EncounterChart chart, IReadOnlyList<ScrubFinding> findings, CancellationToken ct)
    {
        if (after.Stage() == ClaimStage.ScrubFailed)
        {
            AddTask(transaction, after, $"Claim/{after.Id}", chart, findings, Today(), before.Meta?.VersionId ?? "0");
            return;
        }

        foreach (var task in await work.OpenTasksAsync(before.Id!, ct))
        {
            task.Status = FhirTask.TaskStatus.Completed;
            task.LastModifiedElement = new FhirDateTime(clock.GetUtcNow());
            transaction.Update(task);
        }
    }

    private void AddTask(
        FhirTransaction transaction, Claim claim, string focus, EncounterChart chart, IReadOnlyList<ScrubFinding> findings, DateOnly today, string round)
    {
        var task = FixScrubTask.Of(claim, focus, chart, setup.Payers, findings, round);
        transaction.CreateOnce(task.ToResource(today, clock.GetUtcNow()), task.Key);
    }

    /// <summary>What became of claims that were to be made.</summary>
    internal async Task<ClaimResult> AnswerAsync(Bundle response, IReadOnlyList<int> entries, IReadOnlyList<ClaimDraft> drafts, CancellationToken ct)
    {
        var results = new List<ClaimResult>();
        foreach (var (entry, draft) in entries.Zip(drafts))
            results.Add(await AnswerAsync(response.Entry[entry], draft.Claim, draft.Findings, ct));
        return ClaimResult.Of(results);
    }

    private async Task<ClaimResult> AnswerAsync(Bundle.EntryComponent entry, Claim claim, IReadOnlyList<ScrubFinding> findings, CancellationToken ct)
    {
        var id = FhirReferences.IdOf(entry.Response?.Location, "Claim") ?? entry.Resource?.Id ?? "";

        // 200 instead of 201: another run created the claim between our look and our commit.
        if (entry.Response?.Status?.StartsWith("200", StringComparison.Ordinal) == true && await records.ReadAsync<Claim>(id, ct) is { } other)
            return Already(other);
        return Result(id, claim, findings);
    }

    private async Task<EncounterChart?> ChartOfAsync(Claim claim, CancellationToken ct)
    {
        var reference = claim.Item.SelectMany(i => i.Encounter).FirstOrDefault()?.Reference;
        return reference?.StartsWith("Encounter/", StringComparison.Ordinal) == true
            ? await records.ReadChartAsync(reference["Encounter/".Length..], ct)
            : null;
    }

    private static ClaimResult Result(string id, Claim claim, IReadOnlyList<ScrubFinding> findings) => Scrubber.Holds(findings)
        ? new ClaimResult.Held(id, claim.PatientControlNumber() ?? "", claim.Total?.Value ?? 0m, findings)
        : new ClaimResult.Ready(id, claim.PatientControlNumber() ?? "", claim.Total?.Value ?? 0m, findings);

    internal static ClaimResult.AlreadyBilled Already(Claim claim) => new(claim.Id!, claim.PatientControlNumber() ?? "", claim.Stage() ?? "unknown");

    private static ScrubFinding NoDate(EncounterChart chart) => ScrubFinding.Reject(
        "DAT-001", OperationOutcome.IssueType.Required, "Encounter.period.start",
        $"Date of service missing: Encounter/{chart.Encounter.Id} has no start date.");

    private static ScrubFinding NoService(EncounterChart chart) => ScrubFinding.Reject(
        "HDR-002", OperationOutcome.IssueType.Required, "Encounter.type",
        $"Nothing to bill: neither the type of Encounter/{chart.Encounter.Id} nor a service of it has a billing code.");

    private ResourceReference Agent() => new() { Display = setup.AgentName };

    private DateOnly Today() => setup.Today(clock);
}
