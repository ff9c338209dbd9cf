using System.Text;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Messages;

public sealed class OrderMessageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_order_is_written_with_its_patient() => Assert.Equal(
        """
        MSH|^~\&|FHIREMR||REF|LAB|20260301120000+0000||OML^O21^OML_O21|c1|P|2.5.1||||||UNICODE UTF-8
        PID|1||889^^^&http://a.example/mrn&URI^MR~77^^^&1.2.3&ISO||O\T\Hara^Ada^B^^^^L||19700203|F|||1 Elm^^Town^IL^62701||(217) 555-0100
        PV1|1|O
        ORC|NW|o1^FHIREMR|||||||20260228|||1234567893^Mender^Max^^^^^^NPI^^^^NPI
        TQ1|1||||||||S
        OBR|1|o1^FHIREMR||2345-7^Glucose^LN||||||||||||1234567893^Mender^Max^^^^^^NPI^^^^NPI
        NTE|1||fasting \F\ cold
        DG1|1||E11.9^Diabetes^I10C|||W
        """.ReplaceLineEndings("\r") + "\r", Text(OrderMessage.Oml, RequestStatus.Active));

    [Theory]
    [InlineData(RequestStatus.Active, "NW")]
    [InlineData(RequestStatus.Revoked, "CA")]
    public void What_is_revoked_is_cancelled(RequestStatus status, string control)
    {
        var (message, fault) = MessageReader.Read(Encoding.UTF8.GetBytes(Text(OrderMessage.Orm, status)), new(), Charsets.Utf8);
        Assert.Null(fault);
        Assert.Equal(("ORM", "O01", control, "S"), (message!.Header[9].First[1], message.Header[9].First[2], message.First("ORC")![1].Text, message.First("OBR")![27].First[6]));
    }

    private static string Text(string kind, RequestStatus status) => Encoding.UTF8.GetString(OrderMessage.Write(
        new ServiceRequest
        {
            Id = "o1",
            Status = status,
            Priority = RequestPriority.Stat,
            AuthoredOn = "2026-02-28",
            Code = new CodeableConcept("http://loinc.org", "2345-7", "Glucose", null),
            Requester = new ResourceReference { Display = "Max Mender", Identifier = new Identifier("http://hl7.org/fhir/sid/us-npi", "1234567893") },
            ReasonCode = [new CodeableConcept("http://hl7.org/fhir/sid/icd-10-cm", "E11.9", "Diabetes", null)],
            Note = [new Annotation { Text = new Markdown("fasting | cold") }],
        },
        new Patient
        {
            Id = "p1",
            BirthDate = "1970-02-03",
            Gender = AdministrativeGender.Female,
            Identifier = [new Identifier("http://a.example/mrn", "889") { Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/v2-0203", "MR") }, new Identifier("urn:oid:1.2.3", "77")],
            Name = [new HumanName { Family = "O&Hara", Given = ["Ada", "B"] }],
            Address = [new Address { Line = ["1 Elm"], City = "Town", State = "IL", PostalCode = "62701" }],
            Telecom = [new ContactPoint(ContactPoint.ContactPointSystem.Phone, null, "(217) 555-0100")],
        },
        kind, "c1", ("REF", "LAB"), Now));
}
