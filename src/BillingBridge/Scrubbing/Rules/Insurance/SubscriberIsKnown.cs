using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-008: a subscriber who is not the patient has a name and a birth date.</summary>
internal sealed class SubscriberIsKnown : IScrubRule
{
    public string Id => "COV-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is not { Subscriber.Reference: not null } coverage || coverage.Relationship.HasAny("self"))
            yield break;

        var person = claim.Chart.Find<RelatedPerson>(coverage.Subscriber);
        var patient = claim.Chart.Find<Patient>(coverage.Subscriber);
        var name = person?.Name.FirstOrDefault() ?? patient?.Name.FirstOrDefault();
        var path = $"{claim.FocalPath}.coverage.resolve().subscriber";
        if (string.IsNullOrWhiteSpace(name?.Family) || !name.Given.Any())
            yield return Reject(Id, IssueType.Required, path, "Subscriber data missing: enter the subscriber's name.");
        else if ((person?.BirthDate ?? patient?.BirthDate) is null)
            yield return Warn(Id, IssueType.Incomplete, path, "Subscriber data missing: enter the subscriber's birth date.");
    }
}
