using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>
/// Type × way in × rights, held against a model of one sentence: without the right it is 403, with it one's own is there and another's is not. Each
/// refusal stands beside the same request that succeeds.
/// </summary>
[Trait("Requirement", "S-30")]
[Trait("Requirement", "S-37")]
public abstract class InteractionMatrixTests(AccessServer server) : OnServer(server)
{
    private const Interaction Everything = Interaction.All;

    /// <summary>A resource of each type about one patient: its search parameter and what it needs to be valid.</summary>
    private static readonly Dictionary<string, (string About, string Content)> Shapes = new()
    {
        ["Observation"] = ("subject", """ "status":"final","code":{"text":"x"},"subject":{"reference":"@"} """),
        ["Condition"] = ("subject", """ "subject":{"reference":"@"} """),
        ["Encounter"] = ("subject", """ "status":"finished","class":{"code":"AMB"},"subject":{"reference":"@"} """),
        ["MedicationRequest"] = ("subject", """ "status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"@"} """),
        ["AllergyIntolerance"] = ("patient", """ "patient":{"reference":"@"} """),
        ["Immunization"] = ("patient", """ "status":"completed","vaccineCode":{"text":"x"},"patient":{"reference":"@"},"occurrenceDateTime":"2024" """),
        ["DocumentReference"] = ("subject", """ "status":"current","content":[{"attachment":{"url":"http://example.org/x"}}],"subject":{"reference":"@"} """),
        ["Coverage"] = ("beneficiary", """ "status":"active","beneficiary":{"reference":"@"},"payor":[{"display":"x"}] """),
    };

    /// <summary>Ways to a resource: what it takes, how it is asked for, the answer about one's own and about another's.</summary>
    private static readonly Way[] Ways =
    [
        new("read", Interaction.Read, 200, 404, async (c, at) => (await c.SendAsync("GET", at.Address)).Status),
        new("vread", Interaction.Vread, 200, 404, async (c, at) => (await c.SendAsync("GET", $"{at.Address}/_history/1")).Status),
        new("history", Interaction.History, 200, 404, async (c, at) => (await c.SendAsync("GET", $"{at.Address}/_history")).Status),
        new("history of the type", Interaction.History, 200, 404, async (c, at) => await c.HoldsAsync($"{at.Type}/_history?_count=1000", at.Id)),
        new("search", Interaction.Search, 200, 404, async (c, at) => await c.HoldsAsync($"{at.Type}?_id={at.Id}", at.Id)),
        new("search by POST", Interaction.Search, 200, 404, async (c, at) => await c.HoldsAsync($"{at.Type}/_search?_id={at.Id}", at.Id, "POST")),
        new("search in the compartment", Interaction.Search, 200, 404, async (c, at) => await c.HoldsAsync($"{at.Patient}/{at.Type}", at.Id)),
        new("search over types", Interaction.Search, 200, 404, async (c, at) => await c.HoldsAsync($"?_type={at.Type}&_id={at.Id}", at.Id)),
        new("reverse chain", Interaction.Search, 200, 404, async (c, at) => await c.HoldsAsync($"Patient?_has:{at.Type}:{at.About}:_id={at.Id}", at.Patient[8..])),
        new("reverse include", Interaction.Search, 200, 404, async (c, at) => await c.HoldsAsync($"Patient?_id={at.Patient[8..]}&_revinclude={at.Type}:{at.About}", at.Id)) { IsSilent = true },
        new("everything", Interaction.Search, 200, 404, async (c, at) => await c.HoldsAsync($"{at.Patient}/$everything?_count=500", at.Id)) { IsSilent = true },
        new("graph by id", Interaction.Read, 200, 404, async (c, at) => (await c.SendAsync("GET", $"$graphql?query={{{at.Type}(id:\"{at.Id}\"){{id}}}}")).Status) { IsSilent = true },
        new("graph search", Interaction.Search, 200, 404, async (c, at) => await c.GraphAsync($"$graphql?query={{{at.Type}List(_id:\"{at.Id}\"){{id}}}}", at.Id)),
        new("entry of a batch", Interaction.Read, 200, 404, async (c, at) => await c.BatchAsync("GET", at.Address)),
        new("meta", Interaction.Read, 200, 404, async (c, at) => (await c.SendAsync("GET", $"{at.Address}/$meta")).Status),
        new("create", Interaction.Create, 201, 403, async (c, at) => (await c.SendAsync("POST", at.Type, at.Body(null))).Status),
        new("create in a transaction", Interaction.Create, 200, 403, async (c, at) => (await c.SendAsync("POST", "", Place.Bundle("transaction", "POST", at.Type, at.Body(null)))).Status),
        new("update that creates", Interaction.Create, 201, 403, async (c, at) => (await c.SendAsync("PUT", $"{at.Type}/{at.Id}-new", at.Body($"{at.Id}-new"))).Status),
        new("create unless it is there", Interaction.Create | Interaction.Search, 200, 403, async (c, at) => (await c.SendAsync("POST", at.Type, at.Body(null), new(null, null, null, $"identifier=urn:id|{at.Id}"))).Status),
        new("update", Interaction.Update, 200, 403, async (c, at) => (await c.SendAsync("PUT", at.Address, at.Body(at.Id, "changed"))).Status),
        new("update in a batch", Interaction.Update, 200, 403, async (c, at) => await c.BatchAsync("PUT", at.Address, at.Body(at.Id, "changed"))),
        new("update that changes nothing", Interaction.Update, 200, 403, async (c, at) => (await c.SendAsync("PUT", at.Address, at.Body(at.Id))).Status),
        new("conditional update", Interaction.Update | Interaction.Search, 200, 403, async (c, at) => (await c.SendAsync("PUT", $"{at.Type}?identifier=urn:id|{at.Id}", at.Body(null, "changed"))).Status),
        new("patch", Interaction.Patch | Interaction.Read, 200, 404, async (c, at) => (await c.SendAsync("PATCH", at.Address, at.Patch)).Status),
        new("conditional patch", Interaction.Patch | Interaction.Search, 200, 404, async (c, at) => (await c.SendAsync("PATCH", $"{at.Type}?identifier=urn:id|{at.Id}", at.Patch)).Status),
        new("delete", Interaction.Delete, 204, 204, async (c, at) => (await c.SendAsync("DELETE", at.Address)).Status),
        new("conditional delete", Interaction.Delete | Interaction.Search, 204, 204, async (c, at) => (await c.SendAsync("DELETE", $"{at.Type}?identifier=urn:id|{at.Id}")).Status),
        new("delete in a transaction", Interaction.Delete, 200, 200, async (c, at) => (await c.SendAsync("POST", "", Place.Bundle("transaction", "DELETE", at.Address, null))).Status),
    ];

