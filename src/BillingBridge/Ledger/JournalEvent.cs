namespace FhirEmr.BillingBridge.Ledger;

/// <summary>What moved money.</summary>
public enum JournalEvent
{
    /// <summary>A claim went out for the first time: revenue against the payer's or the patient's receivable.</summary>
    Charge,

    /// <summary>A claim was corrected or voided: the difference to what was charged.</summary>
    ChargeCorrection,

    /// <summary>A payment of a payer arrived (BPR02).</summary>
    Deposit,

    /// <summary>A payer's answer to one claim (CLP).</summary>
    Adjudication,

    /// <summary>An answer taken back (CLP02 22).</summary>
    Reversal,

    /// <summary>A PLB amount.</summary>
    ProviderAdjustment,

    /// <summary>A patient paid.</summary>
    PatientPayment,

    /// <summary>Money given back.</summary>
    Refund,

    /// <summary>An amount given up, with its reason.</summary>
    WriteOff,

    /// <summary>An amount moved between accounts, to the patient, to the next payer, from unapplied to a claim.</summary>
    Transfer,

    /// <summary>What was owed in the system before, or that taken back.</summary>
    OpeningBalance,
}
