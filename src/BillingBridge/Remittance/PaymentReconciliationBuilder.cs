using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>The deposit: BPR, TRN, one detail for each CLP and each provider-level adjustment; details add up to the payment.</summary>
internal static class PaymentReconciliationBuilder
{
    public static PaymentReconciliation Build(
        PaymentContext payment, Remittance835Item.End? end, List<PaymentReconciliation.DetailsComponent> details, ClaimProcessingCodes outcome)
    {
        var reconciliation = new PaymentReconciliation
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, payment.FileKey)],
            Status = FinancialResourceStatusCodes.Active,
            Created = payment.Created,
            PaymentIssuer = new ResourceReference { Identifier = new Identifier(BillingUrls.PayerId, payment.PayerId), Display = payment.Payment.Payer?.Name },
            Requestor = payment.Payment.Payee is { } payee
                ? new ResourceReference { Identifier = payee.IdQualifier == "XX" ? new Identifier(BillingUrls.Npi, payee.Id) : null, Display = payee.Name }
                : null,
            Outcome = outcome,
            PaymentDate = payment.PaymentDate,
            PaymentAmount = Adjudication.Money(payment.Payment.PaidUsd),
            PaymentIdentifier = payment.Trace,
            Detail = details,
            ProcessNote =
            [
                .. (end?.ProviderAdjustments ?? []).SelectMany(p => p.Adjustments).Select(a => new PaymentReconciliation.NotesComponent
                {
                    Type = NoteType.Print,
                    Text = $"PLB {a.Code} {a.Reference} {X12Text.Amount(a.AmountUsd)}",
                }),
                .. Contacts(payment),
            ],
        };
        if (payment.Payment.Bpr?.Method is { Length: > 0 } method)
            reconciliation.AddExtension(RemittanceUrls.PaymentMethod, new Code(method));
        return reconciliation;
    }

    /// <summary>PLB lowers the payment when positive, so its detail has the opposite sign.</summary>
    public static PaymentReconciliation.DetailsComponent ProviderAdjustment(PaymentContext payment, PlbAdjustment adjustment) => new()
    {
        Identifier = new Identifier($"urn:fhiremr:plb:{adjustment.Code}", adjustment.Reference ?? adjustment.Code),
        Type = new CodeableConcept(RemittanceUrls.PaymentType, "adjustment"),
        Date = payment.PaymentDate,
        Amount = Adjudication.Money(-adjustment.AmountUsd),
    };

    private static IEnumerable<PaymentReconciliation.NotesComponent> Contacts(PaymentContext payment) =>
        payment.Payment.Details.OfType<Per>().Select(p => new PaymentReconciliation.NotesComponent
        {
            Type = NoteType.Display,
            Text = $"PER {p.Function} {p.Name} {string.Join(' ', p.Numbers.Select(n => $"{n.Qualifier} {n.Number}"))}",
        });
}
