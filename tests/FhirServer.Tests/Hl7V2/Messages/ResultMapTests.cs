using System.Text;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Messages;

public sealed class ResultMapTests
{
    private const string Head = "MSH|^~\\&|LAB|A|EMR|B|20260301120000||ORU^R01|1|P|2.5.1\rPID|1||7^^^H^MR||A^B\rOBR|1|p1|f1|CBC^Blood count^L|||20260301080000\r";

    [Theory]
    [InlineData("SN", ">^100", "mg/dl", ">= 0", "> 100 mg/dL")]
    [InlineData("SN", "^1^:^40", "", "", "1:40")]
    [InlineData("SN", "^10^-^20", "K/uL", "", "10-20 10*3/uL")]
    [InlineData("NM", "<0.5", "ng/mL", "", "< 0.5 ng/mL")]
    [InlineData("NM", "4.5", "G/L", "", "4.5 G/L?")]
    [InlineData("NM", "4.5", "g/L", "", "4.5 g/L")]
    [InlineData("NM", "-3.10", "furlong", "", "-3.10 furlong?")]
    [InlineData("CWE", "POS^Positive^L~NEG^Negative^L", "", "", "Positive, Negative")]
    [InlineData("ST", "a^b~c", "", "", "a^b\nc")]
    [InlineData("DT", "20260301", "", "", "2026-03-01")]
    [InlineData("TM", "0815", "", "", "08:15:00")]
    public void Values_are_what_their_type_says(string type, string value, string unit, string range, string text)
    {
        var observation = Single($"OBX|1|{type}|X^x^L||{value}|{unit}|{range}|H|||F");
        Assert.Equal(text, Text(observation.Value));
        Assert.Equal("H", observation.Interpretation[0].Coding[0].Code);
    }

