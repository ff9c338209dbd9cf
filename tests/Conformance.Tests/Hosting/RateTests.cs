using System.Globalization;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>Requests a minute over HTTP (security §8). The limits are so low, and each party so much a test's own, that no machine is too slow to reach them.</summary>
public sealed class RateTests(RateTests.LimitedServer server) : IClassFixture<RateTests.LimitedServer>
{
    [Fact]
    public async Task A_user_beyond_the_rate_gets_429_with_the_time_to_wait_from_this_machine_too()
    {
        for (var n = 0; n < 2; n++)
            Assert.Equal(200, (await GetAsync("ann", "app-of-ann")).Status);

        AssertThrottled(await GetAsync("ann", "another-app-of-ann"), most: 30);
        Assert.Equal(200, (await GetAsync("ben", "app-of-ann")).Status);
    }

    [Fact]
    public async Task A_client_beyond_the_rate_gets_429()
    {
        for (var n = 0; n < 3; n++)
            Assert.Equal(200, (await GetAsync("", "nightly")).Status);

        AssertThrottled(await GetAsync("", "nightly"), most: 20);
        Assert.Equal(200, (await GetAsync("", "hourly")).Status);
    }

    [Fact]
    public async Task A_batch_is_one_request()
    {
        var entries = string.Join(',', Enumerable.Repeat("""{"request":{"method":"GET","url":"Patient?_count=1"}}""", 10));
        var reply = await server.PostAsync("", $$"""{"resourceType":"Bundle","type":"batch","entry":[{{entries}}]}""", ("X-User", "bundler"), ("X-Client", "app-of-bundler"));

        Assert.Equal(200, reply.Status);
        Assert.All(reply.Entries, e => Assert.StartsWith("200", e["response"]!["status"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal(200, (await GetAsync("bundler", "app-of-bundler")).Status);
        AssertThrottled(await GetAsync("bundler", "app-of-bundler"), most: 30);
    }

    [Fact]
    public async Task An_address_without_credentials_has_its_own_rate_and_is_not_told_what_else_is_wrong()
    {
        Assert.Equal(200, (await server.GetAsync("metadata", ("X-Forwarded-For", "192.0.2.7"))).Status);

        AssertThrottled(await server.GetAsync("metadata", ("X-Forwarded-For", "192.0.2.7")), most: 60);
        AssertThrottled(await server.GetAsync("Patient", ("X-Forwarded-For", "192.0.2.7")), most: 60);
        Assert.Equal(401, (await server.GetAsync("Patient", ("X-Forwarded-For", "192.0.2.8"))).Status);
        Assert.Equal(200, (await server.GetAsync("Patient", ("X-Forwarded-For", "192.0.2.7"), ("X-User", "cay"), ("X-Client", "app-of-cay"))).Status);
    }

    private Task<Reply> GetAsync(string user, string client) => server.GetAsync("Patient?_count=1", ("X-User", user), ("X-Client", client));

    private static void AssertThrottled(Reply reply, int most)
    {
        Assert.Equal((429, "OperationOutcome", "throttled"), (reply.Status, reply.Json["resourceType"]!.GetValue<string>(), reply.Json["issue"]![0]!["code"]!.GetValue<string>()));
        Assert.InRange(int.Parse(reply.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, most);
    }

    public sealed class LimitedServer() : ServerFixture(null)
    {
        protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
        {
            ["Proxy:Trusted"] = "127.0.0.1, ::1",
            ["Limits:UserPerMinute"] = "2",
            ["Limits:ClientPerMinute"] = "3",
            ["Limits:AnonymousPerMinute"] = "1",
        };

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<ICallers, WhoTheySay>();
    }

    /// <summary>Believes two headers; nobody without them.</summary>
    private sealed class WhoTheySay : ICallers
    {
        public ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct)
        {
            var (user, client) = (http.Request.Headers["X-User"].ToString(), http.Request.Headers["X-Client"].ToString());
            return new((client.Length == 0 ? Caller.Anonymous : new(client, SystemPlans.Work) { Principal = new(client, "token", "") { UserId = user.Length == 0 ? null : user } }, null));
        }
    }
}
