using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>The given Synthea bundles, one store per patient, as imported plainly or with made-up valid identities.</summary>
internal static class SyntheaRecords
{
    // Lenient as an import is: what a field cannot hold is kept, not refused.
    private static readonly FhirJsonDeserializer Json = new(new DeserializerSettings().UsingMode(DeserializationMode.Ostrich));

    private static readonly string[] ValidNpis = ["1234567893", "1987654328"];

    /// <summary>Files of <c>shared/data/synthea</c> beside the repository; empty when the data is not there.</summary>
    public static IReadOnlyList<string> Files()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                continue;
            var data = Path.Combine(folder.FullName, "..", "shared", "data", "synthea");
            return Directory.Exists(data) ? [.. Directory.GetFiles(data, "*.json").Order(StringComparer.Ordinal)] : [];
        }

        return [];
    }

    /// <summary>One patient's store, with the default fee schedule.</summary>
    public static InMemoryFhirRecords Load(string file, bool asDemoPractice)
    {
        var text = File.ReadAllText(file);
        var bundle = (Bundle)Json.DeserializeResource(text);
        foreach (var entry in bundle.Entry)
            text = text.Replace($"urn:uuid:{entry.Resource!.Id}", $"{entry.Resource.TypeName}/{entry.Resource.Id}", StringComparison.Ordinal);

        var records = new InMemoryFhirRecords();
        foreach (var resource in ((Bundle)Json.DeserializeResource(text)).Entry.Select(e => e.Resource!))
        {
            if (resource is ExplanationOfBenefit or CarePlan or Goal or ImagingStudy or Observation)
                continue; // billing does not look at them, and the store copies what it holds
            if (asDemoPractice)
                Identify(resource, records);
            records.Put(resource);
        }

        records.Put([.. DefaultFeeSchedule.Build(new DateOnly(1900, 1, 1))]);
        return records;
    }

    private static void Identify(Resource resource, InMemoryFhirRecords records)
    {
        switch (resource)
        {
            case Practitioner person:
                person.Identifier = [new Identifier(BillingUrls.Npi, ValidNpis[1])];
                break;
            case Organization practice:
                practice.Identifier = [new Identifier(BillingUrls.Npi, ValidNpis[0]), new Identifier(BillingUrls.Ein, "521234567"), new Identifier(BillingUrls.Clia, "22D0123456")];
                practice.Address[0].PostalCode = "018401234";
                records.Put(new Location { Id = practice.Id, Identifier = [new Identifier(BillingUrls.Npi, ValidNpis[0])], Address = practice.Address[0] });
                break;
            case Encounter { ServiceProvider: { } provider } encounter:
                encounter.Location.Clear();
                encounter.Location.Add(new Encounter.LocationComponent { Location = new ResourceReference($"Location/{provider.Reference!.Split('/')[1]}") });
                break;
            case Patient patient:
                records.Put(new Organization { Id = "payer", Name = "Acme Health Plan", Identifier = [new Identifier(BillingUrls.PayerId, "ACME1")] });
                records.Put(new Coverage
                {
                    Id = "coverage",
                    Status = FinancialResourceStatusCodes.Active,
                    Beneficiary = new ResourceReference($"Patient/{patient.Id}"),
                    SubscriberId = "A1002003",
                    Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
                    Payor = [new ResourceReference("Organization/payer")],
                });
                break;
        }
    }
}
