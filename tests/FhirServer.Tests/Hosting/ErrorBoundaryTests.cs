using System.Text;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Hosting;

/// <summary>What goes wrong is told in the format that was asked for, and tells nothing of the fault's own words.</summary>
public sealed class ErrorBoundaryTests
{
    [Theory]
    [InlineData("application/fhir+xml", "", "application/fhir+xml", "<OperationOutcome")]
    [InlineData("application/fhir+json", "?_format=xml", "application/fhir+xml", "<OperationOutcome")]
    [InlineData("application/fhir+json", "", "application/fhir+json", "\"resourceType\"")]
    [InlineData("image/png", "", "application/fhir+json", "\"resourceType\"")]
    public async Task A_failure_answers_in_the_format_asked_for(string accept, string query, string type, string begins)
    {
        var boundary = new ErrorBoundary(_ => throw new InvalidOperationException("Jane Roe"), new ReplyWriter(null!, null!, Options.Create(new EdgeOptions())), NullLogger<ErrorBoundary>.Instance);
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() }, Request = { Method = "GET", Path = "/fhir/Patient/1", QueryString = new QueryString(query) } };
        http.Request.Headers.Accept = accept;

        await boundary.InvokeAsync(http);

        var body = Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
        Assert.Equal(500, http.Response.StatusCode);
        Assert.StartsWith(type, http.Response.ContentType, StringComparison.Ordinal);
        Assert.Contains(begins, body, StringComparison.Ordinal);
        Assert.DoesNotContain("Jane Roe", body, StringComparison.Ordinal);
    }
}
