using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Demo;

/// <summary>A record in Synthea's shape, just big enough: one patient, one clinic, one clinician, visits with named insurance.</summary>
internal static class TinyRecord
{
    public const string PatientId = "p1";

    public static Bundle With(params (string Start, string Insurance)[] visits) => With("1950-06-01", visits);

    public static Bundle With(string birthDate, params (string Start, string Insurance)[] visits)
    {
        var bundle = new Bundle { Type = Bundle.BundleType.Transaction };
        Add(bundle, new Patient { Id = PatientId, BirthDate = birthDate, Gender = AdministrativeGender.Female });
        Add(bundle, new Organization { Id = "o1", Name = "TINY WALK-IN", Address = [new Address { Line = ["1 ELM"], City = "PEABODY", State = "MA", PostalCode = "1960" }] });
        Add(bundle, new Practitioner { Id = "d1", Identifier = [new Identifier("http://hl7.org/fhir/sid/us-npi", "510")] });
        foreach (var (i, (start, insurance)) in visits.Index())
        {
            Add(bundle, new Encounter
            {
                Id = $"e{i}",
                Status = Encounter.EncounterStatus.Finished,
                Class = new Coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB"),
                Subject = new ResourceReference($"urn:uuid:{PatientId}"),
                Participant = [new Encounter.ParticipantComponent { Individual = new ResourceReference("urn:uuid:d1") }],
                ServiceProvider = new ResourceReference("urn:uuid:o1"),
                Period = new Period { Start = start, End = start },
            });
            Add(bundle, Eob(i, insurance));
        }

        return bundle;
    }

    private static ExplanationOfBenefit Eob(int i, string insurance) => new()
    {
        Id = $"b{i}",
        Contained = [new Coverage { Id = "coverage", Payor = [new ResourceReference { Display = insurance }] }],
        Status = ExplanationOfBenefit.ExplanationOfBenefitStatus.Active,
        Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        Use = ClaimUseCode.Claim,
        Patient = new ResourceReference($"urn:uuid:{PatientId}"),
        Created = "2030-01-01", // misleading on purpose: the encounter's time counts
        Insurer = new ResourceReference { Display = insurance },
        Provider = new ResourceReference("urn:uuid:d1"),
        Outcome = ClaimProcessingCodes.Complete,
        Insurance = [new ExplanationOfBenefit.InsuranceComponent { Focal = true, Coverage = new ResourceReference("#coverage") }],
        Item =
        [
            new ExplanationOfBenefit.ItemComponent { Sequence = 1, ProductOrService = new CodeableConcept { Text = "visit" }, Encounter = [new ResourceReference($"urn:uuid:e{i}")] },
        ],
    };

    private static void Add(Bundle bundle, Resource resource) => bundle.Entry.Add(new Bundle.EntryComponent
    {
        FullUrl = $"urn:uuid:{resource.Id}",
        Resource = resource,
        Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.POST, Url = resource.TypeName },
    });
}
