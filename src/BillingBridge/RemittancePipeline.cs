using System.Security.Cryptography;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>835 → ClaimResponse, ExplanationOfBenefit, PaymentReconciliation, claim stages and worklists (billing spec 2.4).</summary>
/// <remarks>
/// The file is read twice: first to see whether every payment adds up to the cent, then to post the ones that do. A payment is one
/// commit, or several resumable ones when it has more claims than <c>claimsPerCommit</c>; posting it again changes nothing.
/// </remarks>
/// <param name="records">Where claims and the journal are.</param>
/// <param name="time">Now.</param>
/// <param name="claimsPerCommit">A payment of more claims is posted in several commits.</param>
/// <param name="contracts">What payers agreed to allow; without it nothing is an underpayment.</param>
/// <param name="payers">Their limits for appeals; the built-in ones when null.</param>
public sealed class RemittancePipeline(IFhirRecords records, TimeProvider time, int claimsPerCommit = 500, ContractRates? contracts = null, PayerDirectory? payers = null)
{
    private readonly DenialDesk denials = new(records, payers ?? new PayerDirectory());

    /// <summary>Posts a file. Throws only when the FHIR server fails or refuses; then repeating is safe.</summary>
    public async Task<RemittanceResult> PostAsync(Stream x12, CancellationToken ct)
    {
        await using var copy = x12.CanSeek ? null : await CopyAsync(x12, ct);
        var file = copy ?? x12;
        var start = copy is null ? file.Position : 0;

        var survey = await RemittanceSurvey.ReadAsync(file, ct);
        if (!survey.IsWhole || survey.Payments.Count == 0)
            return await RefuseFileAsync(file, start, survey, ct);

        file.Position = start;
        var outcomes = new List<PaymentOutcome>();
        PaymentPosting? posting = null;
        await foreach (var item in Remittance835Reader.ReadAsync(new EnvelopeReader(file, new X12Findings()), ct))
        {
            switch (item)
            {
                case Remittance835Item.Payment:
                    posting = await StartAsync(survey.Payments[outcomes.Count], survey.Findings, outcomes, ct);
                    break;
                case Remittance835Item.Claim claim when posting is not null:
                    await posting.AddAsync(claim, ct);
                    break;
                case Remittance835Item.End end when posting is not null:
                    outcomes.Add(await posting.FinishAsync(end, ct));
                    await ApplyPrepaidAsync(posting.Prepaid, ct);
                    posting = null;
                    break;
                default:
                    break;
            }
        }

        return new RemittanceResult(outcomes, survey.Findings);
    }

    /// <summary>What <see cref="PostAsync"/> would do with a file: every balance change, without storing anything.</summary>
    public async Task<RemittancePreview> PreviewAsync(Stream x12, CancellationToken ct)
    {
        var dry = new DryRun(records);
        var result = await new RemittancePipeline(dry, time, int.MaxValue, contracts, payers).PostAsync(x12, ct);
        var journal = new Journal(records);
        var changes = new List<BalanceChange>();
        foreach (var reference in dry.Entries.Select(e => e.Claim).OfType<string>().Distinct())
        {
            if (FhirReferences.IdOf(reference, "Claim") is not { } id || await records.ReadAsync<Claim>(id, ct) is not { } claim)
                continue;
            var before = await journal.OfClaimAsync(claim, ct);
            changes.Add(new BalanceChange(Balances.Of(before).OfClaim(reference), Balances.Of(before.Concat(dry.Entries)).OfClaim(reference)));
        }

        return new RemittancePreview(
            result, [.. dry.Entries], changes, [.. dry.Tasks.Select(t => (t.Code?.Coding.FirstOrDefault()?.Code ?? "", t.Description ?? ""))]);
    }

    /// <summary>
    /// Posts what a worklist item keeps, a payment that fitted no claim or looked like a duplicate, to the claim a person says it is for. The money moves
    /// from unapplied to the claim as if the file had named it.
    /// </summary>
    /// <param name="taskId">The item.</param>
    /// <param name="claimId">The claim; null for the one the item is about.</param>
    /// <param name="limitUsd">Most the person may post; null for no limit.</param>
    public Task<MoneyResult> MatchAsync(string taskId, string? claimId, decimal? limitUsd, CancellationToken ct) =>
        new KeptRemittances(records, denials, contracts ?? ContractRates.None, time).PostAsync(taskId, claimId, limitUsd, ct);

    // A copay taken at the visit meets what the payer now says is the patient's. A step of its own: left undone, the next answer or $apply-payments does it.
    private async Task ApplyPrepaidAsync(IEnumerable<string> patients, CancellationToken ct)
    {
        foreach (var patient in patients)
            await new PatientPayments(records, time).ApplyAsync(FhirReferences.IdOf(patient, "Patient")!, BillingAgent.Name, ct);
    }

    // A payment that is not posted has its outcome at once, and null as posting.
    private async Task<PaymentPosting?> StartAsync(
        SurveyedPayment payment, IReadOnlyList<X12Finding> findings, List<PaymentOutcome> outcomes, CancellationToken ct)
    {
        var context = payment.Context;
        if (payment.IsRefused)
        {
            var own = findings.Where(f => f.Place?.SetControlNumber == context.Payment.St.ControlNumber).ToList();
            await ReportAsync(BillingKey.Of("refused", context.FileKey), context, own, ct);
            outcomes.Add(new PaymentOutcome.Refused(context.TraceNumber, context.Payment.PaidUsd, own));
            return null;
        }

        payment = payment with { Context = await NotTakenBackAsync(context, ct) };
        var posting = new PaymentPosting(records, denials, payment, contracts ?? ContractRates.None, time, claimsPerCommit);
        if (!await posting.IsPostedAsync(ct))
            return posting;
        outcomes.Add(new PaymentOutcome.Duplicate(context.TraceNumber, context.Payment.PaidUsd));
        return null;
    }

    // A payment that a person took back may be posted again, corrected or to the claim it was for.
    private async Task<PaymentContext> NotTakenBackAsync(PaymentContext payment, CancellationToken ct)
    {
        while (await records.SearchAsync<PaymentReconciliation>(BillingKey.Query(payment.FileKey), ct).FirstOrDefaultAsync(ct) is { Status: FinancialResourceStatusCodes.Cancelled })
            payment = payment with { TakenBack = payment.TakenBack + 1 };
        return payment;
    }

    private async Task<RemittanceResult> RefuseFileAsync(Stream file, long start, RemittanceSurvey survey, CancellationToken ct)
    {
        file.Position = start;
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
        var context = survey.Payments is [var first, ..] ? first.Context : new PaymentContext("", new Remittance835Item.Payment(new St("835", "", null), []));
        await ReportAsync(BillingKey.Of("refused", hash), context, survey.Findings, ct);
        return new RemittanceResult(
            [.. survey.Payments.Select(p => new PaymentOutcome.Refused(p.Context.TraceNumber, p.Context.Payment.PaidUsd, survey.Findings))],
            survey.Findings);
    }

    private async Task ReportAsync(string key, PaymentContext payment, IReadOnlyList<X12Finding> findings, CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        transaction.Add(RemittanceTask.Refused(key, payment, findings), time.GetUtcNow());
        if (await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
            throw new InvalidOperationException($"The FHIR server refuses the worklist entry of a refused 835: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
    }

    private static async Task<FileStream> CopyAsync(Stream x12, CancellationToken ct)
    {
        var copy = new FileStream(
            Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await x12.CopyToAsync(copy, ct);
        copy.Position = 0;
        return copy;
    }
}
