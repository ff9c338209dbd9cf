using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Tests.Validation;

/// <summary>Each rule of a profile with an instance that meets it and one that does not.</summary>
public sealed class ProfileValidatorTests
{
    private const string Sliced = """
        {"id":"Patient.identifier","path":"Patient.identifier","min":1,"max":"*","base":{"path":"Patient.identifier","min":0,"max":"*"},"slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"RULES","ordered":ORDERED}},
        {"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","min":1,"max":"1","base":{"path":"Patient.identifier","min":0,"max":"*"}},
        {"id":"Patient.identifier:a.system","path":"Patient.identifier.system","min":1,"max":"1","fixedUri":"urn:a"},
        {"id":"Patient.identifier:a.value","path":"Patient.identifier.value","min":1,"max":"1","maxLength":3},
        {"id":"Patient.identifier:b","path":"Patient.identifier","sliceName":"b","min":0,"max":"1","base":{"path":"Patient.identifier","min":0,"max":"*"}},
        {"id":"Patient.identifier:b.system","path":"Patient.identifier.system","min":1,"max":"1","patternUri":"urn:b"}
        """;

    [Theory]
    [InlineData("""{"id":"Patient.birthDate","path":"Patient.birthDate","min":1,"max":"1"}""", """{"resourceType":"Patient","active":true}""", "min-cardinality Patient.birthDate")]
    [InlineData("""{"id":"Patient.birthDate","path":"Patient.birthDate","min":0,"max":"0"}""", """{"resourceType":"Patient","birthDate":"2000"}""", "max-cardinality Patient.birthDate")]
    [InlineData("""{"id":"Patient.gender","path":"Patient.gender","min":0,"max":"1","fixedCode":"male"}""", """{"resourceType":"Patient","gender":"female"}""", "fixed-mismatch Patient.gender")]
    [InlineData("""{"id":"Patient.maritalStatus","path":"Patient.maritalStatus","min":0,"max":"1","patternCodeableConcept":{"coding":[{"code":"M"}]}}""", """{"resourceType":"Patient","maritalStatus":{"coding":[{"code":"S"}]}}""", "pattern-mismatch Patient.maritalStatus")]
    [InlineData("""{"id":"Patient.deceased[x]","path":"Patient.deceased[x]","min":0,"max":"1","type":[{"code":"boolean"}]}""", """{"resourceType":"Patient","deceasedDateTime":"2000"}""", "wrong-type Patient.deceased.ofType(dateTime)")]
    [InlineData("""{"id":"Patient.birthDate","path":"Patient.birthDate","min":0,"max":"1","minValueDate":"2001-01-01"}""", """{"resourceType":"Patient","birthDate":"2000-05-05"}""", "min-value Patient.birthDate")]
    [InlineData("""{"id":"Patient.birthDate","path":"Patient.birthDate","min":0,"max":"1","maxValueDate":"1999-01-01"}""", """{"resourceType":"Patient","birthDate":"2000-05-05"}""", "max-value Patient.birthDate")]
    [InlineData("""{"id":"Patient.language","path":"Patient.language","min":0,"max":"1","maxLength":2}""", """{"resourceType":"Patient","language":"eng"}""", "max-length Patient.language")]
    [InlineData("""{"id":"Patient.generalPractitioner","path":"Patient.generalPractitioner","min":0,"max":"*","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Organization"]}]}""", """{"resourceType":"Patient","generalPractitioner":[{"reference":"Practitioner/1"}]}""", "reference-target-type Patient.generalPractitioner[0]")]
    [InlineData("""{"id":"Patient.managingOrganization","path":"Patient.managingOrganization","min":0,"max":"1","type":[{"code":"Reference","aggregation":["contained"]}]}""", """{"resourceType":"Patient","managingOrganization":{"reference":"Organization/1"}}""", "reference-aggregation Patient.managingOrganization")]
    [InlineData("""{"id":"Patient.contact","path":"Patient.contact","min":0,"max":"*","constraint":[{"key":"t-1","severity":"error","human":"has a name","expression":"name.exists()"}]}""", """{"resourceType":"Patient","contact":[{"gender":"male"}]}""", "invariant:t-1 Patient.contact[0]")]
    public void A_rule_that_is_broken_is_named_with_its_place(string element, string resource, string expected) =>
        Assert.Equal([expected], Shelf.Of(Shelf.Profile("p", "Patient", element)).Check(resource, "urn:test:p").Errors());

