using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.Bench.X12;

/// <summary>Made-up claims of two lines, as they are batched and as they are paid.</summary>
internal static class InventedClaims
{
    public static InterchangeOptions Options => new()
    {
        SenderId = "OURPRACTICE",
        ReceiverId = "HUBONE",
        ReceiverName = "Hub One",
        SubmitterName = "Hilltop Clinic",
        ContactName = "Front Desk",
        ContactPhone = "2025550123",
    };

    public static string Number(int n) => $"HT{n:0000000000}";

    private static Organization Clinic { get; } = new()
    {
        Id = "clinic",
        Name = "Hilltop Clinic",
        Identifier = [new(BillingUrls.Npi, "1234567893"), new(BillingUrls.Ein, "931234567")],
        Address = [new Address { Line = ["7 Hill Road"], City = "Salem", State = "OR", PostalCode = "97301-1234" }],
    };

    private static Organization Payer { get; } = new() { Id = "payer", Name = "First Mutual", Identifier = [new(BillingUrls.PayerId, "FM001")] };

    // A few claims each, as in a month of a practice.
    private static string PersonOf(int n) => $"p{n / 3}";

    private static Patient Person(string id) => new()
    {
        Id = id,
        Name = [new HumanName { Family = "Doe", Given = ["Rowan"] }],
        BirthDate = "1970-01-01",
        Gender = AdministrativeGender.Female,
        Address = [new Address { Line = ["1 Oak Lane"], City = "Salem", State = "OR", PostalCode = "97301" }],
    };

    private static Coverage Cover(string person) => new()
    {
        Id = $"{person}-cover",
        Status = FinancialResourceStatusCodes.Active,
        SubscriberId = "M100200",
        Beneficiary = new ResourceReference($"Patient/{person}"),
        Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
        Payor = [new ResourceReference("Organization/payer")],
    };

    public static ClaimSources Sources(int n)
    {
        var (claim, person) = (Claim(n), Person(PersonOf(n)));
        return new ClaimSources(claim, person, [new InsuranceSource(claim.Insurance[0], Cover(PersonOf(n)), Payer, person, null)], new ProviderSource(Clinic, null, null), [], null, null);
    }

    public static Claim Claim(int n)
    {
        var claim = new Claim
        {
            Id = $"x{n}",
            Identifier = [new(BillingUrls.PatientControlNumber, Number(n))],
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            Use = ClaimUseCode.Claim,
            Patient = new ResourceReference($"Patient/{PersonOf(n)}"),
            Created = "2026-03-31",
            Provider = new ResourceReference("Organization/clinic"),
            Priority = new CodeableConcept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
            Insurance = [new Claim.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference($"Coverage/{PersonOf(n)}-cover") }],
            Diagnosis = [Diagnosis(1, "J06.9"), Diagnosis(2, "R50.9")],
            Item = [Line(n, 1, "99213", 120m), Line(n, 2, "87880", 30m)],
            Total = ClaimBuilder.Usd(150m),
        };
        claim.Item[0].Modifier = [new CodeableConcept(CodeSystemUrls.Cpt, "25")];
        claim.SetStage(ClaimStage.Accepted);
        return claim;
    }

    /// <summary>Puts the claims, and the few they refer to, into a store.</summary>
    public static async Task UploadAsync(IFhirRecords records, int claims, CancellationToken ct)
    {
        await PutAsync(records, [Clinic, Payer], ct);
        foreach (var chunk in Enumerable.Range(0, claims).Chunk(198))
            await PutAsync(records, [.. chunk.Select(PersonOf).Distinct().SelectMany(p => (Resource[])[Person(p), Cover(p)]), .. chunk.Select(Claim)], ct);
    }

    private static async Task PutAsync(IFhirRecords records, IEnumerable<Resource> resources, CancellationToken ct)
    {
        var bundle = new Bundle
        {
            Type = Bundle.BundleType.Transaction,
            Entry =
            [
                .. resources.Select(r => new Bundle.EntryComponent
                {
                    FullUrl = $"urn:uuid:{Guid.NewGuid():D}",
                    Resource = r,
                    Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.PUT, Url = $"{r.TypeName}/{r.Id}" },
                }),
            ],
        };
        if (await records.CommitAsync(bundle, ct) is not CommitOutcome.Committed and var outcome)
            throw new BenchException($"The server does not take the invented claims: {((outcome as CommitOutcome.Refused)?.Outcome ?? ((CommitOutcome.Conflict)outcome).Outcome).Issue.FirstOrDefault()?.Diagnostics}");
    }

    private static Claim.DiagnosisComponent Diagnosis(int sequence, string code) => new() { Sequence = sequence, Diagnosis = new CodeableConcept(CodeSystemUrls.Icd10Cm, code) };

    private static Claim.ItemComponent Line(int n, int sequence, string code, decimal usd)
    {
        var item = new Claim.ItemComponent
        {
            Sequence = sequence,
            ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, code),
            Serviced = new Date("2026-03-30"),
            Location = new CodeableConcept(CodeSystemUrls.PlaceOfService, "11"),
            Quantity = new Quantity { Value = 1 },
            Net = ClaimBuilder.Usd(usd),
            DiagnosisSequence = [1],
        };
        item.AddExtension(BillingUrls.LineControlNumber, new Identifier(BillingUrls.LineControlNumber, $"{Number(n)}-{sequence}"));
        return item;
    }
}
