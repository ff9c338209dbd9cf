using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Consents;
using FhirEmr.FhirServer.Security.Access.Planning;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Tests.Search;
using FhirEmr.FhirServer.Tests.Search.Concepts;
using FhirEmr.FhirServer.Tests.Search.Indexing;
using FhirEmr.Terminology;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Security.Access.Planning;

[Trait("Requirement", "S-35")]
public class AccessPlannerTests
{
    private const string OfAnn = """{"resourceType":"Observation","id":"a","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ann"}}""";
    private const string OfBob = """{"resourceType":"Observation","id":"b","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/bob"}}""";
    private const string AboutAnn = """{"resourceType":"Observation","id":"f","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/bob"},"focus":[{"reference":"Patient/ann"}]}""";
    private const string Vitals = """{"resourceType":"Observation","id":"v","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ann"},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}]}""";
    private const string Restricted = """{"resourceType":"Observation","id":"r","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ann"}}""";

    private static readonly SearchParameters Parameters = SearchSamples.Parameters();
    private readonly FakeSymbols symbols = new();
    private readonly Dictionary<string, StoredResource> stored = [];
    private IReadOnlyList<HeldRole> held = [];
    private IReadOnlyList<string> opened = [];

    [Fact]
    public async Task Without_a_role_scopes_open_nothing()
    {
        var plan = await PlanAsync(new("app", "t", "user/*.cruds") { UserId = "u" });
        Assert.All(ResourceTypes.All, type => Assert.False(plan.Of(type).Allows(Interaction.Read) || plan.Of(type).Allows(Interaction.Create)));
    }

    [Fact]
    public async Task Without_a_scope_roles_open_nothing()
    {
        held = [new(BuiltInRoles.Superuser)];
        var plan = await PlanAsync(new("app", "t", "openid fhirUser") { UserId = "u" });
        Assert.False(plan.Of("Patient").Allows(Interaction.Read));
        Assert.False(plan.Holds("audit.read"));
    }

    [Fact]
    public async Task Money_limits_of_roles_and_of_their_holders_hold_and_the_widest_counts()
    {
        var clerk = new RoleDefinition("clerk", "Clerk", [new("*", ["writeoff", "refund"]) { LimitUsd = 50 }, new("*", ["era.post"])]);
        var lead = new RoleDefinition("lead", "Lead", [new("*", ["writeoff"]) { LimitUsd = 200 }, new("*", ["operation:post-payment"]) { LimitUsd = 9 }]);
        held = [new(clerk), new(lead, LimitUsd: 120)];
        var plan = await PlanAsync(new("app", "t", "user/*.cruds fhiremr/rights") { UserId = "u" });
        Assert.True(plan.Holds("writeoff"));
        Assert.Equal((120m, 50m, null, 9m), (plan.LimitUsd("writeoff"), plan.LimitUsd("refund"), plan.LimitUsd("era.post"), plan.LimitUsd("operation:post-payment")));

        held = [new(lead), new(BuiltInRoles.Superuser)];
        plan = await PlanAsync(new("app", "t", "user/*.cruds fhiremr/rights") { UserId = "v" });
        Assert.Equal((null, null), (plan.LimitUsd("writeoff"), plan.LimitUsd("operation:post-payment")));
        Assert.Null(SystemPlans.Work.LimitUsd("writeoff"));
    }

    [Theory, Trait("Requirement", "S-50")]
    [InlineData("u", "user/*.rs")]
    [InlineData(null, "system/*.rs")]
    public async Task The_audit_names_the_roles_that_a_caller_acted_in(string? user, string scopes)
    {
        held = [new(BuiltInRoles.Nurse), new(BuiltInRoles.Biller), new(BuiltInRoles.Nurse, "branch")];
        var principal = new Principal("app", "t", scopes) { UserId = user };
        var caller = new Caller("u", await PlanAsync(principal)) { Principal = principal };

        var written = AuditEventWriter.Write(new(1, new() { Type = "rest", Subtype = "read", Action = 'R', Agent = AuditTrail.AgentOf(caller) }));
        var agents = JsonNode.Parse(written)!["agent"]!.AsArray();

        Assert.Equal(["nurse", "biller"], agents.Single(a => a!["requestor"]!.GetValue<bool>())!["role"]!.AsArray().Select(r => r!["coding"]![0]!["code"]!.GetValue<string>()));
    }

