using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>Releases of codes are loaded into a running server, and watched (validation.md §7).</summary>
public sealed class TerminologyAdminTests(SqliteSmartServer server) : OnSmartServer(server), IClassFixture<SqliteSmartServer>
{
    private const string Icd10Cm = "http://hl7.org/fhir/sid/icd-10-cm";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_release_is_taken_in_watched_and_answers_when_it_is_whole()
    {
        var release = string.Concat(Enumerable.Range(0, 900).Select(i => $"{i + 1:00000} Q{i:000}    1 {$"Invented {i}",-60} Invented {i}\n"));
        Assert.Equal(HttpStatusCode.NotFound, (await LookUpAsync("Q42.3")).StatusCode);

        using var accepted = await ImportAsync("kind=ICD10CM&file=icd10cm-order-2026.txt", release);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var address = accepted.Headers.Location!.ToString();
        var events = await EventsAsync(address + "/events");
        Assert.Equal("end", events[^1].EventType);
        Assert.All(events.SkipLast(1), e => Assert.Equal("progress", e.EventType));
        var last = JsonNode.Parse(events[^1].Data)!;
        Assert.Equal(("loaded", 900, 1.0, "icd10cm-2026"), (last["state"]!.GetValue<string>(), last["rows"]!.GetValue<int>(), last["share"]!.GetValue<double>(), last["edition"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.OK, (await LookUpAsync("Q42.3")).StatusCode);

        using var again = await ImportAsync("kind=icd10cm&file=icd10cm-order-2026.txt", release);
        Assert.Equal("already-loaded", JsonNode.Parse((await EventsAsync(again.Headers.Location + "/events"))[^1].Data)!["state"]!.GetValue<string>());

        using var other = await ImportAsync("kind=icd10cm&file=icd10cm-order-2027.txt", "this,is,no\norder,file,\n");
        var refused = JsonNode.Parse((await EventsAsync(other.Headers.Location + "/events"))[^1].Data)!;
        Assert.Equal(("refused", 1), (refused["state"]!.GetValue<string>(), refused["badRows"]![0]!["line"]!.GetValue<int>()));
        Assert.Equal(HttpStatusCode.OK, (await LookUpAsync("Q42.3")).StatusCode);

        var list = JsonNode.Parse(await Server.Http.GetStringAsync(Server.Root + "/admin/terminology/imports", Ct))!["imports"]!.AsArray();
        Assert.Equal(["refused", "already-loaded", "loaded"], list.Select(i => i!["state"]!.GetValue<string>()));
        var editions = JsonNode.Parse(await Server.Http.GetStringAsync(Server.Root + "/admin/terminology/editions", Ct))!["editions"]!.AsArray();
        Assert.Contains(editions, e => e!["edition"]!["id"]!.GetValue<string>() == "icd10cm-2026");
    }

    [Theory, Trait("Requirement", "S-73")]
    [InlineData("file=icd10cm-order-2026.txt", "kind is missing")]
    [InlineData("kind=icd11&file=a.txt", "'icd11'")]
    [InlineData("kind=snomed&file=a.zip", "a folder")]
    [InlineData("kind=icd10cm&file=..%2F..%2Fescape.txt", "without folders")]
    [InlineData("kind=icd10cm&file=.hidden", "without folders")]
    [InlineData("kind=icd10cm&file=icd10cm-order-2026.txt&from=1.10.2025", "YYYY-MM-DD")]
    public async Task What_cannot_be_taken_in_is_told(string query, string expected)
    {
        using var reply = await ImportAsync(query, "x");

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains(expected, await reply.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_who_may_configure_the_server_loads_codes()
    {
        var patient = await Server.Services.GetRequiredService<TokenMint>().MakeAsync("page", Server.PatientId, ["patient/*.rs"], TimeSpan.FromMinutes(5));

        Assert.Equal(HttpStatusCode.Forbidden, (await ImportAsync("kind=icd10cm&file=icd10cm-order-2028.txt", "x", patient)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ImportAsync("kind=icd10cm&file=icd10cm-order-2028.txt", "x", "")).StatusCode);
        using var unknown = await Server.Http.GetAsync(Server.Root + "/admin/terminology/imports/none/events", Ct);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private async Task<HttpResponseMessage> LookUpAsync(string code) => await Server.Http.GetAsync($"CodeSystem/$lookup?system={Icd10Cm}&code={code}&date=2026-01-02", Ct);

    private async Task<HttpResponseMessage> ImportAsync(string query, string body, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Server.Root}/admin/terminology/imports?{query}") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Server.AdministratorToken);
        if (token is "")
        {
            using var nobody = new HttpClient();
            request.Headers.Authorization = null;
            return await nobody.SendAsync(request, Ct);
        }

        return await Server.Http.SendAsync(request, Ct);
    }

    private async Task<List<SseItem<string>>> EventsAsync(string path)
    {
        using var response = await Server.Http.GetAsync(Server.Root + path, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(Ct)).EnumerateAsync(Ct))
            events.Add(item);
        return events;
    }
}