    [Theory]
    [InlineData("open", "false", """[{"system":"urn:a","value":"1"},{"system":"urn:c"}]""")]
    [InlineData("closed", "false", """[{"system":"urn:a","value":"1"},{"system":"urn:c"}]""", "slice-unmatched Patient.identifier[1]")]
    [InlineData("open", "false", """[{"system":"urn:b"}]""", "slice-min Patient.identifier")]
    [InlineData("open", "false", """[{"system":"urn:a","value":"1"},{"system":"urn:b"},{"system":"urn:b"}]""", "slice-max Patient.identifier")]
    [InlineData("open", "true", """[{"system":"urn:b"},{"system":"urn:a","value":"1"}]""", "slice-order Patient.identifier[1]")]
    [InlineData("openAtEnd", "false", """[{"system":"urn:c"},{"system":"urn:a","value":"1"}]""", "slice-order Patient.identifier[1]")]
    [InlineData("open", "false", """[{"system":"urn:a"}]""", "min-cardinality Patient.identifier[0].value")]
    [InlineData("open", "false", """[{"system":"urn:a","value":"1234"}]""", "max-length Patient.identifier[0].value")]
    public void Slices_are_told_apart_counted_and_kept_in_order(string rules, string ordered, string identifiers, params string[] expected) =>
        Assert.Equal(expected, Shelf.Of(Shelf.Profile("p", "Patient", Sliced.Replace("RULES", rules, StringComparison.Ordinal).Replace("ORDERED", ordered, StringComparison.Ordinal)))
            .Check($$"""{"resourceType":"Patient","identifier":{{identifiers}}}""", "urn:test:p").Errors());

    [Theory]
    [InlineData("exists", "value", """{"id":"Patient.identifier:a.value","path":"Patient.identifier.value","min":1,"max":"1"}""", """{"value":"1"}""", """{"system":"urn:a"}""")]
    [InlineData("pattern", "type", """{"id":"Patient.identifier:a.type","path":"Patient.identifier.type","min":1,"max":"1","patternCodeableConcept":{"coding":[{"code":"MR"}]}}""", """{"type":{"coding":[{"code":"MR"},{"code":"X"}]}}""", """{"type":{"coding":[{"code":"X"}]}}""")]
    [InlineData("value", "extension('urn:e').value", """{"id":"x","path":"Patient.identifier.extension","slicing":{"discriminator":[{"type":"value","path":"url"}],"rules":"open"}},{"id":"x:e","path":"Patient.identifier.extension","sliceName":"e","min":1,"max":"1"},{"id":"x:e.url","path":"Patient.identifier.extension.url","min":1,"fixedUri":"urn:e"},{"id":"x:e.value","path":"Patient.identifier.extension.value[x]","min":1,"fixedBoolean":true}""", """{"extension":[{"url":"urn:e","valueBoolean":true}]}""", """{"extension":[{"url":"urn:e","valueBoolean":false}]}""")]
    [InlineData("type", "assigner.resolve()", """{"id":"x","path":"Patient.identifier.assigner","type":[{"code":"Reference","targetProfile":["urn:test:org"]}]}""", """{"assigner":{"reference":"Organization/1"}}""", """{"assigner":{"reference":"Patient/1"}}""")]
    public void Every_kind_of_discriminator_finds_its_slice(string kind, string path, string slice, string member, string other)
    {
        var validator = Shelf.Of(Shelf.Profile("org", "Organization"), Shelf.Profile("p", "Patient",
            $$$"""{"id":"Patient.identifier","path":"Patient.identifier","min":0,"max":"*","slicing":{"discriminator":[{"type":"{{{kind}}}","path":"{{{path}}}"}],"rules":"closed"}}""",
            """{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","min":0,"max":"*"}""", slice));

        Assert.Empty(validator.Check($$"""{"resourceType":"Patient","identifier":[{{member}}]}""", "urn:test:p").Errors());
        Assert.Contains(validator.Check($$"""{"resourceType":"Patient","identifier":[{{other}}]}""", "urn:test:p").Errors(), e => e.StartsWith("slice-unmatched", StringComparison.Ordinal));
    }

    [Fact]
    public void A_choice_is_sliced_by_its_type()
    {
        var validator = Shelf.Of(Shelf.Profile("p", "Observation",
            """{"id":"Observation.value[x]","path":"Observation.value[x]","min":0,"max":"1","slicing":{"discriminator":[{"type":"type","path":"$this"}],"rules":"open"}}""",
            """{"id":"Observation.value[x]:valueQuantity","path":"Observation.value[x]","sliceName":"valueQuantity","min":0,"max":"1","type":[{"code":"Quantity"}]}""",
            """{"id":"Observation.value[x]:valueQuantity.code","path":"Observation.value[x].code","min":1,"max":"1"}"""));
        const string start = """{"resourceType":"Observation","status":"final","code":{"text":"x"},""";

        Assert.Empty(validator.Check(start + "\"valueString\":\"x\"}", "urn:test:p").Errors());
        Assert.Equal(["min-cardinality Observation.value.ofType(Quantity).code"], validator.Check(start + "\"valueQuantity\":{\"value\":1}}", "urn:test:p").Errors());
    }