    [Theory, Trait("Requirement", "S-55")]
    [InlineData("patient/*.rs", true)]
    [InlineData("patient/AuditEvent.read", true)]
    [InlineData("openid fhiremr/rights", true)]
    [InlineData("patient/Observation.rs", false)]
    [InlineData("patient/AuditEvent.r", false)]
    [InlineData("patient/AuditEvent.rs?action=R", false)]
    public async Task Who_opened_a_record_goes_with_reading_its_AuditEvents(string scopes, bool holds)
    {
        held = [new(BuiltInRoles.Patient)];
        var plan = await PlanAsync(new("app", "t", scopes) { UserId = "u", FhirUser = "Patient/ann", Patient = "ann" });
        Assert.Equal(holds, plan.Holds("operation:who-accessed"));
        Assert.False(plan.Holds("audit.read"));
    }

    [Fact, Trait("Requirement", "S-25")]
    public async Task A_patient_asks_for_appointments_and_books_none()
    {
        const string Asked = """{"resourceType":"Appointment","id":"p","status":"proposed","participant":[{"actor":{"reference":"Patient/ann"},"status":"accepted"}]}""";
        held = [new(BuiltInRoles.Patient)];
        var plan = await PlanAsync(new("app", "t", "patient/*.cruds") { UserId = "u", FhirUser = "Patient/ann", Patient = "ann" });
        Assert.True(Reaches(plan, Interaction.Create, Asked));
        Assert.False(Reaches(plan, Interaction.Create, Asked.Replace("proposed", "booked", StringComparison.Ordinal)));
        Assert.False(Reaches(plan, Interaction.Create, Asked.Replace("Patient/ann", "Patient/bob", StringComparison.Ordinal)));
        Assert.False(plan.Of("Appointment").Allows(Interaction.Update));
    }

    [Fact]
    public async Task A_role_and_a_scope_meet()
    {
        held = [new(BuiltInRoles.Nurse)];
        var plan = await PlanAsync(new("app", "t", "user/*.cruds") { UserId = "u" });
        Assert.True(plan.Of("Observation").Allows(Interaction.Create));
        Assert.False(plan.Of("Observation").Allows(Interaction.Delete));
        Assert.False(plan.Of("Claim").Allows(Interaction.Read));
        Assert.True(Reaches(plan, Interaction.Create, Vitals));
        Assert.False(Reaches(plan, Interaction.Create, OfAnn));
        Assert.True(Reaches(plan, Interaction.Read, OfAnn));
    }

    [Fact]
    public async Task Reading_is_not_searching()
    {
        held = [new(BuiltInRoles.Clinician)];
        var plan = await PlanAsync(new("app", "t", "user/Observation.r") { UserId = "u" });
        Assert.True(plan.Of("Observation").Allows(Interaction.Read));
        Assert.False(plan.Of("Observation").Allows(Interaction.Search));
    }

    [Fact]
    public async Task A_patient_scope_ends_at_the_patient_in_context()
    {
        held = [new(BuiltInRoles.Clinician)];
        var plan = await PlanAsync(new("app", "t", "patient/*.rs") { UserId = "u", Patient = "ann" });
        Assert.True(Reaches(plan, Interaction.Read, OfAnn));
        Assert.False(Reaches(plan, Interaction.Read, OfBob));
        Assert.False(Reaches(plan, Interaction.Search, AboutAnn)); // S-32: focus confers no membership
        Assert.False(plan.Of("Group").Allows(Interaction.Search) && plan.Of("Group").Where(Interaction.Search) is null);
        Assert.True(plan.Of("Practitioner").Allows(Interaction.Read));
        Assert.Contains("address", plan.Of("Practitioner").Masked(Interaction.Read).AsEnumerable());
    }

    [Fact]
    public async Task A_patient_scope_without_a_patient_opens_nothing()
    {
        held = [new(BuiltInRoles.Clinician)];
        Assert.Same(AccessPlan.Nothing, await PlanAsync(new("app", "t", "patient/*.rs") { UserId = "u" }));
    }

