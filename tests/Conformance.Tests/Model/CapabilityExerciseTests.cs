using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Oracle;
using FhirEmr.Conformance.Tests.Rest;

namespace FhirEmr.Conformance.Tests.Model;

/// <summary>What the CapabilityStatement claims is done once for every type: each interaction, each parameter with a value of its kind, each include, each operation.</summary>
public sealed class CapabilityExerciseTests(LooseSqliteServer server) : OnServer(server), IClassFixture<LooseSqliteServer>
{
    /// <summary>A value that any parameter of the kind takes.</summary>
    private static readonly Dictionary<string, string> ValueOf = new()
    {
        ["token"] = "urn:x|y",
        ["string"] = "x",
        ["date"] = "ge2024-05",
        ["number"] = "5",
        ["quantity"] = "5.4|http://unitsofmeasure.org|mg",
        ["uri"] = "http://example.org/x",
        ["reference"] = "someone",
    };

    private readonly RandomRecords records = new(11);

    [Fact]
    public async Task Each_interaction_of_each_type_works()
    {
        var known = new HashSet<string> { "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type" };
        foreach (var type in await TypesAsync())
        {
            var name = type["type"]!.GetValue<string>();
            var claimed = type["interaction"]!.AsArray().Select(i => i!["code"]!.GetValue<string>()).ToHashSet();
            Assert.Empty(claimed.Except(known)); // a new claim needs its exercise here

            var body = records.Make(name, "x");
            body.Remove("id");
            var created = await ExpectAsync(201, Server.PostAsync(name, body.ToJsonString()));
            var id = created.Json["id"]?.GetValue<string>() ?? created.Location!.Split('/')[^3];
            var key = $"{name}/{id}";
            if (name == "Binary")
                continue; // its content comes and goes raw: BinaryTests

            await ExpectAsync(200, Server.GetAsync(key));
            await ExpectAsync(200, Server.GetAsync($"{key}/_history/1"));
            await ExpectAsync(200, Server.GetAsync($"{key}/_history"));
            await ExpectAsync(200, Server.GetAsync($"{name}/_history?_count=2"));
            Assert.Equal([id], (await ExpectAsync(200, Server.GetAsync($"{name}?_id={id}"))).Ids);
            Assert.Equal([id], (await ExpectAsync(200, Server.SendAsync(HttpMethod.Post, $"{name}/_search", $"_id={id}", "application/x-www-form-urlencoded"))).Ids);
            body["id"] = id;
            body["language"] = "de";
            if (!claimed.Contains("update")) // AuditEvents are appended only
            {
                await ExpectAsync(405, Server.PutAsync(key, body.ToJsonString()));
                await ExpectAsync(405, Server.DeleteAsync(key));
                continue;
            }

            var updated = await ExpectAsync(200, Server.PutAsync(key, body.ToJsonString()));
            Assert.Equal("W/\"2\"", updated.ETag);
            var last = 2;
            if (claimed.Contains("patch"))
            {
                await ExpectAsync(200, Server.SendAsync(HttpMethod.Patch, key, """[{"op":"replace","path":"/language","value":"fr"}]""", "application/json-patch+json"));
                Assert.Equal("fr", (await Server.GetAsync(key)).Json["language"]!.GetValue<string>());
                last++;
            }

            if (type["conditionalRead"]?.GetValue<string>() == "full-support")
                await ExpectAsync(304, Server.GetAsync(key, ("If-None-Match", $"W/\"{last}\"")));
            if (type["conditionalCreate"]?.GetValue<bool>() == true)
                await ExpectAsync(200, Server.PostAsync(name, body.ToJsonString(), ("If-None-Exist", $"_id={id}")));
            await ExpectAsync(412, Server.PutAsync(key, body.ToJsonString(), ("If-Match", "W/\"1\"")));
            Assert.InRange((await Server.DeleteAsync(key)).Status, 200, 204);
            await ExpectAsync(410, Server.GetAsync(key));
        }
    }

