namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Code systems and extensions of the journal and of patients' money.</summary>
public static class LedgerUrls
{
    /// <summary>Basic.code of a journal entry is <see cref="EntryCode"/> of this system.</summary>
    public const string Ledger = "urn:fhiremr:ledger";

    public const string EntryCode = "journal-entry";

    /// <summary>Basic extension (code): see <see cref="JournalEvent"/>.</summary>
    public const string Event = "urn:fhiremr:journal-event";

    /// <summary>Basic extension (Reference): the claim whose money moved.</summary>
    public const string Claim = "urn:fhiremr:journal-claim";

    /// <summary>Basic extension (Reference): the resource that says why.</summary>
    public const string Source = "urn:fhiremr:journal-source";

    /// <summary>Basic extension (string): who entered it.</summary>
    public const string EnteredBy = "urn:fhiremr:journal-entered-by";

    /// <summary>Basic extension (string): why, in a person's words.</summary>
    public const string Note = "urn:fhiremr:journal-note";

    /// <summary>Basic extension, one for each line, with parts <c>account</c> (code), <c>amount</c> (Money), <c>item</c> (positiveInt) and <c>reason</c> (string).</summary>
    public const string Line = "urn:fhiremr:journal-line";

    /// <summary>Claim extension (string): key of the last entry a person made for it. It makes two of them at once a conflict.</summary>
    public const string LastEntry = "urn:fhiremr:last-entry";

    /// <summary>PaymentReconciliation extension (Reference): the patient who paid, or was paid back.</summary>
    public const string PaidBy = "urn:fhiremr:paid-by";

    /// <summary>PaymentReconciliation.paymentIdentifier of a patient's payment: the processor's transaction id.</summary>
    public const string Transaction = "urn:fhiremr:patient-payment";

    /// <summary>Contract.type of a payment plan is <see cref="PlanCode"/> of <see cref="Ledger"/>.</summary>
    public const string PlanCode = "payment-plan";
}
