namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>The codes of AAA in words.</summary>
internal static class RejectionReasons
{
    /// <summary>AAA03.</summary>
    public static string Reason(string? aaa03) => aaa03 switch
    {
        "04" => "the quantity asked for is too large",
        "15" => "required data are missing",
        "33" => "the input has errors",
        "35" => "out of network",
        "41" => "authorization or access restrictions",
        "42" => "the payer's system cannot answer now",
        "43" => "the provider's id is invalid or missing",
        "44" => "the provider's name is invalid or missing",
        "45" => "the provider's specialty is invalid or missing",
        "46" => "the provider's phone number is invalid or missing",
        "47" => "the provider's state is invalid or missing",
        "48" => "the provider's reference number is invalid or missing",
        "49" => "the provider is not the primary care physician",
        "50" => "the provider may not ask",
        "51" => "the provider is not on file",
        "52" => "service dates are outside the provider's enrolment",
        "53" => "the benefit type asked about conflicts with another",
        "54" => "the product or service is wrong for the dates",
        "55" => "the product or service is not covered",
        "56" => "inappropriate date",
        "57" => "the date of service is invalid or missing",
        "58" => "the birth date is invalid or missing",
        "60" => "the birth date lies after the date of service",
        "61" => "the date of death precedes the date of service",
        "62" => "the date of service is outside the allowed inquiry period",
        "63" => "the date of service lies in the future",
        "64" => "the patient id is invalid or missing",
        "65" => "the patient's name is invalid or missing",
        "66" => "the patient's sex is invalid or missing",
        "67" => "the patient was not found",
        "68" => "the patient id is not unique",
        "69" => "the patient's age and the service do not agree",
        "70" => "the patient's sex and the service do not agree",
        "71" => "the birth date does not match the payer's",
        "72" => "the member id is invalid or missing",
        "73" => "the subscriber's name is invalid or missing",
        "74" => "the subscriber's sex is invalid or missing",
        "75" => "the subscriber was not found",
        "76" => "the member id is not unique",
        "77" => "the subscriber was found, the patient was not",
        "78" => "the subscriber is not in the group or plan named",
        "79" => "the participant id is invalid",
        "80" => "no answer: the payer's system did not reply",
        "97" => "invalid or missing provider address",
        null => "no reason given",
        _ => $"rejection reason {aaa03}",
    };

    /// <summary>AAA04; null when the payer asks for nothing.</summary>
    public static string? FollowUp(string? aaa04) => aaa04 switch
    {
        "C" => "correct and resend",
        "N" => "do not resend",
        "P" => "resend the original later",
        "R" => "resend",
        "S" => "do not resend: an answer will come",
        "W" => "wait 30 days and resend",
        "X" => "wait 10 days and resend",
        "Y" => "do not resend: the payer holds the request and will answer",
        _ => null,
    };
}
