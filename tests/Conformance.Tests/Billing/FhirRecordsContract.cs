using System.Globalization;
using FhirEmr.BillingBridge.FhirRest;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.Conformance.Tests.Hosting;
using Hl7.Fhir.Model;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>What billing may rely on, whichever way it gets at the records: in process, or over real HTTP as at anybody's server.</summary>
public abstract class FhirRecordsContract(BillingServer server) : OnServer(server)
{
    private readonly string tag = Guid.NewGuid().ToString("N");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected abstract IFhirRecords Records { get; }

    [Fact]
    public async Task What_is_created_is_read_with_its_version_and_what_is_not_there_is_null()
    {
        var id = await CreateAsync("a");

        var read = await Records.ReadAsync<Basic>(id, Ct);

        Assert.Equal((id, "1"), (read!.Id, read.Meta?.VersionId));
        Assert.Null(await Records.ReadAsync<Basic>("nobody", Ct));
        Assert.Null(await Records.ReadAsync<Patient>(id, Ct));
        Assert.Null(await Records.ReadAsync<Basic>("no/id", Ct));
    }

    [Fact]
    public async Task A_deleted_resource_is_null()
    {
        var id = await CreateAsync("a");
        Assert.True((await Server.DeleteAsync($"Basic/{id}")).Status is 200 or 204);

        Assert.Null(await Records.ReadAsync<Basic>(id, Ct));
    }

    [Fact]
    public async Task A_search_gives_every_match_page_after_page_and_in_full()
    {
        var transaction = New();
        for (var n = 0; n < 450; n++)
            Create(transaction, Kept(n.ToString("000", CultureInfo.InvariantCulture)));
        Assert.IsType<CommitOutcome.Committed>(await Records.CommitAsync(transaction, Ct));

        var found = await Records.SearchAsync<Basic>($"identifier=urn:test:{tag}|", Ct).ToListAsync(Ct);

        Assert.Equal(Enumerable.Range(0, 450).Select(n => n.ToString("000", CultureInfo.InvariantCulture)), found.Select(b => b.Identifier[0].Value).Order(StringComparer.Ordinal));
        Assert.All(found, b => Assert.Equal("1", b.Meta!.VersionId));
        Assert.Empty(await Records.SearchAsync<Basic>($"identifier=urn:test:{tag}|none", Ct).ToListAsync(Ct));
    }

