using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.FhirServer.Imports.Mapping;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>What was owed in the system before: one journal entry for each account, once (docs/money.md).</summary>
internal sealed class BalanceRows() : ImportKind("balances",
[
    .. PatientOfRow.Fields,
    new("account", FieldForm.Text, "accountnumber", "acctno", "accountid", "accountno", "guarantoraccount", "guarantorid"),
    new("patientBalance", FieldForm.Usd, "balance", "amount", "balancedue", "amountdue", "patientdue", "patientbal", "patbalance", "ptbalance", "totalbalance", "currentbalance", "openingbalance", "selfpaybalance", "patientresponsibility", "guarantorbalance"),
    new("insuranceBalance", FieldForm.Usd, "insurancedue", "insurancebal", "insbalance", "payerbalance", "insuranceresponsibility"),
    new("asOf", FieldForm.Date, "date", "asofdate", "balancedate", "balanceasof", "agingdate"),
])
{
    public override IReadOnlyList<string[]> Needs { get; } = [PatientOfRow.Needed, ["patientBalance", "insuranceBalance"]];

    public override void Check(MappedRow row)
    {
        PatientOfRow.Check(row);
        if (row["patientBalance"] is null && row["insuranceBalance"] is null)
            row.Fault("patientBalance", "Expected an amount in US dollars.");
    }

    public override IEnumerable<string> Keys(MappedRow row)
    {
        yield return $"account {row["account"]} of {row["patientId"]}|{row["patientLastName"]}{row["patientFirstName"]}{row["patientName"]}{row["patientBirthDate"]}".ToUpperInvariant();
    }

    public override Task PrepareAsync(IReadOnlyList<MappedRow> rows, ImportScope scope, CancellationToken ct) => PatientOfRow.PrepareAsync(rows, scope, ct);

    public override async Task<RowPlan> PlanAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        if (await PatientOfRow.FindAsync(row, scope, ct) is not { } patient)
            return RowPlan.Reject("");
        var asOf = row["asOf"] is { } day ? DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture) : scope.Today;
        if (asOf > scope.Today)
        {
            row.Fault("asOf", "Expected a day that has been.");
            return RowPlan.Reject("");
        }

        // A balance that was booked before two records became one stands under the number of the one merged away.
        var (id, before) = (patient["Patient/".Length..], 0);
        foreach (var record in (string[])[.. await scope.MergedIntoAsync(patient, ct), id])
        {
            for (before = 0; await scope.WithIdentifierAsync("Basic", BillingUrls.IdempotencyKey, OpeningBalance.Key(record, row["account"], before), ct) is [var entered, ..]; before++)
            {
                if ((await scope.WithIdentifierAsync("Basic", BillingUrls.IdempotencyKey, OpeningBalance.UndoneKey(OpeningBalance.Key(record, row["account"], before)), ct)).Count == 0)
                    return RowPlan.Skip($"The account has an opening balance: {entered.Key}. Entries are never changed.");
            }
        }

        var entry = OpeningBalance.Entry(OpeningBalance.Key(id, row["account"], before), id, row["account"], Usd("patientBalance"), Usd("insuranceBalance"), asOf, scope.Caller.Name);
        if (entry is null)
            return RowPlan.Skip("Nothing is owed.");
        if (scope.LineBefore(row.Line, entry.Key) is { } line)
            return RowPlan.Reject($"Line {line} is about the same account: leave one of the two, or name their accounts.");
        var basic = JournalBasic.ToBasic(entry);

        // Of the account and not of the import: of two imports that find it without a balance at the same time, one does not come through, looks again and skips it.
        basic.Id = ImportScope.IdOf(BillingUrls.IdempotencyKey, entry.Key);
        return RowPlan.Store(new PlannedWrite(basic, 0));

        decimal Usd(string field) => row[field] is { } text ? decimal.Parse(text, CultureInfo.InvariantCulture) : 0m;
    }
}
