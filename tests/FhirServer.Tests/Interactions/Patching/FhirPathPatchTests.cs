using static FhirEmr.FhirServer.Tests.Interactions.Patching.Patched;

namespace FhirEmr.FhirServer.Tests.Interactions.Patching;

public sealed class FhirPathPatchTests
{
    private const string Patient = """{"resourceType":"Patient","id":"p","name":[{"use":"official","family":"A","_family":{"extension":[{"url":"http://x/own","valueString":"v"}]},"given":["x","y"],"_given":[null,{"id":"g"}]},{"use":"usual","given":["z"]}],"birthDate":"1990-01-02","multipleBirthInteger":2,"contact":[{"name":{"text":"c"},"gender":"male"}]}""";

    [Fact]
    public void Add_appends_to_lists_and_fills_what_is_not_there()
    {
        var patched = WithFhirPath(Patient,
            Operation("add", "Patient", Part("name", "\"valueString\":\"identifier\""), Part("value", """ "valueIdentifier":{"system":"urn:s","value":"1"} """)),
            Operation("add", "Patient.name[1]", Part("name", "\"valueString\":\"given\""), Part("value", "\"valueString\":\"q\"")),
            Operation("add", "Patient", Part("name", "\"valueString\":\"deceased\""), Part("value", "\"valueBoolean\":true")));

        Assert.Contains("""{"use":"usual","given":["z","q"]}""", patched.Json, StringComparison.Ordinal);
        Assert.EndsWith(""","identifier":[{"system":"urn:s","value":"1"}],"deceasedBoolean":true}""", patched.Json, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_takes_an_element_without_a_named_type_in_parts() => Assert.Contains(
        """contact":[{"name":{"text":"c"},"gender":"male"},{"name":{"text":"new"},"telecom":[{"value":"1"},{"value":"2"}]}]""",
        WithFhirPath(Patient, Operation("add", "Patient", Part("name", "\"valueString\":\"contact\""), Part("value", """
            "part":[{"name":"name","valueHumanName":{"text":"new"}},{"name":"telecom","valueContactPoint":{"value":"1"}},{"name":"telecom","valueContactPoint":{"value":"2"}}]
            """))).Json, StringComparison.Ordinal);

    [Fact]
    public void Add_puts_an_extension_beside_a_primitive() => Assert.Contains(
        """_birthDate":{"extension":[{"url":"http://x/time","valueDateTime":"1990-01-02T03:04:05Z"}]}""",
        WithFhirPath(Patient, Operation("add", "Patient.birthDate", Part("name", "\"valueString\":\"extension\""),
            Part("value", """ "part":[{"name":"url","valueUri":"http://x/time"},{"name":"value","valueDateTime":"1990-01-02T03:04:05Z"}] """))).Json, StringComparison.Ordinal);

    [Fact]
    public void Insert_keeps_both_halves_of_a_list_in_step() => Assert.Contains(
        """given":["x","new","y"],"_given":[null,null,{"id":"g"}]""",
        WithFhirPath(Patient, Operation("insert", "Patient.name[0].given", Part("index", "\"valueInteger\":1"), Part("value", "\"valueString\":\"new\""))).Json, StringComparison.Ordinal);

    [Fact]
    public void Move_changes_the_place_in_the_list_extensions_and_all() => Assert.Contains(
        """given":["y","x"],"_given":[{"id":"g"},null]""",
        WithFhirPath(Patient, Operation("move", "Patient.name[0].given", Part("source", "\"valueInteger\":1"), Part("destination", "\"valueInteger\":0"))).Json, StringComparison.Ordinal);

    [Fact]
    public void Delete_takes_one_element_away_and_what_it_leaves_empty()
    {
        Assert.Contains("""contact":[{"gender":"male"}]""", WithFhirPath(Patient, Operation("delete", "Patient.contact[0].name.text")).Json, StringComparison.Ordinal);
        Assert.Contains("""given":["x"]}""", WithFhirPath(Patient, Operation("delete", "Patient.name[0].given[1]")).Json, StringComparison.Ordinal);
        Assert.DoesNotContain("birthDate", WithFhirPath(Patient, Operation("delete", "Patient.birthDate")).Json, StringComparison.Ordinal);
        Assert.DoesNotContain("multipleBirth", WithFhirPath(Patient, Operation("delete", "Patient.multipleBirth")).Json, StringComparison.Ordinal);
        Assert.DoesNotContain("_family", WithFhirPath(Patient, Operation("delete", "Patient.name.where(use = 'official').family.extension('http://x/own')")).Json, StringComparison.Ordinal);
        Assert.Equal(Patient, WithFhirPath(Patient, Operation("delete", "Patient.gender")).Json);
    }

    [Fact]
    public void Replace_changes_a_value_and_the_type_of_a_choice_where_it_stands()
    {
        Assert.Contains("""given":["n","y"],"_given":[null,{"id":"g"}]""", WithFhirPath(Patient, Operation("replace", "Patient.name[0].given[0]", Part("value", "\"valueString\":\"n\""))).Json, StringComparison.Ordinal);
        Assert.Contains("""birthDate":"1990-01-02","multipleBirthBoolean":true,"contact":""", WithFhirPath(Patient, Operation("replace", "Patient.multipleBirth", Part("value", "\"valueBoolean\":true"))).Json, StringComparison.Ordinal);
        Assert.Contains("""use":"official","family":"B","given":""", WithFhirPath(Patient, Operation("replace", "Patient.name.where(use = 'official').family", Part("value", "\"valueString\":\"B\""))).Json, StringComparison.Ordinal);
    }

    [Fact]
    public void Elements_inside_contained_resources_are_found()
    {
        const string resource = """{"resourceType":"Basic","id":"p","contained":[{"resourceType":"Patient","id":"c","active":true},{"resourceType":"Patient","id":"d","active":true}],"code":{"text":"x"}}""";

        Assert.Contains("""{"resourceType":"Patient","id":"d","active":false}""",
            WithFhirPath(resource, Operation("replace", "Basic.contained[1].active", Part("value", "\"valueBoolean\":false"))).Json, StringComparison.Ordinal);
    }

    [Fact]
    public void Decimals_unknown_extensions_and_order_stay_as_they_were()
    {
        const string observation = """{"resourceType":"Observation","id":"p","code":{"text":"c"},"status":"final","valueQuantity":{"unit":"mg","value":1.500},"extension":[{"url":"http://x/u","valueDecimal":0.0100}]}""";

        Assert.Equal(observation.Replace("final", "amended", StringComparison.Ordinal),
            WithFhirPath(observation, Operation("replace", "Observation.status", Part("value", "\"valueCode\":\"amended\""))).Json);
    }

    [Fact]
    public void An_empty_patch_changes_nothing() => Assert.Equal(Patient, WithParameters(Patient, """{"resourceType":"Parameters"}""").Json);

    [Theory]
    [InlineData("replace", "Patient.gender", "\"valueCode\":\"male\"", 422, "nothing is found there")]
    [InlineData("replace", "Patient.name.given", "\"valueString\":\"q\"", 422, "finds 3 elements")]
    [InlineData("delete", "Patient.name", null, 422, "finds 2 elements")]
    [InlineData("delete", "Patient", null, 422, "DELETE does that")]
    [InlineData("replace", "'a'", "\"valueString\":\"q\"", 422, "computed value")]
    [InlineData("replace", "Patient.multipleBirth", "\"valueString\":\"q\"", 422, "it may be boolean, integer")]
    [InlineData("replace", "Patient.birthDate", "\"valueString\":\"soon\"", 422, "A date is")]
    [InlineData("replace", "Patient.id", "\"valueId\":\"q\"", 422, "changes the id")]
    [InlineData("replace", "Patient.(((", "\"valueString\":\"q\"", 400, "no FHIRPath")]
    [InlineData("replace", "Patient.descendants()", "\"valueString\":\"q\"", 400, "uses descendants()")]
    [InlineData("replace", "Patient.name.where(given.matches('(a+)+$'))", "\"valueString\":\"q\"", 400, "uses matches()")]
    [InlineData("replace", "Patient.managingOrganization.resolve()", "\"valueString\":\"q\"", 400, "uses resolve()")]
    [InlineData("replace", "Patient.repeat(contact)", "\"valueString\":\"q\"", 400, "uses repeat()")]
    [InlineData("replace", "Patient.name.where(given.where($this.where(true)))", "\"valueString\":\"q\"", 400, "two deep")]
    [InlineData("replce", "Patient.active", "\"valueBoolean\":true", 400, "did you mean 'replace'?")]
    public void What_does_not_fit_names_the_operation_and_says_why(string type, string path, string? value, int status, string text)
    {
        var patched = WithFhirPath(Patient, Operation("delete", "Patient.photo"), value is null ? Operation(type, path) : Operation(type, path, Part("value", value)));

        Assert.Equal(status, patched.Status);
        Assert.Contains(text, patched.Text, StringComparison.Ordinal);
        Assert.True(patched.Text.Contains("Operation 1", StringComparison.Ordinal) || text is "A date is" or "changes the id", patched.Text);
    }

    [Theory]
    [InlineData("insert", "Patient.name", "index", 3, 422, "behind the end")]
    [InlineData("insert", "Patient.telecom", "index", 0, 422, "add puts the first one")]
    [InlineData("insert", "Patient.name[0]", "index", 0, 422, "whole of one list")]
    [InlineData("insert", "Patient.birthDate", "index", 0, 422, "no list")]
    [InlineData("move", "Patient.name", "source", 2, 422, "from 0 to 1")]
    public void Positions_are_checked(string type, string path, string position, int number, int status, string text)
    {
        string[] more = type == "insert"
            ? [Part(position, $"\"valueInteger\":{number}"), Part("value", """ "valueHumanName":{"family":"q"} """)]
            : [Part(position, $"\"valueInteger\":{number}"), Part("destination", "\"valueInteger\":0")];
        var patched = WithFhirPath(Patient, Operation(type, path, more));

        Assert.Equal(status, patched.Status);
        Assert.Contains(text, patched.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_to_hold_a_new_element_is_not_made_along_the_way()
    {
        var patched = WithFhirPath(Patient, Operation("add", "Patient.maritalStatus", Part("name", "\"valueString\":\"text\""), Part("value", "\"valueString\":\"m\"")));

        Assert.Equal(422, patched.Status);
        Assert.Contains("must exist, so add it first", patched.Text, StringComparison.Ordinal);
        Assert.Contains("there already", WithFhirPath(Patient, Operation("add", "Patient", Part("name", "\"valueString\":\"birthDate\""), Part("value", "\"valueDate\":\"2000-01-01\""))).Text, StringComparison.Ordinal);
        Assert.Contains("did you mean 'gender'?", WithFhirPath(Patient, Operation("add", "Patient", Part("name", "\"valueString\":\"gendr\""), Part("value", "\"valueCode\":\"male\""))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Later_operations_see_what_earlier_ones_did() => Assert.Contains(
        """maritalStatus":{"text":"m","coding":[{"code":"M"}]}""",
        WithFhirPath(Patient,
            Operation("add", "Patient", Part("name", "\"valueString\":\"maritalStatus\""), Part("value", """ "valueCodeableConcept":{"text":"m"} """)),
            Operation("add", "Patient.maritalStatus", Part("name", "\"valueString\":\"coding\""), Part("value", """ "valueCoding":{"code":"M"} """))).Json, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"name":"path","valueString":"Patient.active"}""", "no type")]
    [InlineData("""{"name":"type","valueCode":"delete"}""", "no path")]
    [InlineData("""{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.active"}""", "needs a part 'value'")]
    [InlineData("""{"name":"type","valueCode":"delete"},{"name":"pth","valueString":"Patient.active"}""", "did you mean 'path'?")]
    [InlineData("""{"name":"type","valueCode":"move"},{"name":"path","valueString":"Patient.name"},{"name":"source","valueInteger":-1},{"name":"destination","valueInteger":0}""", "source is no whole number")]
    public void Unreadable_operations_are_refused_before_anything_is_done(string parts, string text)
    {
        var patched = WithFhirPath(Patient, parts);

        Assert.Equal(400, patched.Status);
        Assert.Contains(text, patched.Text, StringComparison.Ordinal);
    }
}
