using FhirEmr.FhirServer.Hosting.Edge;
using Microsoft.AspNetCore.Http;

namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>Headers that depend on how a request came.</summary>
public sealed class SecurityHeadersTests
{
    [Theory, Trait("Requirement", "S-60")]
    [InlineData("https", "emr.example.org", "max-age=31536000")]
    [InlineData("http", "emr.example.org", "")] // a browser ignores it there (RFC 6797 section 8.1), and a proxy may be in between
    [InlineData("https", "localhost", "")]
    public void Who_came_by_https_stays_there_for_a_year(string scheme, string host, string expected)
    {
        var http = new DefaultHttpContext();
        (http.Request.Scheme, http.Request.Host) = (scheme, new HostString(host));

        SecurityHeaders.Apply(http);

        Assert.Equal(expected, http.Response.Headers.StrictTransportSecurity.ToString());
    }
}