    [Fact]
    public void An_extension_stands_where_its_definition_lets_it_and_no_modifier_among_the_others()
    {
        var validator = Shelf.Of("""
            {"resourceType":"StructureDefinition","url":"urn:e","version":"1","name":"E","status":"active","kind":"complex-type","abstract":false,"type":"Extension","derivation":"constraint",
             "context":[{"type":"element","expression":"Patient.contact"}],"snapshot":{"element":[{"id":"Extension","path":"Extension"},{"id":"Extension.value[x]","path":"Extension.value[x]","min":1,"max":"1","type":[{"code":"code"}]}]}}
            """);

        Assert.Empty(validator.Check("""{"resourceType":"Patient","contact":[{"gender":"male","extension":[{"url":"urn:e","valueCode":"x"}]}]}""").Errors());
        Assert.Equal(["extension-context Patient.extension[0]"], validator.Check("""{"resourceType":"Patient","extension":[{"url":"urn:e","valueCode":"x"}]}""").Errors());
        Assert.Equal(["extension-modifier Patient.contact[0].modifierExtension[0]"],
            validator.Check("""{"resourceType":"Patient","contact":[{"gender":"male","modifierExtension":[{"url":"urn:e","valueCode":"x"}]}]}""").Errors());
        Assert.Equal(["wrong-type Patient.contact[0].extension[0].value.ofType(string)"],
            validator.Check("""{"resourceType":"Patient","contact":[{"gender":"male","extension":[{"url":"urn:e","valueString":"x"}]}]}""").Errors());
        Assert.Equal(["extension-unknown"], validator.Check("""{"resourceType":"Patient","extension":[{"url":"urn:other","valueCode":"x"}]}""").Issues.Where(i => i.Severity == Severity.Warning).Select(i => i.Id));
    }

    [Fact]
    public void A_profile_that_is_asked_for_and_unknown_is_an_error_and_one_that_is_only_claimed_a_warning()
    {
        var validator = Shelf.Of();

        Assert.Equal(["profile-unknown Patient"], validator.Check("""{"resourceType":"Patient","active":true}""", "urn:test:none").Errors());
        var claimed = validator.Check("""{"resourceType":"Patient","meta":{"profile":["urn:test:none"]},"active":true}""");
        Assert.Empty(claimed.Errors());
        Assert.Contains(claimed.Issues, i => i is { Severity: Severity.Warning, Id: "profile-unknown" });
    }

