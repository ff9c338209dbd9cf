using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Some CLPs of one payment → the entries of one transaction. Built anew after a conflict.</summary>
internal sealed class ChunkPosting(IFhirRecords records, DenialDesk denials, PaymentContext payment, ContractRates contracts, DateTimeOffset now, bool isResumed)
{
    private readonly ResponseBuilder _builder = new(payment);
    private readonly ClaimMatcher _matcher = new(records);
    private readonly ByIdentifier<ClaimResponse> _responses = new(records, BillingKey.System);
    private readonly FhirReferences _references = new(records);
    private readonly Dictionary<string, StageWalk> _claims = [];
    private readonly CrossoverClaims _crossovers = new(records, DateOnly.FromDateTime(now.DateTime));
    private readonly HashSet<string> _made = [];
    private readonly ChunkMoney _money = new(records, payment, DateOnly.FromDateTime(now.DateTime));

    public FhirTransaction Transaction { get; } = new();

    public List<ClaimPosted> Posted { get; } = [];

    public List<PaymentReconciliation.DetailsComponent> Details { get; } = [];

    public async Task AddAsync(IReadOnlyList<Remittance835Item.Claim> remittances, CancellationToken ct)
    {
        await _money.GatherAsync(await _matcher.GatherAsync(remittances, ct), ct);
        var keys = remittances.Select(r => RemittanceKeys.Of(payment, r));
        await _responses.GatherAsync(isResumed ? keys.SelectMany(k => (string[])[k.Content, ResponseKey(k)]) : keys.Select(k => k.Content), ct);
        // What one control number gets is decided together, so that a reversal and its correction are posted both or neither.
        foreach (var group in remittances.GroupBy(r => r.Clp.ControlNumber))
            await AddGroupAsync([.. group], ct);
        foreach (var claim in _claims.Values.Where(c => c.IsChanged))
        {
            if (_made.Contains(claim.Original.Id!))
                Transaction.PutNew(claim);
            else
                Transaction.Write(claim);
        }

        _money.WriteTo(Transaction, now);
    }

    /// <summary>A PLB amount, with the last claims of the payment.</summary>
    public Task AddAsync(PlbAdjustment adjustment, int index, Claim? recovered, string source, CancellationToken ct) =>
        _money.RecoverAsync(adjustment, index, recovered, source, ct);

    /// <summary>Patients of these claims who have unapplied money, <c>Patient/id</c>.</summary>
    public IReadOnlyCollection<string> Prepaid => _money.Prepaid;

    /// <summary>What is entered.</summary>
    public IReadOnlyList<Ledger.JournalEntry> Entries => _money.Entries;

    /// <summary>The claims it touches, as they will stand.</summary>
    public IReadOnlyList<Ledger.ClaimBalance> ClaimBalances => _money.ClaimBalances;

    /// <summary>A CLP for a claim that a person has found; false when it is a reversal of something else, and then nothing is added.</summary>
    public async Task<bool> AddMatchedAsync(Claim found, Remittance835Item.Claim remittance, CancellationToken ct)
    {
        var claim = new StageWalk(found, BillingAgent.Reference, now);
        var keys = RemittanceKeys.Of(payment, remittance);
        if (!remittance.IsReversal)
            await AddAdjudicationAsync(claim, remittance, keys, ct);
        else if (await FindReversedAsync(claim, remittance, [], ct) is { } earlier)
            await AddReversalAsync(claim, remittance, keys, earlier, ct);
        else
            return false;
        if (claim.IsChanged)
            Transaction.Write(claim);
        _money.WriteTo(Transaction, now);
        return true;
    }

    private async Task AddGroupAsync(IReadOnlyList<Remittance835Item.Claim> group, CancellationToken ct)
    {
        if (isResumed && await AddPostedBeforeAsync(group, ct))
            return;

        if (await FindClaimAsync(group[0], ct) is not { } claim)
        {
            foreach (var remittance in group)
                AddUnmatched(remittance);
            return;
        }

        claim = await CrossedOverAsync(claim, group, ct) ?? claim;
        var reversed = await FindReversedAsync(claim, group, ct);
        if (reversed.Count == 0 && group.Any(r => r.IsReversal) && await _crossovers.ExistingAfterAsync(claim.Original, ct) is { } next)
        {
            // A later payer takes back what it paid under the first one's control number.
            var later = WalkOf(next);
            if (await FindReversedAsync(later, group, ct) is { Count: > 0 } there)
                (claim, reversed) = (later, there);
        }

        if (reversed.Count < group.Count(r => r.IsReversal))
        {
            foreach (var remittance in group)
                AddUnmatchedReversal(claim, remittance);
            return;
        }

        foreach (var remittance in group)
        {
            var keys = RemittanceKeys.Of(payment, remittance);
            // A decision on an appeal repeats the numbers of the one appealed, and no money that could be paid twice.
            if (!(remittance.Clp.PaidUsd == 0 && claim.Current.Stage() == ClaimStage.Appealed) && await IsInAnotherFileAsync(keys, ct))
                AddDuplicate(claim, remittance, keys);
            else if (reversed.TryGetValue(remittance.Ordinal, out var earlier))
                await AddReversalAsync(claim, remittance, keys, earlier, ct);
            else
                await AddAdjudicationAsync(claim, remittance, keys, ct);
        }
    }

