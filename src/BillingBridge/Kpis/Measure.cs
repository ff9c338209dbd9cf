namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What posted money is counted as.</summary>
internal enum Measure : byte
{
    /// <summary>Gross charges, and their corrections.</summary>
    Charge,

    /// <summary>Money of payers, posted to the claim; less what they took back.</summary>
    PayerPayment,

    /// <summary>Money of patients, posted to the claim; less refunds.</summary>
    PatientPayment,

    Contractual,

    /// <summary>What became the patient's to pay.</summary>
    PatientShare,

    DenialWriteOff,

    BadDebt,

    /// <summary>Charity, courtesy, small balances.</summary>
    OtherWriteOff,

    /// <summary>Change of what the payer owes.</summary>
    PayerBalance,

    /// <summary>Change of what the patient owes.</summary>
    PatientBalance,
}
