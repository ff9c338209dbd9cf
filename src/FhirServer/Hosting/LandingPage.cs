using System.Globalization;
using System.Net;
using System.Text;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>The page at <c>/</c>: what runs here, the practice in numbers, and where to look next.</summary>
internal static class LandingPage
{
    public static void Map(WebApplication app) => app.MapGet("/", async (
        HttpContext http, IResourceStore store, SearchParameters parameters, IFhirRecords records, ServerAddress address, IOptions<AuthOptions> auth) =>
    {
        // The demo's numbers are for everybody; those of a practice are for nobody who has not signed in.
        var numbers = auth.Value.IsDemo ? Numbers(await PracticeSummary.ReadAsync(store, parameters, records, http.RequestAborted)) : "";
        return Results.Text(Render(numbers, address.BaseUrl(http.Request)), "text/html; charset=utf-8");
    }).ExcludeFromDescription();

    private static string Numbers(PracticeSummary summary)
    {
        var stages = new StringBuilder();
        foreach (var (stage, count) in summary.ClaimsByStage)
            stages.Append(CultureInfo.InvariantCulture, $"<tr><td>{WebUtility.HtmlEncode(stage)}</td><td>{count:N0}</td></tr>");
        if (stages.Length == 0)
            stages.Append("<tr><td colspan=\"2\">No claims yet: <code>POST Encounter/[id]/$claim</code> makes one.</td></tr>");

        return string.Create(CultureInfo.InvariantCulture, $$"""
            <h2>Practice</h2>
            <table>
            <tr><td>Patients</td><td>{{summary.Patients:N0}}</td></tr>
            <tr><td>Encounters</td><td>{{summary.Encounters:N0}}</td></tr>
            </table>
            <h2>Claims by stage</h2>
            <table>{{stages}}</table>
            <h2>Money{{(summary.MoneyIsPartial ? " (first 5,000 claims)" : "")}}</h2>
            <table>
            <tr><td>Billed</td><td>${{summary.BilledUsd:N2}}</td></tr>
            <tr><td>Allowed</td><td>${{summary.AllowedUsd:N2}}</td></tr>
            <tr><td>Paid by payers</td><td>${{summary.PaidUsd:N2}}</td></tr>
            <tr><td>Patient share</td><td>${{summary.PatientUsd:N2}}</td></tr>
            </table>
            """);
    }

    private static string Render(string numbers, string address)
    {
        var fhir = WebUtility.HtmlEncode(address);
        return $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>FhirEmr</title>
            <style>
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { margin-bottom: 0; } p.lead { margin-top: .25rem; opacity: .75; }
            table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
            td, th { padding: .3rem 1.2rem .3rem 0; text-align: left; border-bottom: 1px solid #8884; }
            td:last-child { text-align: right; font-variant-numeric: tabular-nums; }
            pre { background: #8882; padding: .7rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: .4rem; }
            </style>
            </head>
            <body>
            <h1>FhirEmr</h1>
            <p class="lead">A FHIR-native EMR server for medical practices</p>
            {{numbers}}
            <h2>Look around</h2>
            <p><a href="/swagger">API pages (Swagger)</a> · <a href="{{fhir}}/metadata?_pretty=true">CapabilityStatement</a> · <a href="/health/ready">Health</a></p>
            </body>
            </html>
            """;
    }
}
