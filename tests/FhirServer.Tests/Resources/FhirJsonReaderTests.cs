using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Resources;

[Trait("Requirement", "S-71")]

public class FhirJsonReaderTests
{
    [Fact]
    public void A_sound_resource_reads_without_issues()
    {
        var tree = Read("""{"resourceType":"Patient","id":"a","name":[{"family":"Ng","given":["Ann","May"]}],"birthDate":"1980-02-29","deceasedBoolean":false}""", out var issues);

        Assert.Empty(issues);
        Assert.Equal("Ng", tree!.Root.Child("name").TextOf("family"));
        Assert.Equal("boolean", tree.Root.Child("deceased").Type.Name);
    }

    [Fact]
    public void The_type_may_stand_anywhere_in_the_object()
    {
        var tree = Read("""{"id":"a","active":true,"resourceType":"Patient"}""", out var issues);

        Assert.Empty(issues);
        Assert.Equal("Patient", tree!.Root.Type.Name);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_where_they_stand()
    {
        byte[] json = [.. "{\"resourceType\":\"Patient\",\n\"language\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Null(FhirJsonReader.Read(json, out var issues));
        var issue = Assert.Single(issues);
        Assert.Equal((2, 13), (issue.Line, issue.Column));
    }

    [Theory]
    [InlineData("""{"resourceType":"Patient","nam":[{"family":"X"}]}""", "structure", "Did you mean 'name'")]
    [InlineData("""{"resourceType":"Patien"}""", "not-supported", "Did you mean 'Patient'")]
    [InlineData("""{"resourceType":"Patient","active":"true"}""", "value", "without quotes")]
    [InlineData("""{"resourceType":"Patient","name":{"family":"X"}}""", "structure", "repeats")]
    [InlineData("""{"resourceType":"Patient","gender":["male"]}""", "structure", "does not repeat")]
    [InlineData("""{"resourceType":"Patient","gender":"malee"}""", "code-invalid", "female, male, other, unknown")]
    [InlineData("""{"resourceType":"Patient","birthDate":"1980-02-30"}""", "value", "YYYY-MM-DD")]
    [InlineData("""{"resourceType":"Patient","name":[]}""", "structure", "array must have content")]
    [InlineData("""{"resourceType":"Patient","maritalStatus":{}}""", "structure", "object must have content")]
    [InlineData("""{"resourceType":"Patient","id":"a b"}""", "value", "id is 1 to 64")]
    [InlineData("""{"resourceType":"Patient","active":true,"active":false}""", "structure", "once only")]
    [InlineData("""{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}""", "structure", "once only")]
    [InlineData("""{"resourceType":"Observation","code":{"text":"x"}}""", "required", "Observation.status is mandatory")]
    [InlineData("""{"resourceType":"Patient","active":null}""", "structure", "null is allowed only")]
    [InlineData("""{"resourceType":"Patient","multipleBirthInteger":1.5}""", "value", "whole number")]
    [InlineData("""{"resourceType":"Patient","resourceType":"Observation","active":true}""", "structure", "once only")]
    [InlineData("""{"resourceType":"Patient","resourceType":{"active":true},"gender":"male"}""", "structure", "once only")]
    [InlineData("""{"resourceType":"Patient","name":[{"family":"\ud800x"}]}""", "value", "surrogate")]
    [InlineData("""{"resourceType":"Patient","\udc00":"x","active":true}""", "value", "surrogate")]
    [InlineData("""{"resourceType":"Patient","maritalStatus":{"coding":[{"code":"a\u0000b"}]}}""", "value", "control characters")]
    [InlineData("""{"resourceType":"Patient","maritalStatus":{"coding":[{"system":"urn:\u0001"}]}}""", "value", "control characters")]
    [InlineData("""{"resourceType":"Patient","name":[{"family":"a\uffffb"}]}""", "value", "U+FFFF")]
    public void A_fault_is_named_with_its_kind_and_the_fix(string json, string code, string fragment)
    {
        Read(json, out var issues);

        var issue = Assert.Single(issues);
        Assert.Equal(code, issue.Code);
        Assert.Contains(fragment, issue.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_has_its_path_line_and_column()
    {
        Read("{\n  \"resourceType\": \"Patient\",\n  \"contact\": [{\"name\": {\"family\": \"A\"}}, {\"gendre\": \"male\"}]\n}", out var issues);

        var issue = Assert.Single(issues);
        Assert.Equal(("Patient.contact[1]", 3, 43), (issue.Expression, issue.Line, issue.Column));
    }

    [Theory]
    [InlineData("{\"resourceType\":\"Patient\",\n\"active\":tru}", 2)]
    [InlineData("", 1)]
    [InlineData("{\"resourceType\":\"Patient\"", 1)]
    [InlineData("{\"resourceType\":\"Patient\",\"active\":true} x", 1)]
    [InlineData("[1]", 1)]
    public void Broken_JSON_is_refused_with_its_line(string json, int line)
    {
        var tree = Read(json, out var issues);

        Assert.Null(tree);
        Assert.Equal(line, Assert.Single(issues).Line);
    }

    [Fact]
    public void Nesting_beyond_all_sense_is_refused_and_does_not_overflow()
    {
        var json = "{\"resourceType\":\"Patient\",\"extension\":" + string.Concat(Enumerable.Repeat("[{\"url\":\"x\",\"extension\":", 500));

        Assert.Null(Read(json, out var issues));
        Assert.NotEmpty(issues);
    }

    [Fact]
    public void Extensions_on_primitives_are_kept_apart_from_the_value()
    {
        var tree = Read("""{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"http://x","valueCode":"y"}]}]}],"_birthDate":{"id":"b"}}""", out var issues);

        Assert.Empty(issues);
        Assert.False(tree!.Root.Child("birthDate").Exists);
    }

    private static ResourceTree? Read(string json, out IReadOnlyList<StructureIssue> issues) => FhirJsonReader.Read(Encoding.UTF8.GetBytes(json), out issues);
}
