using System.Net;
using System.Text;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Hl7V2.Sending;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Hl7V2;

/// <summary>Who may send messages in, and who orders out (security S-30).</summary>
[Trait("Requirement", "S-30")]
public sealed class RightsTests(OrderingServer server) : IClassFixture<OrderingServer>
{
    private const string Sending = """{"resourceType":"Parameters","parameter":[{"name":"destination","valueString":"REF"}]}""";

    [Theory]
    [InlineData("front-desk")]
    [InlineData("clinician")]
    public async Task People_send_no_messages_in(string role)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(server.BaseUrl), Hl7V2Endpoint.Path)) { Content = new StringContent(Made.Adt("A04", "r" + role, "R1"), Encoding.UTF8, "application/hl7-v2") };
        request.Headers.Authorization = new("Bearer", await TokenAsync(role));
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(0, (await server.GetAsync("Basic?code=urn:fhiremr:hl7v2|received&_summary=count")).Json["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_clinicians_order_goes_out_and_the_outbox_stays_the_servers()
    {
        var (clinician, nurse) = (await TokenAsync(BuiltInRoles.Clinician.Name), await TokenAsync(BuiltInRoles.Nurse.Name));
        var order = await AsAsync(clinician, HttpMethod.Post, "ServiceRequest", """{"resourceType":"ServiceRequest","status":"active","intent":"order","code":{"text":"Lipid panel"},"subject":{"reference":"Patient/a"}}""");
        Assert.True(order.Status == 201, order.Body);
        Assert.Equal(403, (await AsAsync(nurse, HttpMethod.Post, $"ServiceRequest/{order.Id}/$hl7v2", Sending)).Status);
        var asked = await AsAsync(clinician, HttpMethod.Post, $"ServiceRequest/{order.Id}/$hl7v2", Sending);
        Assert.True(asked.Status == 200, asked.Body);
        var outbox = asked.Json["parameter"]!.AsArray().First(p => p!["name"]!.ToString() == "outbox")!["valueReference"]!["reference"]!.ToString();
        Assert.Equal(403, (await AsAsync(clinician, HttpMethod.Put, outbox, $$"""{"resourceType":"Basic","id":"{{outbox["Basic/".Length..]}}","code":{"text":"forged"} }""")).Status);
        while ((await server.GetAsync(outbox)).Json["code"]!["coding"]![1]!["code"]!.ToString() == "queued")
        {
            server.Services.GetRequiredService<OutboxSignal>().Set();
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Contains("Lipid panel", Assert.Single(server.Laboratory.Received), StringComparison.Ordinal);
    }

    private async Task<string> TokenAsync(string role)
    {
        var user = await server.UserAsync("u" + Guid.NewGuid().ToString("N"), AccountKind.Staff, role, "Practitioner/doctor");
        return await server.Services.GetRequiredService<TokenMint>().MakeAsync("page", user, ["user/*.cruds", "fhiremr/rights"], TimeSpan.FromHours(1));
    }

    private async Task<Reply> AsAsync(string token, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/fhir+json") };
        request.Headers.Authorization = new("Bearer", token);
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Reply(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers.Location?.ToString(), null, null);
    }
}

/// <summary>A server that asks who is there, with a laboratory to send orders to.</summary>
public sealed class OrderingServer() : SmartServer(null)
{
    internal OrderReceiver Laboratory { get; } = new();

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(base.Settings)
    {
        ["Hl7V2:Destinations:REF:Host"] = "127.0.0.1",
        ["Hl7V2:Destinations:REF:Port"] = Laboratory.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
