using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>One part of a payment plan.</summary>
public sealed record Instalment(DateOnly DueOn, decimal AmountUsd);

/// <summary>Payment plans, as a FHIR <c>Contract</c> whose valued items are the instalments; a missed one is work.</summary>
public sealed class PaymentPlans(IFhirRecords records, TimeProvider time)
{
    public const string MissedInstalment = "missed-instalment";

    private const int MostInstalments = 120;

    private readonly Journal journal = new(records);

    /// <summary>Keeps what was agreed with a patient; the same plan on the same day is the same plan.</summary>
    public async Task<MoneyResult> AgreeAsync(string patientId, IReadOnlyList<Instalment> instalments, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().DateTime);
        if (Fault(instalments, today) is { } wrong)
            return new MoneyResult.Refused(wrong);
        var patient = $"Patient/{patientId}";
        if (await records.ReadAsync<Patient>(patientId, ct) is null)
            return new MoneyResult.NotFound(patient);

        var text = string.Join(';', instalments.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.DueOn:yyyy-MM-dd}={i.AmountUsd:0.00}")));
        var key = BillingKey.Of("payment-plan", patientId, DateOfService.Text(today), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]);
        await foreach (var before in records.SearchAsync<Contract>(BillingKey.Query(key), ct))
            return new MoneyResult.Before($"Contract/{before.Id}");

        var balances = Balances.Of(await journal.OfPatientAsync(patient, ct));
        var owed = balances.OfPatient(patient, LedgerAccount.PatientReceivable) - balances.UnappliedUsd(patient);
        if (instalments.Sum(i => i.AmountUsd) is var sum && sum > owed)
            return new MoneyResult.Refused(string.Create(CultureInfo.InvariantCulture, $"The instalments come to {sum:0.00}; the patient owes {Math.Max(0m, owed):0.00}."));

        var transaction = new FhirTransaction();
        var url = transaction.CreateOnce(Plan(patient, key, instalments, today), key);
        return await records.CommitAsync(transaction.Bundle, ct) switch
        {
            CommitOutcome.Committed committed => new MoneyResult.Done(
                FhirReferences.IdOf(committed.Response.Entry[0].Response?.Location, "Contract") is { } id ? $"Contract/{id}" : url, [], []),
            CommitOutcome.Refused refused => throw new InvalidOperationException($"The FHIR server refuses the payment plan: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}"),
            _ => new MoneyResult.Busy(),
        };
    }

    /// <summary>Makes a Task of every instalment that fell due before today and that the patient's payments since the plan do not reach. May be repeated.</summary>
    /// <returns>How many are missed.</returns>
    public async Task<int> CheckAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.DateTime);
        var missed = 0;
        await foreach (var plan in records.SearchAsync<Contract>("status=executed", ct))
        {
            if (plan.Type?.Coding.Exists(c => c is { System: LedgerUrls.Ledger, Code: LedgerUrls.PlanCode }) != true
                || FhirReferences.IdOf(plan.Subject.FirstOrDefault()?.Reference, "Patient") is not { } id)
                continue;
            missed += await CheckAsync(plan, $"Patient/{id}", today, now, ct);
        }

        return missed;
    }

    /// <summary>The instalments of a plan, by date.</summary>
    public static IReadOnlyList<Instalment> Of(Contract plan) =>
    [
        .. plan.Term.SelectMany(t => t.Asset).SelectMany(a => a.ValuedItem)
            .Where(v => v.Net?.Value is not null && DateOfService.From(v.PaymentDate) is not null)
            .Select(v => new Instalment(DateOfService.From(v.PaymentDate)!.Value, v.Net!.Value!.Value))
            .OrderBy(i => i.DueOn),
    ];

    private async Task<int> CheckAsync(Contract plan, string patient, DateOnly today, DateTimeOffset now, CancellationToken ct)
    {
        var since = DateOfService.From(plan.Issued) ?? DateOnly.MinValue;
        var entries = await journal.OfPatientAsync(patient, ct);
        // What the patient paid since, less what was paid back to them.
        var paid = entries.Where(e => e.PostedOn >= since && (e.Event is JournalEvent.PatientPayment || (e.Event is JournalEvent.Refund && e.Lines.Any(IsPatients))))
            .SelectMany(e => e.Lines).Where(l => l.Account is LedgerAccount.Cash).Sum(l => l.AmountUsd);
        var owed = Balances.Of(entries).OfPatient(patient, LedgerAccount.PatientReceivable);
        if (owed <= 0)
            return 0; // settled some other way

        var transaction = new FhirTransaction();
        var due = 0m;
        foreach (var (n, instalment) in Of(plan).TakeWhile(i => i.DueOn < today).Index())
        {
            due += instalment.AmountUsd;
            if (due <= paid)
                continue;
            transaction.Add(
                new WorklistTask
                {
                    Code = MissedInstalment,
                    Key = BillingKey.Of(MissedInstalment, plan.Id, n.ToString(CultureInfo.InvariantCulture)),
                    Focus = $"Contract/{plan.Id}",
                    Patient = patient,
                    Description = string.Create(CultureInfo.InvariantCulture, $"The instalment of {instalment.AmountUsd:0.00} due on {instalment.DueOn:yyyy-MM-dd} was not paid: {paid:0.00} of {due:0.00} came in since the plan was made. Ask the patient, or end the plan."),
                    ValueAtStakeUsd = Math.Min(due - paid, instalment.AmountUsd),
                },
                now);
        }

        if (transaction.Count > 0 && await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
            throw new InvalidOperationException($"The FHIR server refuses the Task of a missed instalment: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
        return transaction.Count;
    }

    private static bool IsPatients(JournalLine line) => line.Account is LedgerAccount.UnappliedPatientMoney or LedgerAccount.PatientReceivable;

    private static string? Fault(IReadOnlyList<Instalment> instalments, DateOnly today)
    {
        if (instalments.Count is 0 or > MostInstalments)
            return $"A payment plan has 1 to {MostInstalments} instalments; this one has {instalments.Count}.";
        for (var i = 0; i < instalments.Count; i++)
        {
            if (MoneyPosting.Fault(instalments[i].AmountUsd, $"Instalment {i + 1}") is { } wrong)
                return wrong;
            if (instalments[i].DueOn < today || (i > 0 && instalments[i].DueOn <= instalments[i - 1].DueOn))
                return $"Instalment {i + 1} is due on {DateOfService.Text(instalments[i].DueOn)}: instalments are due from today on, each after the one before.";
        }

        return null;
    }

    private static Contract Plan(string patient, string key, IReadOnlyList<Instalment> instalments, DateOnly today) => new()
    {
        Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)],
        Status = Contract.ContractResourceStatusCodes.Executed,
        Type = new CodeableConcept(LedgerUrls.Ledger, LedgerUrls.PlanCode) { Text = "Payment plan" },
        Subject = [new ResourceReference(patient)],
        Issued = DateOfService.Text(today),
        Term =
        [
            new Contract.TermComponent
            {
                Offer = new Contract.ContractOfferComponent { Text = "The patient pays what they owe in instalments." },
                Asset =
                [
                    new Contract.ContractAssetComponent
                    {
                        ValuedItem =
                        [
                            .. instalments.Select(i => new Contract.ValuedItemComponent { Net = ClaimBuilder.Usd(i.AmountUsd), PaymentDate = DateOfService.Text(i.DueOn) }),
                        ],
                    },
                ],
            },
        ],
    };
}
