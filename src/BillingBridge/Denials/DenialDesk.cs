using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>
/// What a payer's answer does to the denial worklists: denials that were waiting for it end with their outcome, and what it denies becomes
/// new work (billing spec section 7).
/// </summary>
internal sealed class DenialDesk(IFhirRecords records, PayerDirectory payers)
{
    /// <summary>So many closed denials tell enough; more would keep a posting waiting.</summary>
    private const int MostAttempts = 1000;

    /// <summary>A claim in one of these was never adjudicated, so no denial of it can be waiting.</summary>
    private static readonly string[] BeforeAnswers = [ClaimStage.Queued, ClaimStage.Submitted, ClaimStage.Forwarded, ClaimStage.Accepted, ClaimStage.Pended];

    private readonly Dictionary<string, IReadOnlyList<PastAttempt>> attemptsByCategory = new(StringComparer.Ordinal);

    /// <summary>A desk that reads anew what this one remembers: one for each posting.</summary>
    public DenialDesk Fresh() => new(records, payers);

    /// <summary>Puts the changes into the transaction that posts the answer.</summary>
    public async Task AnswerAsync(FhirTransaction transaction, DeniedClaim answer, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var closed in await SettleAsync(answer, now, ct))
        {
            if (!transaction.Bundle.Entry.Exists(e => e.Resource is FhirTask && e.Resource.Id == closed.Id))
                transaction.Update(closed);
        }