    [Fact]
    public async Task Each_parameter_of_each_type_takes_a_value_of_its_kind()
    {
        var refused = new ConcurrentBag<string>();
        var all = (await TypesAsync()).SelectMany(t => (t["searchParam"]?.AsArray() ?? []).Select(p => (Type: t["type"]!.GetValue<string>(), Name: p!["name"]!.GetValue<string>(), Kind: p["type"]!.GetValue<string>())));
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (param, _) =>
        {
            var value = param switch
            {
                { Name: "_id" or "_list" } => "x",
                { Kind: "token" } when OracleSearch.Params(param.Type).GetValueOrDefault(param.Name)?.Expression.Contains("deceased", StringComparison.Ordinal) == true => "true",
                { Kind: "token" } => "true", // of every token, a boolean takes true and false only
                _ => ValueOf.GetValueOrDefault(param.Kind),
            };
            if (value is null)
                return; // composite and special parameters have forms of their own, and tests
            var reply = await Server.GetAsync($"{param.Type}?{param.Name}={Uri.EscapeDataString(value)}&_summary=count");
            if (reply.Status != 200)
                refused.Add($"{param}: {reply.Body}");
        });

        Assert.True(refused.IsEmpty, string.Join('\n', refused.Take(20)));
    }

    [Fact]
    public async Task Each_include_and_reverse_include_is_followed()
    {
        foreach (var type in await TypesAsync())
            foreach (var (name, list) in new[] { ("_include", "searchInclude"), ("_revinclude", "searchRevInclude") })
                if (type[list] is JsonArray { Count: > 0 } includes)
                    foreach (var some in includes.Select(i => i!.GetValue<string>()).Chunk(20))
                        await ExpectAsync(200, Server.GetAsync($"{type["type"]}?_count=1&{string.Join('&', some.Select(i => $"{name}={i}"))}"));
    }

    [Fact]
    public async Task Each_operation_answers()
    {
        var metadata = (await Server.GetAsync("metadata")).Json["rest"]![0]!;
        var operations = (metadata["operation"]?.AsArray() ?? []).Select(o => (Path: "", Name: o!["name"]!.GetValue<string>()))
            .Concat((await TypesAsync()).SelectMany(t => (t["operation"]?.AsArray() ?? []).Select(o => (Path: t["type"]!.GetValue<string>(), Name: o!["name"]!.GetValue<string>()))))
            .DistinctBy(o => o.Path is "" ? o.Name : $"{o.Path} {o.Name}").ToArray();
        Assert.NotEmpty(operations);
        foreach (var (path, name) in operations)
        {
            var replies = new List<Reply>();
            foreach (var at in path.Length == 0 ? [$"${name}"] : new[] { $"{path}/${name}", $"{path}/nobody/${name}" })
            {
                replies.Add(await Server.GetAsync(at));
                replies.Add(await Server.PostAsync(at, """{"resourceType":"Parameters"}"""));
            }

            Assert.All(replies, r => Assert.True(r.Status < 500, $"{path} ${name}: {r.Body}"));
            Assert.Contains(replies, r => !r.Body.Contains("No operation", StringComparison.Ordinal) && r.Status != 405);
        }
    }

    [Fact]
    public async Task Each_interaction_of_the_system_works()
    {
        foreach (var interaction in (await Server.GetAsync("metadata")).Json["rest"]![0]!["interaction"]!.AsArray().Select(i => i!["code"]!.GetValue<string>()))
            switch (interaction)
            {
                case "transaction" or "batch":
                    await ExpectAsync(200, Server.PostAsync("", $$$"""{"resourceType":"Bundle","type":"{{{interaction}}}","entry":[{"request":{"method":"GET","url":"metadata"}}]}"""));
                    break;
                case "history-system":
                    await ExpectAsync(200, Server.GetAsync("_history?_count=1"));
                    break;
                case "search-system":
                    await ExpectAsync(200, Server.GetAsync("?_type=Patient,Observation&_lastUpdated=gt2020"));
                    break;
                default:
                    Assert.Fail($"The statement claims {interaction}, which is exercised nowhere.");
                    break;
            }
    }

    private static async Task<Reply> ExpectAsync(int status, Task<Reply> request)
    {
        var reply = await request;
        Assert.True(reply.Status == status, $"{reply.Status} instead of {status}: {reply.Body[..Math.Min(600, reply.Body.Length)]}");
        return reply;
    }

    private async Task<IReadOnlyList<JsonNode>> TypesAsync() => [.. (await Server.GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray().Select(r => r!)];
}
