namespace FhirEmr.FhirServer.Tests.Interactions.Patching;

public sealed class JsonPatchTests
{
    private const string Patient = """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"A","given":["x","y"]}]}""";

    private const string Observation = """{"resourceType":"Observation","id":"p","status":"final","code":{"text":"\u0041"},"valueQuantity":{"value":1.50,"unit":"mg"},"extension":[{"url":"http://x/unknown","valueDecimal":0.0100}]}""";

    [Theory]
    [InlineData("""{"op":"add","path":"/birthDate","value":"1990-01-02"}""", """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"A","given":["x","y"]}],"birthDate":"1990-01-02"}""")]
    [InlineData("""{"op":"add","path":"/active","value":false}""", """{"resourceType":"Patient","id":"p","active":false,"name":[{"family":"A","given":["x","y"]}]}""")]
    [InlineData("""{"op":"add","path":"/name/0/given/-","value":"z"}""", """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"A","given":["x","y","z"]}]}""")]
    [InlineData("""{"op":"add","path":"/name/0/given/0","value":"z"}""", """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"A","given":["z","x","y"]}]}""")]
    [InlineData("""{"op":"remove","path":"/active"}""", """{"resourceType":"Patient","id":"p","name":[{"family":"A","given":["x","y"]}]}""")]
    [InlineData("""{"op":"remove","path":"/name/0"}""", """{"resourceType":"Patient","id":"p","active":true}""")]
    [InlineData("""{"op":"replace","path":"/name/0/family","value":"B"}""", """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"B","given":["x","y"]}]}""")]
    [InlineData("""{"op":"move","from":"/name/0/given/1","path":"/name/0/given/0"}""", """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"A","given":["y","x"]}]}""")]
    [InlineData("""{"op":"copy","from":"/name/0","path":"/name/-"}""", """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"A","given":["x","y"]},{"family":"A","given":["x","y"]}]}""")]
    [InlineData("""{"op":"test","path":"/name/0","value":{"given":["x","y"],"family":"A"}}""", Patient)]
    [InlineData("""{"op":"test","path":"","value":{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"A","given":["x","y"]}]}}""", Patient)]
    public void Each_operation_does_what_RFC_6902_says(string operation, string expected) => Assert.Equal(expected, Patched.WithJson(Patient, $"[{operation}]").Json);