    [Fact]
    public void Without_definitions_the_structure_is_checked_all_the_same()
    {
        var report = Shelf.Of().Check("""{"resourceType":"Patient","birthDate":"2000-13-01","nonsense":1,"gender":"x","contact":{}}""");

        Assert.Equal(["bad-literal", "unknown-element", "binding-required", "wrong-type"], report.Issues.Where(i => i.Severity == Severity.Error).Select(i => i.Id));
        Assert.Contains(report.Issues, i => i.Id == "definitions-missing");
        Assert.All(report.Issues.Where(i => i.Severity == Severity.Error), i => Assert.True(i is { Line: 1, Column: > 0 }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"resourceType\":\"Patient\"")]
    [InlineData("{\"resourceType\":\"Nobody\"}")]
    public void What_is_no_resource_is_a_finding_too(string json) => Assert.Contains("malformed", Shelf.Of().Check(json).Errors()[0], StringComparison.Ordinal);

    [Fact]
    public void Extensions_beside_values_in_lists_keep_their_places()
    {
        var validator = Shelf.Of(Shelf.Profile("p", "Patient",
            """{"id":"Patient.name","path":"Patient.name","min":0,"max":"*","base":{"path":"Patient.name","min":0,"max":"*"}}""",
            """{"id":"Patient.name.given","path":"Patient.name.given","min":0,"max":"2","base":{"path":"HumanName.given","min":0,"max":"*"},"constraint":[{"key":"t-1","severity":"error","human":"has a value","expression":"hasValue()"}]}"""));

        Assert.Equal(["invariant:t-1 Patient.name[0].given[1]"],
            validator.Check("""{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"urn:x","valueCode":"x"}]}]}]}""", "urn:test:p").Errors());
    }

    [Fact]
    public void Entries_find_each_other_and_what_is_not_there_is_told()
    {
        var validator = Shelf.Of();
        const string bundle = """
            {"resourceType":"Bundle","type":"collection","entry":[
              {"fullUrl":"urn:uuid:0af3f0d8-7c2f-4a2f-9b64-6f4a1f6b5a01","resource":{"resourceType":"Patient","active":true}},
              {"fullUrl":"urn:uuid:0af3f0d8-7c2f-4a2f-9b64-6f4a1f6b5a02","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:0af3f0d8-7c2f-4a2f-9b64-6f4a1f6b5a0TARGET"}}},
              {"fullUrl":"http://x.test/Patient/2","resource":{"resourceType":"Patient","id":"3"}}]}
            """;

        Assert.Equal(["bundle-full-url Bundle.entry[2].fullUrl"], validator.Check(bundle.Replace("TARGET", "1", StringComparison.Ordinal)).Errors());
        Assert.Contains("reference-unresolved Bundle.entry[1].resource.subject.reference", validator.Check(bundle.Replace("TARGET", "9", StringComparison.Ordinal)).Errors());
    }

    [Fact]
    public void Answers_are_held_against_the_questionnaire()
    {
        const string questionnaire = """
            {"resourceType":"Questionnaire","url":"urn:q","status":"active","item":[
              {"linkId":"1","type":"boolean","required":true},
              {"linkId":"2","type":"choice","answerOption":[{"valueCoding":{"system":"urn:s","code":"a"}}],"enableWhen":[{"question":"1","operator":"=","answerBoolean":true}]},
              {"linkId":"3","type":"string","maxLength":3}]}
            """;
        string[] Errors(string items) => Shelf.Of(questionnaire).Check($$"""{"resourceType":"QuestionnaireResponse","questionnaire":"urn:q","status":"completed","item":[{{items}}]}""").Errors();
        const string yes = """{"linkId":"1","answer":[{"valueBoolean":true}]}""";

        Assert.Empty(Errors(yes + """,{"linkId":"2","answer":[{"valueCoding":{"system":"urn:s","code":"a"}}]}"""));
        Assert.Equal(["questionnaire-required QuestionnaireResponse.item"], Errors("""{"linkId":"3","answer":[{"valueString":"x"}]}"""));
        Assert.Equal(["questionnaire-answer QuestionnaireResponse.item[1].answer[0].value"], Errors(yes + """,{"linkId":"2","answer":[{"valueCoding":{"system":"urn:s","code":"b"}}]}"""));
        Assert.Equal(["questionnaire-answer QuestionnaireResponse.item[1].answer[0].value"], Errors(yes + """,{"linkId":"3","answer":[{"valueString":"long"}]}"""));
        Assert.Equal(["questionnaire-item QuestionnaireResponse.item[1].linkId"], Errors(yes + """,{"linkId":"9"}"""));
        Assert.Equal(["questionnaire-order QuestionnaireResponse.item[1]"], Errors("""{"linkId":"3","answer":[{"valueString":"x"}]},""" + yes));
        Assert.Equal(["questionnaire-disabled QuestionnaireResponse.item[1]"], Errors("""{"linkId":"1","answer":[{"valueBoolean":false}]},{"linkId":"2","answer":[{"valueCoding":{"system":"urn:s","code":"a"}}]}"""));
    }

    [Fact]
    public void Ten_thousand_entries_take_a_hundred_times_the_steps_of_a_hundred_and_not_more()
    {
        string Entry(int i, int count) => "{\"fullUrl\":\"http://x.test/Patient/" + i + "\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"" + i + "\",\"link\":[{\"other\":{\"reference\":\"Patient/" + (count - i - 1) + "\"},\"type\":\"seealso\"}]}}";
        string Bundle(int count) => "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" + string.Join(',', Enumerable.Range(0, count).Select(i => Entry(i, count))) + "]}";
        var validator = Shelf.Of();
        long Bytes(int count)
        {
            var bundle = Bundle(count);
            validator.Check(bundle);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Empty(validator.Check(bundle).Errors());
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.InRange(Bytes(10_000), 0, Bytes(100) * 200); // work shows in what is allocated; a clock would show the machine
    }

    [Fact]
    public void A_hundred_at_once_find_the_same_in_the_same_order()
    {
        var validator = Shelf.Of(Shelf.Profile("p", "Patient", Sliced.Replace("RULES", "closed", StringComparison.Ordinal).Replace("ORDERED", "true", StringComparison.Ordinal)));
        const string json = """{"resourceType":"Patient","birthDate":"x","identifier":[{"system":"urn:c"},{"system":"urn:b"},{"system":"urn:b"}],"extension":[{"url":"urn:u"}]}""";
        var expected = validator.Check(json, "urn:test:p").Issues;

        Assert.True(expected.Count > 3);
        Parallel.For(0, 100, _ => Assert.Equal(expected, validator.Validate(new(System.Text.Encoding.UTF8.GetBytes(json), ["urn:test:p"]), new ValidationOptions(), CancellationToken.None).Issues));
    }
}