    [Fact]
    public async Task A_patient_sees_their_own_record_whatever_the_app_asks()
    {
        held = [new(BuiltInRoles.Patient)];
        var plan = await PlanAsync(new("portal", "t", "user/*.cruds") { UserId = "u", FhirUser = "Patient/ann" });
        Assert.True(Reaches(plan, Interaction.Search, OfAnn));
        Assert.True(Reaches(plan, Interaction.Search, Restricted));
        Assert.False(Reaches(plan, Interaction.Search, OfBob));
        Assert.False(plan.Of("Observation").Allows(Interaction.Create));
        Assert.False(plan.Of("Claim").Allows(Interaction.Read));
    }

    [Theory]
    [InlineData("""{"resourceType":"RelatedPerson","id":"mum","patient":{"reference":"Patient/ann"},"period":{"start":"2020","end":"2030"}}""", true)]
    [InlineData("""{"resourceType":"RelatedPerson","id":"mum","patient":{"reference":"Patient/ann"},"period":{"end":"2026-11"}}""", true)]
    [InlineData("""{"resourceType":"RelatedPerson","id":"mum","patient":{"reference":"Patient/ann"},"period":{"end":"2026-11-27"}}""", false)]
    [InlineData("""{"resourceType":"RelatedPerson","id":"mum","patient":{"reference":"Patient/ann"},"period":{"start":"2026-11-29"}}""", false)]
    [InlineData("""{"resourceType":"RelatedPerson","id":"mum","patient":{"reference":"Patient/ann"},"active":false}""", false)]
    [Trait("Requirement", "S-90")]
    public async Task A_proxy_speaks_while_the_record_says_so(string person, bool may)
    {
        held = [new(BuiltInRoles.Patient)];
        Store(person);
        var plan = await PlanAsync(new("portal", "t", "user/*.rs") { UserId = "u", FhirUser = "RelatedPerson/mum" });
        Assert.Equal(may, plan.Of("Observation").Allows(Interaction.Read) && Reaches(plan, Interaction.Read, OfAnn));
        Assert.False(plan.Of("Observation").Allows(Interaction.Read) && Reaches(plan, Interaction.Read, OfBob));
    }

    [Fact]
    [Trait("Requirement", "S-45")]
    public async Task A_label_hides_from_whoever_may_not_read_it()
    {
        held = [new(BuiltInRoles.Coder)];
        var coder = await PlanAsync(new("app", "t", "user/*.rs") { UserId = "u" });
        Assert.True(Reaches(coder, Interaction.Search, OfAnn));
        Assert.False(Reaches(coder, Interaction.Search, Restricted));

        held = [new(BuiltInRoles.Clinician)];
        Assert.True(Reaches(await PlanAsync(new("app", "t", "user/*.rs") { UserId = "v" }), Interaction.Search, Restricted));
    }

    [Fact]
    public async Task A_constrained_scope_holds_for_reading_and_writing_and_never_for_export()
    {
        held = [new(BuiltInRoles.SystemClient)];
        var plan = await PlanAsync(new("lab", "t", "system/Observation.cruds?category=vital-signs"));
        foreach (var interaction in new[] { Interaction.Read, Interaction.Search, Interaction.Create, Interaction.Update, Interaction.Delete, Interaction.History, Interaction.Vread })
        {
            Assert.True(Reaches(plan, interaction, Vitals));
            Assert.False(Reaches(plan, interaction, OfAnn));
        }

        Assert.False(plan.Of("Observation").Allows(Interaction.Export));
        Assert.True((await PlanAsync(new("lab", "t", "system/Observation.rs"))).Of("Observation").Allows(Interaction.Export));
        Assert.False(plan.Of("Observation").Allows(Interaction.Import));
        Assert.False((await PlanAsync(new("lab", "t", "system/Observation.rs"))).Of("Observation").Allows(Interaction.Import));
        Assert.True((await PlanAsync(new("lab", "t", "system/Observation.cruds"))).Of("Observation").Allows(Interaction.Import));
    }

    [Fact]
    public async Task A_constraint_that_cannot_be_meant_opens_nothing()
    {
        held = [new(BuiltInRoles.SystemClient)];
        Assert.False((await PlanAsync(new("lab", "t", "system/Observation.rs?no-such=1"))).Of("Observation").Allows(Interaction.Read));
    }

