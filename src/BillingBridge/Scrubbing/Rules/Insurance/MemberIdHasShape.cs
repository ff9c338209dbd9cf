using System.Text.RegularExpressions;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-005: the member id has the payer's shape (billing spec 0.4).</summary>
internal sealed partial class MemberIdHasShape : IScrubRule
{
    public string Id => "COV-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage?.SubscriberId is not { Length: > 0 } id)
            yield break;

        var plain = id.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (Regex.IsMatch(plain, claim.Payer.MemberIdPattern, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(50)))
            yield break;

        var isOldMedicare = claim.Payer.Family == PayerFamily.Medicare && OldMedicareNumber().IsMatch(plain);
        var text = isOldMedicare
            ? "Member id is an old Medicare number (HICN): enter the Medicare Beneficiary Identifier."
            : $"Member id not in {claim.PayerName} format: check it against the card.";
        var path = $"{claim.FocalPath}.coverage.resolve().subscriberId";
        yield return claim.Payer.MemberIdMustMatch ? Reject(Id, IssueType.Value, path, text) : Warn(Id, IssueType.Value, path, text);
    }

    [GeneratedRegex("^([0-9]{9}[A-Z][A-Z0-9]?|[A-Z]{1,3}[0-9]{6,9})$")]
    private static partial Regex OldMedicareNumber();
}
