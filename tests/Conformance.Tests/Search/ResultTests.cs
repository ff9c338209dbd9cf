using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>What shapes an answer: includes, order, totals, and what happens to parameters that cannot be meant.</summary>
public abstract class ResultTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("Observation?_id=o1&_include=Observation:patient", "Patient/p1")]
    [InlineData("Observation?_id=o1,o2&_include=Observation:patient&_include=Observation:encounter", "Encounter/e1 Patient/p1")]
    [InlineData("Observation?_id=o1&_include=*", "Encounter/e1 Patient/p1 Practitioner/dr")]
    [InlineData("Observation?_id=o1&_include=Observation:*", "Encounter/e1 Patient/p1 Practitioner/dr")]
    [InlineData("Observation?_id=o1&_include=Observation:performer:Organization", "")]
    [InlineData("Observation?_id=o1&_include=Observation:performer:Practitioner", "Practitioner/dr")]
    [InlineData("Observation?_id=o1&_include=Observation:encounter&_include:iterate=Encounter:service-provider", "Encounter/e1 Organization/ward")]
    [InlineData("Observation?_id=o5&_include=Observation:encounter", "")]
    [InlineData("Patient?_id=p1&_revinclude=Observation:patient", "Observation/o1 Observation/o2")]
    [InlineData("Patient?_id=p2&_revinclude=Observation:patient&_revinclude=Encounter:patient", "Encounter/e2 Observation/o3 Observation/o4")]
    [InlineData("Encounter?_id=e1&_revinclude=Observation:*", "Observation/o1")]
    [InlineData("Patient?_id=p4&_revinclude=Observation:patient", "")]
    [InlineData("Observation?_id=o1&_include=Observation:patient&_revinclude=Observation:derived-from", "Patient/p1")]
    public async Task Includes_bring_what_is_asked_for_once_and_nothing_else(string query, string expected)
    {
        var reply = await Server.GetAsync(query);

        Assert.True(reply.Status == 200, reply.Body);
        var included = reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "include").Select(e => $"{e["resource"]!["resourceType"]}/{e["resource"]!["id"]}");
        Assert.Equal(expected, string.Join(' ', included.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("Patient?_sort=birthdate", "p3 p2 p1 p5", "p4")]
    [InlineData("Patient?_sort=-birthdate", "p5 p1 p2 p3", "p4")]
    [InlineData("Patient?_sort=family", "p2 p1 p3 p5", "p4")]
    [InlineData("Patient?_sort=-family", "p5 p3 p1 p2", "p4")]
    [InlineData("Patient?_sort=gender,-birthdate", "p1 p5 p2 p3", "p4")]
    [InlineData("Patient?_sort=-_id", "p5 p4 p3 p2 p1", "")]
    [InlineData("ChargeItem?_sort=factor-override", "c4 c1 c2 c3", "c5")]
    [InlineData("ChargeItem?_sort=-factor-override", "c3 c2 c1 c4", "c5")]
    [InlineData("ValueSet?_sort=url", "v1 v3 v2", "")]
    [InlineData("Observation?_sort=date&date=2024", "o3 o1 o2 o4", "")]
    public async Task Sorts_by_value_and_puts_what_has_none_last(string query, string ordered, string last)
    {
        var expected = $"{ordered} {last}".TrimEnd();

        Assert.Equal(expected, string.Join(' ', (await Server.GetAsync(query)).Ids));
        var paged = new List<string>();
        for (var next = query + "&_count=2"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            paged.AddRange(page.Ids);
            next = page.Next;
        }

        Assert.Equal(expected, string.Join(' ', paged));
    }

    [Fact]
    public async Task A_total_is_given_when_asked_for_and_counts_every_page()
    {
        Assert.Equal(5, (await Server.GetAsync("Patient?_count=2&_total=accurate")).Json["total"]!.GetValue<int>());
        Assert.Null((await Server.GetAsync("Patient?_count=2&_total=none")).Json["total"]);
        Assert.Equal(2, (await Server.GetAsync("Patient?gender=male&_count=1&_total=accurate")).Json["total"]!.GetValue<int>());
        var second = await Server.GetAsync((await Server.GetAsync("Patient?_count=2&_total=accurate")).Next!);
        Assert.Equal(5, second.Json["total"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("_summary=count")]
    [InlineData("_count=0")]
    public async Task A_count_has_a_total_and_no_entries(string how)
    {
        var reply = await Server.GetAsync("Observation?status=final&" + how);

        Assert.Equal(3, reply.Json["total"]!.GetValue<int>());
        Assert.Empty(reply.Entries);
        Assert.Null(reply.Next);
    }

    [Fact]
    public async Task Search_by_POST_takes_parameters_from_the_form_and_the_address()
    {
        var form = await Server.SendAsync(HttpMethod.Post, "Observation/_search", "patient=p1&date=2024-05-01", "application/x-www-form-urlencoded");
        var both = await Server.SendAsync(HttpMethod.Post, "Observation/_search?status=final", "patient=p1", "application/x-www-form-urlencoded");

        Assert.Equal(["o1", "o2"], form.Ids);
        Assert.Equal(["o1"], both.Ids);
        Assert.Contains("status=final", Link(both, "self"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Patient?brithdate=1980", "birthdate")]
    [InlineData("Patient?fammily=x", "family")]
    [InlineData("Observation?pateint=p1", "patient")]
    [InlineData("Observation?patient.nmae=x", "name")]
    [InlineData("Patient?_tags=red", "_tag")]
    public async Task An_unknown_parameter_is_refused_and_the_nearest_is_named(string query, string near)
    {
        var reply = await Server.GetAsync(query);

        Assert.Equal(400, reply.Status);
        Assert.Contains($"Did you mean '{near}'?", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal("not-supported", reply.Json["issue"]![0]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_lenient_caller_gets_a_warning_and_a_self_link_without_what_was_left_out()
    {
        var reply = await Server.GetAsync("Patient?brithdate=1980&gender=female&_sort=birthdate", ("Prefer", "handling=lenient"));

        Assert.Equal(200, reply.Status);
        Assert.Equal(["p1"], reply.Ids);
        var warning = Assert.Single(reply.Entries, e => e["search"]!["mode"]!.GetValue<string>() == "outcome")["resource"]!;
        Assert.Equal("warning", warning["issue"]![0]!["severity"]!.GetValue<string>());
        Assert.Contains("'brithdate'", warning["issue"]![0]!["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("brithdate", Link(reply, "self"), StringComparison.Ordinal);
        Assert.Contains("gender=female", Link(reply, "self"), StringComparison.Ordinal);
        Assert.Contains("_sort=birthdate", Link(reply, "self"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Patient?birthdate=yesterday", "YYYY-MM-DD")]
    [InlineData("Patient?birthdate=2024-13-01", "YYYY-MM-DD")]
    [InlineData("Patient?birthdate=2023-02-29", "YYYY-MM-DD")]
    [InlineData("Patient?birthdate=1980,,1981", "YYYY-MM-DD")]
    [InlineData("Observation?date=xx2024", "[prefix]")]
    [InlineData("ChargeItem?factor-override=many", "A number is")]
    [InlineData("Observation?value-quantity=5|mg", "A quantity is")]
    [InlineData("Observation?value-quantity=lots|http://unitsofmeasure.org|mg", "A quantity is")]
    [InlineData("Patient?active=maybe", "true or false")]
    [InlineData("Patient?gender=a|b|c", "A token is")]
    [InlineData("Patient?gender:missing=perhaps", "true or false")]
    [InlineData("Observation?patient=Practitioner/dr", "refers to Patient")]
    [InlineData("Observation?subject=Patent/p1", "Did you mean 'Patient'?")]
    [InlineData("Patient?_id=no spaces", "1 to 64 letters")]
    [InlineData("Patient?_count=many", "whole number")]
    [InlineData("Patient?_count=-1", "whole number")]
    [InlineData("Patient?_sort=birthdat", "Did you mean 'birthdate'?")]
    [InlineData("Patient?_total=maybe", "none, estimate, accurate")]
    [InlineData("Patient?_summary=short", "true, text, data, count, false")]
    [InlineData("Patient?_elements=birthdate", "'birthDate'")]
    [InlineData("Patient?_elements=code", "'code' is none")]
    [InlineData("Patient?_include=Patient", "Type:parameter")]
    [InlineData("Patient?_include=Patient:organisation", "Did you mean 'organization'?")]
    [InlineData("Patient?_revinclude=Observation:encounter", "never refers to a Patient")]
    [InlineData("Patient?_lastUpdated=never", "YYYY-MM-DD")]
    [InlineData("Patient?name=", "has no value")]
    public async Task A_value_that_cannot_be_meant_is_refused_with_the_form_it_should_have(string query, string expected)
    {
        foreach (var handling in new[] { "strict", "lenient" })
        {
            var reply = await Server.GetAsync(query.Replace("|", "%7C", StringComparison.Ordinal).Replace(" ", "%20", StringComparison.Ordinal), ("Prefer", $"handling={handling}"));

            Assert.Equal(400, reply.Status);
            Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Patient?name:soundex=x", ":exact")]
    [InlineData("Patient?birthdate:exact=1980", ":missing")]
    [InlineData("Observation?subject:Patent=p1", "Did you mean ':Patient'?")]
    public async Task An_unknown_modifier_is_refused_and_the_known_ones_are_named(string query, string expected)
    {
        var reply = await Server.GetAsync(query);

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_faults_of_a_search_are_named_at_once()
    {
        var reply = await Server.GetAsync("Patient?birthdate=x&gendr=male&_count=y");

        Assert.Equal(3, reply.Json["issue"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_page_token_that_was_altered_or_belongs_elsewhere_is_refused_with_the_way_out()
    {
        var next = (await Server.GetAsync("Patient?_count=1&_sort=birthdate")).Next!;
        var at = next.IndexOf("_page=", StringComparison.Ordinal) + "_page=".Length;
        var token = next[at..].Split('&')[0];
        var altered = (token[0] == 'A' ? 'B' : 'A') + token[1..];

        foreach (var wrong in new[]
        {
            next.Replace(token, altered, StringComparison.Ordinal),
            next.Replace(token, token[..^3], StringComparison.Ordinal),
            next.Replace(token, "rubbish", StringComparison.Ordinal),
            next.Replace("_sort=birthdate", "_sort=-birthdate", StringComparison.Ordinal),
            next.Replace("Patient?", "Observation?", StringComparison.Ordinal).Replace("_sort=birthdate", "_sort=date", StringComparison.Ordinal),
        })
        {
            var reply = await Server.GetAsync(wrong);
            Assert.InRange(reply.Status, 400, 410);
            Assert.Contains("page token", reply.Diagnostics, StringComparison.Ordinal);
        }

        Assert.Equal(200, (await Server.GetAsync(next)).Status);
    }

    [Fact]
    public async Task Elements_and_summaries_are_marked_as_subsets()
    {
        var reply = await Server.GetAsync("Patient?_id=p1&_elements=birthDate");
        var patient = reply.Entries[0]["resource"]!.AsObject();

        Assert.Equal("1980-02-29", patient["birthDate"]!.GetValue<string>());
        Assert.False(patient.ContainsKey("name"));
        Assert.Equal(
            "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
            Assert.Single(patient["meta"]!["tag"]!.AsArray(), t => t!["code"]!.GetValue<string>() == "SUBSETTED")!["system"]!.GetValue<string>());
    }

    private static string Link(Reply reply, string relation) =>
        reply.Json["link"]!.AsArray().Select(l => (JsonNode)l!).First(l => l["relation"]!.GetValue<string>() == relation)["url"]!.GetValue<string>();
}

public sealed class SqliteResultTests(SqliteChart server) : ResultTests(server), IClassFixture<SqliteChart>;

public sealed class PostgresResultTests(PostgresChart server) : ResultTests(server), IClassFixture<PostgresChart>;