    private async Task AddAdjudicationAsync(StageWalk claim, Remittance835Item.Claim remittance, RemittanceKeys keys, CancellationToken ct)
    {
        var response = AddResponses(claim, remittance, keys, reverses: null);
        var stages = StageDecision.Stages(remittance, StageDecision.HasNextPayer(claim.Current));
        string? stage = null;
        if (stages.Count > 0 && !Adjudicate(claim, stages, $"835 {payment.TraceNumber}: claim status {remittance.Clp.Status}", out stage))
        {
            AddTask(
                RemittanceTask.DuplicatePayment, keys, remittance,
                $"A payment without a reversal came for a claim in stage '{claim.Current.Stage()}'. It is posted; check the balance for a credit.", claim.Original);
        }

        if (stages.Count > 0)
            await denials.AnswerAsync(Transaction, DenialAnswer.Of(claim.Original, remittance, payment, keys, response), now, ct);

        if (!contracts.IsEmpty && Underpayment.Of(remittance, await PayerIdAsync(claim.Current, ct), contracts) is { Count: > 0 } lines)
        {
            AddTask(
                RemittanceTask.Underpayment, keys, remittance,
                $"The payer allowed less than its contract: {string.Join(", ", lines)}. Ask it to pay by the contract.", claim.Original, lines.Sum(l => l.ShortUsd));
        }

        var left = await _money.AdjudicateAsync(claim.Original, remittance, keys, response, ct);
        // Nobody owes or holds a cent, the patient may have paid before: there is nothing left to do.
        if (stage is ClaimStage.Paid or ClaimStage.PatientBalance && left is { ChargesUsd: > 0, InsuranceUsd: 0, PatientUsd: 0 } && claim.MoveTo(ClaimStage.Closed, $"835 {payment.TraceNumber}: nothing is left to pay") is null)
            stage = ClaimStage.Closed;
        AddDetail(remittance, claim, response, "payment");
        Posted.Add(new ClaimPosted(remittance.Clp.ControlNumber, claim.Original.Id, ClaimPostedAs.Adjudication, stage, remittance.Clp.PaidUsd));
    }

    private async Task AddReversalAsync(StageWalk claim, Remittance835Item.Claim remittance, RemittanceKeys keys, ClaimResponse earlier, CancellationToken ct)
    {
        var response = AddResponses(claim, remittance, keys, $"ClaimResponse/{earlier.Id}");
        var cancelled = (ClaimResponse)earlier.DeepCopy();
        cancelled.Status = FinancialResourceStatusCodes.Cancelled;
        Transaction.Update(cancelled);
        await foreach (var benefit in records.SearchAsync<ExplanationOfBenefit>($"claim=Claim/{claim.Original.Id}", ct))
        {
            if (FhirReferences.IdOf(benefit.ClaimResponse?.Reference, "ClaimResponse") != earlier.Id)
                continue;
            var withdrawn = (ExplanationOfBenefit)benefit.DeepCopy();
            withdrawn.Status = ExplanationOfBenefit.ExplanationOfBenefitStatus.Cancelled;
            Transaction.Update(withdrawn);
        }

        // A claim that was replaced or voided stays so: the payer takes back what we asked it to.
        var isMoved = claim.MoveTo(ClaimStage.Reversed, $"835 {payment.TraceNumber}: the payer took the payment back") is null;
        await _money.ReverseAsync(claim.Original, remittance, keys, earlier, response, ct);
        AddDetail(remittance, claim, response, "adjustment");
        Posted.Add(new ClaimPosted(remittance.Clp.ControlNumber, claim.Original.Id, ClaimPostedAs.Reversal, isMoved ? ClaimStage.Reversed : null, remittance.Clp.PaidUsd));
    }

    // Contracts are kept by the id that claims are sent to; a remittance may name the payer otherwise.
    private async Task<string> PayerIdAsync(Claim claim, CancellationToken ct) => await PayerIdOfAsync(claim, ct) ?? payment.PayerId;

    private async Task<string?> PayerIdOfAsync(Claim claim, CancellationToken ct)
    {
        var coverage = await _references.FindAsync<Coverage>(claim.FocalInsurance()?.Coverage, ct);
        var payer = await _references.FindAsync<Organization>(coverage?.Payor.FirstOrDefault(), ct);
        return payer.PayerId();
    }

