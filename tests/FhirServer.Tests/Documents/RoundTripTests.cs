using System.Xml.Linq;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Ccda.Export;
using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>A document read, written and read again says the same.</summary>
public sealed partial class RoundTripTests
{
    private const string Root = "5a1c7c7e-9b1f-4a51-8f0b-3f1a54c0a001";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Facts_are_the_same_after_being_written_and_read_again(bool withNegation)
    {
        var first = Converted.Of(CcdFixture.Ccd(withNegation: withNegation));
        var second = Converted.Of(Write(first, Converted.Read(CcdFixture.Ccd(withNegation: withNegation))));

        Assert.Empty(second.Statements.Where(s => s.Fate == Fate.Rejected).Select(s => $"{s.Place}: {s.Reason}"));
        Assert.Equal(Facts(first), Facts(second));
        Assert.Equal(Facts(second), Facts(Converted.Of(Write(second, Converted.Read(CcdFixture.Ccd(withNegation: withNegation))))));
    }

    [Fact]
    public void The_patient_is_the_same_after_being_written_and_read_again()
    {
        var document = Converted.Read(CcdFixture.Ccd());
        var first = CdaPeople.Patient(document.RecordTarget!, new(document, Converted.NewYork));
        var written = Converted.Read(Write(Converted.Of(CcdFixture.Ccd()), document));
        var second = CdaPeople.Patient(written.RecordTarget!, new(written, Converted.NewYork));

        Assert.Equal("Ferreira", first.Name[0].Family);
        Assert.Equal(2, first.Extension.Count);
        Assert.Equal(Json(first), Json(second));
    }

    [Fact]
    public void A_ccd_has_the_header_and_the_sections_that_the_guide_requires()
    {
        var root = XDocument.Parse(System.Text.Encoding.UTF8.GetString(Write(null, Converted.Read(CcdFixture.Ccd())))).Root!;

        Assert.True(root.Is(Template.ContinuityOfCareDocument) && root.Is(Template.UsRealmHeader));
        string[] header = ["realmCode", "typeId", "id", "code", "title", "effectiveTime", "confidentialityCode", "languageCode", "recordTarget", "author", "custodian", "documentationOf", "component"];
        Assert.All(header, name => Assert.NotNull(root.One(name)));
        var sections = root.Descendants(Cda.Hl7 + "section").ToArray();
        Assert.Equal(["48765-2", "10160-0", "11450-4", "47519-4", "30954-2", "29762-2", "8716-3"], sections.Select(s => s.One("code").Attr("code")));
        Assert.All(sections, s => Assert.Equal(("NI", "No information."), (s.NullFlavor(), s.One("text").Words())));
    }