    private static int count;

    private new AccessServer Server => (AccessServer)base.Server;

    public static TheoryData<string> Types => [.. Shapes.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Each_way_takes_its_right_and_leads_to_ones_own_only(string type)
    {
        var faults = new List<string>();
        foreach (var way in Ways)
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $"m{Interlocked.Increment(ref count)}");
            var (mine, other) = ($"Patient/{mark}-mine", $"Patient/{mark}-other");
            foreach (var patient in new[] { mine, other })
                await Server.PutAsync("Patient", patient[8..], (JsonObject)JsonNode.Parse($$"""{"resourceType":"Patient","id":"{{patient[8..]}}"}""")!);
            foreach (var rights in Rights(way.Needs).Distinct())
                foreach (var patient in new[] { mine, other })
                {
                    var at = new Place(type, Shapes[type].About, $"{mark}-{Interlocked.Increment(ref count)}", patient, Shapes[type].Content);
                    await Server.PutAsync(type, at.Id, (JsonObject)JsonNode.Parse(at.Body(at.Id))!);
                    var caller = new Asker(Server, await CallerAsync(type, rights, mine));
                    var got = await way.AskAsync(caller, at);
                    if (got != way.Expected(rights, patient == mine))
                        faults.Add($"{way.Name} of {type} with {rights}, {(patient == mine ? "one's own" : "another's")}: expected {way.Expected(rights, patient == mine)}, got {got}");
                    if ((patient == other || !rights.HasFlag(way.Needs)) && await StandsAsync(at) is { } changed)
                        faults.Add($"{way.Name} of {type} with {rights}: {changed}");
                }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>Nothing, just enough, all but one of what it takes, and all.</summary>
    private static IEnumerable<Interaction> Rights(Interaction needs)
    {
        yield return Interaction.None;
        yield return needs;
        foreach (var one in Enum.GetValues<Interaction>().Where(i => System.Numerics.BitOperations.IsPow2((int)i) && needs.HasFlag(i)))
            yield return Everything & ~one;
        yield return Everything;
    }

    private async Task<Caller> CallerAsync(string type, Interaction rights, string mine)
    {
        var types = new Dictionary<string, TypeAccess> { ["Patient"] = new([new Grant(Interaction.Reading)]) };
        if (rights != Interaction.None)
            types[type] = new([new Grant(rights, await Server.WhereAsync(type, $"{Shapes[type].About}={mine}"))]);
        return AccessServer.With(new($"{type} {rights} {mine}", types, []));
    }

    /// <summary>What became of a resource that nothing may have become of.</summary>
    private async Task<string?> StandsAsync(Place at)
    {
        var reply = await Server.SendAsync(Caller.System, "GET", at.Address);
        return reply is { Status: 200, Version: 1 } ? null : $"it stands at {reply.Status}, version {reply.Version}";
    }

    private sealed record Way(string Name, Interaction Needs, int Own, int Others, Func<Asker, Place, Task<int>> AskAsync)
    {
        /// <summary>Where a right is missing nothing is refused: what it would lead to is not there.</summary>
        public bool IsSilent { get; init; }

        public int Expected(Interaction rights, bool isOwn) => !rights.HasFlag(Needs) ? IsSilent ? 404 : 403 : isOwn ? Own : Others;
    }

    private sealed record Place(string Type, string About, string Id, string Patient, string Content)
    {
        public string Address => $"{Type}/{Id}";

        public string Patch => $$$"""{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"{{{Type}}}"},{"name":"name","valueString":"language"},{"name":"value","valueCode":"en"}]}]}""";

        public string Body(string? id, string? more = null) =>
            $$$"""{"resourceType":"{{{Type}}}",{{{(id is null ? "" : $"\"id\":\"{id}\",")}}}{{{(more is null ? "" : "\"language\":\"de\",")}}}"identifier":[{"system":"urn:id","value":"{{{Id}}}"}],{{{Content.Replace("@", Patient, StringComparison.Ordinal)}}}}""";

        public static string Bundle(string kind, string method, string url, string? resource) =>
            $$$"""{"resourceType":"Bundle","type":"{{{kind}}}","entry":[{{{{(resource is null ? "" : $"\"resource\":{resource},")}}}"request":{"method":"{{{method}}}","url":"{{{url}}}"}}]}""";
    }

    private sealed class Asker(AccessServer server, Caller caller)
    {
        public Task<FhirReply> SendAsync(string method, string address, string? body = null, ConditionalHeaders? headers = null) => server.SendAsync(caller, method, address, body, headers);

        /// <summary>The status, or 404 when the answer does not hold the resource.</summary>
        public async Task<int> HoldsAsync(string address, string id, string method = "GET")
        {
            var (status, json) = await server.AskAsync(caller, method, address);
            return status != 200 || json!["entry"]?.AsArray().Any(e => e!["resource"]?["id"]?.GetValue<string>() == id) == true ? status : 404;
        }

        public async Task<int> GraphAsync(string address, string id)
        {
            var (status, json) = await server.AskAsync(caller, "GET", address);
            return status != 200 || json!.ToJsonString().Contains($"\"{id}\"", StringComparison.Ordinal) ? status : 404;
        }

        public async Task<int> BatchAsync(string method, string url, string? resource = null)
        {
            var (_, json) = await server.AskAsync(caller, "POST", "", Place.Bundle("batch", method, url, resource));
            return int.Parse(json!["entry"]![0]!["response"]!["status"]!.GetValue<string>()[..3], CultureInfo.InvariantCulture);
        }
    }
}

public sealed class SqliteInteractionMatrixTests(AccessSqlite server) : InteractionMatrixTests(server), IClassFixture<AccessSqlite>;

public sealed class PostgresInteractionMatrixTests(AccessPostgres server) : InteractionMatrixTests(server), IClassFixture<AccessPostgres>;
