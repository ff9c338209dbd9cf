using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-011: name, birth date and sex are those of the payer's file.</summary>
internal sealed class IdentityAgreesWithPayer : IScrubRule
{
    public string Id => "PAT-011";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var answer = EligibilityAnswers.Latest(claim);
        if (answer?.Contained.OfType<Patient>().FirstOrDefault() is not { } theirs)
            yield break; // the payer sent no name back
        var ours = claim.Patient;
        var (name, theirName) = (PatientNames.Of(ours), PatientNames.Of(theirs));
        var differing = new List<string>();
        if (theirName?.Family is { Length: > 0 } family && !Same(family, name?.Family))
            differing.Add("family name");
        if (theirName?.Given.FirstOrDefault() is { Length: > 0 } given && !Same(given, name?.Given.FirstOrDefault()))
            differing.Add("given name");
        if (theirs.BirthDate is { Length: > 0 } birth && birth != ours.BirthDate)
            differing.Add("birth date");
        if (theirs.Gender is { } sex && sex != ours.Gender)
            differing.Add("sex");
        if (differing.Count > 0)
            yield return Warn(Id, IssueType.Value, "Claim.patient", $"Identity differs from payer file: {string.Join(", ", differing)}. Correct the chart, or have the member correct the payer's file.").With("fields", string.Join(',', differing)).From($"CoverageEligibilityResponse/{answer.Id}");
    }

    private static bool Same(string theirs, string? ours) => string.Equals(theirs, ours, StringComparison.OrdinalIgnoreCase);
}