        if (answer.Denials.Count == 0)
            return;
        var today = DateOnly.FromDateTime(now.DateTime);
        var context = await ContextAsync(answer.Claim, ct);
        var levels = IsFirstAnswer(answer.Claim) ? 0 : await AppealTask.LevelsOfAsync(records, answer.Claim.Id!, ct);
        foreach (var category in answer.Denials.GroupBy(d => d.Reason.Category))
        {
            if (!attemptsByCategory.TryGetValue(category.Key, out var attempts))
                attemptsByCategory[category.Key] = attempts = await AttemptsAsync(records, category.Key, ct);
            if (Open(category, answer, context, attempts, levels, today) is { } task)
                transaction.Add(task, now);
        }
    }

    /// <summary>Payer and its rules, for one claim.</summary>
    public async Task<DenialContext> ContextAsync(Claim claim, CancellationToken ct)
    {
        var references = new FhirReferences(records);
        var coverage = await references.FindAsync<Coverage>(claim.FocalInsurance()?.Coverage, ct);
        var payor = await references.FindAsync<Organization>(coverage?.Payor.FirstOrDefault() ?? claim.Insurer, ct);
        var days = claim.Item.Select((item, i) => new ScrubLine(i, item).To).OfType<DateOnly>().ToList();
        DateOnly? last = days.Count > 0 ? days.Max() : DateOfService.From(claim.BillablePeriod?.End);
        var profile = payers.For(coverage, payor, last ?? DateOfService.From(claim.Created) ?? DateOnly.MinValue);
        return new DenialContext(profile, payor is null ? claim.Insurer?.Reference : $"Organization/{payor.Id}", payor?.Name ?? claim.Insurer?.Display, last);
    }

    /// <summary>This practice's closed denials of a category, the newest first.</summary>
    public static async Task<IReadOnlyList<PastAttempt>> AttemptsAsync(IFhirRecords records, string category, CancellationToken ct)
    {
        var attempts = new List<PastAttempt>();
        await foreach (var task in records.SearchAsync<FhirTask>($"code={BillingUrls.TaskCode}|{DenialTask.CodeOf(category)}&status=completed&_sort=-modified", ct))
        {
            if (PastAttempt.Of(task) is not { } attempt)
                continue;
            attempts.Add(attempt);
            if (attempts.Count == MostAttempts)
                break;
        }

        return attempts;
    }

    private static WorklistTask? Open(
        IGrouping<string, Denial> category, DeniedClaim answer, DenialContext context, IReadOnlyList<PastAttempt> attempts, int levels, DateOnly today)
    {
        var claim = answer.Claim;
        IReadOnlyList<DeniedAmount> denied = [.. category.Select(d => Amount(d, claim, d.Line is { } line ? answer.Items[line] : null))];
        var limits = DenialLimits.Of(
            context.Payer, answer.RemittedOn ?? today, context.LastService, denied.Any(d => DenialReason.IsUnprocessable(d.Remarks)), levels + 1);
        var next = NextStep.Decide(category.Key, denied, limits, today, attempts, context.PayerReference);
        var key = BillingKey.Of("denial", answer.Key, category.Key);
        var text = Text(denied, next, limits, context.PayerName);
        if (For(category.Key, claim, answer, text, key, denied, today) is not { } task)
            return null;

        return task with
        {
            Payment = answer.Payment,
            // Whoever acts on the last day of the worklist must not find that the payer's own day was earlier.
            Deadline = limits.Last is { } last && last >= today && last < task.Deadline ? last : task.Deadline,
            Inputs = Inputs(denied, next, limits, context, claim, answer.RemittedOn ?? today),
        };
    }

    // A denial that only the contract explains is nobody's denial work: it is compared with the contract like an underpayment.
    private static WorklistTask? For(string category, Claim claim, DeniedClaim answer, string text, string key, IReadOnlyList<DeniedAmount> denied, DateOnly today)
    {
        var focus = $"Claim/{claim.Id}";
        var usd = denied.Sum(d => d.AmountUsd);
        return category == "contractual"
            ? DenialTask.For("submission", focus, answer.ResponseReference, claim.Patient?.Reference, text, key, usd, today) is { } review
                ? review with { Code = "underpayment", Deadline = today.AddDays(7) }
                : null
            : DenialTask.For(category, focus, answer.ResponseReference, claim.Patient?.Reference, text, key, usd, today);
    }

    private static DeniedAmount Amount(Denial denial, Claim claim, int? item)
    {
        var line = item is { } sequence ? claim.Item.Select((x, i) => new ScrubLine(i, x)).FirstOrDefault(l => l.Number == sequence) : null;
        var missing = item is { } at ? MissingModifier.Of(claim, at, denial.Carc) : null;
        return new DeniedAmount(denial.Group, denial.Carc, denial.Remarks, denial.AmountUsd)
        {
            Item = item,
            Code = line?.Code,
            Modifiers = line?.Modifiers ?? [],
            PaidUsd = denial.PaidUsd,
            Cause = missing is { } m ? $"missing modifier {m.Modifier}" : null,
            ScrubRule = missing?.ScrubRule ?? denial.Reason.ScrubRule,
        };
    }

    private static string Text(IReadOnlyList<DeniedAmount> denied, NextStep next, DenialLimits limits, string? payer)
    {
        var groups = denied.Select(d => DenialReason.GroupReading(d.Group)).Distinct();
        var until = (limits.CorrectBy, limits.AppealBy) switch
        {
            (null, null) => "",
            ({ } correct, null) => $" Correct until {DateOfService.Text(correct)}; no appeal.",
            (null, { } appeal) => $" Appeal until {DateOfService.Text(appeal)}; this payer takes no corrected claim.",
            ({ } correct, { } appeal) => $" Correct until {DateOfService.Text(correct)}, appeal until {DateOfService.Text(appeal)}.",
        };
        return $"{payer ?? "The payer"} denied {string.Join("; ", denied)}. By the group code {string.Join(", ", groups)}. Next: {next.Why}. {next.PastWords}{until}";
    }

    private static List<FhirTask.ParameterComponent> Inputs(
        IReadOnlyList<DeniedAmount> denied, NextStep next, DenialLimits limits, DenialContext context, Claim claim, DateOnly remitted)
    {
        List<FhirTask.ParameterComponent> inputs =
        [
            .. denied.Select(d => d.ToInput()),
            DenialInputs.Of(DenialInputs.RemittedCode, new Date(DateOfService.Text(remitted))),
            DenialInputs.Of(DenialInputs.NextStepCode, new CodeableConcept(BillingUrls.TaskCode, next.Step, null, next.Why)),
            .. next.Past.Take(3).Select(p => DenialInputs.Of(DenialInputs.PastSuccessCode, new FhirString(p.ToString()))),
            .. denied.Select(d => d.ScrubRule).OfType<string>().Distinct().Select(r => DenialInputs.Of(DenialInputs.CaughtByCode, new Code(r))),
        ];
        if (limits.CorrectBy is { } correct)
            inputs.Add(DenialInputs.Of(DenialInputs.CorrectByCode, new Date(DateOfService.Text(correct))));
        if (limits.AppealBy is { } appeal)
            inputs.Add(DenialInputs.Of(DenialInputs.AppealByCode, new Date(DateOfService.Text(appeal))));
        if (context.PayerReference is { } payer)
            inputs.Add(DenialInputs.Of(DenialInputs.PayerCode, new ResourceReference(payer) { Display = context.PayerName }));
        if (claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider?.Reference is { } rendering)
            inputs.Add(DenialInputs.Of(DenialInputs.RenderingCode, new ResourceReference(rendering)));
        if (claim.Facility?.Reference is { } facility)
            inputs.Add(DenialInputs.Of(DenialInputs.PlaceCode, new ResourceReference(facility)));
        else if (claim.Item.Select((item, i) => new ScrubLine(i, item).Place).OfType<string>().FirstOrDefault() is { } place)
            inputs.Add(DenialInputs.Of(DenialInputs.PlaceCode, new Code(place)));
        return inputs;
    }

    /// <summary>The open denials and appeals of this claim, and of those it replaces, that the answer ends.</summary>
    private async Task<IReadOnlyList<FhirTask>> SettleAsync(DeniedClaim answer, DateTimeOffset now, CancellationToken ct)
    {
        var claim = answer.Claim;
        var closed = new List<FhirTask>();
        var isAppealed = claim.Stage() == ClaimStage.Appealed;
        foreach (var task in IsFirstAnswer(claim) ? [] : await OpenAsync(claim.Id!, ct))
        {
            var step = isAppealed || AppealTask.Is(task) ? DenialStep.Appeal : DenialStep.Reprocessed;
            if (DenialOutcome.Of(DeniedAmount.Of(task), answer.Answers) is { } outcome)
                closed.Add(DenialOutputs.Close(task, outcome.Code, step, outcome.WonUsd, answer.ResponseReference, now));
        }

        foreach (var earlier in ClaimCorrection.Replaced(claim))
        {
            var open = await OpenAsync(earlier, ct);
            if (open.Count == 0 || await records.ReadAsync<Claim>(earlier, ct) is not { } original)
                continue;
            foreach (var task in open)
            {
                var denied = DeniedAmount.Of(task);
                IReadOnlyList<DeniedAmount> here = [.. denied.Select(d => d with { Item = d.Item is { } item ? ClaimCorrection.Successor(original, claim, item) : null })];
                // A service that is billed no more was not won: without a successor the line would read as the whole claim.
                here = [.. here.Where((d, i) => d.Item is not null || denied[i].Item is null)];
                var outcome = here.Count == 0 ? new DenialOutcome(DenialOutcome.Upheld, 0m) : DenialOutcome.Of(here, answer.Answers);
                if (outcome is not null)
                    closed.Add(DenialOutputs.Close(task, outcome.Code, ClaimCorrection.Step(original, claim, denied), outcome.WonUsd, answer.ResponseReference, now));
            }
        }

        return closed;
    }

    private static bool IsFirstAnswer(Claim claim) => claim.Stage() is { } stage && BeforeAnswers.Contains(stage);

    private async Task<IReadOnlyList<FhirTask>> OpenAsync(string claimId, CancellationToken ct)
    {
        var open = new List<FhirTask>();
        await foreach (var task in records.SearchAsync<FhirTask>($"focus=Claim/{claimId}", ct))
        {
            if (DenialOutputs.IsOpen(task) && DeniedAmount.Of(task).Count > 0)
                open.Add(task);
        }

        return open;
    }
}
