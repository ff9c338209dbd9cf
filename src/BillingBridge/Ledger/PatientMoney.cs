using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Payments from and to patients as PaymentReconciliation, which is what FHIR has for money with what it settles.</summary>
internal static class PatientMoney
{
    private const string PaymentType = "http://terminology.hl7.org/CodeSystem/payment-type";

    public static PaymentReconciliation Reconciliation(
        string? patientId, decimal usd, string key, string transactionId, string paidOn, DateOnly today, string? method)
    {
        var reconciliation = new PaymentReconciliation
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)],
            Status = FinancialResourceStatusCodes.Active,
            Created = DateOfService.Text(today),
            Outcome = ClaimProcessingCodes.Complete,
            PaymentDate = paidOn,
            PaymentAmount = ClaimBuilder.Usd(usd),
            PaymentIdentifier = new Identifier(LedgerUrls.Transaction, transactionId),
        };
        if (patientId is not null)
            reconciliation.AddExtension(LedgerUrls.PaidBy, new ResourceReference($"Patient/{patientId}"));
        if (method is not null)
            reconciliation.FormCode = new CodeableConcept { Text = method };
        return reconciliation;
    }

    public static PaymentReconciliation.DetailsComponent Detail(decimal usd, Claim? claim, DateOnly today) => new()
    {
        Type = new CodeableConcept(PaymentType, usd > 0 ? "payment" : "adjustment"),
        Request = claim is null ? null : new ResourceReference($"Claim/{claim.Id}"),
        Date = DateOfService.Text(today),
        Amount = ClaimBuilder.Usd(usd),
    };

    /// <summary>The patient's last payment: whoever uses unapplied money writes it, so that the same money is not used twice.</summary>
    public static async Task<PaymentReconciliation?> LastPaymentAsync(IFhirRecords records, IReadOnlyList<JournalEntry> ofPatient, CancellationToken ct)
    {
        var source = ofPatient.Where(e => e.Event is JournalEvent.PatientPayment).Select(e => FhirReferences.IdOf(e.Source, "PaymentReconciliation")).LastOrDefault(id => id is not null);
        return source is null ? null : await records.ReadAsync<PaymentReconciliation>(source, ct);
    }
}
