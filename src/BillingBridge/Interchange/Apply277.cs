using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange.Status;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>277CA and 277 → claims <c>accepted</c>, <c>pended</c> or <c>payer-rejected</c>, the payer's claim number, a ClaimResponse for each answer.</summary>
/// <param name="kind">277CA or 277.</param>
/// <param name="ourSenderId">ISA06 of our files.</param>
/// <param name="records">Where claims are.</param>
/// <param name="outbox">Our files.</param>
/// <param name="time">Now.</param>
/// <param name="ledger">What was done.</param>
internal sealed class Apply277(
    string kind, string ourSenderId, IFhirRecords records, Outbox outbox, TimeProvider time, AcknowledgementLedger ledger)
{
    // Four resources a claim keep one commit far below a server's limit of entries.
    private const int ClaimsPerCommit = 500;
    private const int Attempts = 5;

    private readonly PayerIds _payers = new(records);
    private readonly List<ClaimAnswer> _pending = [];
    private string _reference = "";
    private HierarchyItem.Level? _receiver;
    private bool _receiverHasClaims;

    public async Task AddAsync(HierarchyItem item, CancellationToken ct)
    {
        switch (item)
        {
            case HierarchyItem.Set set:
                _reference = set.Bht.Reference;
                break;
            case HierarchyItem.Level { IsClaim: true } claim:
                _receiverHasClaims = true;
                await AddClaimAsync(claim, ct);
                break;
            case HierarchyItem.Level { IsPerson: true } person:
                foreach (var claim in StatusClaim.Of(person))
                    await AddStatusAsync(claim, ct);
                break;
            case HierarchyItem.Level { Hl.Level: "21" } receiver when kind == "277CA":
                await CloseReceiverAsync(ct);
                (_receiver, _receiverHasClaims) = (receiver, false);
                break;
            case HierarchyItem.End:
                await CloseReceiverAsync(ct);
                break;
            default:
                break;
        }

        if (_pending.Count >= ClaimsPerCommit)
            await CommitAsync(ct);
    }

    public async Task CommitAsync(CancellationToken ct)
    {
        for (var attempt = 0; _pending.Count > 0; attempt++)
        {
            if (attempt == Attempts)
                throw new TimeoutException($"The {kind} could not be applied: other changes to the same claims kept getting in between. Repeat it.");

            var (transaction, moved, ignored) = await BuildAsync(ct);
            var outcome = transaction.Count == 0 ? new CommitOutcome.Committed(new Bundle()) : await records.CommitAsync(transaction.Bundle, ct);
            if (outcome is CommitOutcome.Refused refused)
                throw new InvalidOperationException($"The FHIR server refuses the {kind}: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
            if (outcome is CommitOutcome.Conflict)
                continue;
            ledger.Moved.AddRange(moved);
            ledger.Ignored += ignored;
            _pending.Clear();
        }
    }

    private async Task AddClaimAsync(HierarchyItem.Level level, CancellationToken ct)
    {
        // A rejection further up rejects every claim below it.
        var above = level.Above().SelectMany(l => l.Statuses).Where(s => s.Statuses.Any(c => IsRejection(c.Category)));
        var statuses = above.Concat(level.Statuses).ToList();
        // A file with a claim that has no trace was refused before anything was applied.
        var answer = new ClaimAnswer(null, level.Trace!, statuses, level.Reference("1K"));
        await foreach (var claim in records.SearchAsync<Claim>(BillingKey.Query(BillingUrls.PatientControlNumber, answer.ControlNumber), ct))
        {
            _pending.Add(answer with { ClaimId = claim.Id });
            return;
        }

        ledger.Unmatched.Add($"patient control number {answer.ControlNumber}");
    }

    // An answer to a 276 names the claim by our number, by our trace on the 837P, or at least by the question.
    private async Task AddStatusAsync(StatusClaim status, CancellationToken ct)
    {
        var number = status.Reference("EJ") ?? status.Trn.Number;
        var claim = await FindAsync(BillingUrls.PatientControlNumber, status.Reference("EJ"), ct)
            ?? await FindAsync(BillingUrls.Trace, status.Reference("D9"), ct)
            ?? await AskedAsync(status.Trn.Number, ct);
        if (claim is null)
            ledger.Unmatched.Add($"patient control number {number}");
        else
            _pending.Add(new ClaimAnswer(claim.Id, claim.PatientControlNumber() ?? number, [.. status.Statuses], status.Reference("1K")));
    }

    private async Task<Claim?> FindAsync(string system, string? value, CancellationToken ct)
    {
        if (value is null)
            return null;
        await foreach (var claim in records.SearchAsync<Claim>(BillingKey.Query(system, value), ct))
            return claim;
        return null;
    }

    private async Task<Claim?> AskedAsync(string trace, CancellationToken ct)
    {
        if (StatusTrace.Read(trace) is not var (interchange, index))
            return null;
        await foreach (var file in records.SearchAsync<DocumentReference>(BillingKey.Query(InterchangeUrls.Interchange(ourSenderId), interchange), ct))
        {
            if (file.Context?.Related.ElementAtOrDefault(index)?.Reference is { } asked && FhirReferences.IdOf(asked, "Claim") is { } id)
                return await records.ReadAsync<Claim>(id, ct);
        }

        return null;
    }

    // A receiver-level rejection without claims below: every claim of the batch it names.
    private async Task CloseReceiverAsync(CancellationToken ct)
    {
        if (_receiver is not { } receiver || _receiverHasClaims || !receiver.Statuses.SelectMany(s => s.Statuses).Any(c => IsRejection(c.Category)))
            return;

        _receiver = null;
        if (receiver.Trace is not { } reference)
        {
            ledger.Unmatched.Add("a rejected batch that the 277CA does not name");
            return;
        }

        var found = false;
        await foreach (var batch in records.SearchAsync<DocumentReference>(BillingKey.Query(BillingUrls.Batch, reference), ct))
        {
            found = true;
            await foreach (var claim in outbox.ClaimsAsync(batch, ct))
                _pending.Add(new ClaimAnswer(claim.Id, claim.PatientControlNumber() ?? "", [.. receiver.Statuses], null));
        }

        if (!found)
            ledger.Unmatched.Add($"batch {reference}");
    }

    private async Task<(FhirTransaction Transaction, List<ClaimMoved> Moved, int Ignored)> BuildAsync(CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        var moved = new List<ClaimMoved>();
        var ignored = 0;
        foreach (var perClaim in _pending.GroupBy(a => a.ClaimId))
        {
            if (await records.ReadAsync<Claim>(perClaim.Key!, ct) is not { } original)
                continue;
            var walk = new StageWalk(original, BillingAgent.Reference, time.GetUtcNow());
            var icnSystem = BillingUrls.Icn(await _payers.OfAsync(original, ct));
            foreach (var answer in perClaim)
            {
                if (await IsKnownAsync(Key(answer), ct))
                {
                    ignored++;
                    continue;
                }

                transaction.CreateOnce(Response(original, answer, icnSystem), Key(answer));
                Apply(walk, answer, icnSystem);
                if (TaskCode(answer) is { } code)
                    transaction.Add(TaskFor(original, answer, code), time.GetUtcNow());
            }

            if (!walk.IsChanged)
                continue;
            transaction.Write(walk);
            if (walk.Provenances.Count > 0)
                moved.Add(new ClaimMoved(original.Id!, walk.Current.Stage()!));
        }

        return (transaction, moved, ignored);
    }

    private void Apply(StageWalk walk, ClaimAnswer answer, string icnSystem)
    {
        if (StageOf(answer) is { } stage && walk.TryAnswer(stage, $"{kind} {_reference}: {answer.Codes}") && stage == ClaimStage.PayerRejected)
            walk.Change(SubmitKey.Release);
        if (answer.Icn is { } icn && !walk.Current.Identifier.Exists(i => i.Value == icn))
            walk.Change(claim => claim.Identifier.Add(new Identifier(icnSystem, icn)));
    }

    private ClaimResponse Response(Claim claim, ClaimAnswer answer, string icnSystem)
    {
        var response = new ClaimResponse
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, Key(answer))],
            Status = FinancialResourceStatusCodes.Active,
            Type = claim.Type,
            Use = ClaimUseCode.Claim,
            Patient = claim.Patient,
            Created = time.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            Insurer = claim.Insurer ?? new ResourceReference { Display = "unknown" },
            Request = new ResourceReference($"Claim/{claim.Id}"),
            Outcome = answer.IsRejected ? ClaimProcessingCodes.Error : ClaimProcessingCodes.Queued,
            Disposition = $"{kind} {answer.Codes}",
        };
        if (answer.Icn is { } icn)
            response.Identifier.Add(new Identifier(icnSystem, icn));
        if (answer.IsRejected)
            response.Error = [.. answer.Statuses.SelectMany(s => s.Statuses.Select(c => Error(c, s.Text)))];
        return response;
    }

    private static ClaimResponse.ErrorComponent Error(StatusCode status, string? text) => new()
    {
        Code = new CodeableConcept
        {
            Coding =
            [
                new Coding("https://x12.org/codes/claim-status-category-codes", status.Category.Length > 0 ? status.Category : null),
                new Coding("https://x12.org/codes/claim-status-codes", status.Status.Length > 0 ? status.Status : null),
            ],
            Text = text ?? status.ToString(),
        },
    };

    private WorklistTask TaskFor(Claim claim, ClaimAnswer answer, string code)
    {
        var errors = answer.Statuses
            .SelectMany(s => s.Statuses.Select(c => new AcknowledgedError(answer.ControlNumber, c.ToString(), s.Text ?? "claim status of the payer", null, null)))
            .ToList();
        ledger.Problems.AddRange(errors.Where(e => !ledger.Problems.Contains(e)));
        var description = code == RejectionTask.ProviderQuery ? $"The payer asks for more information ({kind})." : $"The payer did not take the claim into its system ({kind}).";
        return RejectionTask.For(code, BillingKey.Of("task", Key(answer)), claim, description, errors);
    }

    private static string? TaskCode(ClaimAnswer answer)
    {
        if (answer.IsRejected || answer.Categories.Any(c => c[0] is 'E' or 'D'))
            return RejectionTask.FixRejection;
        return answer.Categories.Any(c => c[0] == 'R') ? RejectionTask.ProviderQuery : null;
    }

    // Billing spec 2.6. F categories wait for the 835.
    private static string? StageOf(ClaimAnswer answer) => answer switch
    {
        { IsRejected: true } => ClaimStage.PayerRejected,
        _ when answer.Categories.Any(c => c[0] is 'P' or 'R') => ClaimStage.Pended,
        _ when answer.Categories.Any(c => c is "A1" or "A2" or "A5") => ClaimStage.Accepted,
        _ when answer.Categories.Any(c => c == "A0") => ClaimStage.Forwarded,
        _ => null,
    };

    private static bool IsRejection(string category) => category is "A3" or "A4" or "A6" or "A7" or "A8";

    private string Key(ClaimAnswer answer) =>
        BillingKey.Of(kind, _reference, answer.ControlNumber, answer.Codes, answer.Statuses is [var first, ..] ? first.Date : null);

    private async Task<bool> IsKnownAsync(string key, CancellationToken ct)
    {
        await foreach (var _ in records.SearchAsync<ClaimResponse>(BillingKey.Query(key), ct))
            return true;
        return false;
    }

    private sealed record ClaimAnswer(string? ClaimId, string ControlNumber, IReadOnlyList<Stc> Statuses, string? Icn)
    {
        public IEnumerable<string> Categories => Statuses.SelectMany(s => s.Statuses).Select(c => c.Category).Where(c => c.Length > 0);

        public bool IsRejected => Categories.Any(IsRejection);

        public string Codes => string.Join(' ', Statuses.SelectMany(s => s.Statuses));
    }
}
