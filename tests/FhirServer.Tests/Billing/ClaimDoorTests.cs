using System.Reflection;
using System.Text;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Billing;

/// <summary>What the door says about claims that clients write, and to whom.</summary>
public sealed class ClaimDoorTests
{
    private static readonly ResourceKey Key = new("Claim", "c1");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_words_of_a_finding_are_for_those_who_may_scrub()
    {
        var door = Door(ClaimsOnWrite.Refuse, stored: null);
        var claim = Claim(null, active: true, totalUsd: 99m);

        var told = await door.CheckAsync(null, claim, Caller("operation:scrub"), Ct);
        var untold = await door.CheckAsync(null, claim, Caller(), Ct);

        Assert.Contains(told!.Issues, i => i.Text.StartsWith("AMT-003: Total differs", StringComparison.Ordinal));
        Assert.Contains(untold!.Issues, i => i.Text == "AMT-003: The claim does not pass this rule.");
        Assert.All(untold.Issues, i => Assert.EndsWith("The claim does not pass this rule.", i.Text, StringComparison.Ordinal));
        Assert.Equal(told.Issues.Select(i => i.Expression), untold.Issues.Select(i => i.Expression));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "draft")]
    [InlineData("draft", "draft")]
    [InlineData("draft", "ready")]
    [InlineData("ready", "queued")]
    [InlineData("paid", "paid")]
    [InlineData("paid", "appealed")]
    public async Task A_stage_goes_where_the_table_leads(string? from, string? to) =>
        Assert.Null(await Door(ClaimsOnWrite.Accept, from is null ? null : Claim(from)).CheckAsync(from is null ? null : Key, Claim(to), Caller(), Ct));

    [Theory]
    [InlineData(null, "paid", "begins as 'draft'")]
    [InlineData("draft", "paid", "cannot become 'paid'; from here it can become: ready, scrub-failed.")]
    [InlineData("submitted", "draft", "cannot become 'draft'")]
    [InlineData("paid", "nonsense", "cannot become 'nonsense'")]
    [InlineData("paid", null, "cannot be taken away")]
    public async Task Any_other_change_is_refused_with_a_sentence(string? from, string? to, string why)
    {
        var fault = await Door(ClaimsOnWrite.Accept, from is null ? null : Claim(from)).CheckAsync(from is null ? null : Key, Claim(to), Caller("operation:scrub"), Ct);

        var issue = Assert.Single(fault!.Issues);
        Assert.Equal((FaultKind.Unprocessable, "business-rule"), (fault.Kind, issue.Code));
        Assert.Contains(why, issue.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stored_claim_without_a_stage_may_stay_so_or_become_a_draft()
    {
        var door = Door(ClaimsOnWrite.Accept, Claim(null));

        Assert.Null(await door.CheckAsync(Key, Claim(null), Caller(), Ct));
        Assert.Null(await door.CheckAsync(Key, Claim("draft"), Caller(), Ct));
        Assert.NotNull(await door.CheckAsync(Key, Claim("closed"), Caller(), Ct));
    }

    [Fact]
    public async Task An_escaped_letter_does_not_hide_a_stage()
    {
        var hidden = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Claim("paid").Span).Replace("urn:fhiremr:claim-stage", "urn:fhiremr:claim\\u002dstage", StringComparison.Ordinal));

        Assert.NotNull(await Door(ClaimsOnWrite.Accept, stored: null).CheckAsync(null, hidden, Caller(), Ct));
    }

    [Theory]
    [InlineData(null, "claim.submit", true)]
    [InlineData(null, "operation:scrub", false)]
    [InlineData("ann", "claim.submit", false)]
    public async Task Billing_over_rest_sets_stages_and_nobody_else_does(string? user, string right, bool isTaken)
    {
        var caller = Caller(right) with { Principal = new("hub", "token", "") { UserId = user } };

        Assert.Equal(isTaken, await Door(ClaimsOnWrite.Accept, stored: null).CheckAsync(null, Claim("scrub-failed"), caller, Ct) is null);
    }

    private static Caller Caller(params string[] rights) => new("somebody", new AccessPlan("test", new Dictionary<string, TypeAccess>(), rights));

    private static ClaimDoor Door(ClaimsOnWrite mode, ReadOnlyMemory<byte>? stored)
    {
        var store = DispatchProxy.Create<IResourceStore, OneResource>();
        ((OneResource)(object)store).Stored = stored is { } json ? new StoredResource(1, Key, 1, DateTimeOffset.UnixEpoch, false, "PUT", json) : null;
        var services = new ServiceCollection()
            .AddSingleton(store)
            .AddSingleton(new ClaimPipeline(new OneChart(), new TerminologyService(null, TimeProvider.System), new BillingSetup(), TimeProvider.System))
            .BuildServiceProvider();
        return new ClaimDoor(services, Options.Create(new BillingOptions { ClaimsOnWrite = mode }));
    }

    private static ReadOnlyMemory<byte> Claim(string? stage, bool active = false, decimal totalUsd = 100m)
    {
        var claim = new Claim
        {
            Id = "c1",
            Status = active ? FinancialResourceStatusCodes.Active : FinancialResourceStatusCodes.Draft,
            Use = ClaimUseCode.Claim,
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            Patient = new ResourceReference("Patient/p"),
            Created = "2026-03-03",
            Provider = new ResourceReference("Organization/o"),
            Priority = new CodeableConcept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
            Insurance = [new Claim.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference("Coverage/v") }],
            Item =
            [
                new Claim.ItemComponent
                {
                    Sequence = 1,
                    ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, "99213"),
                    Serviced = new Date("2026-03-02"),
                    Net = ClaimBuilder.Usd(100m),
                    UnitPrice = ClaimBuilder.Usd(100m),
                    Quantity = new Quantity { Value = 1 },
                    Encounter = [new ResourceReference("Encounter/e")],
                },
            ],
            Total = ClaimBuilder.Usd(totalUsd),
        };
        if (stage is not null)
            claim.AddExtension(BillingUrls.StageExtension, new Code(stage));
        return FhirFormats.ToJson(claim);
    }

    /// <summary>A store that holds one resource or none, and is asked for nothing else.</summary>
    public class OneResource : DispatchProxy
    {
        internal StoredResource? Stored { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name == nameof(IResourceStore.ReadAsync)
            ? new ValueTask<StoredResource?>(Stored)
            : throw new NotSupportedException($"The door does not ask the store for {targetMethod?.Name}.");
    }

    /// <summary>Records with one encounter and one patient, and nothing beside.</summary>
    private sealed class OneChart : IFhirRecords
    {
        public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => Task.FromResult<EncounterChart?>(new(
            new Encounter { Id = "e", Status = Encounter.EncounterStatus.Finished, Class = new Coding(null, "AMB"), Period = new Period { Start = "2026-03-02", End = "2026-03-02" } },
            new Patient { Id = "p" },
            []));

        public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
            where T : Resource => Task.FromResult<T?>(null);

        public async IAsyncEnumerable<T> SearchAsync<T>(string query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
            where T : Resource
        {
            await Task.CompletedTask;
            yield break;
        }

        public Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct) => throw new NotSupportedException("The door stores nothing.");
    }
}
