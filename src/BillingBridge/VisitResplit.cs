using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>A visit that has its claim, looked at again: lines that became another first payer's go to that payer's claim, which is made where there is none.</summary>
/// <remarks>
/// Claims that were not sent are changed, in one commit with the new ones, and scrubbed again after it: they are drafts until then, and a draft is sent by nobody. A claim that was sent is
/// its payer's to change: a person replaces or voids it first (<c>$replace</c> leaves the lines out by itself), for which a right of its own is needed.
/// </remarks>
/// <param name="mayChange">False for somebody who may make claims and not change them: then what would change one is refused.</param>
internal sealed class VisitResplit(IFhirRecords records, ClaimWork work, ClaimPipeline pipeline, BillingSetup setup, TimeProvider clock, bool mayChange)
{
    /// <param name="first">The claim with the visit's own number, whatever became of it.</param>
    /// <param name="claims">The claims of the visit that stand, see <see cref="VisitSplit.ClaimsOf"/>.</param>
    public async Task<ClaimResult> RunAsync(EncounterChart chart, Claim? first, IReadOnlyList<Claim> claims, DateOnly today, CancellationToken ct)
    {
        var moved = claims.Select(c => (Claim: c, Lines: VisitSplit.Moved(chart, c))).Where(m => m.Lines.Count > 0).ToList();
        if (moved.Find(m => !ClaimStage.IsWithUs(m.Claim.Stage())) is { Claim: { } sent, Lines: var gone })
            return Refuse($"Claim/{sent.Id} is {sent.Stage()}, and {gone.Count} of its {sent.Item.Count} lines {(gone.Count == 1 ? "is" : "are")} another payer's now. "
                + (gone.Count == sent.Item.Count ? "Void it ($void)" : "Replace it ($replace), which leaves them out") + " when its payer has answered; then bill the visit again.");

        if (!mayChange && moved.Count > 0)
            return Refuse($"Lines of Claim/{moved[0].Claim.Id} are another payer's now. You may not change claims: somebody who may has to bill the visit again.");
        if (moved.Find(m => m.Lines.Count == m.Claim.Item.Count && IsInBooks(m.Claim)) is { Claim: { } entered })
            return Refuse($"Claim/{entered.Id} was sent before, so its charges are in the books, and all of its lines are another payer's now: it cannot be taken back as if it had never been. Leave one of its lines where it is, or settle it by hand.");
        if (moved.Find(m => m.Lines.Count == m.Claim.Item.Count && m.Claim.Frequency() != "1") is { Claim: { } successor })
            return Refuse($"Claim/{successor.Id} replaces one that its payer has, and all of its lines are another payer's now: its payer must be told to void that one, which is a person's to do.");

        var left = claims.SelectMany(c => c.Item.Except(moved.SelectMany(m => m.Lines))).Select(i => i.ChargeItem()?.Reference).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var apart = chart.OfType<ChargeItem>().Where(c => !left.Contains($"ChargeItem/{c.Id}") && ChargeAccounts.Named(chart, c, null) is not null);
        if (moved.Count == 0 && !apart.Any() || await work.GatherAsync(chart, null, ct) is not { } gathered)
            return await AlreadyAsync(first, claims, ct);

        var taken = moved.SelectMany(m => m.Lines).Select(l => l.ChargeItem()?.Reference).Concat(apart.Select(c => $"ChargeItem/{c.Id}")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var walks = moved.ToDictionary(m => m.Claim.Id!, m => Walk(m.Claim, m.Lines));
        var drafts = new List<ClaimDraft>();
        foreach (var share in gathered.Shares)
        {
            var lines = share.Charges.Lines.Where(l => taken.Contains($"ChargeItem/{l.ChargeItemId}")).ToList();
            if (lines.Count == 0)
                continue;
            var draft = await pipeline.DraftAsync(chart, share with { Charges = share.Charges with { Lines = lines, Gaps = [] } }, today, gathered, ct);
            if (claims.FirstOrDefault(c => VisitSplit.FirstOf(c) == share.First?.Id && !IsEmptied(walks, c)) is not { } there)
                drafts.Add(draft);
            else if (!ClaimStage.IsWithUs(there.Stage()))
                return Refuse($"Claim/{there.Id} is {there.Stage()}, and {string.Join(", ", lines.Select(l => l.Code))} of the visit belong on it: replace it ($replace) with them when its payer has answered.");
            else if (!mayChange)
                return Refuse($"{string.Join(", ", lines.Select(l => l.Code))} of the visit belong on Claim/{there.Id}. You may not change claims: somebody who may has to bill the visit again.");
            else
                (walks.TryGetValue(there.Id!, out var walk) ? walk : walks[there.Id!] = Walk(there, [])).Change(c => ClaimLines.Add(c, draft.Claim));
        }

        var placed = gathered.Shares.SelectMany(s => s.Charges.Lines).Select(l => $"ChargeItem/{l.ChargeItemId}").ToHashSet(StringComparer.Ordinal);
        if (moved.SelectMany(m => m.Lines).FirstOrDefault(l => l.ChargeItem()?.Reference is not { } charge || !placed.Contains(charge)) is { } homeless)
            return Refuse($"{homeless.ProductOrService?.Coding.FirstOrDefault()?.Code ?? "A line"} is another payer's now, and its charge is none that can be billed: correct the ChargeItem, or take the line off the claim by hand.");

        var transaction = new FhirTransaction();
        foreach (var walk in walks.Values)
        {
            transaction.Write(walk);
            if (walk.Current.Status == FinancialResourceStatusCodes.EnteredInError)
                foreach (var task in await work.OpenTasksAsync(walk.Current.Id!, ct))
                {
                    task.Status = FhirTask.TaskStatus.Cancelled;
                    task.LastModifiedElement = new FhirDateTime(clock.GetUtcNow());
                    transaction.Update(task);
                }
        }

        var entries = drafts.Select(d => pipeline.Add(transaction, d, chart, today)).ToList();
        switch (await records.CommitAsync(transaction.Bundle, ct))
        {
            case CommitOutcome.Conflict conflict:
                return new ClaimResult.Refused(conflict.Outcome);
            case CommitOutcome.Refused refused:
                return new ClaimResult.Refused(refused.Outcome);
            case CommitOutcome.Committed committed:
                var results = new List<ClaimResult>();
                foreach (var claim in claims.Where(c => !IsEmptied(walks, c)))
                    results.Add(walks.ContainsKey(claim.Id!) ? await pipeline.RescrubAsync(claim.Id!, ct) : ClaimPipeline.Already(claim));
                if (drafts.Count > 0)
                    results.Add(await pipeline.AnswerAsync(committed.Response, entries, drafts, ct));
                return ClaimResult.Of([.. results.SelectMany(r => r is ClaimResult.Several several ? several.Claims : [r])]);
            default:
                throw new InvalidOperationException("A commit ends otherwise.");
        }
    }

    /// <summary>A draft is what a stop left between moving its lines and scrubbing it.</summary>
    private async Task<ClaimResult> AlreadyAsync(Claim? first, IReadOnlyList<Claim> claims, CancellationToken ct)
    {
        if (claims.Count == 0)
            return ClaimPipeline.Already(first!);
        var results = new List<ClaimResult>();
        foreach (var claim in claims)
            results.Add(mayChange && claim.Stage() == ClaimStage.Draft && claim.Frequency() == "1" ? await pipeline.RescrubAsync(claim.Id!, ct) : ClaimPipeline.Already(claim));
        return ClaimResult.Of(results);
    }

    private StageWalk Walk(Claim claim, IReadOnlyList<Claim.ItemComponent> gone)
    {
        var walk = new StageWalk(claim, new ResourceReference { Display = setup.AgentName }, clock.GetUtcNow());
        if (claim.Stage() != ClaimStage.Draft && walk.MoveTo(ClaimStage.Draft, "Lines of the visit are another first payer's") is { } refusal)
            throw new InvalidOperationException($"{refusal}");
        // A claim of no line is none: it was made before the charges were told apart.
        walk.Change(c =>
        {
            if (gone.Count == claim.Item.Count)
                c.Status = FinancialResourceStatusCodes.EnteredInError;
            else if (gone.Count > 0)
                ClaimLines.Remove(c, [.. gone.Select(l => claim.Item.IndexOf(l))]);
        });
        return walk;
    }

    /// <summary>It went out once, or money of it was entered: taking it away would leave its charges owed by nobody.</summary>
    private static bool IsInBooks(Claim claim) => claim.Identifier.Exists(i => i.System == BillingUrls.Batch) || claim.GetExtension(LedgerUrls.LastEntry) is not null;

    private static bool IsEmptied(Dictionary<string, StageWalk> walks, Claim claim) =>
        walks.TryGetValue(claim.Id!, out var walk) && walk.Current.Status == FinancialResourceStatusCodes.EnteredInError;

    private static ClaimResult.Refused Refuse(string why) => new(OperationOutcome.ForMessage(why, OperationOutcome.IssueType.BusinessRule));
}