    [Theory]
    [InlineData("system/*.rs", true)]
    [InlineData("user/*.rs", false)]
    public async Task Nobody_speaks_for_another(string scopes, bool isUser)
    {
        held = [new(BuiltInRoles.Superuser)];
        Assert.Same(AccessPlan.Nothing, await PlanAsync(new("app", "t", scopes) { UserId = isUser ? "u" : null }));
    }

    [Fact]
    public async Task Rights_need_the_scope_for_rights()
    {
        held = [new(BuiltInRoles.Auditor)];
        Assert.False((await PlanAsync(new("app", "t", "user/*.rs") { UserId = "u" })).Holds("audit.read"));
        Assert.True((await PlanAsync(new("app", "t", "user/*.rs fhiremr/rights") { UserId = "u" })).Holds("audit.read"));
    }

    [Fact]
    public async Task An_element_list_of_a_role_masks_the_rest()
    {
        held = [new(BuiltInRoles.Biller)];
        var masked = (await PlanAsync(new("app", "t", "user/*.rs") { UserId = "u" })).Of("Encounter").Masked(Interaction.Read);
        Assert.Contains("text", masked.AsEnumerable());
        Assert.Contains("reasonCode", masked.AsEnumerable());
        Assert.DoesNotContain("period", masked.AsEnumerable());
        Assert.DoesNotContain("meta", masked.AsEnumerable());
    }

    [Fact]
    public async Task The_whole_record_needs_no_condition()
    {
        held = [new(BuiltInRoles.Superuser)];
        Assert.Null((await PlanAsync(new("app", "t", "user/*.cruds") { UserId = "u" })).Of("Observation").Where(Interaction.Search));
    }

    [Fact]
    [Trait("Requirement", "S-46")]
    public async Task A_consent_that_denies_takes_a_record_away_from_all_but_the_patient()
    {
        Store(Consent("""{"type":"deny"}"""));
        held = [new(BuiltInRoles.Clinician)];
        var clinician = await PlanAsync(new("app", "t", "user/*.rs") { UserId = "u" });
        Assert.False(Reaches(clinician, Interaction.Search, OfAnn));
        Assert.True(Reaches(clinician, Interaction.Search, OfBob));

        held = [new(BuiltInRoles.Patient)];
        Assert.True(Reaches(await PlanAsync(new("app", "t", "user/*.rs") { UserId = "a", FhirUser = "Patient/ann" }), Interaction.Search, OfAnn));
    }

    [Theory]
    [InlineData("""{"type":"deny","actor":[{"role":{"text":"x"},"reference":{"reference":"Practitioner/nosy"}}]}""", false)]
    [InlineData("""{"type":"deny","actor":[{"role":{"text":"x"},"reference":{"reference":"Practitioner/other"}}]}""", true)]
    [InlineData("""{"type":"deny","actor":[{"role":{"text":"x"},"reference":{"identifier":{"value":"app"}}}]}""", false)]
    [InlineData("""{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}]}""", false)]
    [InlineData("""{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Condition"}]}""", true)]
    [InlineData("""{"type":"deny","period":{"end":"2026-11-27"}}""", true)]
    [InlineData("""{"type":"deny","period":{"start":"2026-11"}}""", false)]
    [InlineData("""{"type":"deny","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HMARKT"}]}""", true)]
    [InlineData("""{"type":"deny","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}""", false)]
    [InlineData("""{"type":"deny","action":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"correct"}]}]}""", true)]
    [InlineData("""{"type":"deny","provision":[{"type":"permit","actor":[{"role":{"text":"x"},"reference":{"reference":"Practitioner/nosy"}}]}]}""", true)]
    [InlineData("""{"type":"deny","provision":[{"type":"permit","actor":[{"role":{"text":"x"},"reference":{"reference":"Practitioner/other"}}]}]}""", false)]
    [InlineData("""{"type":"deny","provision":[{"type":"permit","dataPeriod":{"start":"2020"}}]}""", false)]
    [InlineData("""{"type":"permit","provision":[{"type":"deny","data":[{"meaning":"instance","reference":{"reference":"Observation/a"}}]}]}""", false)]
    [InlineData("""{"type":"permit","provision":[{"type":"deny","data":[{"meaning":"instance","reference":{"reference":"Observation/z"}}]}]}""", true)]
    [InlineData("""{"type":"permit"}""", true)]
    [Trait("Requirement", "S-46")]
    public async Task A_consent_means_whom_and_what_it_says(string provision, bool may)
    {
        Store(Consent(provision));
        held = [new(BuiltInRoles.Clinician)];
        Assert.Equal(may, Reaches(await PlanAsync(new("app", "t", "user/*.rs") { UserId = "u", FhirUser = "Practitioner/nosy" }), Interaction.Search, OfAnn));
    }

