namespace FhirEmr.BillingBridge.Denials;

/// <summary>What can be done about a denial: the codes of steps suggested and of steps taken.</summary>
public static class DenialStep
{
    /// <summary>A corrected claim (<c>Claim/$replace</c>). A step taken says what was corrected: <c>replace-modifier</c>.</summary>
    public const string Replace = "replace";

    /// <summary>A new claim, because the payer did not process the first.</summary>
    public const string Resend = "resend";

    public const string Appeal = "appeal";

    /// <summary>The records the payer asked for.</summary>
    public const string SendRecords = "send-records";

    /// <summary>Another payer is due, first or next.</summary>
    public const string OtherPayer = "other-payer";

    /// <summary>Find the claim or payment that this one repeats.</summary>
    public const string FindFirst = "find-first";

    /// <summary>Compare with the contract.</summary>
    public const string Review = "review";

    public const string BillPatient = "bill-patient";

    public const string WriteOff = "write-off";

    /// <summary>The payer decided anew without being asked by us.</summary>
    public const string Reprocessed = "reprocessed";

    /// <summary>What a person may say was tried at a payer.</summary>
    public static IReadOnlyList<string> Tried { get; } = [Replace, Resend, Appeal, SendRecords, OtherPayer, FindFirst, Review];

    /// <summary>The step in words, as a thing to do.</summary>
    public static string ToDo(string step) => step switch
    {
        Replace => "correct and replace the claim (Claim/$replace)",
        Resend => "correct and send it as a new claim; it was not processed and cannot be appealed",
        Appeal => "appeal (Task/$appeal)",
        SendRecords => "send the records asked for",
        OtherPayer => "find the payer that is due and bill it",
        FindFirst => "find the claim or payment this repeats; close this one or mark the repeat",
        Review => "compare with the contract; dispute or accept",
        BillPatient => "bill the patient",
        _ => "write off, with the reason",
    };

    /// <summary>The step in words, as a thing done: <c>resubmitted with modifier</c>.</summary>
    public static string Done(string step) => step switch
    {
        Appeal => "appealed",
        Resend => "sent as a new claim",
        SendRecords => "records sent",
        OtherPayer => "billed to another payer",
        FindFirst => "closed as a repeat",
        Reprocessed => "decided anew by the payer",
        BillPatient => "billed to the patient",
        WriteOff => "written off",
        Review => "disputed by contract",
        Replace or "replace-nothing" => "resubmitted",
        "replace-modifier" => "resubmitted with modifier",
        "replace-code" => "resubmitted with another code",
        "replace-diagnosis" => "resubmitted with another diagnosis",
        "replace-units" => "resubmitted with other units",
        "replace-place" => "resubmitted with another place of service",
        "replace-authorization" => "resubmitted with authorization",
        "replace-coverage" => "resubmitted with corrected coverage",
        "replace-provider" => "resubmitted with corrected provider",
        _ => step,
    };

    /// <summary>Whether a step of the past is an instance of one to do: <c>replace-modifier</c> is a <c>replace</c>.</summary>
    public static bool IsA(string past, string step) => past == step || (step == Replace && past.StartsWith("replace-", StringComparison.Ordinal));
}
