using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>The rules of security.md section 4 one by one, where a random answer would not show them.</summary>
[Trait("Requirement", "S-33")]
[Trait("Requirement", "S-36")]
[Trait("Requirement", "S-37")]
[Trait("Requirement", "S-38")]
[Trait("Requirement", "S-41")]
public abstract partial class AccessRuleTests(StrictAccessServer server) : OnServer(server)
{
    private const string Secret = "R";
    private static int count;

    private readonly string mark = string.Create(CultureInfo.InvariantCulture, $"r{Interlocked.Increment(ref count)}");

    private new StrictAccessServer Server => (StrictAccessServer)base.Server;

    private string Mine => mark + "-mine";

    private string Other => mark + "-other";

    [Fact]
    public async Task S36_hidden_answers_as_absent_does_to_the_letter()
    {
        await SeedAsync();
        await ObservationAsync("hidden", Other);
        await ObservationAsync("gone", Other);
        await Server.SendAsync(Caller.System, "DELETE", $"Observation/{mark}-gone");
        var caller = await OwnAsync();
        foreach (var (method, tail, headers, body) in new (string, string, ConditionalHeaders?, string?)[]
        {
            ("GET", "", null, null), ("GET", "", new(null, "W/\"1\"", null, null), null), ("GET", "", new(null, null, DateTimeOffset.MaxValue, null), null), ("HEAD", "", null, null),
            ("GET", "/_history", null, null), ("GET", "/_history/1", null, null), ("GET", "/_history/2", null, null), ("GET", "/$meta", null, null), ("GET", "?_asOf=2999-01-01T00:00:00Z", null, null),
            ("PATCH", "", null, Patch("language", "en")), ("PATCH", "", new("W/\"7\"", null, null, null), Patch("language", "en")),
            ("DELETE", "", null, null), ("DELETE", "", new("W/\"7\"", null, null, null), null),
            ("POST", "/$meta-add", null, """{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"x"}]}}]}"""),
        })
        {
            var absent = await TextAsync(caller, method, $"Observation/{mark}-absent{tail}", body, headers);
            Assert.Equal(absent.Replace("-absent", "-hidden", StringComparison.Ordinal), await TextAsync(caller, method, $"Observation/{mark}-hidden{tail}", body, headers));
            Assert.Equal(absent.Replace("-absent", "-gone", StringComparison.Ordinal), await TextAsync(caller, method, $"Observation/{mark}-gone{tail}", body, headers));
        }

        Assert.Equal(1, (await Server.SendAsync(Caller.System, "GET", $"Observation/{mark}-hidden")).Version);
    }

