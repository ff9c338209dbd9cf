using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Balances and journal entries as Parameters.</summary>
internal static class MoneyAnswers
{
    public static FhirReply Of(MoneyResult result, FhirRequest request) => result switch
    {
        MoneyResult.Done d => FhirReply.Of(Posted(d.Resource, d.Entries, d.Balances)),
        MoneyResult.Before b => FhirReply.Of(Posted(b.Resource, [], [])),
        MoneyResult.NotFound n => FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"{n.Reference} is not known here.")),
        MoneyResult.OverLimit o => FhirReply.Refuse(OverLimit(o.AmountUsd, o.LimitUsd)),
        MoneyResult.Refused r => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, r.Why)),
        MoneyResult.Busy => FhirReply.Refuse(FhirFault.Busy($"${request.Target.Operation} could not be posted.")),
        _ => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
    };

    public static FhirFault OverLimit(decimal usd, decimal limitUsd) =>
        FhirFault.Of(FaultKind.Forbidden, FormattableString.Invariant($"This comes to {usd:0.00}; you may post up to {limitUsd:0.00} at once. Ask somebody who may post more."));

    public static Parameters Balance(string of, Balances balances, IEnumerable<string> claims, decimal unappliedUsd, IEnumerable<JournalEntry> entries)
    {
        var answer = new Parameters();
        var all = claims.Select(balances.OfClaim).ToList();
        answer.Add("of", new ResourceReference(of));
        answer.Add("insurance", Usd(all.Sum(c => c.InsuranceUsd)));
        answer.Add("patient", Usd(all.Sum(c => c.PatientUsd)));
        answer.Add("unapplied", Usd(unappliedUsd));
        answer.Add("balance", Usd(all.Sum(c => c.BalanceUsd) - unappliedUsd));
        all.ForEach(c => Add(answer, "claim", c));
        foreach (var entry in entries)
            answer.Parameter.Add(Entry(entry));
        return answer;
    }

    public static Parameters Preview(RemittancePreview preview)
    {
        var answer = Payments(preview.Result);
        foreach (var change in preview.Changes)
        {
            var part = Balance("change", change.After);
            part.Part.Add(new() { Name = "before", Value = Usd(change.Before.BalanceUsd) });
            answer.Parameter.Add(part);
        }

        foreach (var (code, description) in preview.Work)
            answer.Parameter.Add(new() { Name = "work", Part = [new() { Name = "code", Value = new Code(code) }, new() { Name = "description", Value = new FhirString(description) }] });
        foreach (var entry in preview.Entries)
            answer.Parameter.Add(Entry(entry));
        return answer;
    }

    /// <summary>What became of each payment of a file and of its claims.</summary>
    public static Parameters Payments(RemittanceResult result)
    {
        var answer = new Parameters();
        foreach (var payment in result.Payments)
        {
            var part = new Parameters.ParameterComponent { Name = "payment" };
            part.Part.Add(new() { Name = "trace", Value = new FhirString(payment.TraceNumber.Length > 0 ? payment.TraceNumber : "none") });
            part.Part.Add(new() { Name = "paid", Value = Usd(payment.PaidUsd) });
            part.Part.Add(new() { Name = "outcome", Value = new Code(payment switch { PaymentOutcome.Posted => "posted", PaymentOutcome.Duplicate => "duplicate", _ => "refused" }) });
            foreach (var claim in (payment as PaymentOutcome.Posted)?.Claims ?? [])
            {
                var one = new Parameters.ParameterComponent { Name = "claim" };
                one.Part.Add(new() { Name = "controlNumber", Value = new FhirString(claim.ControlNumber.Length > 0 ? claim.ControlNumber : "none") });
                if (claim.ClaimId is { } id)
                    one.Part.Add(new() { Name = "claim", Value = new ResourceReference($"Claim/{id}") });
                one.Part.Add(new() { Name = "as", Value = new FhirString(claim.As.ToString()) });
                if (claim.Stage is { } stage)
                    one.Part.Add(new() { Name = "stage", Value = new Code(stage) });
                one.Part.Add(new() { Name = "paid", Value = Usd(claim.PaidUsd) });
                part.Part.Add(one);
            }

            answer.Parameter.Add(part);
        }

        foreach (var finding in result.Findings)
            answer.Add("finding", new FhirString(finding.ToString()));
        return answer;
    }

    private static Parameters Posted(string? resource, IEnumerable<JournalEntry> entries, IEnumerable<ClaimBalance> balances)
    {
        var answer = new Parameters();
        if (resource is not null)
            answer.Add("resource", new ResourceReference(resource));
        foreach (var balance in balances)
            Add(answer, "claim", balance);
        foreach (var entry in entries)
            answer.Parameter.Add(Entry(entry));
        return answer;
    }

    private static void Add(Parameters answer, string name, ClaimBalance balance) => answer.Parameter.Add(Balance(name, balance));

    private static Parameters.ParameterComponent Balance(string name, ClaimBalance balance) => new()
    {
        Name = name,
        Part =
        [
            new() { Name = "claim", Value = new ResourceReference(balance.Claim) },
            new() { Name = "charges", Value = Usd(balance.ChargesUsd) },
            new() { Name = "payerPaid", Value = Usd(balance.PayerPaidUsd) },
            new() { Name = "patientPaid", Value = Usd(balance.PatientPaidUsd) },
            new() { Name = "adjusted", Value = Usd(balance.AdjustedUsd) },
            new() { Name = "writtenOff", Value = Usd(balance.WrittenOffUsd) },
            new() { Name = "refunded", Value = Usd(balance.RefundedUsd) },
            new() { Name = "insurance", Value = Usd(balance.InsuranceUsd) },
            new() { Name = "patient", Value = Usd(balance.PatientUsd) },
            new() { Name = "balance", Value = Usd(balance.BalanceUsd) },
        ],
    };

    private static Parameters.ParameterComponent Entry(JournalEntry entry)
    {
        var part = new Parameters.ParameterComponent { Name = "entry" };
        part.Part.Add(new() { Name = "event", Value = new Code(LedgerCodes.Code(entry.Event)) });
        part.Part.Add(new() { Name = "posted", Value = new Date(entry.PostedOn.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)) });
        if (entry.Claim is { } claim)
            part.Part.Add(new() { Name = "claim", Value = new ResourceReference(claim) });
        if (entry.Source is { } source && !source.StartsWith("urn:", StringComparison.Ordinal))
            part.Part.Add(new() { Name = "source", Value = new ResourceReference(source) });
        if (entry.EnteredBy is { } who)
            part.Part.Add(new() { Name = "enteredBy", Value = new FhirString(who) });
        if (entry.Note is { } note)
            part.Part.Add(new() { Name = "note", Value = new FhirString(note) });
        foreach (var line in entry.Lines)
        {
            var one = new Parameters.ParameterComponent { Name = "line" };
            one.Part.Add(new() { Name = "account", Value = new Code(LedgerCodes.Code(line.Account)) });
            one.Part.Add(new() { Name = "amount", Value = Usd(line.AmountUsd) });
            if (line.Item is { } item)
                one.Part.Add(new() { Name = "item", Value = new PositiveInt(item) });
            if (line.Reason is { } reason)
                one.Part.Add(new() { Name = "reason", Value = new FhirString(reason) });
            part.Part.Add(one);
        }

        return part;
    }

    private static Money Usd(decimal usd) => new() { Value = usd, Currency = Money.Currencies.USD };
}
