using FhirEmr.BillingBridge.FhirRest;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Channels;
using Hl7.Fhir.Model;
using Answer = FhirEmr.BillingBridge.Tests.Channels.HttpHub.Answer;

namespace FhirEmr.BillingBridge.Tests.FhirRest;

/// <summary>What other people's servers do that ours does not; what both must do is in the contract test over our own server.</summary>
public sealed class FhirRestRecordsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Absolute_references_to_its_own_base_become_relative_and_others_stay()
    {
        HttpHub? hub = null;
        using (hub = new HttpHub(_ => Json($$"""{"resourceType":"Coverage","id":"c","status":"active","beneficiary": {"reference": "{{hub!.Url}}/fhir/Patient/1"},"payor":[{"reference":"https://other.example.org/fhir/Organization/2"}],"identifier":[{"system":"{{hub.Url}}/fhir/members","value":"1"}]}""")))
        {
            var coverage = await Records(hub).ReadAsync<Coverage>("c", Ct);

            Assert.Equal(("Patient/1", "https://other.example.org/fhir/Organization/2", $"{hub.Url}/fhir/members"), (coverage!.Beneficiary.Reference, coverage.Payor[0].Reference, coverage.Identifier[0].System));
        }
    }

    [Fact]
    public async Task Pages_are_followed_and_what_is_only_included_is_left_out()
    {
        HttpHub? hub = null;
        using (hub = new HttpHub(r => Json(r.Path.Contains("page=2", StringComparison.Ordinal)
            ? """{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"b"},"search":{"mode":"match"}}]}"""
            : $$"""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"{{hub!.Url}}/fhir/Patient?page=2"}],"entry":[{"resource":{"resourceType":"Patient","id":"a"},"search":{"mode":"match"} },{"resource":{"resourceType":"Patient","id":"x"},"search":{"mode":"include"} }]}""")))
        {
            Assert.Equal(["a", "b"], await Records(hub).SearchAsync<Patient>("name=doe", Ct).Select(p => p.Id).ToListAsync(Ct));
            Assert.Equal(["/fhir/Patient?name=doe&_count=200", "/fhir/Patient?page=2"], hub.Requests.Select(r => r.Path));
        }
    }

    [Fact]
    public async Task The_token_is_not_carried_to_another_server()
    {
        using var hub = new HttpHub(_ => Json("""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"https://elsewhere.example.org/fhir/Patient?page=2"}]}"""));

        var refused = await Assert.ThrowsAsync<FhirRestException>(() => Records(hub, "t1").SearchAsync<Patient>("name=doe", Ct).ToListAsync(Ct).AsTask());

        Assert.Contains("another server", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Bearer t1", Assert.Single(hub.Requests).Authorization);
    }

    [Fact]
    public async Task A_long_search_is_posted()
    {
        using var hub = new HttpHub(_ => Json("""{"resourceType":"Bundle","type":"searchset"}"""));

        await Records(hub).SearchAsync<Patient>("identifier=" + new string('x', 2_000), Ct).ToListAsync(Ct);

        var request = Assert.Single(hub.Requests);
        Assert.Equal(("POST", "/fhir/Patient/_search", "application/x-www-form-urlencoded"), (request.Method, request.Path, request.Type));
        Assert.EndsWith("x&_count=200", request.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_only_reads_is_repeated_and_a_transaction_never_is()
    {
        var failures = 2;
        using var hub = new HttpHub(r => r.Method == "GET" && failures-- <= 0 ? Json("""{"resourceType":"Patient","id":"a"}""") : Answer.Of(503));

        Assert.NotNull(await Records(hub).ReadAsync<Patient>("a", Ct));
        Assert.Equal(3, hub.Requests.Count);
        var unknown = await Assert.ThrowsAsync<FhirRestException>(() => Records(hub).CommitAsync(new Bundle { Type = Bundle.BundleType.Transaction }, Ct));
        Assert.Contains("whether it was stored is not known", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(4, hub.Requests.Count);
    }

    [Theory]
    [InlineData(409, "", "Conflict")]
    [InlineData(412, "", "Conflict")]
    [InlineData(400, """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"conflict"}]}""", "Conflict")]
    [InlineData(422, """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"no"}]}""", "Refused")]
    [InlineData(400, "<html>not FHIR</html>", "Refused")]
    [InlineData(403, "", "Refused")]
    public async Task A_refusal_is_a_conflict_or_final(int status, string body, string kind)
    {
        using var hub = new HttpHub(_ => Answer.Of(status, "application/fhir+json", body));

        Assert.Equal(kind, (await Records(hub).CommitAsync(new Bundle { Type = Bundle.BundleType.Transaction }, Ct)).GetType().Name);
    }

    [Fact]
    public async Task Locations_of_a_committed_transaction_are_relative()
    {
        HttpHub? hub = null;
        using (hub = new HttpHub(_ => Json($$"""{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created","location":"{{hub!.Url}}/fhir/Claim/7/_history/1"} }]}""")))
        {
            var committed = Assert.IsType<CommitOutcome.Committed>(await Records(hub).CommitAsync(new Bundle { Type = Bundle.BundleType.Transaction }, Ct));
            Assert.Equal("Claim/7/_history/1", committed.Response.Entry[0].Response!.Location);
        }
    }

    [Fact]
    public async Task A_refused_token_is_fetched_anew_once()
    {
        using var hub = new HttpHub(r => r.Authorization == "Bearer t2" ? Json("""{"resourceType":"Patient","id":"a"}""") : Answer.Of(401));
        var asked = 0;
        using var http = new HttpClient();
        var records = new FhirRestRecords(http, new FhirRestOptions(new Uri(hub.Url + "/fhir")) { Token = _ => ValueTask.FromResult<string?>(++asked > 1 ? "t2" : "t1") }, TimeProvider.System);

        Assert.NotNull(await records.ReadAsync<Patient>("a", Ct));
        Assert.Equal(["Bearer t1", "Bearer t2"], hub.Requests.Select(r => r.Authorization));
    }

    [Theory]
    [InlineData("http://ehr.example.org/fhir")]
    [InlineData("https://me:pw@ehr.example.org/fhir")]
    [InlineData("ftp://ehr.example.org")]
    public void Only_a_safe_base_is_taken(string address) =>
        Assert.Throws<ArgumentException>(() => new FhirRestRecords(new HttpClient(), new FhirRestOptions(new Uri(address)), TimeProvider.System));

    private static FhirRestRecords Records(HttpHub hub, string? token = null) => new(
        new HttpClient(),
        new FhirRestOptions(new Uri(hub.Url + "/fhir")) { FirstDelay = TimeSpan.Zero, Token = token is null ? null : _ => ValueTask.FromResult<string?>(token) },
        TimeProvider.System);

    private static Answer Json(string body) => Answer.Of(200, "application/fhir+json", body);
}
