using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Rest;

/// <summary>What the server says it offers is there, and what it says of codes is right.</summary>
public sealed class OfferedTests(SqliteServer fixture) : OnServer(fixture), IClassFixture<SqliteServer>
{
    [Fact]
    public async Task The_capability_statement_lists_all_types_and_every_operation_it_lists_answers()
    {
        var statement = (await Server.GetAsync("metadata")).Json;

        Assert.Equal("4.0.1", statement["fhirVersion"]!.GetValue<string>());
        var resources = statement["rest"]![0]!["resource"]!.AsArray();
        Assert.Equal(146, resources.Count);
        foreach (var resource in resources)
        {
            var type = resource!["type"]!.GetValue<string>();
            foreach (var operation in resource["operation"]?.AsArray() ?? [])
            {
                var name = operation!["name"]!.GetValue<string>();
                var onType = await Server.PostAsync($"{type}/${name}", """{"resourceType":"Parameters","parameter":[{"name":"x","valueBoolean":true}]}""");
                var onInstance = await Server.PostAsync($"{type}/none/${name}", """{"resourceType":"Parameters","parameter":[{"name":"x","valueBoolean":true}]}""");
                Assert.Contains(new[] { onType, onInstance }, r => !r.Body.Contains("No operation", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task Every_search_parameter_listed_is_searched_without_a_refusal_of_its_name()
    {
        var resources = (await Server.GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray();
        var values = new Dictionary<string, string>
        {
            ["token"] = "true",
            ["string"] = "a",
            ["reference"] = "a",
            ["date"] = "2020",
            ["number"] = "1",
            ["quantity"] = "1",
            ["uri"] = "http://x/y",
        };
        foreach (var resource in resources)
        {
            // Every type's own parameters are too many for one test run; each kind on each of these says enough.
            if (resource!["type"]!.GetValue<string>() is not ("Patient" or "Encounter" or "Observation" or "Claim" or "ExplanationOfBenefit" or "Condition" or "ValueSet" or "RiskAssessment" or "ChargeItem"))
                continue;
            foreach (var parameter in resource["searchParam"]!.AsArray())
            {
                var (name, kind) = (parameter!["name"]!.GetValue<string>(), parameter["type"]!.GetValue<string>());
                var reply = await Server.GetAsync($"{resource["type"]}?{name}={values[kind]}&_count=1");
                Assert.True(reply.Status == 200, $"{resource["type"]}?{name}: {reply.Body}");
            }
        }
    }

    [Fact]
    public async Task Pages_and_health_answer()
    {
        var root = new Uri(Server.BaseUrl).GetLeftPart(UriPartial.Authority);
        foreach (var path in new[] { "/", "/swagger/index.html", "/health/live", "/health/ready", "/health/startup" })
            Assert.Equal(200, (await Server.GetAsync(root + path)).Status);

        var swagger = (await Server.GetAsync(root + "/swagger/v1/swagger.json")).Json["paths"]!.AsObject();
        Assert.True(swagger.ContainsKey("/fhir/ExplanationOfBenefit/{id}"));
        Assert.Equal(146, swagger.Count(p => p.Key.EndsWith("/{id}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_code_is_looked_up_with_its_title_and_parent()
    {
        var known = await Server.GetAsync("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=J020");

        Assert.Equal(200, known.Status);
        Assert.Contains("sore throat", known.Body, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(404, (await Server.GetAsync("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=ZZZ")).Status);
        Assert.Equal(400, (await Server.GetAsync("CodeSystem/$lookup?code=J020")).Status);
        Assert.Equal(400, (await Server.GetAsync("CodeSystem/$lookup?system=x&code=y&datum=2020")).Status);
    }

    [Theory]
    [InlineData("J02.0", "2024-03-01", true, null)]
    [InlineData("J02.0", "2014-03-01", false, "No edition")]
    [InlineData("E11", "2024-03-01", true, "cannot be billed itself")]
    [InlineData("Q99.Z", "2024-03-01", false, "may well be valid")]
    public async Task A_code_is_judged_on_the_date_of_service(string code, string date, bool result, string? message)
    {
        var reply = await Server.PostAsync("CodeSystem/$validate-code", $$$"""
            {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://hl7.org/fhir/sid/icd-10-cm"},{"name":"code","valueCode":"{{{code}}}"},{"name":"date","valueDateTime":"{{{date}}}"}]}
            """);

        var parameters = reply.Json["parameter"]!.AsArray();
        Assert.Equal(result, parameters.Single(p => p!["name"]!.GetValue<string>() == "result")!["valueBoolean"]!.GetValue<bool>());
        Assert.Contains(message ?? "", parameters.SingleOrDefault(p => p!["name"]!.GetValue<string>() == "message")?["valueString"]?.GetValue<string>() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Codes_are_found_by_words_and_by_the_beginning_of_a_code()
    {
        const string set = "ValueSet/$expand?url=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs&filter=";
        Assert.Equal("J02.0", (await Server.GetAsync(set + "sore+strep")).Json["expansion"]!["contains"]![0]!["code"]!.GetValue<string>());
        Assert.StartsWith("E11", (await Server.GetAsync(set + "E11")).Json["expansion"]!["contains"]![0]!["code"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(422, (await Server.GetAsync("ValueSet/$expand?url=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs")).Status);
        Assert.Equal(400, (await Server.GetAsync("ValueSet/$expand?url=http://x/y&filter=a")).Status);
    }
}
