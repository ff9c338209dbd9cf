using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-004: the billing address is a street with a nine-digit ZIP.</summary>
internal sealed partial class BillingAddressIsStreet : IScrubRule
{
    public string Id => "PRV-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var address = (claim.BillingOrganization?.Address ?? claim.BillingPerson?.Address ?? []).Find(a => a.Use != Address.AddressUse.Billing);
        var line = address?.Line.FirstOrDefault();
        var zip = address?.PostalCode?.Replace("-", "", StringComparison.Ordinal) ?? "";
        var isWhole = !string.IsNullOrWhiteSpace(line) && !string.IsNullOrWhiteSpace(address?.City) && UsStates.Code(address?.State) is not null;
        if (!isWhole || PostOfficeBox().IsMatch(line!) || zip.Length != 9 || !zip.All(char.IsAsciiDigit))
        {
            yield return Reject(Id, IssueType.Value, "Claim.provider", "Billing address must be a street with ZIP+4: complete the practice's address.")
                .With("zip", zip);
        }
    }

    [GeneratedRegex(@"\bP\.?\s*O\.?\s*BOX\b", RegexOptions.IgnoreCase)]
    private static partial Regex PostOfficeBox();
}
