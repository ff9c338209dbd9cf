using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Money as FHIR operations: remittances and paper EOBs, payments of patients, refunds, write-offs, plans, and every balance with the entries that explain it.</summary>
/// <remarks>Each posting is within the money limit of the caller's right; above it the answer is 403.</remarks>
internal sealed class MoneyOperations(IFhirRecords records, RemittancePipeline remittances, PaymentReversals reversals, PaymentPlans plans, IResourceStore store, TimeProvider time)
{
    private const string Definitions = "urn:fhiremr:OperationDefinition:";
    private const string PostRemittance = "era.post";
    private const string PostPayment = "operation:post-payment";
    private const string WriteOffRight = "writeoff";
    private const string RefundRight = "refund";

    private readonly Journal journal = new(records);

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        MoneyOperations Money() => services.GetRequiredService<MoneyOperations>();
        yield return new("balance", Definitions + "balance", ["Patient", "Claim", "Account"], false, true, false, (r, ct) => Money().BalanceAsync(r, ct));
        yield return new("post-payment", Definitions + "Patient-post-payment", ["Patient"], false, true, true, (r, ct) => Money().PostPaymentAsync(r, ct));
        yield return new("apply-payments", Definitions + "Patient-apply-payments", ["Patient"], false, true, true, (r, ct) => Money().ApplyAsync(r, ct)) { Right = PostPayment };
        yield return new("payment-plan", Definitions + "Patient-payment-plan", ["Patient"], false, true, true, (r, ct) => Money().PlanAsync(r, ct));
        yield return new("refund", Definitions + "refund", ["Patient", "Claim"], false, true, true, (r, ct) => Money().RefundAsync(r, ct)) { Right = RefundRight };
        yield return new("write-off", Definitions + "Claim-write-off", ["Claim"], false, true, true, (r, ct) => Money().WriteOffAsync(r, ct)) { Right = WriteOffRight };
        yield return new("post-remittance", Definitions + "post-remittance", [], false, false, true, (r, ct) => Money().PostRemittanceAsync(r, ct)) { Right = PostRemittance };
        yield return new("manual-eob", Definitions + "manual-eob", [], false, false, true, (r, ct) => Money().ManualEobAsync(r, ct)) { Right = PostRemittance };
        yield return new("reverse", Definitions + "PaymentReconciliation-reverse", ["PaymentReconciliation"], false, true, true, (r, ct) => Money().ReverseAsync(r, ct)) { Right = PostRemittance };
        yield return new("match-remittance", Definitions + "Task-match-remittance", ["Task"], false, true, true, (r, ct) => Money().MatchAsync(r, ct)) { Right = PostRemittance };
    }

    /// <summary><c>Patient|Claim|Account/[id]/$balance</c>: what is open, with whom, and every entry that made it so.</summary>
    private async Task<FhirReply> BalanceAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request);
        if ((input.Fault ?? await store.ClosedAsync(request, request.Target.Key, ct)) is { } fault)
            return FhirReply.Refuse(fault);
        var (type, id) = (request.Target.Type!, request.Target.Id!);
        var of = $"{type}/{id}";
        if (type == "Claim")
        {
            if (await records.ReadAsync<Claim>(id, ct) is not { } claim)
                return NotFound(request);
            var own = await journal.OfClaimAsync(claim, ct);
            return FhirReply.Of(MoneyAnswers.Balance(of, Balances.Of(own), [of], 0m, own));
        }

        var patients = type == "Patient" ? [of] : (await records.ReadAsync<Account>(id, ct))?.Subject.Select(s => s.Reference).Where(r => r?.StartsWith("Patient/", StringComparison.Ordinal) == true).ToList();
        if (patients is null || (type == "Patient" && await records.ReadAsync<Patient>(id, ct) is null))
            return NotFound(request);
        var entries = new List<JournalEntry>();
        foreach (var patient in patients.OfType<string>().Distinct())
        {
            if (!ResourceKey.TryParseRelative(patient, out var key, out _) || await store.ClosedAsync(request, key, ct) is not null)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, $"{of} is of patients you may not read."));
            entries.AddRange(await journal.OfPatientAsync(patient, ct));
        }

        var balances = Balances.Of(entries);
        return FhirReply.Of(MoneyAnswers.Balance(of, balances, balances.Claims.Order(StringComparer.Ordinal), patients.OfType<string>().Distinct().Sum(balances.UnappliedUsd), entries));
    }

    /// <summary><c>POST Patient/[id]/$post-payment</c>: money of a patient, once for each <c>transactionId</c>; onto the claims named or the oldest first, the rest unapplied.</summary>
    private async Task<FhirReply> PostPaymentAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "amount", "transactionId", "date", "method", "claim");
        var payment = new PatientPayment
        {
            PatientId = request.Target.Id!,
            AmountUsd = input.NeededUsd("amount"),
            TransactionId = input.Needed("transactionId"),
            PaidOn = input.Day("date"),
            Method = input.Text("method"),
            Claims = input.Claims("claim"),
            EnteredBy = request.Caller.Name,
            LimitUsd = request.Caller.Access.LimitUsd(PostPayment),
        };
        if ((input.Fault ?? await store.ClosedAsync(request, request.Target.Key, ct)) is { } fault)
            return FhirReply.Refuse(fault);
        return MoneyAnswers.Of(await new PatientPayments(records, time).PostAsync(payment, ct), request);
    }

    /// <summary><c>POST Patient/[id]/$apply-payments</c>: the patient's unapplied money onto what they owe by now.</summary>
    private async Task<FhirReply> ApplyAsync(FhirRequest request, CancellationToken ct) =>
        (MoneyInput.Read(request).Fault ?? await store.ClosedAsync(request, request.Target.Key, ct)) is { } fault
            ? FhirReply.Refuse(fault)
            : MoneyAnswers.Of(await new PatientPayments(records, time).ApplyAsync(request.Target.Id!, request.Caller.Name, ct), request);

    /// <summary><c>POST Patient/[id]/$payment-plan</c>: what was agreed, as instalments with <c>date</c> and <c>amount</c>.</summary>
    private async Task<FhirReply> PlanAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "instalment");
        var instalments = input.Parts("instalment", "date", "amount").Select(i => new Instalment(i.NeededDay("date"), i.NeededUsd("amount"))).ToList();
        if ((input.Fault ?? await store.ClosedAsync(request, request.Target.Key, ct)) is { } fault)
            return FhirReply.Refuse(fault);
        return MoneyAnswers.Of(await plans.AgreeAsync(request.Target.Id!, instalments, ct), request);
    }

    /// <summary><c>POST Patient|Claim/[id]/$refund</c>: a patient's unapplied money, or what is too much on a claim, back to its owner.</summary>
    private async Task<FhirReply> RefundAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "amount", "transactionId", "reason", "to");
        var isClaim = request.Target.Type == "Claim";
        var to = input.Text("to");
        var refund = new Refund
        {
            ClaimId = isClaim ? request.Target.Id : null,
            PatientId = isClaim ? null : request.Target.Id,
            To = to == "payer" ? RefundTo.Payer : RefundTo.Patient,
            AmountUsd = input.NeededUsd("amount"),
            TransactionId = input.Needed("transactionId"),
            Reason = input.Needed("reason"),
            EnteredBy = request.Caller.Name,
            LimitUsd = request.Caller.Access.LimitUsd(RefundRight),
        };
        if ((input.Fault ?? await store.ClosedAsync(request, request.Target.Key, ct)) is { } fault)
            return FhirReply.Refuse(fault);
        if (to is not (null or "payer" or "patient"))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"to={to} is not known; it is payer or patient.", code: "value"));
        return MoneyAnswers.Of(await new Refunds(records, time).PostAsync(refund, ct), request);
    }

    /// <summary><c>POST Claim/[id]/$write-off</c>: an amount given up, all of it when none is named, with <c>category</c> and <c>reason</c>.</summary>
    private async Task<FhirReply> WriteOffAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "amount", "category", "reason", "requestId");
        var writeOff = new WriteOff
        {
            ClaimId = request.Target.Id!,
            AmountUsd = input.Usd("amount"),
            Category = input.Needed("category"),
            Reason = input.Needed("reason"),
            RequestId = input.Text("requestId"),
            EnteredBy = request.Caller.Name,
            LimitUsd = request.Caller.Access.LimitUsd(WriteOffRight),
        };
        if ((input.Fault ?? await store.ClosedAsync(request, request.Target.Key, ct)) is { } fault)
            return FhirReply.Refuse(fault);
        return MoneyAnswers.Of(await new WriteOffs(records, time).PostAsync(writeOff, ct), request);
    }

    /// <summary><c>POST $post-remittance</c>: an 835, as <c>x12</c> or as a <c>binary</c> stored here. With <c>preview</c> it tells every balance change and stores nothing.</summary>
    private async Task<FhirReply> PostRemittanceAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "x12", "binary", "preview");
        var (file, binary, isPreview) = (input.Bytes("x12"), input.Id("binary", "Binary"), input.Flag("preview"));
        if (input.Fault is { } fault)
            return FhirReply.Refuse(fault);
        if ((file is null) == (binary is null))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "$post-remittance needs the parameter x12 (the file) or binary (where it is stored), one of them."));
        if (binary is not null)
        {
            var key = new ResourceKey("Binary", binary);
            if (await store.ClosedAsync(request, key, ct) is { } closed)
                return FhirReply.Refuse(closed);
            file = (await records.ReadAsync<Binary>(binary, ct))?.Data;
            if (file is null)
                return FhirReply.Refuse(FhirFault.NotFound(key));
        }

        return await PostAsync(request, file!, isPreview, ct);
    }

    /// <summary><c>POST $manual-eob</c>: a paper EOB by hand, posted as the 835 it stands for. With <c>preview</c> nothing is stored.</summary>
    private async Task<FhirReply> ManualEobAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "payer", "payerName", "trace", "date", "amount", "claim", "providerAdjustment", "preview");
        var eob = new ManualEob
        {
            PayerId = input.Needed("payer"),
            PayerName = input.Text("payerName"),
            TraceNumber = input.Needed("trace"),
            PaidOn = input.NeededDay("date"),
            AmountUsd = input.NeededUsd("amount"),
            Claims = [.. input.Parts("claim", "claim", "status", "payerControlNumber", "line").Select(c => new ManualEobClaim(
                c.Id("claim", "Claim") ?? c.Needed("claim"), c.Text("status") ?? "1", c.Text("payerControlNumber"),
                [.. c.Parts("line", "item", "paid", "allowed", "adjustment").Select(l => new ManualEobLine(
                    l.NeededNumber("item"), l.NeededUsd("paid"), l.Usd("allowed"),
                    [.. l.Parts("adjustment", "group", "reason", "amount").Select(a => (a.Needed("group"), a.Needed("reason"), a.NeededUsd("amount")))]))]))],
            ProviderAdjustments = [.. input.Parts("providerAdjustment", "code", "reference", "amount").Select(a => (a.Needed("code"), a.Text("reference"), a.NeededUsd("amount")))],
        };
        var isPreview = input.Flag("preview");
        if (input.Fault is { } fault)
            return FhirReply.Refuse(fault);
        foreach (var claim in eob.Claims)
        {
            if (await store.ClosedAsync(request, new ResourceKey("Claim", claim.ClaimId), ct) is { } closed)
                return FhirReply.Refuse(closed);
        }

        var (file, faults) = await new ManualEobFile(records, time).WriteAsync(eob, ct);
        return file is null
            ? FhirReply.Refuse(new FhirFault(FaultKind.Unprocessable, [.. faults.Select(f => new FaultIssue(null, f))]))
            : await PostAsync(request, file, isPreview, ct);
    }

    /// <summary><c>POST Task/[id]/$match-remittance</c>: a payment that fitted no claim, or looked like a duplicate, goes to the claim a person names.</summary>
    private async Task<FhirReply> MatchAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "claim");
        var claim = input.Id("claim", "Claim");
        if ((input.Fault ?? await store.ClosedAsync(request, request.Target.Key, ct) ?? (claim is null ? null : await store.ClosedAsync(request, new ResourceKey("Claim", claim), ct))) is { } fault)
            return FhirReply.Refuse(fault);
        return MoneyAnswers.Of(await remittances.MatchAsync(request.Target.Id!, claim, request.Caller.Access.LimitUsd(PostRemittance), ct), request);
    }

    /// <summary><c>POST PaymentReconciliation/[id]/$reverse</c>: takes a posted payment back whole, of a payer or of a patient, with <c>reason</c>; <c>preview</c> tells what it would do.</summary>
    private async Task<FhirReply> ReverseAsync(FhirRequest request, CancellationToken ct)
    {
        var input = MoneyInput.Read(request, "reason", "preview");
        var (reason, isPreview) = (input.Needed("reason"), input.Flag("preview"));
        if ((input.Fault ?? await store.ClosedAsync(request, request.Target.Key, ct)) is { } fault)
            return FhirReply.Refuse(fault);
        return MoneyAnswers.Of(
            await reversals.PostAsync(request.Target.Id!, reason, request.Caller.Name, request.Caller.Access.LimitUsd(PostRemittance), isPreview, ct), request);
    }

    private async Task<FhirReply> PostAsync(FhirRequest request, byte[] file, bool isPreview, CancellationToken ct)
    {
        if (isPreview)
            return FhirReply.Of(MoneyAnswers.Preview(await remittances.PreviewAsync(new MemoryStream(file, writable: false), ct)));
        if (request.Caller.Access.LimitUsd(PostRemittance) is { } limit)
        {
            var before = await remittances.PreviewAsync(new MemoryStream(file, writable: false), ct);
            if (before.Result.Payments.OfType<PaymentOutcome.Posted>().Sum(p => Math.Abs(p.PaidUsd)) is var usd && usd > limit)
                return FhirReply.Refuse(MoneyAnswers.OverLimit(usd, limit));
        }

        var result = await remittances.PostAsync(new MemoryStream(file, writable: false), ct);
        return result.IsRefused
            ? FhirReply.Refuse(new FhirFault(FaultKind.Unprocessable, result.Findings.Count == 0
                ? [new FaultIssue(null, "This is no whole 835: nothing was posted.")]
                : [.. result.Findings.Select(f => new FaultIssue(null, f.ToString()))]))
            : FhirReply.Of(MoneyAnswers.Payments(result));
    }

    private static FhirReply NotFound(FhirRequest request) => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key));
}
