using System.Text;
using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ips;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;
using Condition = Hl7.Fhir.Model.Condition;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>What an International Patient Summary holds, and what not.</summary>
public sealed class IpsDocumentTests
{
    private const string Base = "http://example.org/fhir";
    private static readonly Patient Lucia = new() { Id = "lucia", Name = [new() { Family = "Ferreira", Given = ["Lucia"] }], Link = [new() { Other = new("Patient/other"), Type = Hl7.Fhir.Model.Patient.LinkType.Seealso }] };

    [Fact]
    public void An_empty_record_says_of_each_required_section_that_nothing_is_known()
    {
        var content = Build();

        Assert.Equal(["11450-4", "48765-2", "10160-0"], content.Composition.Section.Select(s => s.Code!.Coding[0].Code));
        Assert.All(content.Composition.Section, s => Assert.Contains(content.Entries, e => e.FullUrl == s.Entry.Single().Reference));
        var json = string.Concat(content.Entries.Select(e => Encoding.UTF8.GetString(e.Json.Span)));
        Assert.All((string[])["no-problem-info", "no-allergy-info", "no-medication-info"], code => Assert.Contains($"\"code\":\"{code}\"", json, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("active", "confirmed", "problem-list-item", "11450-4")]
    [InlineData("resolved", "confirmed", "problem-list-item", "11348-0")]
    [InlineData("active", "refuted", "problem-list-item", null)]
    [InlineData("active", "entered-in-error", "problem-list-item", null)]
    [InlineData("active", "confirmed", "encounter-diagnosis", null)]
    public void A_condition_is_in_the_section_that_its_status_says(string clinical, string verification, string category, string? section)
    {
        var composition = Build(new Condition
        {
            Id = "c",
            Subject = new("Patient/lucia"),
            ClinicalStatus = new("http://terminology.hl7.org/CodeSystem/condition-clinical", clinical),
            VerificationStatus = new("http://terminology.hl7.org/CodeSystem/condition-ver-status", verification),
            Category = [new("http://terminology.hl7.org/CodeSystem/condition-category", category)],
            Code = new() { Text = "Asthma" },
        }).Composition;

        Assert.Equal(section, composition.Section.SingleOrDefault(s => s.Entry.Exists(e => e.Reference == $"{Base}/Condition/c"))?.Code!.Coding[0].Code);
    }

    [Fact]
    public void Of_results_the_newest_of_each_code_is_shown_and_what_is_not_final_is_not()
    {
        var composition = Build(Result("a", "2345-7", "2024-01-01", 90), Result("b", "2345-7", "2025-01-01", 104), Result("c", "718-7", "2020-01-01", 13), Result("d", "718-7", "2026-01-01", 1, ObservationStatus.EnteredInError)).Composition;

        var section = composition.Section.Single(s => s.Code!.Coding[0].Code == "30954-2");
        Assert.Equal([$"{Base}/Observation/b", $"{Base}/Observation/c"], section.Entry.Select(e => e.Reference));
        Assert.Contains("<td>104 mg/dL</td>", section.Text!.Div, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_referred_to_comes_along_but_no_other_patient()
    {
        var content = Build(new Patient { Id = "other" }, new Medication { Id = "m", Code = new() { Text = "Metformin 500 mg" } },
            new MedicationRequest { Id = "r", Status = MedicationRequest.MedicationrequestStatus.Active, Intent = MedicationRequest.MedicationRequestIntent.Order, Subject = new("Patient/lucia"), Medication = new ResourceReference("Medication/m") });

        Assert.Contains(content.Entries, e => e.FullUrl == $"{Base}/Medication/m");
        Assert.DoesNotContain(content.Entries, e => e.FullUrl == $"{Base}/Patient/other");
        Assert.Contains("<td>Metformin 500 mg</td>", content.Composition.Section.Single(s => s.Code!.Coding[0].Code == "10160-0").Text!.Div, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "S-79")]
    public void Words_in_the_narrative_are_escaped()
    {
        var content = Build(new AllergyIntolerance { Id = "a", Patient = new("Patient/lucia"), Code = new() { Text = "<img src=x onerror=alert(1)> & \"nuts\"" } });

        var div = content.Composition.Section[1].Text!.Div!;
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;nuts&quot;", div, StringComparison.Ordinal);
        Assert.All(content.Composition.Section.Select(s => s.Text!.Div!).Append(content.Composition.Text!.Div!), d => Assert.Null(FhirEmr.FhirServer.Resources.Narrative.Fault(Encoding.UTF8.GetBytes(d))));
    }

    private static DocumentContent Build(params Resource[] resources) => IpsDocument.Build(Converted.Record([Lucia, .. resources]), Base, new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero));

    private static Observation Result(string id, string code, string at, decimal value, ObservationStatus status = ObservationStatus.Final) => new()
    {
        Id = id,
        Status = status,
        Category = [new("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")],
        Code = new("http://loinc.org", code, code),
        Subject = new("Patient/lucia"),
        Effective = new FhirDateTime(at),
        Value = new Quantity(value, "mg/dL"),
    };
}
