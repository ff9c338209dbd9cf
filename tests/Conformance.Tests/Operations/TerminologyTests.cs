using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary>Codes over HTTP, from the fragments that come with the program.</summary>
public sealed class TerminologyTests(SqliteServer server) : OnServer(server), IClassFixture<SqliteServer>
{
    private const string Icd = "http://hl7.org/fhir/sid/icd-10-cm";

    [Fact]
    public async Task Lookup_tells_what_a_code_means_whether_asked_by_address_or_by_body()
    {
        var byAddress = await Server.GetAsync($"CodeSystem/$lookup?system={Icd}&code=I10");
        var byBody = await Server.PostAsync("CodeSystem/$lookup",
            $$$"""{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"{{{Icd}}}","code":"I10"}}]}""");

        Assert.Contains("hypertension", Value(byAddress, "display", "valueString"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(byAddress.Body, byBody.Body);
        Assert.True(Property(byAddress, "billable")!["valueBoolean"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_category_is_a_code_but_not_billable_and_names_its_children()
    {
        var lookup = await Server.GetAsync($"CodeSystem/$lookup?system={Icd}&code=E11");
        var validation = await Server.GetAsync($"CodeSystem/$validate-code?url={Icd}&code=E11");

        Assert.False(Property(lookup, "billable")!["valueBoolean"]!.GetValue<bool>());
        Assert.NotNull(Property(lookup, "child"));
        Assert.True(IsValid(validation));
        Assert.Contains("cannot be billed itself", Value(validation, "message", "valueString"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validity_depends_on_the_day_of_service()
    {
        Assert.True(IsValid(await Server.GetAsync($"CodeSystem/$validate-code?url={Icd}&code=I10&date=2024-05-01")));

        var unknown = await Server.GetAsync($"CodeSystem/$validate-code?url={Icd}&code=Z99999&date=2024-05-01");
        Assert.False(IsValid(unknown));
        Assert.Contains("Z99999", Value(unknown, "message", "valueString"), StringComparison.Ordinal);
        Assert.Contains("2024-05-01", Value(unknown, "message", "valueString"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hypertension", "I10")]
    [InlineData("I1", "I10")]
    [InlineData("low back pain", "M54.50")]
    public async Task A_filter_of_words_or_of_the_beginning_of_a_code_finds_it(string filter, string expected)
    {
        var reply = await Server.GetAsync($"ValueSet/$expand?url={Icd}%3Ffhir_vs&filter={Uri.EscapeDataString(filter)}&count=10");

        Assert.True(reply.Status == 200, reply.Body);
        var found = reply.Json["expansion"]!["contains"]!.AsArray();
        Assert.InRange(found.Count, 1, 10);
        Assert.Contains(found, c => c!["code"]!.GetValue<string>() == expected);
        Assert.All(found, c => Assert.Equal(Icd, c!["system"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm", 400, "Say which code")]
    [InlineData("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=NOPE", 404, "NOPE")]
    [InlineData("CodeSystem/$lookup?system=http://nobody.example&code=1", 404, "No edition of http://nobody.example is loaded")]
    [InlineData("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=I10&date=May", 400, "YYYY-MM-DD")]
    [InlineData("CodeSystem/$lookup?sistem=x&code=I10", 400, "Did you mean 'system'?")]
    [InlineData("CodeSystem/$lokup", 404, "did you mean $lookup?")]
    [InlineData("ValueSet/$expand?url=http://example.org/vs/mine&filter=x", 400, "?fhir_vs")]
    [InlineData("ValueSet/$expand?url=http://hl7.org/fhir/sid/icd-10-cm%3Ffhir_vs", 422, "filter=")]
    [InlineData("ValueSet/$expand?url=http://hl7.org/fhir/sid/icd-10-cm%3Ffhir_vs&filter=x&count=0", 400, "1 to 200")]
    public async Task A_question_that_cannot_be_answered_is_refused_with_the_reason(string path, int status, string expected)
    {
        var reply = await Server.GetAsync(path);

        Assert.Equal((status, "OperationOutcome"), (reply.Status, reply.Json["resourceType"]!.GetValue<string>()));
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    private static bool IsValid(Reply reply) => Parameter(reply, "result")!["valueBoolean"]!.GetValue<bool>();

    private static string Value(Reply reply, string name, string member) => Parameter(reply, name)![member]!.GetValue<string>();

    private static JsonNode? Parameter(Reply reply, string name) => reply.Json["parameter"]!.AsArray().FirstOrDefault(p => p!["name"]!.GetValue<string>() == name);

    /// <summary>The value part of the first property of that code.</summary>
    private static JsonNode? Property(Reply reply, string code) => reply.Json["parameter"]!.AsArray()
        .Where(p => p!["name"]!.GetValue<string>() == "property").Select(p => p!["part"]!.AsArray())
        .FirstOrDefault(parts => parts[0]!["valueCode"]!.GetValue<string>() == code)?[1];
}
