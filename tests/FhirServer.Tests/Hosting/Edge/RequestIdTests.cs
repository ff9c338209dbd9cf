using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Edge;
using Microsoft.AspNetCore.Http;

namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>What one request is called in logs, answers and the audit, and which requests are for the FHIR API.</summary>
public sealed class RequestIdTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Theory]
    [InlineData("given-1.a", "given-1.a")]
    [InlineData("<b>", null)]
    [InlineData("", null)]
    public void A_clients_own_name_counts_when_it_can_be_an_id(string given, string? expected)
    {
        var id = IdWith(("X-Request-Id", given));
        if (expected is null)
            Assert.Matches("^[0-9a-f]{32}$", id);
        else
            Assert.Equal(expected, id);
    }

    [Fact]
    public void Otherwise_it_is_the_trace_that_the_client_is_in() =>
        Assert.Equal(Trace, IdWith(("traceparent", $"00-{Trace}-b7ad6b7169203331-01")));

    [Fact]
    public void Else_a_name_of_its_own_that_stays_the_same_for_the_whole_request()
    {
        var http = new DefaultHttpContext();
        RequestId.Give(http);
        RequestId.Apply(http);
        var id = http.Response.Headers["X-Request-Id"].ToString();
        http.Response.Clear(); // an answer that failed is written anew
        RequestId.Apply(http);
        Assert.Equal(id, http.Response.Headers["X-Request-Id"]);
        Assert.NotEqual(id, IdWith());
        Assert.Matches("^[0-9a-f]{32}$", IdWith(("traceparent", "no trace")));
    }

    [Theory]
    [InlineData("/fhir", true)]
    [InlineData("/fhir/Patient/1", true)]
    [InlineData("/FHIR/metadata", true)]
    [InlineData("/fhir/.well-known/smart-configuration", false)]
    [InlineData("/fhirs", false)]
    [InlineData("/admin/roles", false)]
    [InlineData("/", false)]
    public void All_below_the_base_is_of_the_API_but_for_how_to_sign_in(string path, bool isTaken) => Assert.Equal(isTaken, FhirEndpoint.Takes(path));

    private static string IdWith(params (string Name, string Value)[] headers)
    {
        var http = new DefaultHttpContext();
        foreach (var (name, value) in headers)
            http.Request.Headers[name] = value;
        RequestId.Give(http);
        return RequestId.Of(http);
    }
}