    [Fact]
    public void Words_in_a_ccd_are_words_and_no_markup()
    {
        var condition = new Condition { Id = "c", Subject = new("Patient/lucia"), ClinicalStatus = new("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"), Code = new() { Text = "<script>&\"" } };
        var xml = CcdWriter.Write(Context([Patient(Converted.Read(CcdFixture.Ccd())), condition]), Guid.NewGuid());

        Assert.Contains("<script>&", XDocument.Parse(System.Text.Encoding.UTF8.GetString(xml)).Descendants(Cda.Hl7 + "td").First().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void What_this_server_wrote_it_knows_again_whatever_ids_it_came_with()
    {
        var document = Converted.Read(CcdFixture.Ccd());
        var back = Converted.Of(Write(Converted.Of(CcdFixture.Ccd()), document), ownRoot: Root);

        Assert.DoesNotContain(back.Resources.Keys, k => k.Type != "Practitioner");
        Assert.All(back.Statements, s => Assert.Contains("of this server", s.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void The_parts_of_a_panel_are_known_again()
    {
        var panel = new Observation
        {
            Id = "bp",
            Status = ObservationStatus.Final,
            Category = [new("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")],
            Code = new("http://loinc.org", "85354-9"),
            Effective = new FhirDateTime("2025-03-01"),
            Identifier = [new("urn:oid:1.2.3", "both")],
            Component =
            [
                new() { Code = new("http://loinc.org", "8480-6"), Value = new Quantity(128, "mm[Hg]") },
                new() { Code = new("http://loinc.org", "8462-4"), Value = new Quantity(76, "mm[Hg]") },
            ],
        };
        var back = Converted.Of(CcdWriter.Write(Context([Patient(Converted.Read(CcdFixture.Ccd())), panel]), Guid.NewGuid()), ownRoot: Root);

        Assert.Empty(back.Resources);
        Assert.All(back.Statements, s => Assert.Contains("of this server", s.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_medication_taken_as_needed_is_so_after_being_read_again()
    {
        var (statement, xml) = Taken(new Dosage { AsNeeded = new FhirBoolean(true), DoseAndRate = [new() { Dose = new Quantity(1, "{tablet}") }] });

        Assert.True(((FhirBoolean)Assert.Single(statement.Dosage).AsNeeded!).Value);
        Assert.Contains("as needed", xml, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_dosages_are_told_in_words_and_none_of_them_is_taken_for_all()
    {
        var (statement, xml) = Taken(new Dosage { Text = "2 tablets in the morning", DoseAndRate = [new() { Dose = new Quantity(2, "{tablet}") }] }, new Dosage { Text = "1 tablet at night", DoseAndRate = [new() { Dose = new Quantity(1, "{tablet}") }] });

        var dosage = Assert.Single(statement.Dosage);
        Assert.Equal("2 tablets in the morning; 1 tablet at night", dosage.Text);
        Assert.Empty(dosage.DoseAndRate);
        Assert.Contains("<td>2 tablets in the morning; 1 tablet at night</td>", xml, StringComparison.Ordinal);
    }

    private static (MedicationStatement Statement, string Xml) Taken(params Dosage[] dosages)
    {
        var statement = new MedicationStatement { Id = "m", Status = MedicationStatement.MedicationStatusCodes.Active, Subject = new("Patient/lucia"), Medication = new CodeableConcept { Text = "Aspirin" }, Dosage = [.. dosages] };
        var xml = CcdWriter.Write(Context([Patient(Converted.Read(CcdFixture.Ccd())), statement]), Guid.NewGuid());
        return (Converted.Of(xml).Only<MedicationStatement>(), System.Text.Encoding.UTF8.GetString(xml));
    }

    private static byte[] Write(ConvertedDocument? converted, CdaDocument document) =>
        CcdWriter.Write(Context([Patient(document), .. converted?.Resources.Values ?? []]), Guid.NewGuid());

    private static CcdContext Context(IEnumerable<Resource> resources) => new(Converted.Record(resources), Root, new DateTimeOffset(2025, 3, 2, 9, 0, 0, TimeSpan.FromHours(-5)), null, null);

    private static Patient Patient(CdaDocument document)
    {
        var patient = CdaPeople.Patient(document.RecordTarget!, new(document, Converted.NewYork));
        patient.Id = "lucia";
        return patient;
    }

    /// <summary>All that the resources say, ids and references left out (they are made from it), and what the server that wrote them calls them.</summary>
    private static string[] Facts(ConvertedDocument document) =>
        [.. document.Resources.Values.Where(r => r is not Practitioner).Select(r => WriterId().Replace(Json(r), "")).Order(StringComparer.Ordinal)];

    [System.Text.RegularExpressions.GeneratedRegex($$""",\{"system":"urn:uuid:{{Root}}","value":"[^"]*"\}""")]
    private static partial System.Text.RegularExpressions.Regex WriterId();

    private static string Json(Resource resource)
    {
        var copy = (Resource)resource.DeepCopy();
        (copy.Id, copy.Meta) = (null, null);
        return $"{resource.TypeName} {System.Text.Encoding.UTF8.GetString(FhirFormats.ToJson(copy))}";
    }
}
