namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>What the mock payer does with a claim. Not how any real payer behaves. The table of them is <see cref="MockScenarios"/>.</summary>
/// <param name="Name">Member ids that begin so choose it.</param>
/// <param name="Happens">In words, for whoever reads the list.</param>
public sealed record MockScenario(string Name, string Happens)
{
    /// <summary>Allowed 62 % of the charge, copay 25.</summary>
    public static MockScenario PaidInFull => MockScenarios.Named("PAID");

    public static MockScenario Coinsurance => MockScenarios.Named("COINS");

    public static MockScenario DeniedAuth => MockScenarios.Named("NOAUTH");

    public static MockScenario PartialDenial => MockScenarios.Named("PART");

    public static MockScenario Pended => MockScenarios.Named("PEND");

    public static MockScenario Reject277 => MockScenarios.Named("REJ277");

    /// <summary>How the file is acknowledged.</summary>
    internal MockReceipt Receipt { get; init; }

    /// <summary>STC01 of the 277CA.</summary>
    internal string Status277 { get; init; } = "A2:20:PR";

    /// <summary>A second status after the first, such as a P or R category; then no remittance comes.</summary>
    internal string? Waiting { get; init; }

    /// <summary>The status is given for the billing provider, and so for every claim of it in the file.</summary>
    internal bool IsOfProvider { get; init; }

    /// <summary>CLP02.</summary>
    internal string ClaimStatus { get; init; } = "1";

    /// <summary>Adjustments and remarks of every line, see <see cref="MockTerms"/>.</summary>
    internal string Lines { get; init; } = "CO-45:38% PR-3:25c";

    /// <summary>Those of the last line of several; null when it is like the others.</summary>
    internal string? Last { get; init; }

    /// <summary>Those of a claim with one line; null when it is like the others.</summary>
    internal string? Only { get; init; }

    /// <summary>What a second remittance brings.</summary>
    internal MockSequel Sequel { get; init; }

    /// <summary>PLB: reason and amount, <c>WO:10</c>; a positive amount makes the payment smaller.</summary>
    internal string? ProviderAdjustment { get; init; }

    /// <summary>What is wrong with the file of the remittance.</summary>
    internal MockFault Fault { get; init; }

    /// <summary>The remittance arrives ahead of the acknowledgements.</summary>
    internal bool IsRemittedFirst { get; init; }

    /// <summary>What becomes of a claim of two lines, 120 and 30 dollars.</summary>
    public required MockOutcome Outcome { get; init; }

    internal bool IsRejected => Status277[..2] is "A3" or "A4" or "A6" or "A7" or "A8";

    internal bool IsRemitted => Receipt is MockReceipt.Accepted or MockReceipt.Noted && !IsRejected && Waiting is null;
}

/// <summary>What becomes of a claim, for those who check it.</summary>
/// <param name="Stage">Its last stage.</param>
/// <param name="Tasks">Task codes, blank between.</param>
/// <param name="PaidUsd">What is posted to the claim as paid.</param>
/// <param name="PatientUsd">What the standing answer leaves to the patient.</param>
/// <param name="DepositUsd">What comes to the bank; null when it is what was paid.</param>
/// <param name="RefusedFiles">Files that cannot be taken in.</param>
public sealed record MockOutcome(string Stage, string Tasks, decimal PaidUsd, decimal PatientUsd, decimal? DepositUsd = null, int RefusedFiles = 0);

internal enum MockReceipt
{
    Accepted,

    /// <summary>IK5 and AK9 E: accepted with an error noted.</summary>
    Noted,

    /// <summary>The set is rejected in the 999.</summary>
    SetRejected,

    /// <summary>TA1 R, and nothing else.</summary>
    TransmissionRejected,

    /// <summary>Accepted in the 999; no word after that.</summary>
    Silent,
}

internal enum MockSequel
{
    None,

    /// <summary>The same payment once more.</summary>
    Again,

    /// <summary>Taken back and paid anew with a copay of 10.</summary>
    Corrected,

    /// <summary>Taken back.</summary>
    Reversed,

    /// <summary>The last line, which the first remittance left out.</summary>
    LastLine,
}

internal enum MockFault
{
    None,

    /// <summary>BPR02 is a dollar more than the claims make.</summary>
    Unbalanced,

    /// <summary>The file breaks off.</summary>
    Truncated,
}
