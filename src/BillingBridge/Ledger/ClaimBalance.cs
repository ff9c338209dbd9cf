namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Where the money of one claim is.</summary>
/// <remarks><c>Charges − paid by payers − paid by the patient − adjusted − written off + refunded = balance</c>, always: every entry sums to zero.</remarks>
public sealed record ClaimBalance
{
    /// <summary><c>Claim/id</c>.</summary>
    public required string Claim { get; init; }

    public decimal ChargesUsd { get; init; }

    /// <summary>By payers, less what they took back.</summary>
    public decimal PayerPaidUsd { get; init; }

    public decimal PatientPaidUsd { get; init; }

    /// <summary>Above the contract.</summary>
    public decimal AdjustedUsd { get; init; }

    public decimal WrittenOffUsd { get; init; }

    /// <summary>Paid back by us.</summary>
    public decimal RefundedUsd { get; init; }

    /// <summary>What payers owe; negative when we hold their money.</summary>
    public decimal InsuranceUsd { get; init; }

    /// <summary>What the patient owes; negative when we hold theirs.</summary>
    public decimal PatientUsd { get; init; }

    public decimal BalanceUsd => InsuranceUsd + PatientUsd;
}