    [Fact]
    public async Task S36_nothing_is_stolen_and_nothing_planted()
    {
        await SeedAsync();
        await ObservationAsync("o", Mine);
        await ObservationAsync("theirs", Other);
        await ObservationAsync("gone", Other);
        await Server.SendAsync(Caller.System, "DELETE", $"Observation/{mark}-gone");
        var caller = await OwnAsync();
        Assert.Equal(422, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-o", Observation("o", Other))).Status); // who that is cannot be known
        Assert.Equal(403, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-theirs", Observation("theirs", Mine))).Status);
        Assert.Equal(403, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-gone", Observation("gone", Mine))).Status);
        Assert.Equal(422, (await Server.SendAsync(caller, "POST", "Observation", Observation(null, Other))).Status);
        Assert.Equal(422, (await Server.SendAsync(caller, "POST", "", Bundle(("POST", "Observation", Observation(null, Mine)), ("POST", "Observation", Observation(null, Other))))).Status);
        Assert.Equal(200, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-o", Observation("o", Mine, "\"language\":\"de\","))).Status);
        Assert.Equal(201, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-new", Observation("new", Mine))).Status);
        Assert.Equal(1, (await Server.SendAsync(Caller.System, "GET", $"Observation/{mark}-theirs")).Version);
    }

    [Fact]
    public async Task S36_what_was_moved_is_gone_with_its_past_and_comes_without_it()
    {
        await SeedAsync();
        await ObservationAsync("o", Other);
        var caller = await OwnAsync();
        await Server.SendAsync(Caller.System, "PUT", $"Observation/{mark}-o", Observation("o", Mine));
        Assert.Equal(200, (await Server.SendAsync(caller, "GET", $"Observation/{mark}-o")).Status);
        Assert.Equal(404, (await Server.SendAsync(caller, "GET", $"Observation/{mark}-o/_history/1")).Status);
        Assert.Equal(200, (await Server.SendAsync(caller, "GET", $"Observation/{mark}-o/_history/2")).Status);
        Assert.Equal(1, (await JsonAsync(caller, $"Observation/{mark}-o/_history"))["total"]!.GetValue<int>());
        await Server.SendAsync(Caller.System, "PUT", $"Observation/{mark}-o", Observation("o", Other));
        foreach (var tail in new[] { "", "/_history", "/_history/2" })
            Assert.Equal(404, (await Server.SendAsync(caller, "GET", $"Observation/{mark}-o{tail}")).Status);
    }

    [Fact]
    public async Task S36_a_reference_to_what_is_hidden_is_one_to_what_is_not_there()
    {
        await SeedAsync();
        await ObservationAsync("theirs", Other);
        await ObservationAsync("mine", Mine);
        var caller = await OwnAsync();
        async Task<string> MemberAsync(string id) => await TextAsync(caller, "POST", "Observation", Observation(null, Mine, $$"""  "hasMember":[{"reference":"Observation/{{mark}}-{{id}}"}],"""));
        var hidden = await MemberAsync("theirs");
        Assert.StartsWith("422", hidden, StringComparison.Ordinal);
        Assert.Equal((await MemberAsync("absent")).Replace("-absent", "-theirs", StringComparison.Ordinal), hidden);
        Assert.StartsWith("201", await MemberAsync("mine"), StringComparison.Ordinal);

        // What the plan itself names may be referred to, although it opens no Patient.
        var writer = AccessServer.With(new("w" + mark, new Dictionary<string, TypeAccess>
        {
            ["Observation"] = new([new Grant(Interaction.Create, await Server.WhereAsync("Observation", $"subject=Patient/{Mine}"))]),
        }, []));
        Assert.Equal(201, (await Server.SendAsync(writer, "POST", "Observation", Observation(null, Mine))).Status);
        Assert.Equal(422, (await Server.SendAsync(writer, "POST", "Observation", Observation(null, Other))).Status);
    }

    [Fact]
    public async Task A_deletion_that_hidden_resources_block_names_none_of_them()
    {
        await SeedAsync();
        await ObservationAsync("mine", Mine);
        await Server.PutAsync("Observation", mark + "-theirs", (JsonObject)JsonNode.Parse(Observation("theirs", Other, $$"""  "hasMember":[{"reference":"Observation/{{mark}}-mine"}],"""))!);
        var caller = await OwnAsync();
        var blocked = await TextAsync(caller, "DELETE", $"Observation/{mark}-mine");
        Assert.StartsWith("409", blocked, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", blocked, StringComparison.Ordinal);
        Assert.DoesNotContain("1 Observation", blocked, StringComparison.Ordinal);
        Assert.Contains("theirs", await TextAsync(Caller.System, "DELETE", $"Observation/{mark}-mine"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_come_and_go_by_who_may_not_see_all_of_the_Group()
    {
        await SeedAsync();
        var group = mark + "-list";
        await Server.PutAsync("Group", group, (JsonObject)JsonNode.Parse($$"""{"resourceType":"Group","id":"{{group}}","type":"person","actual":true,"name":"Panel of 555-9"}""")!);
        var caller = AccessServer.With(new("g" + mark, new Dictionary<string, TypeAccess>
        {
            ["Group"] = new([new Grant(Interaction.All) { Masked = FrozenSet.Create("name") }]),
            ["Patient"] = new([new Grant(Interaction.All)]),
        }, []));
        var member = $$$"""{"resourceType":"Parameters","parameter":[{"name":"patientReference","valueReference":{"reference":"Patient/{{{Mine}}}"}}]}""";

        var shown = await TextAsync(caller, "POST", $"Group/{group}/$member-add", member);
        Assert.StartsWith("200", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("555-9", shown, StringComparison.Ordinal);
        var whole = await TextAsync(Caller.System, "GET", $"Group/{group}");
        Assert.Contains("555-9", whole, StringComparison.Ordinal);
        Assert.Contains($"Patient/{Mine}", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Withheld_elements_are_in_no_answer_and_can_be_asked_for_in_no_way()
    {
        await SeedAsync();
        await Server.PutAsync("Patient", Mine, (JsonObject)JsonNode.Parse(
            $$$"""{"resourceType":"Patient","id":"{{{Mine}}}","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">555-9</div>"},"name":[{"family":"Adams"}],"telecom":[{"value":"555-9"}],"birthDate":"1980-01-01"}""")!);
        await ObservationAsync("o", Mine, $$$"""  "contained":[{"resourceType":"Patient","id":"p","telecom":[{"value":"555-9"}]}],""");
        var caller = AccessServer.With(new("m" + mark, new Dictionary<string, TypeAccess>
        {
            ["Patient"] = new([new Grant(Interaction.All) { Masked = FrozenSet.Create("telecom") }]),
            ["Observation"] = new([new Grant(Interaction.All)]),
        }, []));
        foreach (var address in new[]
        {
            $"Patient/{Mine}", $"Patient/{Mine}?_elements=telecom", $"Patient/{Mine}/_history/2", $"Patient/{Mine}/_history", $"Patient?_id={Mine}", $"Observation?_id={mark}-o&_include=*", $"Observation/{mark}-o",
            $"Patient/{Mine}/$everything", $"$graphql?query={{Patient(id:\"{Mine}\"){{id birthDate telecom{{value}}}}}}", $"$graphql?query={{PatientList(_id:\"{Mine}\"){{id birthDate telecom{{value}}}}}}",
            $"Patient/{Mine}?_asOf=2999-01-01T00:00:00Z", $"Patient/{Mine}/$summary",
        })
        {
            var shown = await TextAsync(caller, "GET", address);
            Assert.StartsWith("200", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("555-9", shown, StringComparison.Ordinal);
            Assert.Contains("555-9", await TextAsync(Caller.System, "GET", address), StringComparison.Ordinal);
        }

        Assert.Contains("SUBSETTED", await TextAsync(caller, "GET", $"Patient/{Mine}"), StringComparison.Ordinal);
        foreach (var query in new[] { "telecom=555-9", "phone=555-9", "telecom:missing=false", "_sort=telecom", "_content=555", "_text=555", "_filter=telecom eq \"555-9\"" })
        {
            var refused = await TextAsync(caller, "GET", $"Patient?{query}");
            Assert.True(refused.StartsWith("403", StringComparison.Ordinal), query + " " + refused);
            Assert.Contains(query.StartsWith("_filter", StringComparison.Ordinal) ? "telecom" : query.Split('=', ':')[query.StartsWith("_sort", StringComparison.Ordinal) ? 1 : 0], refused, StringComparison.Ordinal);
        }

        Assert.Equal(403, (await Server.SendAsync(caller, "GET", "Observation?subject:Patient.telecom=555-9")).Status);
        Assert.Equal(200, (await Server.SendAsync(caller, "GET", "Observation?subject:Patient.birthdate=1980-01-01")).Status);

        var read = (await Server.SendAsync(caller, "GET", $"Patient/{Mine}")).Json;
        Assert.Equal(422, (await Server.SendAsync(caller, "PUT", $"Patient/{Mine}", Encoding.UTF8.GetString(read.Span))).Status);
        Assert.Equal(403, (await Server.SendAsync(caller, "PUT", $"Patient/{Mine}", $$"""{"resourceType":"Patient","id":"{{Mine}}","birthDate":"1981-01-01"}""")).Status);
        Assert.Equal(403, (await Server.SendAsync(caller, "PATCH", $"Patient/{Mine}", Delete("Patient.telecom"))).Status);
        var patched = await TextAsync(caller, "PATCH", $"Patient/{Mine}", Patch("language", "en", "Patient"));
        Assert.StartsWith("200", patched, StringComparison.Ordinal);
        Assert.DoesNotContain("555-9", patched, StringComparison.Ordinal);
        Assert.Contains("555-9", await TextAsync(Caller.System, "GET", $"Patient/{Mine}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S41_labels_stay_and_are_changed_by_right_only()
    {
        await SeedAsync();
        var labelled = $$$"""  "meta":{"security":[{"system":"{{{Clinic.Security}}}","code":"{{{Secret}}}"}]},""";
        await ObservationAsync("o", Mine, labelled);
        var caller = await OwnAsync();
        Assert.Equal(200, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-o", Observation("o", Mine, "\"language\":\"de\","))).Status);
        Assert.Contains("\"code\":\"R\"", await TextAsync(caller, "GET", $"Observation/{mark}-o"), StringComparison.Ordinal);
        Assert.Equal(200, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-o", Observation("o", Mine, labelled))).Status);
        Assert.Single((await JsonAsync(caller, $"Observation?_security={Secret}&_id={mark}-o"))["entry"]!.AsArray());

        const string Labels = """{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}}]}""";
        Assert.Equal(403, (await Server.SendAsync(caller, "PUT", $"Observation/{mark}-o", Observation("o", Mine, labelled.Replace("\"R\"", "\"N\"", StringComparison.Ordinal)))).Status);
        Assert.Equal(403, (await Server.SendAsync(caller, "PATCH", $"Observation/{mark}-o", Delete("Observation.meta.security"))).Status);
        Assert.Equal(403, (await Server.SendAsync(caller, "POST", $"Observation/{mark}-o/$meta-delete", Labels)).Status);
        Assert.Equal(403, (await Server.SendAsync(caller, "POST", "Observation", Observation(null, Mine, labelled))).Status);
        var keeper = await OwnAsync("label.write");
        Assert.Equal(201, (await Server.SendAsync(keeper, "POST", "Observation", Observation(null, Mine, labelled))).Status);
        Assert.Equal(200, (await Server.SendAsync(keeper, "POST", $"Observation/{mark}-o/$meta-delete", Labels)).Status);
        Assert.DoesNotContain("\"code\":\"R\"", await TextAsync(keeper, "GET", $"Observation/{mark}-o"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S38_a_binary_is_its_creators_before_anything_refers_to_it()
    {
        await SeedAsync();
        var (creator, stranger) = (await OwnAsync(creator: -7), await OwnAsync(creator: 8));
        foreach (var binary in new[] { await CreatedAsync("POST", "Binary"), await CreatedAsync("PUT", $"Binary/{mark}-put") })
        {
            foreach (var address in new[] { binary, binary + "/_history/1" })
            {
                Assert.Equal(200, (await Server.SendAsync(creator, "GET", address)).Status);
                Assert.Equal(404, (await Server.SendAsync(stranger, "GET", address)).Status);
                Assert.Equal(404, (await Server.SendAsync(await OwnAsync(), "GET", address)).Status);
            }

            Assert.Equal(403, (await Server.SendAsync(stranger, "PUT", binary, Text(binary, "c3RyYW5nZXI="))).Status);
            Assert.Equal(200, (await Server.SendAsync(creator, "PUT", binary, Text(binary, "YWdhaW4="))).Status);
            Assert.Equal(200, (await Server.SendAsync(Caller.System, "PUT", binary, Text(binary, "c3lzdGVt"))).Status); // an update by another changes nothing of whose it is
            Assert.Contains("c3lzdGVt", await TextAsync(creator, "GET", binary), StringComparison.Ordinal);
            Assert.Equal(404, (await Server.SendAsync(stranger, "GET", binary)).Status);

            var hung = Text(binary, "aHVuZw==").Replace("\"contentType\"", $"\"securityContext\":{{\"reference\":\"Patient/{Other}\"}},\"contentType\"", StringComparison.Ordinal);
            Assert.Equal(200, (await Server.SendAsync(Caller.System, "PUT", binary, hung)).Status);
            Assert.Equal(404, (await Server.SendAsync(creator, "GET", binary)).Status); // it says whose it is
        }

        async Task<string> CreatedAsync(string method, string address)
        {
            var reply = await Server.SendAsync(creator, method, address, Text(method == "PUT" ? address : null, "aGk="));
            Assert.Equal(201, reply.Status);
            return reply.Location!.Split("/_history")[0];
        }

        static string Text(string? key, string data) =>
            $$"""{"resourceType":"Binary",{{(key is null ? "" : $"\"id\":\"{key["Binary/".Length..]}\",")}}"contentType":"text/plain","data":"{{data}}"}""";
    }

    [Fact]
    public async Task S38_a_binary_goes_with_its_context_or_with_what_refers_to_it()
    {
        await SeedAsync();
        foreach (var (id, context) in new[] { ("mine", Mine), ("theirs", Other), ("free", null), ("attached", null) })
            await Server.PutAsync("Binary", $"{mark}-{id}", (JsonObject)JsonNode.Parse($$$"""{"resourceType":"Binary","id":"{{{mark}}}-{{{id}}}","contentType":"text/plain",{{{(context is null ? "" : $$"""  "securityContext":{"reference":"Patient/{{context}}"},""")}}}"data":"aGk="}""")!);
        await Server.PutAsync("DocumentReference", mark + "-d", (JsonObject)JsonNode.Parse(
            $$$"""{"resourceType":"DocumentReference","id":"{{{mark}}}-d","status":"current","subject":{"reference":"Patient/{{{Mine}}}"},"content":[{"attachment":{"url":"Binary/{{{mark}}}-attached"}}]}""")!);
        var caller = await OwnAsync();
        foreach (var (id, status) in new[] { ("mine", 200), ("theirs", 404), ("free", 404), ("attached", 200) })
        {
            Assert.Equal(status, (await Server.SendAsync(caller, "GET", $"Binary/{mark}-{id}")).Status);
            Assert.Equal(status, (await Server.SendAsync(caller, "GET", $"Binary/{mark}-{id}/_history/1")).Status);
        }

        Assert.Equal(403, (await Server.SendAsync(caller, "GET", "Binary?_id=x")).Status);
        Assert.Equal(201, (await Server.SendAsync(caller, "POST", "Binary", $$$"""{"resourceType":"Binary","contentType":"text/plain","securityContext":{"reference":"Patient/{{{Mine}}}"}}""")).Status);
        Assert.Contains((await Server.SendAsync(caller, "POST", "Binary", $$$"""{"resourceType":"Binary","contentType":"text/plain","securityContext":{"reference":"Patient/{{{Other}}}"}}""")).Status, new[] { 403, 422 });
    }

    [Fact]
    public async Task S39_a_job_runs_with_the_rights_of_who_asked_and_answers_nobody_else()
    {
        await SeedAsync();
        await ObservationAsync("mine", Mine);
        await ObservationAsync("theirs", Other);
        var caller = await OwnAsync();
        Server.Plans[caller.Name] = caller.Access;
        var accepted = await Server.SendAsync(caller, "GET", $"Observation?_id={mark}-mine,{mark}-theirs", prefer: "respond-async");
        Assert.Equal(202, accepted.Status);
        var done = await DoneAsync(caller, accepted.Location!);
        Assert.Contains($"\"id\":\"{mark}-mine\"", done, StringComparison.Ordinal);
        Assert.DoesNotContain($"\"id\":\"{mark}-theirs\"", done, StringComparison.Ordinal);
        Assert.Equal(404, (await Server.SendAsync(AccessServer.With(caller.Access, "somebody"), "GET", accepted.Location!)).Status);
        Assert.Equal(404, (await Server.SendAsync(caller with { Access = new("narrower", new Dictionary<string, TypeAccess>(), []) }, "GET", accepted.Location!)).Status);

        Server.Plans[caller.Name] = AccessPlan.Nothing;
        var late = await Server.SendAsync(caller, "GET", $"Observation?_id={mark}-mine", prefer: "respond-async");
        Assert.Contains("rights have changed", await DoneAsync(caller, late.Location!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_kept_for_a_repeat_is_for_the_same_rights_only()
    {
        await SeedAsync();
        var caller = await OwnAsync();
        var first = await Server.SendAsync(caller, "POST", "Observation", Observation(null, Mine), key: mark);
        Assert.Equal(201, first.Status);
        Assert.Equal(first.Location, (await Server.SendAsync(caller, "POST", "Observation", Observation(null, Mine), key: mark)).Location);
        var other = await OwnAsync("label.write");
        Assert.Equal(422, (await Server.SendAsync(other, "POST", "Observation", Observation(null, Mine), key: mark)).Status);
    }

    [Fact]
    public async Task A_page_goes_on_under_the_rights_of_now_and_for_who_began_it()
    {
        await SeedAsync();
        foreach (var i in Enumerable.Range(0, 4))
            await ObservationAsync($"p{i}", i < 2 ? Mine : Other);
        var wide = AccessServer.With(new("wide" + mark, new Dictionary<string, TypeAccess> { ["Observation"] = TypeAccess.All }, []), "own" + mark);
        var page = await JsonAsync(wide, $"Observation?_id={string.Join(',', Enumerable.Range(0, 4).Select(i => $"{mark}-p{i}"))}&_count=1");
        var next = page["link"]!.AsArray().Single(l => l!["relation"]!.GetValue<string>() == "next")!["url"]!.GetValue<string>()[(AccessServer.Base.Length + 1)..];
        var narrow = await OwnAsync();
        var rest = await JsonAsync(narrow, next);
        Assert.Equal([$"{mark}-p1"], rest["entry"]!.AsArray().Select(e => e!["resource"]!["id"]!.GetValue<string>()));
        Assert.DoesNotContain(rest["link"]!.AsArray(), l => l!["relation"]!.GetValue<string>() == "next");
        Assert.Equal(400, (await Server.SendAsync(AccessServer.With(narrow.Access, "somebody"), "GET", next)).Status);
    }

    [Theory]
    [InlineData("GET", "Observation/$explain?status=final", "operation:explain")]
    [InlineData("GET", "Patient/@/$delete-impact", "operation:delete-impact")]
    [InlineData("POST", "Observation/absent/$purge", "operation:purge")]
    [InlineData("GET", "Patient/@/$verify", "operation:verify")]
    [InlineData("GET", "$reindex", "operation:reindex")]
    [InlineData("GET", "Claim/absent/$evidence", "operation:evidence")]
    [InlineData("GET", "Claim/absent/$scrub", "operation:scrub")]
    [InlineData("GET", "Encounter/absent/$em-level", "operation:em-level")]
    public async Task An_operation_takes_its_right(string method, string address, string right)
    {
        await SeedAsync();
        address = address.Replace("@", Mine, StringComparison.Ordinal);
        Assert.Equal(403, (await Server.SendAsync(await OwnAsync(), method, address)).Status);
        Assert.Contains((await Server.SendAsync(await OwnAsync(right), method, address)).Status, new[] { 200, 404 });
        Assert.Contains((await Server.SendAsync(await OwnAsync("operation:*"), method, address)).Status, new[] { 200, 404 });
    }

    [Theory]
    [InlineData("Practitioner/somebody", true)]
    [InlineData("Patient/somebody", false)]
    [InlineData("RelatedPerson/somebody", false)]
    public async Task The_schema_of_GraphQL_is_not_for_patients(string user, bool isShown)
    {
        await SeedAsync();
        var own = await OwnAsync();
        var caller = own with { Principal = own.Principal! with { FhirUser = user } };
        foreach (var query in (string[])["{__schema{types{name}}}", "{...on Query{x:__type(name:\"Patient\"){name}}}"])
            Assert.Equal(isShown ? 200 : 403, (await Server.SendAsync(caller, "GET", "$graphql?query=" + Uri.EscapeDataString(query))).Status);
        Assert.Equal(200, (await Server.SendAsync(caller, "GET", "$graphql?query=" + Uri.EscapeDataString("{Patient(id:\"" + Mine + "\"){__typename id}}"))).Status);
    }

    [Fact]
    public async Task The_level_of_a_visit_is_for_who_may_read_the_encounter_and_does_not_show_what_else_they_may_not_read()
    {
        await SeedAsync();
        await Server.PutAsync("Condition", $"{mark}-secret", (JsonObject)JsonNode.Parse($$$"""
            {"resourceType":"Condition","id":"{{{mark}}}-secret","subject":{"reference":"Patient/{{{Mine}}}"},"code":{"text":"A secret illness","coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F20.9"}]}}
            """)!);
        await Server.PutAsync("Encounter", $"{mark}-visit", (JsonObject)JsonNode.Parse($$$"""
            {"resourceType":"Encounter","id":"{{{mark}}}-visit","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{Mine}}}"},"period":{"start":"2026-03-02","end":"2026-03-02"},
             "diagnosis":[{"condition":{"reference":"Condition/{{{mark}}}-secret"}}]}
            """)!);
        var address = $"Encounter/{mark}-visit/$em-level";
        var withConditions = AccessServer.With(new("both" + mark, new Dictionary<string, TypeAccess> { ["Encounter"] = TypeAccess.All, ["Condition"] = TypeAccess.All }, ["operation:em-level"]), "both" + mark);
        var without = AccessServer.With(new("one" + mark, new Dictionary<string, TypeAccess> { ["Encounter"] = TypeAccess.All }, ["operation:em-level"]), "one" + mark);

        Assert.Equal(404, (await Server.SendAsync(await OwnAsync("operation:em-level"), "GET", address)).Status);
        Assert.Contains("A secret illness", (await JsonAsync(withConditions, address)).ToJsonString(), StringComparison.Ordinal);
        var shown = (await JsonAsync(without, address)).ToJsonString();
        Assert.DoesNotContain("A secret illness", shown, StringComparison.Ordinal);
        Assert.DoesNotContain($"{mark}-secret", shown, StringComparison.Ordinal);
        Assert.Contains("Withheld", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_not_signed_in_gets_401_everywhere_but_at_the_capabilities()
    {
        foreach (var (method, address) in new[] { ("GET", "Patient/x"), ("GET", "Patient"), ("POST", "Patient"), ("GET", "_history"), ("POST", ""), ("GET", "$graphql?query={x}"), ("GET", "CodeSystem/$lookup?code=x"), ("DELETE", "Patient/x"), ("GET", "$job/x") })
            Assert.Equal(401, (await Server.SendAsync(Caller.Anonymous, method, address)).Status);
        Assert.Equal(200, (await Server.SendAsync(Caller.Anonymous, "GET", "metadata")).Status);
        Assert.Equal(403, (await Server.SendAsync(AccessServer.With(AccessPlan.Nothing), "GET", "Patient/x")).Status);
    }

    private async Task SeedAsync()
    {
        foreach (var patient in new[] { Mine, Other })
            await Server.PutAsync("Patient", patient, (JsonObject)JsonNode.Parse($$"""{"resourceType":"Patient","id":"{{patient}}","birthDate":"1970-01-01"}""")!);
    }

    /// <summary>Somebody who may do everything with their own, and nothing else.</summary>
    private Task<Caller> OwnAsync(params string[] rights) => OwnAsync(0, rights);

    /// <param name="creator">Who they are to the Binaries they store.</param>
    private async Task<Caller> OwnAsync(long creator, params string[] rights) => AccessServer.With(new($"own {mark} {creator} {string.Join(' ', rights)}", await OwnTypesAsync(), rights) { Creator = creator }, creator == 0 ? "own" + mark : $"own{creator}{mark}");

    private async Task<Dictionary<string, TypeAccess>> OwnTypesAsync() => new()
    {
        ["Patient"] = new([new Grant(Interaction.All, await Server.WhereAsync("Patient", $"_id={Mine}"))]),
        ["Observation"] = new([new Grant(Interaction.All, await Server.WhereAsync("Observation", $"subject=Patient/{Mine}"))]),
        ["DocumentReference"] = new([new Grant(Interaction.All, await Server.WhereAsync("DocumentReference", $"subject=Patient/{Mine}"))]),
        ["Binary"] = new([new Grant(Interaction.All)]),
        ["Claim"] = new([new Grant(Interaction.All, await Server.WhereAsync("Claim", $"patient=Patient/{Mine}"))]),
    };

    private Task ObservationAsync(string id, string patient, string more = "") => Server.PutAsync("Observation", $"{mark}-{id}", (JsonObject)JsonNode.Parse(Observation(id, patient, more))!);

    private string Observation(string? id, string patient, string more = "") =>
        $$$"""{"resourceType":"Observation",{{{(id is null ? "" : $"\"id\":\"{mark}-{id}\",")}}}{{{more}}}"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""";

    private static string Patch(string name, string code, string type = "Observation") =>
        $$$"""{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"{{{type}}}"},{"name":"name","valueString":"{{{name}}}"},{"name":"value","valueCode":"{{{code}}}"}]}]}""";

    private static string Delete(string path) =>
        $$$"""{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"{{{path}}}"}]}]}""";

    private static string Bundle(params (string Method, string Url, string Resource)[] entries) => $$$"""{"resourceType":"Bundle","type":"transaction","entry":[{{{string.Join(',', entries.Select(e =>
        $$$$"""{"resource":{{{{e.Resource}}}},"request":{"method":"{{{{e.Method}}}}","url":"{{{{e.Url}}}}"}}"""))}}}]}""";

    private async Task<string> TextAsync(Caller caller, string method, string address, string? body = null, ConditionalHeaders? headers = null)
    {
        var reply = await Server.SendAsync(caller, method, address, body, headers);
        return $"{reply.Status} {reply.Version} {reply.LastModified} {reply.Location} {Now().Replace(Encoding.UTF8.GetString(reply.Json.Span), "now")}";
    }

    private async Task<JsonNode> JsonAsync(Caller caller, string address)
    {
        var (status, json) = await Server.AskAsync(caller, "GET", address);
        Assert.True(status == 200, json?.ToJsonString());
        return json!;
    }

    private async Task<string> DoneAsync(Caller caller, string job)
    {
        while (true)
        {
            var reply = await Server.SendAsync(caller, "GET", job);
            if (reply.Status != 202)
                return Encoding.UTF8.GetString(reply.Json.Span);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The time of asking, which a refusal may repeat.</summary>
    [GeneratedRegex("""[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+Z""", RegexOptions.CultureInvariant)]
    private static partial Regex Now();
}

public sealed class SqliteAccessRuleTests(StrictAccessSqlite server) : AccessRuleTests(server), IClassFixture<StrictAccessSqlite>;

public sealed class PostgresAccessRuleTests(StrictAccessPostgres server) : AccessRuleTests(server), IClassFixture<StrictAccessPostgres>;