    [Theory]
    [InlineData("""{"op":"replace","path":"/name/3/family","value":"B"}""", 422, "/name is a list of 1: '3' is no position in it.")]
    [InlineData("""{"op":"add","path":"/name/2","value":{"family":"B"}}""", 422, "/name is a list of 1: '2'")]
    [InlineData("""{"op":"add","path":"/name/00","value":{"family":"B"}}""", 422, "'00' is no position")]
    [InlineData("""{"op":"remove","path":"/birthDate"}""", 422, "The resource has no 'birthDate'")]
    [InlineData("""{"op":"remove","path":"/name/0/famly"}""", 422, "did you mean 'family'?")]
    [InlineData("""{"op":"add","path":"/telecom/-","value":{}}""", 422, "is added whole")]
    [InlineData("""{"op":"test","path":"/active","value":false}""", 422, "the value there is another one")]
    [InlineData("""{"op":"test","path":"/active","value":"true"}""", 422, "the value there is another one")]
    [InlineData("""{"op":"copy","from":"/contact","path":"/name"}""", 422, "has no 'contact'")]
    [InlineData("""{"op":"remove","path":""}""", 422, "DELETE does that")]
    [InlineData("""{"op":"replace","path":"/id","value":"q"}""", 422, "changes the id")]
    [InlineData("""{"op":"replace","path":"/resourceType","value":"Person"}""", 422, "changes resourceType")]
    [InlineData("""{"op":"add","path":"/meta","value":{"versionId":"9"}}""", 422, "meta.versionId")]
    [InlineData("""{"op":"replace","path":"","value":[]}""", 422, "must stay an object")]
    [InlineData("""{"op":"add","path":"/activ","value":true}""", 422, "activ")]
    [InlineData("""{"op":"replace","path":"/active","value":"yes"}""", 422, "boolean is written")]
    [InlineData("""{"op":"move","from":"/name","path":"/name/0"}""", 400, "into itself")]
    [InlineData("""{"op":"replace","path":"name","value":1}""", 400, "begins with '/'")]
    [InlineData("""{"op":"replace","path":"/na~2me","value":1}""", 400, "~0")]
    [InlineData("""{"op":"replce","path":"/active","value":false}""", 400, "did you mean 'replace'?")]
    [InlineData("""{"op":"replace","path":"/active"}""", 400, "needs a \"value\"")]
    [InlineData("""{"op":"copy","path":"/active"}""", 400, "needs \"from\"")]
    [InlineData("""{"path":"/active"}""", 400, "no \"op\"")]
    [InlineData("""{"op":"remove"}""", 400, "no \"path\"")]
    [InlineData("7", 400, "no object")]
    public void What_does_not_fit_names_the_operation_and_the_place(string operation, int status, string text)
    {
        var patched = Patched.WithJson(Patient, $$"""[{"op":"test","path":"/active","value":true},{{operation}}]""");

        Assert.Equal(status, patched.Status);
        Assert.Contains(text, patched.Text, StringComparison.Ordinal);
        if (text is not ("changes the id" or "changes resourceType" or "meta.versionId" or "must stay an object" or "activ" or "boolean is written"))
            Assert.StartsWith("Operation 1 of the patch", patched.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("{}", 400)]
    [InlineData("[", 400)]
    [InlineData("[] []", 400)]
    public void What_is_no_JSON_Patch_is_refused(string patch, int status) => Assert.Equal(status, Patched.WithJson(Patient, patch).Status);

    [Fact]
    public void What_is_not_touched_stays_byte_for_byte()
    {
        var patched = Patched.WithJson(Observation, """[{"op":"add","path":"/issued","value":"2024-01-01T00:00:00Z"},{"op":"replace","path":"/valueQuantity/unit","value":"g"}]""");

        Assert.Equal(Observation.Replace("\"mg\"", "\"g\"", StringComparison.Ordinal)[..^1] + ""","issued":"2024-01-01T00:00:00Z"}""", patched.Json);
    }

    [Theory]
    [InlineData("1.5", true)]
    [InlineData("15e-1", true)]
    [InlineData("1.500000000000000000000000000000000000000001", false)]
    [InlineData("-1.5", false)]
    [InlineData("\"1.5\"", false)]
    public void Test_compares_numbers_by_value_and_not_through_doubles(string value, bool holds) =>
        Assert.Equal(holds ? 200 : 422, Patched.WithJson(Observation, $$"""[{"op":"test","path":"/valueQuantity/value","value":{{value}}}]""").Status);

    [Fact]
    public void Test_compares_texts_by_character_whatever_their_escapes() =>
        Assert.Equal(200, Patched.WithJson(Observation, """[{"op":"test","path":"/code/text","value":"A"}]""").Status);

    [Fact]
    public void A_list_emptied_on_the_way_can_be_filled_again() => Assert.Equal(
        """{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"B"}]}""",
        Patched.WithJson(Patient, """[{"op":"remove","path":"/name/0"},{"op":"add","path":"/name/-","value":{"family":"B"}}]""").Json);

    [Fact]
    public void Two_hundred_operations_are_taken_and_no_more()
    {
        static string Patch(int count) => $"[{string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/active","value":true}""", count))}]";

        Assert.Equal(200, Patched.WithJson(Patient, Patch(200)).Status);
        Assert.Equal(422, Patched.WithJson(Patient, Patch(201)).Status);
    }

    [Fact]
    public void Copies_that_double_the_resource_and_nesting_without_end_meet_a_limit()
    {
        static string Patch(IEnumerable<string> operations) => $"[{string.Join(',', operations)}]";

        var doubled = Patched.WithJson(Patient, Patch(Enumerable.Repeat("""{"op":"copy","from":"/name","path":"/name/-"}""", 60)));
        Assert.Equal(422, doubled.Status);
        Assert.Contains("MiB", doubled.Text, StringComparison.Ordinal);

        var deep = Patched.WithJson(Patient, Patch(Enumerable.Range(1, 150).Select(i => $$"""{"op":"add","path":"{{string.Concat(Enumerable.Repeat("/x", i))}}","value":{} }""")));
        Assert.Equal(422, deep.Status);
        Assert.Contains($"{FhirEmr.FhirServer.Resources.FhirJsonParse.MaxDepth} deep", deep.Text, StringComparison.Ordinal);

        var large = Patched.WithJson(Patient.Replace("\"A\"", $"\"{new string('a', 200_000)}\"", StringComparison.Ordinal),
            $"[{string.Join(',', Enumerable.Repeat("""{"op":"copy","from":"/name/0","path":"/name/-"}""", 150))}]");
        Assert.Equal(422, large.Status);
        Assert.Contains("MiB", large.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Applied_twice_a_patch_starts_from_the_same_values()
    {
        const string patch = """[{"op":"add","path":"/name","value":[{"family":"Q"}]},{"op":"add","path":"/name/-","value":{"family":"R"}}]""";

        Assert.Equal(Patched.WithJson(Patient, patch).Json, Patched.WithJson(Patient, patch).Json);
        Assert.EndsWith("""[{"family":"Q"},{"family":"R"}]}""", Patched.WithJson(Patient, patch).Json, StringComparison.Ordinal);
    }
}