    private static bool Adjudicate(StageWalk claim, IReadOnlyList<string> stages, string why, out string? stage)
    {
        stage = null;
        if (!claim.TryAnswer(stages[0], why))
            return false;
        foreach (var next in stages.Skip(1))
            claim.MoveTo(next, why);
        stage = stages[^1];
        return true;
    }

    private string AddResponses(StageWalk claim, Remittance835Item.Claim remittance, RemittanceKeys keys, string? reverses)
    {
        var response = Transaction.CreateOnce(_builder.ClaimResponse(claim.Current, remittance, keys, reverses), ResponseKey(keys));
        Transaction.CreateOnce(_builder.Benefit(claim.Current, remittance, keys, response, reverses), BillingKey.Of("benefit", keys.Claim));

        // The payer's claim number, which a replacement or an appeal must quote.
        if (remittance.Clp.PayerControlNumber is { } icn && !claim.Current.Identifier.Exists(i => i.Value == icn))
            claim.Change(c => c.Identifier.Add(new Identifier(BillingUrls.Icn(payment.PayerId), icn)));
        return response;
    }

    private void AddUnmatched(Remittance835Item.Claim remittance)
    {
        var keys = RemittanceKeys.Of(payment, remittance);
        AddTask(
            RemittanceTask.UnmatchedRemit, keys, remittance,
            $"No claim of ours has control number {remittance.Clp.ControlNumber}, nor agrees in member, date, charge and rendering provider. The money is in the payment; find the claim.");
        AddDetail(remittance, null, null, "payment");
        Posted.Add(new ClaimPosted(remittance.Clp.ControlNumber, null, ClaimPostedAs.Unmatched, null, remittance.Clp.PaidUsd));
    }

    private void AddUnmatchedReversal(StageWalk claim, Remittance835Item.Claim remittance)
    {
        var keys = RemittanceKeys.Of(payment, remittance);
        AddTask(
            RemittanceTask.UnmatchedRemit, keys, remittance,
            remittance.IsReversal
                ? "The payer reverses a payment that was not posted to this claim to the cent. Nothing was posted; compare with the earlier remittances."
                : "This payment follows a reversal that could not be matched, and waits with it.",
            claim.Original);
        AddDetail(remittance, null, null, "adjustment");
        Posted.Add(new ClaimPosted(remittance.Clp.ControlNumber, claim.Original.Id, ClaimPostedAs.UnmatchedReversal, null, remittance.Clp.PaidUsd));
    }

    private void AddDuplicate(StageWalk claim, Remittance835Item.Claim remittance, RemittanceKeys keys)
    {
        AddTask(
            RemittanceTask.DuplicatePayment, keys, remittance,
            "The same claim payment was posted from another remittance. It was not posted again; the payer may have paid twice.", claim.Original);
        AddDetail(remittance, null, null, "payment");
        Posted.Add(new ClaimPosted(remittance.Clp.ControlNumber, claim.Original.Id, ClaimPostedAs.PossibleDuplicate, null, remittance.Clp.PaidUsd));
    }

    private void AddTask(string code, RemittanceKeys keys, Remittance835Item.Claim remittance, string description, Claim? claim = null, decimal? atStakeUsd = null)
    {
        var key = BillingKey.Of(code, keys.Claim);
        Transaction.Add(RemittanceTask.For(code, key, description, atStakeUsd ?? remittance.Clp.PaidUsd, payment, claim), now);
    }

    private void AddDetail(Remittance835Item.Claim remittance, StageWalk? claim, string? response, string type)
    {
        var detail = new PaymentReconciliation.DetailsComponent
        {
            Identifier = Number(remittance),
            Type = new CodeableConcept(RemittanceUrls.PaymentType, type),
            Request = claim is null ? null : new ResourceReference($"Claim/{claim.Original.Id}"),
            Response = response is null ? null : new ResourceReference(response),
            Date = payment.PaymentDate,
            Amount = Adjudication.Money(remittance.Clp.PaidUsd),
        };
        if (response is null)
            KeptRemittances.Keep(detail, payment, remittance, now);
        Details.Add(detail);
    }

    private static string ResponseKey(RemittanceKeys keys) => BillingKey.Of("response", keys.Claim);

    private static Identifier? Number(Remittance835Item.Claim remittance) =>
        string.IsNullOrWhiteSpace(remittance.Clp.ControlNumber) ? null : new Identifier(BillingUrls.PatientControlNumber, remittance.Clp.ControlNumber);

    private async Task<StageWalk?> FindClaimAsync(Remittance835Item.Claim remittance, CancellationToken ct)
    {
        if (await _matcher.FindAsync(remittance, ct) is not { } claim)
            return null;
        return WalkOf(claim);
    }

