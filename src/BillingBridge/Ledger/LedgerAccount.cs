namespace FhirEmr.BillingBridge.Ledger;

/// <summary>The accounts of a practice's receivables. A debit is positive, a credit negative.</summary>
public enum LedgerAccount
{
    /// <summary>What payers owe.</summary>
    InsuranceReceivable,

    /// <summary>What patients owe.</summary>
    PatientReceivable,

    /// <summary>Money that came in or went out.</summary>
    Cash,

    /// <summary>Payers' money that is posted to no claim yet.</summary>
    UnappliedPayerMoney,

    /// <summary>Patients' money that is posted to no claim yet.</summary>
    UnappliedPatientMoney,

    /// <summary>Gross charges.</summary>
    Revenue,

    /// <summary>Above the contract (CO-45 and its like).</summary>
    ContractualAdjustment,

    /// <summary>Denied, and given up.</summary>
    DenialWriteOff,

    /// <summary>Uncollectable from the patient.</summary>
    BadDebtWriteOff,

    /// <summary>Charity, courtesy, small balances.</summary>
    OtherWriteOff,

    /// <summary>PLB: interest, withholding, recoupment of earlier overpayments, fees.</summary>
    ProviderAdjustment,

    /// <summary>The other side of what was owed when the books began.</summary>
    OpeningBalance,
}
