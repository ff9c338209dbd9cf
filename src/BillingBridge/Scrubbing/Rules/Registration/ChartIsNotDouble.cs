using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-010: no other chart looks like the same person.</summary>
internal sealed class ChartIsNotDouble : IScrubRule
{
    public string Id => "PAT-010";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var given = Initial(claim.Patient);
        foreach (var other in claim.History.Namesakes.Where(p => p.Id != claim.Patient.Id))
        {
            if ((given is not null && Initial(other) == given) || other.Identifier.Exists(i => claim.Patient.Identifier.Exists(own => own.System == i.System && own.Value == i.Value)))
                yield return Warn(Id, IssueType.Duplicate, "Claim.patient", $"Possible duplicate chart Patient/{other.Id}: the same family name and birth date. Compare the two and merge them if they are one person.").With("other", $"Patient/{other.Id}");
        }
    }

    private static char? Initial(Patient patient) =>
        PatientNames.Of(patient)?.Given.FirstOrDefault() is { Length: > 0 } given ? char.ToUpperInvariant(given[0]) : null;
}
