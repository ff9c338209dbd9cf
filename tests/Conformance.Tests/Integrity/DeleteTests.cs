using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>What current resources refer to is not deleted, whatever element the reference stands in.</summary>
public abstract class DeleteTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task A_patient_with_an_observation_stays_and_the_refusal_names_the_referrer_and_its_element()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        var observation = (await Server.PostAsync("Observation", Observation(patient))).Id;

        var refused = await Server.DeleteAsync($"Patient/{patient}");

        Assert.Equal(409, refused.Status);
        Assert.Contains($"Observation/{observation}", refused.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("Observation.subject.reference", refused.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{patient}")).Status);
        Assert.Equal(204, (await Server.DeleteAsync($"Observation/{observation}")).Status);
        Assert.Equal(204, (await Server.DeleteAsync($"Patient/{patient}")).Status);
        Assert.Equal(410, (await Server.GetAsync($"Patient/{patient}")).Status);
    }

    [Theory]
    [InlineData("""{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"urn:x","valueReference":{"reference":"Organization/$id"}}]}""", "Basic")]
    [InlineData("""{"resourceType":"Basic","code":{"text":"x"},"contained":[{"resourceType":"Patient","id":"c","managingOrganization":{"reference":"Organization/$id"}}],"author":{"reference":"#c"}}""", "Basic")]
    [InlineData("""{"resourceType":"Patient","identifier":[{"value":"1","assigner":{"reference":"Organization/$id/_history/1"}}]}""", "Patient")]
    [InlineData("""{"resourceType":"Patient","meta":{"extension":[{"url":"urn:x","valueReference":{"reference":"Organization/$id"}}]}}""", "Patient")]
    public async Task References_without_a_search_parameter_count_and_stop_counting_when_they_go(string body, string type)
    {
        var organization = (await Server.PostAsync("Organization", """{"resourceType":"Organization","name":"O"}""")).Id;
        var referrer = (await Server.PostAsync(type, body.Replace("$id", organization, StringComparison.Ordinal))).Id;

        var refused = await Server.DeleteAsync($"Organization/{organization}");
        Assert.Equal(409, refused.Status);
        Assert.Contains($"1 {type}", refused.Diagnostics, StringComparison.Ordinal);

        var without = type == "Basic" ? $$$"""{"resourceType":"Basic","id":"{{{referrer}}}","code":{"text":"x"}}""" : $$$"""{"resourceType":"Patient","id":"{{{referrer}}}"}""";
        Assert.Equal(200, (await Server.PutAsync($"{type}/{referrer}", without)).Status);
        Assert.Equal(204, (await Server.DeleteAsync($"Organization/{organization}")).Status);
    }

    [Fact]
    public async Task Wildcard_includes_do_not_follow_references_without_a_search_parameter()
    {
        var organization = (await Server.PostAsync("Organization", """{"resourceType":"Organization","name":"O"}""")).Id;
        var basic = (await Server.PostAsync("Basic", $$$"""{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"urn:x","valueReference":{"reference":"Organization/{{{organization}}}"}}]}""")).Id;

        Assert.Single((await Server.GetAsync($"Basic?_id={basic}&_include=*")).Entries);
        Assert.Single((await Server.GetAsync($"Organization?_id={organization}&_revinclude=Basic:*")).Entries);
    }

    [Fact]
    public async Task A_resource_that_refers_to_itself_can_be_deleted()
    {
        Assert.Equal(201, (await Server.PutAsync("Organization/self-o", """{"resourceType":"Organization","id":"self-o","name":"O","partOf":{"reference":"Organization/self-o"}}""")).Status);
        Assert.Equal(204, (await Server.DeleteAsync("Organization/self-o")).Status);
    }

    [Fact]
    public async Task One_transaction_may_delete_a_resource_and_what_refers_to_it()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        var observation = (await Server.PostAsync("Observation", Observation(patient))).Id;
        var kept = (await Server.PostAsync("Observation", Observation(patient))).Id;

        var both = await Server.PostAsync("", Bundle($$$"""{"request":{"method":"DELETE","url":"Patient/{{{patient}}}"}},{"request":{"method":"DELETE","url":"Observation/{{{observation}}}"}}"""));
        Assert.Equal(409, both.Status);
        Assert.Contains($"Observation/{kept}", both.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(200, (await Server.GetAsync($"Observation/{observation}")).Status);

        var all = await Server.PostAsync("", Bundle($$$"""
            {"request":{"method":"DELETE","url":"Patient/{{{patient}}}"}},{"request":{"method":"DELETE","url":"Observation/{{{observation}}}"}},
            {"resource":{"resourceType":"Observation","id":"{{{kept}}}","status":"final","code":{"text":"x"}},"request":{"method":"PUT","url":"Observation/{{{kept}}}"}}
            """));
        Assert.True(all.Status == 200, all.Body);
        Assert.Equal(410, (await Server.GetAsync($"Patient/{patient}")).Status);
    }

    [Fact]
    public async Task At_most_twenty_referrers_are_named_and_all_are_counted()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        foreach (var _ in Enumerable.Range(0, 23))
            await Server.PostAsync("Observation", Observation(patient));

        var refused = await Server.DeleteAsync($"Patient/{patient}");

        Assert.Contains("23 Observation", refused.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(21, refused.Json["issue"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_cascade_is_refused_where_the_setting_is_off()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        Assert.Equal(403, (await Server.DeleteAsync($"Patient/{patient}?_cascade=delete")).Status);
        Assert.Equal(403, (await Server.DeleteAsync($"Patient/{patient}", ("X-Cascade", "delete"))).Status);
        Assert.Equal(400, (await Server.DeleteAsync($"Patient/{patient}?_cascade=all")).Status);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{patient}")).Status);
    }

    [Fact]
    public async Task The_impact_tells_who_refers_and_what_money_is_touched_and_changes_nothing()
    {
        var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        await Server.PostAsync("Observation", Observation(patient));
        foreach (var amount in new[] { "10.10", "0.20" })
        {
            var claim = await Server.PostAsync("Claim", $$$"""
                {"resourceType":"Claim","status":"active","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/{{{patient}}}"},"created":"2026-01-01",
                "provider":{"display":"x"},"priority":{"text":"x"},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"x"}}],"total":{"value":{{{amount}}},"currency":"USD"}}
                """);
            Assert.True(claim.Status == 201, claim.Body);
        }

        foreach (var reply in new[] { await Server.GetAsync($"Patient/{patient}/$delete-impact"), await Server.DeleteAsync($"Patient/{patient}?_dryRun=true") })
        {
            Assert.True(reply.Status == 200, reply.Body);
            Assert.Contains("\"blocked\"", reply.Body, StringComparison.Ordinal);
            Assert.Contains("10.30", reply.Body, StringComparison.Ordinal);
            Assert.Contains("Claim.total", reply.Body, StringComparison.Ordinal);
            var cascade = reply.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "cascade")!;
            Assert.Equal(3, cascade["part"]![0]!["valueInteger"]!.GetValue<int>());
        }

        Assert.Equal("W/\"1\"", (await Server.GetAsync($"Patient/{patient}")).ETag);
        Assert.Equal(404, (await Server.GetAsync("Patient/unknown-impact/$delete-impact")).Status);
    }

    [Fact]
    public async Task A_deletion_and_a_write_that_refers_to_its_target_never_leave_a_dangling_reference()
    {
        var (both, refusedWrites, refusedDeletes) = (0, 0, 0);
        foreach (var round in Enumerable.Range(0, 40))
        {
            var patient = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
            var tasks = new List<Task<Reply>> { Server.PostAsync("Observation", Observation(patient)), Server.DeleteAsync($"Patient/{patient}"), Server.PostAsync("Observation", Observation(patient)) };
            if (round % 2 == 0)
                tasks.Reverse();
            var replies = await Task.WhenAll(tasks);

            var isGone = (await Server.GetAsync($"Patient/{patient}")).Status == 410;
            var written = replies.Count(r => r.Status == 201);
            Assert.False(isGone && written > 0, $"round {round}: {string.Join(" ", replies.Select(r => r.Status))}");
            Assert.All(replies, r => Assert.Contains(r.Status, new[] { 201, 204, 409, 422 }));
            (both, refusedWrites, refusedDeletes) = (both + (isGone ? 0 : 1), refusedWrites + replies.Count(r => r.Status == 422), refusedDeletes + replies.Count(r => r.Status == 409));
        }

        Assert.Equal(both, refusedDeletes);
    }

    private protected static string Observation(string patient) =>
        $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""";

    private protected static string Bundle(string entries) => $$$"""{"resourceType":"Bundle","type":"transaction","entry":[{{{entries}}}]}""";
}

public sealed class SqliteDeleteTests(SqliteServer server) : DeleteTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresDeleteTests(PostgresServer server) : DeleteTests(server), IClassFixture<PostgresServer>;
