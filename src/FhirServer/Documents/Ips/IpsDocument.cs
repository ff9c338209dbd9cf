using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ips;

/// <summary>A record → the International Patient Summary of it.</summary>
/// <remarks>hl7.org/fhir/uv/ips: Composition-uv-ips and Bundle-uv-ips. Stored resources go in as they are; only the Composition, its author, and what says that nothing is known are made.</remarks>
internal static class IpsDocument
{
    public const string BundleProfile = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips";
    public const string CompositionProfile = "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips";

    private const string AbsentSystem = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

    public static DocumentContent Build(PatientRecord record, string baseUrl, DateTimeOffset now)
    {
        var patient = record.Patient;
        var subject = new ResourceReference($"{baseUrl}/{patient.Key}") { Display = patient.Root.Child("name").PersonName() };
        var (device, deviceUrl) = (new Device { Id = Guid.NewGuid().ToString(), Type = new("http://snomed.info/sct", "462894001", "Software application") }, "");
        device.DeviceName.Add(new() { Name = "FhirEmr", Type = DeviceNameType.ModelName });
        deviceUrl = "urn:uuid:" + device.Id;
        var composition = new Composition
        {
            Id = Guid.NewGuid().ToString(),
            Meta = new() { Profile = [CompositionProfile] },
            Status = CompositionStatus.Final,
            Type = new("http://loinc.org", "60591-5", "Patient summary Document"),
            Subject = subject,
            DateElement = new FhirDateTime(now),
            Author = [new(deviceUrl) { Display = "FhirEmr" }],
            Title = "International Patient Summary",
        };
        if (record.Find(patient.Root.Say("managingOrganization", "reference")) is { } organization)
            composition.Custodian = new($"{baseUrl}/{organization.Key}");

        var entries = new List<(string, ReadOnlyMemory<byte>)> { ($"{baseUrl}/{patient.Key}", patient.Json), (deviceUrl, FhirFormats.ToJson(device)) };
        var shown = new List<RecordResource> { patient };
        foreach (var section in IpsSections.All)
        {
            var resources = section.Select(record).ToArray();
            if (resources.Length == 0 && section.Absent is null)
                continue;
            var mapped = new Composition.SectionComponent { Title = section.Title, Code = new("http://loinc.org", section.Code, section.Title) };
            if (resources.Length == 0)
            {
                var nothing = Nothing(section.Absent!, $"{baseUrl}/{patient.Key}");
                entries.Add(("urn:uuid:" + nothing.Id, FhirFormats.ToJson(nothing)));
                mapped.Entry.Add(new("urn:uuid:" + nothing.Id));
                mapped.Text = Text($"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{section.Absent!.Display}</p></div>");
            }
            else
            {
                var table = new NarrativeTable(section.Columns);
                foreach (var resource in resources)
                {
                    table.Add(section.Row(record, resource));
                    mapped.Entry.Add(new($"{baseUrl}/{resource.Key}"));
                }

                mapped.Text = Text(table.ToXhtml());
                shown.AddRange(resources);
            }

            composition.Section.Add(mapped);
        }

        composition.Text = Text(NarrativeOf(composition, patient));
        foreach (var resource in References.Closure(shown, record.Find))
            if (resource.Key != patient.Key)
                entries.Add(($"{baseUrl}/{resource.Key}", resource.Json));
        return new("urn:uuid:" + composition.Id, composition, entries);
    }

    /// <summary>A head for people, who the summary is of; the sections have their own words.</summary>
    private static string NarrativeOf(Composition composition, RecordResource patient)
    {
        var table = new NarrativeTable("Patient", "Born", "Gender", "Summary of");
        table.Add(patient.Root.Child("name").PersonName(), patient.Root.TextOf("birthDate"), patient.Root.TextOf("gender"), Facts.Day(composition.Date));
        return table.ToXhtml();
    }

    private static Resource Nothing(IpsAbsent absent, string patient)
    {
        var code = new CodeableConcept(AbsentSystem, absent.Code, absent.Display, absent.Display);
        var id = Guid.NewGuid().ToString();
        return absent.Type switch
        {
            "Condition" => new Condition
            {
                Id = id,
                ClinicalStatus = new("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
                Category = [new("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")],
                Code = code,
                Subject = new(patient),
            },
            "AllergyIntolerance" => new AllergyIntolerance
            {
                Id = id,
                ClinicalStatus = new("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
                Code = code,
                Patient = new(patient),
            },
            _ => new MedicationStatement { Id = id, Status = MedicationStatement.MedicationStatusCodes.Unknown, Medication = code, Subject = new(patient), Effective = Unknown() },
        };
    }

    /// <summary>IPS wants a time, or why there is none.</summary>
    private static FhirDateTime Unknown() => new() { Extension = [new("http://hl7.org/fhir/StructureDefinition/data-absent-reason", new Code("unknown"))] };

    private static Hl7.Fhir.Model.Narrative Text(string xhtml) => new(xhtml) { Status = Hl7.Fhir.Model.Narrative.NarrativeStatus.Generated };
}