    [Fact]
    [Trait("Requirement", "S-46")]
    public async Task The_newest_consent_of_a_patient_counts()
    {
        Store(Consent("""{"type":"deny"}""", "older", "2025-01-01"));
        Store(Consent("""{"type":"permit"}""", "newer", "2026-01-01"));
        held = [new(BuiltInRoles.Clinician)];
        Assert.True(Reaches(await PlanAsync(new("app", "t", "user/*.rs") { UserId = "u" }), Interaction.Search, OfAnn));
    }

    [Fact]
    [Trait("Requirement", "S-47")]
    public async Task Emergency_access_opens_one_record_for_reading_past_labels_and_consents()
    {
        Store(Consent("""{"type":"deny"}"""));
        held = [new(BuiltInRoles.Nurse)];
        opened = ["ann"];
        var plan = await PlanAsync(new("app", "t", "user/*.cruds") { UserId = "u" });
        Assert.True(Reaches(plan, Interaction.Read, Restricted));
        Assert.False(Reaches(plan, Interaction.Update, Restricted));
        Assert.True(Reaches(plan, Interaction.Read, OfBob));

        opened = [];
        Assert.False(Reaches(await PlanAsync(new("app", "t", "user/*.cruds") { UserId = "u2" }), Interaction.Read, Restricted));
    }

    private static string Consent(string provision, string id = "c", string given = "2026-01-01") =>
        $$"""{"resourceType":"Consent","id":"{{id}}","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"patient":{"reference":"Patient/ann"},"dateTime":"{{given}}","provision":{{provision}}}""";

    private void Store(string json)
    {
        var root = FhirJsonReader.Read(Encoding.UTF8.GetBytes(json), out _)!.Root;
        var key = new ResourceKey(root.Type.Name, root.TextOf("id")!);
        stored[key.ToString()] = new(1, key, 1, DateTimeOffset.UnixEpoch, false, "PUT", Encoding.UTF8.GetBytes(json));
    }

    private async Task<AccessPlan> PlanAsync(Principal principal)
    {
        var indexer = new ResourceIndexer(Parameters, TimeZoneInfo.Utc);
        var clock = new StoppedClock(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
        var parser = new SearchParser(Parameters, indexer, symbols, symbols, new(new TerminologyService(null, clock), new FakeDefinitions(), clock), clock, TimeZoneInfo.Utc, new SearchLimits());
        var constraints = new Constraints(parser);
        symbols.Symbol(Encoding.UTF8.GetBytes(LabelRules.Confidentiality));
        var patients = new PatientReach(Parameters, symbols);
        var book = new ConsentBook(_ => Task.FromResult<IReadOnlyList<StoredResource>>([.. stored.Values.Where(r => r.Key.Type == "Consent")]), clock);
        return await new AccessPlanner(new Held(this), patients, new OwnPatients((key, _) => new(stored.GetValueOrDefault(key.ToString())), clock, TimeZoneInfo.Utc), constraints,
            new LabelRules(constraints, Options.Create(new AccessOptions())), new ConsentRules(book, patients, constraints, clock, TimeZoneInfo.Utc), (_, _) => new(opened), clock)
            .PlanAsync(principal, TestContext.Current.CancellationToken);
    }

    private bool Reaches(AccessPlan plan, Interaction interaction, string json)
    {
        var tree = FhirJsonReader.Read(Encoding.UTF8.GetBytes(json), out _)!;
        var rows = new ResourceIndexer(Parameters, TimeZoneInfo.Utc).Index(tree.Root, symbols, 999);
        var access = plan.Of(tree.Root.Type.Name);
        return access.Allows(interaction) && (access.Where(interaction) is not { } where || RowMatcher.Matches(where, rows, tree.Root.TextOf("id")!));
    }

    private sealed class Held(AccessPlannerTests test) : IRoleBook
    {
        public ValueTask<IReadOnlyList<HeldRole>> HeldByAsync(Principal principal, CancellationToken ct) => new(test.held);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
