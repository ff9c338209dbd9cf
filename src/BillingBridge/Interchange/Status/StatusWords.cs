namespace FhirEmr.BillingBridge.Interchange.Status;

/// <summary>Claim status categories (STC01-1) in words (billing spec 2.6).</summary>
public static class StatusWords
{
    /// <summary>Of a disposition as we write it, <c>277 F1:65</c>; empty when no category of it is known.</summary>
    public static string Of(string? disposition) => string.Join(
        ' ', (disposition ?? "").Split(' ').Skip(1).Select(c => Category(c.Split(':')[0])).OfType<string>().Distinct().Select(w => w + "."));

    private static string? Category(string code) => code switch
    {
        "A0" => "Forwarded to another entity",
        "A1" => "Received, not yet taken into adjudication",
        "A2" => "Accepted into adjudication",
        "A3" => "Returned as unprocessable: it is not in the payer's system",
        "A4" => "Not found at the payer",
        "A5" => "Split into several claims",
        "A6" => "Rejected: information is missing",
        "A7" => "Rejected: information is invalid",
        "A8" => "Rejected: fields do not agree with each other",
        ['P', ..] => "Pending at the payer",
        "F0" => "Finished; the remittance tells how",
        "F1" => "Finished and paid; the remittance follows",
        "F2" => "Finished and denied; the remittance follows",
        "F3" or "F3F" or "F3N" => "Finished and revised or forwarded",
        "F4" => "Finished; no payment will be made",
        ['R', ..] => "The payer asks for more information",
        ['E', ..] => "The payer's system could not answer",
        "D0" => "The payer found nothing by what it was asked",
        _ => null,
    };
}