    private StageWalk WalkOf(Claim claim)
    {
        if (!_claims.TryGetValue(claim.Id!, out var posting))
            _claims[claim.Id!] = posting = new StageWalk(claim, BillingAgent.Reference, now);
        return posting;
    }

    /// <summary>
    /// The claim to a later payer, when these are that payer's answers under the control number of the claim before: the payer before sent it on itself.
    /// Without one of ours it is made here, as submitted by another; null when they answer the claim found.
    /// </summary>
    private async Task<StageWalk?> CrossedOverAsync(StageWalk claim, IReadOnlyList<Remittance835Item.Claim> group, CancellationToken ct)
    {
        var rank = group.Where(r => !r.IsReversal).Select(StageDecision.Rank).DefaultIfEmpty(1).Max();
        if (rank <= (claim.Original.FocalInsurance()?.Sequence ?? 1) || await PayerIdOfAsync(claim.Original, ct) == payment.PayerId)
            return null;
        if (await _crossovers.FindAsync(claim.Original, rank, ct) is not var (next, isNew))
            return null;
        if (isNew && !_claims.ContainsKey(next.Id!))
        {
            _made.Add(next.Id!);
            var why = $"The payer sent the claim on itself; the next one answers it, control number {next.PatientControlNumber()}";
            if (claim.Current.Stage() is ClaimStage.Paid or ClaimStage.PartiallyDenied or ClaimStage.Denied)
                claim.MoveTo(ClaimStage.SecondaryDue, why);
            claim.MoveTo(ClaimStage.Closed, why);
        }

        return WalkOf(next);
    }

    private async Task<Dictionary<int, ClaimResponse>> FindReversedAsync(StageWalk claim, IReadOnlyList<Remittance835Item.Claim> group, CancellationToken ct)
    {
        var reversed = new Dictionary<int, ClaimResponse>();
        foreach (var reversal in group.Where(r => r.IsReversal))
        {
            if (await FindReversedAsync(claim, reversal, [.. reversed.Values], ct) is { } earlier)
                reversed[reversal.Ordinal] = earlier;
        }

        return reversed;
    }

    private async Task<ClaimResponse?> FindReversedAsync(
        StageWalk claim, Remittance835Item.Claim reversal, IReadOnlyList<ClaimResponse> taken, CancellationToken ct)
    {
        await foreach (var response in records.SearchAsync<ClaimResponse>($"request=Claim/{claim.Original.Id}", ct))
        {
            if (taken.All(t => t.Id != response.Id) && ReversalMatching.Reverses(claim.Original, reversal, response))
                return response;
        }

        return null;
    }

    private async Task<bool> IsInAnotherFileAsync(RemittanceKeys keys, CancellationToken ct)
    {
        var sameFile = BillingKey.Of("clp", payment.FileKey) + "/";
        foreach (var response in await _responses.FindAsync(keys.Content, ct))
        {
            var isOurs = response.Identifier.Exists(i => i.Value is { } value && Uri.UnescapeDataString(value).Contains(sameFile, StringComparison.Ordinal));
            if (!isOurs && response.Status is not FinancialResourceStatusCodes.Cancelled)
                return true;
        }

        return false;
    }

    // After an interruption: what stands in the store already is only listed.
    private async Task<bool> AddPostedBeforeAsync(IReadOnlyList<Remittance835Item.Claim> group, CancellationToken ct)
    {
        var found = new List<(Remittance835Item.Claim Remittance, ClaimResponse Response)>();
        foreach (var remittance in group)
        {
            foreach (var response in await _responses.FindAsync(ResponseKey(RemittanceKeys.Of(payment, remittance)), ct))
                found.Add((remittance, response));
        }

        if (found.Count == 0)
            return false;
        foreach (var (remittance, response) in found)
        {
            Details.Add(new PaymentReconciliation.DetailsComponent
            {
                Identifier = Number(remittance),
                Type = new CodeableConcept(RemittanceUrls.PaymentType, remittance.IsReversal ? "adjustment" : "payment"),
                Request = response.Request,
                Response = new ResourceReference($"ClaimResponse/{response.Id}"),
                Date = payment.PaymentDate,
                Amount = Adjudication.Money(remittance.Clp.PaidUsd),
            });
            Posted.Add(new ClaimPosted(
                remittance.Clp.ControlNumber, FhirReferences.IdOf(response.Request?.Reference, "Claim"), ClaimPostedAs.Before, null, remittance.Clp.PaidUsd));
        }

        // Of a group with a possible duplicate, the duplicate has a Task instead of a response.
        foreach (var remittance in group.Where(r => found.All(f => f.Remittance.Ordinal != r.Ordinal)))
            AddDetail(remittance, null, null, "payment");
        return true;
    }
}
