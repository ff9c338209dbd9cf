using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Worklist entries of remittance posting (billing spec 1.7).</summary>
internal static class RemittanceTask
{
    public const string UnmatchedRemit = "unmatched-remit";
    public const string UnbalancedRemit = "unbalanced-remit";
    public const string DuplicatePayment = "duplicate-payment";

    /// <param name="code">Worklist.</param>
    /// <param name="key">Idempotency key.</param>
    /// <param name="description">What happened and what to do, in a sentence or two.</param>
    /// <param name="amountUsd">Value at stake.</param>
    /// <param name="payment">Whose payment.</param>
    /// <param name="now">When it was found.</param>
    /// <param name="claim">Focus; null when no claim fits.</param>
    public static FhirTask For(string code, string key, string description, decimal amountUsd, PaymentContext payment, DateTimeOffset now, Claim? claim = null)
    {
        var task = new FhirTask
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)],
            Status = FhirTask.TaskStatus.Requested,
            Intent = FhirTask.TaskIntent.Order,
            Priority = RequestPriority.Routine,
            Code = new CodeableConcept(BillingUrls.TaskCode, code),
            Description = description,
            AuthoredOnElement = new FhirDateTime(now),
            Input =
            [
                Input("amount", Adjudication.Money(amountUsd)),
                Input("payment", new FhirString($"{payment.Payment.Payer?.Name ?? payment.PayerId} {payment.TraceNumber}".Trim())),
            ],
        };
        if (claim is not null)
        {
            task.Focus = new ResourceReference($"Claim/{claim.Id}");
            task.For = claim.Patient;
        }

        return task;
    }

    /// <summary>One Task for each kind of denial of a claim; due as its worklist says.</summary>
    public static FhirTask Denied(string key, string category, IReadOnlyList<Denial> denials, string responseReference, PaymentContext payment, DateTimeOffset now, Claim claim)
    {
        var text = string.Join(", ", denials.Select(d => $"{d.Group}-{d.Reason} {X12Text.Amount(d.AmountUsd)}"));
        var task = For($"denial-{category}", key, $"The payer denied: {text}.", denials.Sum(d => d.AmountUsd), payment, now, claim);
        task.ReasonReference = new ResourceReference(responseReference);
        task.Owner = new ResourceReference { Display = denials[0].Carc.Owner };
        task.Restriction = new FhirTask.RestrictionComponent { Period = new Period { EndElement = new FhirDateTime(now.AddDays(denials[0].Carc.DueDays)) } };
        return task;
    }

    /// <summary>A file or payment that must not be posted, with every finding.</summary>
    public static FhirTask Refused(string key, PaymentContext payment, IReadOnlyList<X12Finding> findings, DateTimeOffset now)
    {
        var refusals = findings.Where(f => f.Severity is X12Severity.Refusal).ToList();
        var first = refusals.Count > 0 ? refusals[0].ToString() : "the file is not complete";
        var task = For(
            UnbalancedRemit, key, $"The remittance was not posted: {first} Ask the payer for a corrected file, or post by hand.", payment.Payment.PaidUsd, payment, now);
        task.Contained =
        [
            new OperationOutcome
            {
                Id = "findings",
                Issue =
                [
                    .. refusals.Take(50).Select(f => new OperationOutcome.IssueComponent
                    {
                        Severity = OperationOutcome.IssueSeverity.Error,
                        Code = OperationOutcome.IssueType.Invalid,
                        Details = new CodeableConcept { Text = $"{f.Code}: {f.Message}" },
                        Diagnostics = f.Place?.ToString(),
                    }),
                ],
            },
        ];
        task.ReasonReference = new ResourceReference("#findings");
        return task;
    }

    private static FhirTask.ParameterComponent Input(string type, DataType value) => new() { Type = new CodeableConcept { Text = type }, Value = value };
}
