using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Wire;

/// <summary>X12-001: every text fits its X12 element.</summary>
internal sealed class ValuesFitElements : IScrubRule
{
    public string Id => "X12-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var name = PatientNames.Of(claim.Patient);
        var address = claim.Patient.Address.FirstOrDefault();
        (string Element, string Path, string? Value, int Longest)[] values =
        [
            ("NM103 patient last name", "Claim.patient.resolve().name.family", name?.Family, 60),
            ("NM104 patient first name", "Claim.patient.resolve().name.given", name?.Given.FirstOrDefault(), 35),
            ("N301 patient address", "Claim.patient.resolve().address.line", address?.Line.FirstOrDefault(), 55),
            ("N401 patient city", "Claim.patient.resolve().address.city", address?.City, 30),
            ("N403 patient ZIP", "Claim.patient.resolve().address.postalCode", address?.PostalCode, 15),
            ("NM109 member id", $"{claim.FocalPath}.coverage.resolve().subscriberId", claim.Coverage?.SubscriberId, 80),
            ("NM103 payer name", $"{claim.FocalPath}.coverage.resolve().payor", claim.Payor?.Name, 60),
            ("NM103 billing provider", "Claim.provider", claim.BillingOrganization?.Name, 60),
            ("CLM01 patient control number", "Claim.identifier", claim.Claim.PatientControlNumber(), 20),
        ];
        foreach (var (element, path, value, longest) in values)
        {
            if (value is null)
                continue;
            if (value.Length > longest)
                yield return Reject(Id, IssueType.TooLong, path, $"{element} too long: {value.Length} characters, {longest} fit. Shorten it.").With("length", $"{value.Length}");
            else if (value.Any(c => !Fits(c)))
                yield return Reject(Id, IssueType.Value, path, $"{element} has a character that X12 cannot carry: '{value.First(c => !Fits(c))}'. Write it in Latin letters.");
        }
    }

    /// <summary>The extended set, and the Latin letters that fold to it (U+00C0 to U+017F).</summary>
    private static bool Fits(char c) => c is >= ' ' and <= '~' and not ('`' or '^') || char.IsLetter(c) && c is >= '\u00C0' and <= '\u017F' or '\u2019';
}