    [Theory]
    [InlineData("70-105", "70", "105")]
    [InlineData("<5", null, "5")]
    [InlineData(">=1.5", "1.5", null)]
    [InlineData("-2--1", "-2", "-1")]
    [InlineData("negative", null, null)]
    public void Ranges_are_numbers_where_they_are_written_as_such(string written, string? low, string? high)
    {
        var range = Assert.Single(Single($"OBX|1|NM|X^x^L||1|mg/dL|{written}||||F").ReferenceRange);
        Assert.Equal((written, low, high), (range.Text, range.Low?.Value?.ToString(System.Globalization.CultureInfo.InvariantCulture), range.High?.Value?.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("F", ObservationStatus.Final)]
    [InlineData("P", ObservationStatus.Preliminary)]
    [InlineData("C", ObservationStatus.Corrected)]
    [InlineData("X", ObservationStatus.Cancelled)]
    [InlineData("D", ObservationStatus.EnteredInError)]
    public void Status_is_OBX_11(string code, ObservationStatus status) => Assert.Equal(status, Single($"OBX|1|NM|X^x^L||1||||||{code}").Status);

    [Fact]
    public void Text_over_several_segments_is_one_result_and_notes_stay_with_theirs()
    {
        var all = Map("OBX|1|TX|M^Micro^L||First line\rOBX|2|TX|M^Micro^L||Second line\rNTE|1||Note of the result\rOBX|3|NM|X^x^L||1\rNTE|1||Other");
        var (micro, other) = (all.OfType<Observation>().First(), all.OfType<Observation>().Last());
        Assert.Equal("First line\nSecond line", Text(micro.Value));
        Assert.Equal(["Note of the result", "Other"], new[] { micro, other }.Select(o => o.Note[0].Text));
        Assert.Equal(2, all.OfType<DiagnosticReport>().Single().Result.Count);
    }

    [Fact]
    public void The_same_result_has_the_same_id_whatever_its_place_in_the_message()
    {
        var both = Map("OBX|1|NM|X^x^L||1\rOBX|2|NM|Y^y^L||2").OfType<Observation>().ToDictionary(o => o.Code.Coding[0].Code!, o => o.Id);
        Assert.Equal(both["Y"], Map("OBX|1|NM|Y^y^L||3").OfType<Observation>().Single().Id);
        var twice = Map("OBX|1|NM|X^x^L|1|1\rOBX|2|NM|X^x^L|2|2\rOBX|3|NM|X^x^L|2|3").OfType<Observation>().Select(o => o.Id).ToList();
        Assert.Equal(3, twice.Distinct().Count());
    }

    [Fact]
    public void Several_tests_of_one_sample_share_it_and_its_document()
    {
        const string shared = "OBX|1|ED|PDF^x^L||^application^pdf^Base64^JVBERi0x\rSPM|1|S7^||BLD^Blood^L\r";
        var all = Map($"{shared}OBR|2|p1|f1|LIP^Lipids^L\r{shared}");
        Assert.Single(all.OfType<Binary>());
        var specimen = Assert.Single(all.OfType<Specimen>());
        Assert.Equal(2, all.OfType<DiagnosticReport>().Count(r => r.Specimen[0].Reference == $"Specimen/{specimen.Id}" && r.PresentedForm.Count == 1));
        Assert.Equal(2, Map("SPM|1|||BLD^Blood^L\rOBR|2|p1|f1|UA^Urine^L\rSPM|1|||UR^Urine^L").OfType<Specimen>().Count());

        // What one segment lacks another may say; what they contradict each other in is for the sender to mend.
        var whole = Assert.Single(Map("SPM|1|S7\rOBR|2|p1|f1|LIP^Lipids^L\rSPM|1|S7^||BLD^Blood^L|||||||||||||20260301070000").OfType<Specimen>());
        Assert.Equal(("BLD", "2026-03-01T07:00:00+00:00"), (whole.Type!.Coding[0].Code, ((FhirDateTime)whole.Collection!.Collected!).Value));
        Assert.Equal(["SPM^2"], Faults(Head + "SPM|1|S7^||BLD^Blood^L\rSPM|2|S7^||UR^Urine^L"));
    }

    [Theory]
    [InlineData("20260301120000", "20260228120000", "2026-02-28T12:00:00")]
    [InlineData("20260301120000", "20260302110000", "2026-03-02T11:00:00")]
    [InlineData("20260301120000", "20991231000000", "2026-03-01T12:00:00")]
    [InlineData("20991231000000", "", "2026-03-01T12:00:00")]
    public void A_clock_far_ahead_counts_as_when_the_message_came(string sent, string issued, string asOf)
    {
        var text = Head.Replace("20260301120000", sent, StringComparison.Ordinal).Replace("|||20260301080000", "|||20260301080000" + new string('|', 15) + issued, StringComparison.Ordinal) + "OBX|1|NM|X^x^L||1";
        var message = MessageReader.Read(Encoding.UTF8.GetBytes(text), new(), Charsets.Utf8).Message!;
        var scope = new MessageScope(message, Msh.Read(message), new("LAB", SenderTables.Empty, TimeZoneInfo.Utc), new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)) { Patient = "Patient/1" };
        Assert.All(ResultMap.Map(scope), m => Assert.Equal(asOf, m.AsOf.ToString("s", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Empty(scope.Faults);
    }

    [Fact]
    public void Local_codes_and_units_become_those_of_everybody_and_stay_beside_them()
    {
        var (tables, faults) = SenderTables.Read(["kind,from,to,display", "code,L:GLU,http://loinc.org|2345-7,\"Glucose, serum\"", "unit,mgs,mg/dL", "system,L,urn:lab:codes"]);
        Assert.Empty(faults);
        var observation = Single("OBX|1|NM|GLU^Glucose^L||1|mgs|70-105", tables);
        Assert.Equal([("http://loinc.org", "2345-7", "Glucose, serum"), ("urn:lab:codes", "GLU", "Glucose")], observation.Code.Coding.Select(c => (c.System!, c.Code!, c.Display!)));
        var quantity = (Quantity)observation.Value!;
        Assert.All([quantity, observation.ReferenceRange[0].Low!, observation.ReferenceRange[0].High!], q => Assert.Equal(("mgs", "mg/dL", UcumUnits.System), (q.Unit, q.Code, q.System)));
    }

    [Theory]
    [InlineData("color,a,b", "Line 1: kinds are code, unit, authority and system.")]
    [InlineData("code,a,b", "Line 1: a code is written system|code.")]
    [InlineData("unit,a", "Line 1: kind, from, to and, for codes, display are to be separated by commas.")]
    public void Tables_that_cannot_be_used_are_told_by_line(string line, string fault) => Assert.Equal([fault], SenderTables.Read([line]).Faults);

    [Fact]
    public void Several_patients_and_missing_numbers_are_faults_with_their_place()
    {
        Assert.Equal(["OBR^1^3"], Faults("MSH|^~\\&|LAB|A|EMR|B|20260301120000||ORU^R01|1|P|2.5.1\rPID|1||7\rOBR|1|||CBC^x^L"));
        Assert.Equal(["OBR^1"], Faults("MSH|^~\\&|LAB|A|EMR|B|20260301120000||ORU^R01|1|P|2.5.1\rPID|1||7"));
        Assert.Equal(["OBX^1", "OBR^1"], Faults("MSH|^~\\&|LAB|A|EMR|B|20260301120000||ORU^R01|1|P|2.5.1\rPID|1||7\rOBX|1|NM|X||1"));
        Assert.Equal(["OBX^1^5^1^5"], Faults(Head + "OBX|1|ED|PDF^x^L||^application^pdf^Base64^%%%"));
    }

    private static Observation Single(string obx, SenderTables? tables = null) => Map(obx, tables).OfType<Observation>().Single();

    private static List<Resource> Map(string results, SenderTables? tables = null)
    {
        var scope = Scope(Head + results, tables);
        var all = ResultMap.Map(scope).Select(m => m.Resource).ToList();
        Assert.Empty(scope.Faults);
        return all;
    }

    private static IEnumerable<string> Faults(string text)
    {
        var scope = Scope(text, null);
        ResultMap.Map(scope);
        return scope.Faults.Select(f => f.At!.ToString());
    }

    private static MessageScope Scope(string text, SenderTables? tables)
    {
        var message = MessageReader.Read(Encoding.UTF8.GetBytes(text), new(), Charsets.Utf8).Message!;
        return new(message, Msh.Read(message), new("LAB", tables ?? SenderTables.Empty, TimeZoneInfo.Utc), DateTimeOffset.UnixEpoch) { Patient = "Patient/1" };
    }

    private static string Text(DataType? value) => value switch
    {
        Quantity quantity => $"{quantity.Comparator switch { Quantity.QuantityComparator.LessThan => "< ", Quantity.QuantityComparator.GreaterThan => "> ", _ => "" }}{Number(quantity.Value)}{(quantity.Code is not null ? " " + quantity.Code : quantity.Unit is not null ? $" {quantity.Unit}?" : "")}",
        Hl7.Fhir.Model.Range range => $"{Number(range.Low?.Value)}-{Text(range.High)}",
        Ratio ratio => $"{Text(ratio.Numerator)}:{Text(ratio.Denominator)}",
        CodeableConcept concept => concept.Text!,
        FhirString text => text.Value!,
        FhirDateTime time => time.Value!,
        Time time => time.Value!,
        _ => "",
    };

    private static string Number(decimal? value) => value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
