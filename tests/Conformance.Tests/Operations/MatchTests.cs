using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary><c>Patient/$match</c> over HTTP: the right candidates are found through the index, graded and explained.</summary>
public abstract class MatchTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string id = "m" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>A family name of this test alone, so that tests of one server do not meet.</summary>
    private string Family => "Zz" + new string([.. id[1..9].Select(c => (char)('a' + (c % 26)))]);

    [Theory]
    [InlineData("the same", """ "name":[{"family":"FAMILY","given":["Ingeborg"]}],"birthDate":"1971-04-05" """)]
    [InlineData("a letter of the family name wrong", """ "name":[{"family":"FAMILYx","given":["Ingeborg"]}],"birthDate":"1971-04-05" """)]
    [InlineData("the birth date turned round", """ "name":[{"family":"FAMILY","given":["Ingeborg"]}],"birthDate":"1971-05-04" """)]
    [InlineData("a digit of the birth date wrong", """ "name":[{"family":"FAMILY","given":["Ingeborg"]}],"birthDate":"1971-04-15" """)]
    [InlineData("names exchanged", """ "name":[{"family":"Ingeborg","given":["FAMILY"]}],"birthDate":"1971-04-05" """)]
    [InlineData("a name added", """ "name":[{"family":"Brown-FAMILY","given":["Ingeborg"]}],"birthDate":"1971-04-05" """)]
    [InlineData("the telephone written otherwise", """ "name":[{"family":"FAMILY","given":["I"]}],"telecom":[{"system":"phone","value":"PHONE"}] """)]
    public async Task Finds_the_patient_with(string what, string asked)
    {
        var phone = await SeedAsync();

        var reply = await MatchAsync(asked.Replace("FAMILY", Family, StringComparison.Ordinal).Replace("PHONE", $"({phone[..3]}) {phone[3..6]}-{phone[6..]}", StringComparison.Ordinal));

        var found = reply.Entries.FirstOrDefault(e => e["resource"]!["id"]?.GetValue<string>() == $"{id}-1");
        Assert.True(found is not null, $"{what}: {reply.Body}");
        Assert.Contains(Grade(found), what.StartsWith("the telephone", StringComparison.Ordinal) ? new[] { "possible" } : ["probable", "certain"]);
        Assert.Equal("match", found["search"]!["mode"]!.GetValue<string>());
        Assert.NotEmpty(Reasons(found));
    }

    [Fact]
    public async Task Candidates_come_by_descending_score_with_their_reasons()
    {
        await SeedAsync();

        var reply = await MatchAsync($$"""
            "identifier":[{"system":"urn:{{id}}","value":"7"}],"name":[{"family":"{{Family}}","given":["Ingeborg"]}],"birthDate":"1971-04-05"
            """);

        Assert.Equal(200, reply.Status);
        Assert.Equal([$"{id}-1", $"{id}-2"], reply.Ids);
        var scores = reply.Entries.Select(e => e["search"]!["score"]!.GetValue<decimal>()).ToArray();
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(["certain", "possible"], reply.Entries.Select(Grade));
        Assert.Contains(Reasons(reply.Entries[0]), r => r.Contains("Identifier of urn:", StringComparison.Ordinal) && r.Contains("(+16.0)", StringComparison.Ordinal));
        Assert.Contains(Reasons(reply.Entries[1]), r => r.Contains("twins", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_certain_matches_answers_one_or_none()
    {
        await SeedAsync();
        var certain = $$""" "identifier":[{"system":"urn:{{id}}","value":"7"}],"name":[{"family":"{{Family}}","given":["Ingeborg"]}] """;

        Assert.Equal([$"{id}-1"], (await MatchAsync(certain, ",{\"name\":\"onlyCertainMatches\",\"valueBoolean\":true}")).Ids);

        await PutAsync("3", "Ingeborg", "1971-04-05", $$""","identifier":[{"system":"urn:{{id}}","value":"7"}]""");
        var ambiguous = await MatchAsync(certain, ",{\"name\":\"onlyCertainMatches\",\"valueBoolean\":true}");
        Assert.DoesNotContain(ambiguous.Entries, e => e["resource"]!["resourceType"]!.GetValue<string>() == "Patient");
        Assert.Contains("may be duplicates", ambiguous.Body, StringComparison.Ordinal);
        Assert.Equal(2, (await MatchAsync(certain)).Ids.Count(i => i.StartsWith(id, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Count_leaves_the_least_likely_out_and_says_so()
    {
        await SeedAsync();

        var reply = await MatchAsync($$""" "name":[{"family":"{{Family}}","given":["Ingeborg"]}],"birthDate":"1971-04-05" """, ",{\"name\":\"count\",\"valueInteger\":1}");

        Assert.Equal([$"{id}-1"], reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "match").Select(e => e["resource"]!["id"]!.GetValue<string>()));
        Assert.Contains("left out by count", reply.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"count","valueInteger":1}]}""", 400, "parameter 'resource'")]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","active":true}}]}""", 422, "Nothing here tells a patient")]
    [InlineData("""{"resourceType":"Patient","active":true}""", 400, "takes a Parameters resource")]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"onlyCertain","valueBoolean":true}]}""", 400, "onlyCertainMatches")]
    public async Task Wrong_questions_are_refused_with_the_fix(string body, int status, string expected)
    {
        var reply = await Server.PostAsync("Patient/$match", body);

        Assert.Equal(status, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    private async Task<string> SeedAsync()
    {
        var phone = "6" + string.Concat(id[1..10].Select(c => c % 10));
        await PutAsync("1", "Ingeborg", "1971-04-05", $$""","identifier":[{"system":"urn:{{id}}","value":"7"}],"telecom":[{"system":"phone","value":"{{phone[..3]}}-{{phone[3..6]}}-{{phone[6..]}}"}]""");
        await PutAsync("2", "Waltraud", "1971-04-05", "");
        return phone;
    }

    private async Task PutAsync(string name, string given, string born, string more)
    {
        var reply = await Server.PutAsync($"Patient/{id}-{name}",
            $$"""{"resourceType":"Patient","id":"{{id}}-{{name}}","name":[{"family":"{{Family}}","given":["{{given}}"]}],"birthDate":"{{born}}"{{more}}}""");
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private Task<Reply> MatchAsync(string patient, string more = "") => Server.PostAsync("Patient/$match",
        $$$"""{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient",{{{patient}}}}}{{{more}}}]}""");

    private static string Grade(JsonNode entry) => entry["search"]!["extension"]!.AsArray()
        .Single(e => e!["url"]!.GetValue<string>() == "http://hl7.org/fhir/StructureDefinition/match-grade")!["valueCode"]!.GetValue<string>();

    private static string[] Reasons(JsonNode entry) => [.. entry["search"]!["extension"]!.AsArray().Where(e => e!["url"]!.GetValue<string>() == "urn:fhiremr:match-reason")
        .Select(e => e!["extension"]!.AsArray().Single(x => x!["url"]!.GetValue<string>() == "text")!["valueString"]!.GetValue<string>())];
}

public sealed class SqliteMatchTests(SqliteServer server) : MatchTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresMatchTests(PostgresServer server) : MatchTests(server), IClassFixture<PostgresServer>;
