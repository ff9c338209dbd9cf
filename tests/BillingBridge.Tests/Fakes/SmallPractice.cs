using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>One invented practice with a doctor, a payer and patients, in a store of its own.</summary>
internal sealed class SmallPractice
{
    public static readonly DateTimeOffset Now = new(2026, 4, 1, 8, 0, 0, TimeSpan.Zero);

    public SmallPractice()
    {
        Records.Put(new Organization
        {
            Id = "clinic",
            Name = "Hilltop Clinic",
            Identifier = [new(BillingUrls.Npi, "1234567893"), new(BillingUrls.Ein, "93-1234567")],
            Type = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, "207Q00000X")],
            Address = [new Address { Line = ["7 Hill Road"], City = "Salem", State = "OR", PostalCode = "97301-1234" }],
        });
        Records.Put(new Organization
        {
            Id = "payer",
            Name = "First Mutual",
            Identifier = [new(BillingUrls.PayerId, "FM001")],
        });
        Records.Put(new Practitioner
        {
            Id = "doctor",
            Name = [new HumanName { Family = "Núñez", Given = ["Alba"] }],
            Identifier = [new(BillingUrls.Npi, "1987654328")],
        });
        Records.Put(new PractitionerRole
        {
            Id = "role",
            Practitioner = new ResourceReference("Practitioner/doctor"),
            Specialty = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, "207Q00000X")],
        });
    }

    public InMemoryFhirRecords Records { get; } = new();

    public static InterchangeOptions Options => new()
    {
        SenderId = "OURPRACTICE",
        ReceiverId = "HUBONE",
        ReceiverName = "Hub One",
        SubmitterName = "Hilltop Clinic",
        ContactName = "Front Desk",
        ContactPhone = "2025550123",
    };

    public static TimeProvider Time { get; } = new FixedTime();

    /// <summary>A patient with coverage and a ready claim of two lines (120 and 30).</summary>
    public Claim AddClaim(string id, string memberId = "M100200", Action<Claim>? change = null, Action<Coverage>? changeCoverage = null)
    {
        Records.Put(new Patient
        {
            Id = $"p-{id}",
            Name = [new HumanName { Use = HumanName.NameUse.Official, Family = "Doe", Given = ["Rowan", "Lee"] }],
            BirthDate = "1970-01-01",
            Gender = AdministrativeGender.Female,
            Address = [new Address { Line = ["1 Oak Lane", "Apt 4"], City = "Salem", State = "OR", PostalCode = "97301" }],
        });
        var coverage = new Coverage
        {
            Id = $"c-{id}",
            Status = FinancialResourceStatusCodes.Active,
            Identifier = [new("urn:payer:members", memberId)],
            SubscriberId = memberId,
            Subscriber = new ResourceReference($"Patient/p-{id}"),
            Beneficiary = new ResourceReference($"Patient/p-{id}"),
            Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
            Payor = [new ResourceReference("Organization/payer")],
            Class = [new Coverage.ClassComponent { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-class", "group"), Value = "G55" }],
        };
        changeCoverage?.Invoke(coverage);
        Records.Put(coverage);

        var claim = new Claim
        {
            Id = id,
            Identifier = [new(BillingUrls.PatientControlNumber, $"PCN{id.ToUpperInvariant()}")],
            Status = FinancialResourceStatusCodes.Draft,
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            Use = ClaimUseCode.Claim,
            Patient = new ResourceReference($"Patient/p-{id}"),
            Created = "2026-03-31",
            Provider = new ResourceReference("Organization/clinic"),
            Priority = new CodeableConcept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
            CareTeam = [new Claim.CareTeamComponent { Sequence = 1, Provider = new ResourceReference("Practitioner/doctor"), Role = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claimcareteamrole", "primary") }],
            Insurance = [new Claim.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference($"Coverage/c-{id}") }],
            Diagnosis = [Diagnosis(1, "J06.9"), Diagnosis(2, "R50.9")],
            Item = [Line(1, "99213", 120m, ["25"], 1, 2), Line(2, "87880", 30m, [], 1)],
            Total = Usd(150m),
        };
        claim.AddExtension(BillingUrls.StageExtension, new Code(ClaimStage.Ready));
        change?.Invoke(claim);
        Records.Put(claim);
        return Records.Get<Claim>(id);
    }

    public SubmissionPipeline Submission(IPayerChannel channel, InterchangeOptions? options = null) => new(Records, channel, options ?? Options, Time);

    public RemittancePipeline Remittance(int claimsPerCommit = 500) => new(Records, Time, claimsPerCommit);

    public string? Stage(string claimId) => Records.Get<Claim>(claimId).Stage();

    public void SetStage(string claimId, string stage)
    {
        var claim = Records.Get<Claim>(claimId);
        claim.SetExtension(BillingUrls.StageExtension, new Code(stage));
        Records.Put(claim);
    }

    /// <summary>The stages a claim went through, in order, by its Provenances.</summary>
    public IEnumerable<string?> History(string claimId) => Records.All<Provenance>()
        .Where(p => p.Target[0].Reference == $"Claim/{claimId}")
        .OrderBy(p => p.Meta!.LastUpdated)
        .Select(p => p.Activity?.Text);

    public IEnumerable<string?> TaskCodes => Records.All<FhirTask>().Select(t => t.Code?.Coding[0].Code).Order();

    public static Claim.DiagnosisComponent Diagnosis(int sequence, string code) =>
        new() { Sequence = sequence, Diagnosis = new CodeableConcept(CodeSystemUrls.Icd10Cm, code) };

    public static Claim.ItemComponent Line(int sequence, string code, decimal usd, string[] modifiers, params int[] pointers) => new()
    {
        Sequence = sequence,
        ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, code),
        Modifier = [.. modifiers.Select(m => new CodeableConcept(CodeSystemUrls.Cpt, m))],
        Serviced = new Date("2026-03-30"),
        Location = new CodeableConcept(CodeSystemUrls.PlaceOfService, "11"),
        Quantity = new Quantity { Value = 1 },
        Net = Usd(usd),
        DiagnosisSequence = [.. pointers.Select(p => (int?)p)],
    };

    public static Money Usd(decimal usd) => new() { Value = usd, Currency = Money.Currencies.USD };

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
