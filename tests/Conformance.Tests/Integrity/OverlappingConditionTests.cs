using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>Conditional creates whose conditions differ and yet find the same resource (reliability R-12).</summary>
public abstract class OverlappingConditionTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("identifier=urn:o|$", "identifier=urn:o|$&active=true")]
    [InlineData("identifier=urn:o|$", "identifier=$&family=F$")]
    [InlineData("identifier=urn:o|$", "family=F$")]
    [InlineData("family=F$", "given=G$")]
    [InlineData("active=true&identifier=urn:o|$", "telecom=T$")]
    public async Task Only_one_of_them_creates(string first, string second)
    {
        foreach (var _ in Enumerable.Range(0, 8))
        {
            var n = Guid.NewGuid().ToString("N");
            var body = """{"resourceType":"Patient","active":true,"identifier":[{"system":"urn:o","value":"$"}],"name":[{"family":"F$","given":["G$"]}],"telecom":[{"system":"phone","value":"T$"}]}""".Replace("$", n, StringComparison.Ordinal);
            var conditions = new[] { first, second, first, second }.Select(c => c.Replace("$", n, StringComparison.Ordinal));

            var replies = await Task.WhenAll(conditions.Select(c => Server.PostAsync("Patient", body, ("If-None-Exist", c))));

            Assert.True(replies.Count(r => r.Status == 201) == 1, string.Join(" ", replies.Select(r => r.Status)));
            Assert.All(replies, r => Assert.Contains(r.Status, new[] { 200, 201 }));
            Assert.Single((await Server.GetAsync($"Patient?family=F{n}")).Entries);
        }
    }

    [Fact]
    public async Task Conditions_that_have_nothing_in_common_do_not_disturb_each_other()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ =>
        {
            var n = Guid.NewGuid().ToString("N");
            return Server.PostAsync("Patient", $$"""{"resourceType":"Patient","identifier":[{"system":"urn:o","value":"{{n}}"}]}""", ("If-None-Exist", $"identifier=urn:o|{n}"));
        }));

        Assert.All(replies, r => Assert.Equal(201, r.Status));
    }
}

public sealed class SqliteOverlappingConditionTests(SqliteServer server) : OverlappingConditionTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresOverlappingConditionTests(PostgresServer server) : OverlappingConditionTests(server), IClassFixture<PostgresServer>;