    [Theory]
    [InlineData("a,b|c$d")]
    [InlineData("50% & more=less? #1/2")]
    [InlineData("ä 漢")]
    public async Task A_value_of_any_characters_is_found_by_its_token(string value)
    {
        var transaction = New();
        Create(transaction, Kept(value));
        await Records.CommitAsync(transaction, Ct);

        var escaped = value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal).Replace(",", @"\,", StringComparison.Ordinal).Replace("$", @"\$", StringComparison.Ordinal);
        Assert.Single(await Records.SearchAsync<Basic>($"identifier=urn:test:{tag}|{Uri.EscapeDataString(escaped)}", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_search_too_long_for_an_address_works_all_the_same()
    {
        var id = await CreateAsync("a");
        var query = $"identifier={string.Join(',', Enumerable.Range(0, 100).Select(n => $"urn:test:{tag}|{n}-not-there"))},urn:test:{tag}|a";

        Assert.Equal([id], await Records.SearchAsync<Basic>(query, Ct).Select(b => b.Id).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_transaction_is_all_or_nothing_and_its_references_point_to_what_it_made()
    {
        var transaction = New();
        var made = Create(transaction, new Patient { Identifier = [new Identifier($"urn:test:{tag}", "p")], Name = [new HumanName { Family = "Doe" }] });
        var basic = Kept("b");
        basic.Subject = new ResourceReference(made);
        Create(transaction, basic);

        var committed = Assert.IsType<CommitOutcome.Committed>(await Records.CommitAsync(transaction, Ct));

        var locations = committed.Response.Entry.Select(e => e.Response!.Location!.Split('/')).ToList();
        Assert.All(locations, l => Assert.True(l is ["Patient" or "Basic", _, "_history", "1"], string.Join('/', l)));
        Assert.Equal($"Patient/{locations[0][1]}", (await Records.ReadAsync<Basic>(locations[1][1], Ct))!.Subject!.Reference);

        var broken = New();
        Create(broken, Kept("c"));
        broken.Entry.Add(new() { FullUrl = "urn:uuid:" + Guid.NewGuid(), Resource = Kept("d"), Request = new() { Method = Bundle.HTTPVerb.POST, Url = "NoSuchType" } });
        Assert.IsType<CommitOutcome.Refused>(await Records.CommitAsync(broken, Ct));
        Assert.Empty(await Records.SearchAsync<Basic>($"identifier=urn:test:{tag}|c", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task IfNoneExist_makes_one_and_answers_with_it_the_second_time()
    {
        var first = Assert.IsType<CommitOutcome.Committed>(await Records.CommitAsync(Once(), Ct)).Response.Entry[0].Response!;
        var second = Assert.IsType<CommitOutcome.Committed>(await Records.CommitAsync(Once(), Ct)).Response.Entry[0].Response!;

        Assert.StartsWith("201", first.Status, StringComparison.Ordinal);
        Assert.StartsWith("200", second.Status, StringComparison.Ordinal);
        Assert.Equal(first.Location!.Split('/')[1], second.Location!.Split('/')[1]);

        Bundle Once()
        {
            var transaction = New();
            Create(transaction, Kept("once"));
            transaction.Entry[0].Request!.IfNoneExist = $"identifier=urn:test:{tag}|once";
            return transaction;
        }
    }

    [Fact]
    public async Task IfMatch_of_an_old_version_is_a_conflict_and_changes_nothing()
    {
        var id = await CreateAsync("a");
        var read = (await Records.ReadAsync<Basic>(id, Ct))!;
        Assert.IsType<CommitOutcome.Committed>(await Records.CommitAsync(Update(read, "first"), Ct));

        var late = Assert.IsType<CommitOutcome.Conflict>(await Records.CommitAsync(Update(read, "second"), Ct));

        Assert.NotEmpty(late.Outcome.Issue);
        var now = (await Records.ReadAsync<Basic>(id, Ct))!;
        Assert.Equal(("2", "first"), (now.Meta!.VersionId, now.Code!.Text));

        static Bundle Update(Basic basic, string text)
        {
            var copy = (Basic)basic.DeepCopy();
            copy.Code = new CodeableConcept { Text = text };
            var transaction = New();
            transaction.Entry.Add(new() { FullUrl = $"urn:uuid:{Guid.NewGuid()}", Resource = copy, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"Basic/{copy.Id}", IfMatch = $"W/\"{copy.Meta!.VersionId}\"" } });
            return transaction;
        }
    }

    [Fact]
    public async Task A_chart_holds_what_surrounds_the_encounter()
    {
        var chart = (await Records.ReadChartAsync("demo-encounter-01-1", Ct))!;

        Assert.Equal(("demo-encounter-01-1", "demo-patient-01"), (chart.Encounter.Id, chart.Patient.Id));
        Assert.NotEmpty(chart.OfType<Condition>());
        var coverage = chart.OfType<Coverage>().First();
        Assert.NotNull(chart.Find<Organization>(coverage.Payor[0]));
        Assert.NotNull(chart.Find<Practitioner>(chart.Encounter.Participant[0].Individual));
        Assert.NotEmpty(chart.OfType<PractitionerRole>());
        Assert.Equal(chart.Related.Count, chart.Related.Select(r => $"{r.TypeName}/{r.Id}").Distinct().Count());
        Assert.Null(await Records.ReadChartAsync("nobody", Ct));
    }

    [Fact]
    public async Task A_chart_holds_the_devices_used_in_the_encounter_and_no_others()
    {
        foreach (var (address, json) in ((string, string)[])
        [
            ("Device/brace", """{"resourceType":"Device","id":"brace"}"""),
            ("ServiceRequest/brace-order", """{"resourceType":"ServiceRequest","id":"brace-order","status":"active","intent":"order","subject":{"reference":"Patient/demo-patient-01"},"encounter":{"reference":"Encounter/demo-encounter-01-1"} }"""),
            ("DeviceUseStatement/brace-use", """{"resourceType":"DeviceUseStatement","id":"brace-use","status":"completed","subject":{"reference":"Patient/demo-patient-01"},"device":{"reference":"Device/brace"},"derivedFrom":[{"reference":"ServiceRequest/brace-order"}]}"""),
            ("DeviceUseStatement/other-use", """{"resourceType":"DeviceUseStatement","id":"other-use","status":"completed","subject":{"reference":"Patient/demo-patient-01"},"device":{"reference":"Device/brace"} }"""),
            ("SupplyDelivery/brace-delivery", """{"resourceType":"SupplyDelivery","id":"brace-delivery","status":"completed","patient":{"reference":"Patient/demo-patient-01"},"suppliedItem":{"quantity":{"value":2},"itemReference":{"reference":"Device/brace"}} }"""),
            ("SupplyDelivery/other-delivery", """{"resourceType":"SupplyDelivery","id":"other-delivery","status":"completed","patient":{"reference":"Patient/demo-patient-01"},"suppliedItem":{"quantity":{"value":9},"itemCodeableConcept":{"text":"diapers"}} }"""),
        ])
        {
            var reply = await Server.PutAsync(address, json);
            Assert.True(reply.Status is 200 or 201, reply.Body);
        }

        var chart = (await Records.ReadChartAsync("demo-encounter-01-1", Ct))!;
        var use = Assert.Single(chart.OfType<DeviceUseStatement>());
        Assert.Equal("brace-use", use.Id);
        Assert.NotNull(chart.Find<Device>(use.Device));
        Assert.Equal("brace-delivery", Assert.Single(chart.OfType<SupplyDelivery>()).Id);
    }

    [Fact]
    public async Task Both_ways_see_the_same_chart()
    {
        var inProcess = (await Server.Services.GetRequiredService<IFhirRecords>().ReadChartAsync("demo-encounter-02-1", Ct))!;
        var here = (await Records.ReadChartAsync("demo-encounter-02-1", Ct))!;

        Assert.Equal(Names(inProcess), Names(here));

        static IEnumerable<string> Names(EncounterChart chart) => chart.Related.Select(r => $"{r.TypeName}/{r.Id}/{r.Meta?.VersionId}").Order(StringComparer.Ordinal);
    }

    private async Task<string> CreateAsync(string value)
    {
        var transaction = New();
        Create(transaction, Kept(value));
        return Assert.IsType<CommitOutcome.Committed>(await Records.CommitAsync(transaction, Ct)).Response.Entry[0].Response!.Location!.Split('/')[1];
    }

    private Basic Kept(string value) => new() { Identifier = [new Identifier($"urn:test:{tag}", value)], Code = new CodeableConcept { Text = "a test's" } };

    private static Bundle New() => new() { Type = Bundle.BundleType.Transaction };

    private static string Create(Bundle transaction, Resource resource)
    {
        var url = $"urn:uuid:{Guid.NewGuid()}";
        transaction.Entry.Add(new() { FullUrl = url, Resource = resource, Request = new() { Method = Bundle.HTTPVerb.POST, Url = resource.TypeName } });
        return url;
    }
}

public sealed class InProcessFhirRecordsTests(SqliteBilling server) : FhirRecordsContract(server), IClassFixture<SqliteBilling>
{
    private protected override IFhirRecords Records => Server.Services.GetRequiredService<IFhirRecords>();
}

public sealed class FhirRestRecordsTests(RestBilling server) : FhirRecordsContract(server), IClassFixture<RestBilling>
{
    private protected override IFhirRecords Records => new FhirRestRecords(Server.Http, new FhirRestOptions(new Uri(Server.BaseUrl)), TimeProvider.System);

    [Fact]
    public async Task An_encounter_of_another_server_is_billed_and_its_claim_stored_there()
    {
        var services = Server.Services;
        var pipeline = new BillingBridge.ClaimPipeline(
            Records, services.GetRequiredService<Terminology.ITerminology>(), services.GetRequiredService<BillingBridge.BillingSetup>(), services.GetRequiredService<TimeProvider>());

        var first = Assert.IsType<BillingBridge.ClaimResult.Ready>(await pipeline.RunAsync("demo-encounter-04-1", null, TestContext.Current.CancellationToken));
        var again = Assert.IsType<BillingBridge.ClaimResult.AlreadyBilled>(await pipeline.RunAsync("demo-encounter-04-1", null, TestContext.Current.CancellationToken));

        Assert.Equal(first.ClaimId, again.ClaimId);
        var stored = await Server.GetAsync($"Claim/{first.ClaimId}");
        Assert.Contains("\"ready\"", stored.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(Server.BaseUrl, stored.Body, StringComparison.Ordinal);
    }
}
