using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The number of a laboratory's CLIA certificate.</summary>
internal static partial class CliaNumber
{
    /// <summary>The claim's (REF*X4); null when it names none.</summary>
    public static string? Of(ClaimGraph claim) => (claim.Claim.Info(SupportingInfo.Clia).FirstOrDefault()?.Value as FhirString)?.Value;

    public static bool HasShape(string? number) => number is not null && Shape().IsMatch(number);

    [GeneratedRegex("^[0-9]{2}D[0-9]{7}$")]
    private static partial Regex Shape();
}
