using FhirEmr.FhirServer.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Hosting;

/// <summary>Only a request that calls the server by its own name gets further.</summary>
[Trait("Requirement", "S-87")]
public sealed class HostGuardTests
{
    private const string Public = "https://emr.example.org/fhir";

    [Theory]
    [InlineData(Public, "emr.example.org", true)]
    [InlineData(Public, "EMR.example.org:8443", true)]
    [InlineData(Public, "inside.example.org", true)] // listed
    [InlineData(Public, "localhost:8080", true)]
    [InlineData(Public, "10.0.0.7:8080", true)] // a load balancer asks for health
    [InlineData(Public, "[fd00::7]:8080", true)]
    [InlineData(Public, "evil.example", false)]
    [InlineData(Public, "emr.example.org.evil.example", false)]
    [InlineData("https://praxis-m\u00fcller.example/fhir", "xn--praxis-mller-klb.example", true)]
    [InlineData(Public, "xn--innen-mller-zhb.example", true)]
    [InlineData("https://xn--praxis-mller-klb.example/fhir", "xn--praxis-mller-klb.example", true)]
    [InlineData("", "127.0.0.1:8080", true)]
    [InlineData("", "10.0.0.7:8080", false)]
    [InlineData("", "evil.example", false)]
    public async Task A_host_that_is_not_ours_is_refused(string baseUrl, string host, bool passes)
    {
        var passed = false;
        var server = new ServerOptions { BaseUrl = baseUrl, AllowedHosts = { "inside.example.org", "innen-m\u00fcller.example" } };
        Task Next(HttpContext _)
        {
            passed = true;
            return Task.CompletedTask;
        }

        var guard = new HostGuard(Next, new ConfigurationBuilder().Build(), Options.Create(server));
        var http = new DefaultHttpContext { Request = { Host = new HostString(host) } };

        await guard.InvokeAsync(http);

        Assert.Equal((passes, passes ? 200 : 403), (passed, http.Response.StatusCode));
    }
}
