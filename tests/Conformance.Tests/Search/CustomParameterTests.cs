using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Search parameters that a SearchParameter resource defines: right at once, indexed soon after.</summary>
public abstract class CustomParameterTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string mark = "c" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task A_new_parameter_of_each_kind_answers_at_once_and_the_same_from_its_index()
    {
        await Server.PutAsync($"Organization/{mark}o", $$"""{"resourceType":"Organization","id":"{{mark}}o","name":"O"}""");
        foreach (var i in Enumerable.Range(0, 30))
            await StoreAsync(i);
        var searches = new (string Code, string Kind, string Expression, string Value, int Found)[]
        {
            ("tok", "token", "Patient.extension.where(url='urn:t').value.ofType(Coding)", "urn:s|k1", 10),
            ("str", "string", "Patient.name.suffix", "mull", 10),
            ("dat", "date", "Patient.extension.where(url='urn:d').value.ofType(date)", "ge2024-01-20", 11),
            ("num", "number", "Patient.multipleBirth.ofType(integer)", "gt25", 4),
            ("qty", "quantity", "Patient.extension.where(url='urn:q').value.ofType(Quantity)", "lt3||mg", 3),
            ("uri", "uri", "Patient.implicitRules", "urn:rules:2", 10),
            ("ref", "reference", "Patient.extension.where(url='urn:r').value.ofType(Reference)", $"Organization/{mark}o", 15),
            ("fun", "string", "Patient.name.given.first().substring(0, 3)", "gi1", 10),
        };

        foreach (var (code, kind, expression, value, found) in searches)
        {
            var parameter = await DefineAsync(code, kind, expression);
            var query = $"Patient?_tag={mark}&{mark}{code}={Uri.EscapeDataString(value)}&_count=100";

            var first = await Server.GetAsync(query);
            Assert.True(first.Status == 200, first.Body);
            Assert.True(found == first.Ids.Count, $"{code} before: {first.Ids.Count}");
            await ReadyAsync(parameter);

            // A node notices a moment later; until then it reads bodies, says so, and is right all the same.
            var indexed = first;
            await UntilAsync(async () => !(indexed = await Server.GetAsync(query)).Entries.Any(e => e["search"]!["mode"]!.GetValue<string>() == "outcome"), $"{code} is answered from its index");
            Assert.Equal(first.Ids, indexed.Ids);
        }
    }

    [Fact]
    public async Task Missing_sort_chain_has_and_revinclude_work_from_the_index()
    {
        await Server.PutAsync($"Organization/{mark}o", $$"""{"resourceType":"Organization","id":"{{mark}}o","name":"{{mark}}"}""");
        foreach (var i in Enumerable.Range(0, 12))
            await StoreAsync(i);
        await ReadyAsync(await DefineAsync("ref", "reference", "Patient.extension.where(url='urn:r').value.ofType(Reference)", "Organization"));
        await ReadyAsync(await DefineAsync("num", "number", "Patient.multipleBirth.ofType(integer)"));

        Assert.Equal(6, (await Server.GetAsync($"Patient?_tag={mark}&{mark}ref:missing=true")).Ids.Count);
        Assert.Equal(6, (await Server.GetAsync($"Patient?_tag={mark}&{mark}ref:missing=false")).Ids.Count);
        Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(Id), (await Server.GetAsync($"Patient?_tag={mark}&_sort=-{mark}num")).Ids);
        Assert.Equal(6, (await Server.GetAsync($"Patient?_tag={mark}&{mark}ref.name={mark}")).Ids.Count);
        Assert.Equal([mark + "o"], (await Server.GetAsync($"Organization?_has:Patient:{mark}ref:_tag={mark}")).Ids);
        Assert.Equal(7, (await Server.GetAsync($"Organization?_id={mark}o&_revinclude=Patient:{mark}ref")).Entries.Count);
        Assert.Equal(7, (await Server.GetAsync($"Patient?_tag={mark}&{mark}ref:missing=false&_include=Patient:{mark}ref")).Entries.Count);
    }

    [Theory]
    [InlineData("gender", "token", "Patient.gender", "already")]
    [InlineData("x", "token", "Patient.gendr", "Did you mean 'gender'")]
    [InlineData("x", "date", "Patient.gender", "token")]
    [InlineData("x", "token", "Patient.gender.where(", "no FHIRPath")]
    [InlineData("x", "string", "Patient.name.family.matches('(a+)+$')", "matches()")]
    [InlineData("x", "composite", "Patient.name", "composite")]
    [InlineData("x y", "token", "Patient.gender", "code")]
    [InlineData("x", "token", "Observation.code", "begins with Patient")]
    public async Task A_definition_that_cannot_work_is_refused_with_the_reason(string code, string kind, string expression, string says)
    {
        var reply = await Server.PutAsync($"SearchParameter/{mark}", Definition(mark, code, kind, expression));

        Assert.Equal(422, reply.Status);
        Assert.Contains(says, reply.Diagnostics, StringComparison.Ordinal);
        Assert.StartsWith("SearchParameter.", reply.Expression, StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync($"SearchParameter/{mark}")).Status);
    }

    [Fact]
    public async Task Two_parameters_cannot_have_one_code_and_a_draft_means_nothing_yet()
    {
        await DefineAsync("a", "token", "Patient.gender");
        var twin = await Server.PutAsync($"SearchParameter/{mark}twin", Definition(mark + "twin", mark + "a", "token", "Patient.language"));
        Assert.Equal(422, twin.Status);
        Assert.Contains("SearchParameter/" + mark + "a", twin.Diagnostics, StringComparison.Ordinal);

        Assert.Equal(201, (await Server.PutAsync($"SearchParameter/{mark}b", Definition(mark + "b", mark + "b", "token", "Patient.language", "draft"))).Status);
        Assert.Equal(400, (await Server.GetAsync($"Patient?{mark}b=de")).Status);
    }

    [Fact]
    public async Task A_changed_definition_answers_by_the_new_expression_only_and_a_retired_one_not_at_all()
    {
        await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","meta":{"tag":[{"code":"{{mark}}"}]},"name":[{"family":"alpha","given":["beta"]}]}""");
        var parameter = await DefineAsync("n", "string", "Patient.name.family");
        await ReadyAsync(parameter);
        Assert.Single((await Server.GetAsync($"Patient?_tag={mark}&{mark}n=alpha")).Ids);

        Assert.Equal(200, (await Server.PutAsync($"SearchParameter/{parameter}", Definition(parameter, mark + "n", "string", "Patient.name.given"))).Status);
        Assert.Empty((await Server.GetAsync($"Patient?_tag={mark}&{mark}n=alpha")).Ids);
        Assert.Single((await Server.GetAsync($"Patient?_tag={mark}&{mark}n=beta")).Ids);
        await ReadyAsync(parameter);
        Assert.Empty((await Server.GetAsync($"Patient?_tag={mark}&{mark}n=alpha")).Ids);
        Assert.Single((await Server.GetAsync($"Patient?_tag={mark}&{mark}n=beta")).Ids);

        await Server.PutAsync($"SearchParameter/{parameter}", Definition(parameter, mark + "n", "string", "Patient.name.given", "retired"));
        Assert.Equal(400, (await Server.GetAsync($"Patient?{mark}n=beta")).Status);
        Assert.Equal(404, (await Server.GetAsync($"SearchParameter/{parameter}/$reindex")).Status);
        await UntilAsync(async () => !(await Server.GetAsync("$reindex")).Body.Contains($"\"{mark}n\"", StringComparison.Ordinal), "its rows are taken away");
    }

    [Fact]
    public async Task Writers_go_on_while_a_parameter_is_indexed_and_no_row_is_missing_or_left_behind()
    {
        foreach (var i in Enumerable.Range(0, 300))
            await PutSuffixAsync(i, i % 5);
        foreach (var i in Enumerable.Range(500, 20))
            await PutSuffixAsync(i, 9);
        using var stop = new CancellationTokenSource();
        var values = new int[8 * 40];
        var writers = Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            var random = new Random(w);
            while (!stop.IsCancellationRequested)
            {
                var i = (w * 40) + random.Next(40);
                values[i] = random.Next(5);
                await PutSuffixAsync(i, values[i]);
            }
        }, TestContext.Current.CancellationToken)).ToArray();

        var parameter = await DefineAsync("s", "string", "Patient.name.suffix");
        do
        {
            // Resources nobody touches any more are always found, wherever the index stands.
            var untouched = await Server.GetAsync($"Patient?_tag={mark}&{mark}s={mark}v9&_count=100");
            Assert.True(untouched.Status == 200, untouched.Body);
            Assert.Equal(20, untouched.Ids.Count);
        }
        while (!await IsReadyAsync(parameter));
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        var all = await AllAsync($"Patient?_tag={mark}&_count=100");
        for (var value = 0; value < 5; value++)
        {
            var expected = all.Where(p => p["name"]![0]!["suffix"]![0]!.GetValue<string>() == $"{mark}v{value}").Select(p => p["id"]!.GetValue<string>()).Order();
            var found = await AllAsync($"Patient?_tag={mark}&{mark}s={mark}v{value}&_count=100");
            Assert.Equal(expected, found.Select(p => p["id"]!.GetValue<string>()).Order());
        }
    }

    [Fact]
    public async Task An_expression_that_fails_on_a_resource_stops_neither_the_write_nor_the_server_and_says_so()
    {
        var parameter = await DefineAsync("f", "string", "Patient.name.given.single()");
        var nasty = await DefineAsync("g", "string",
            "Patient.name.where(%resource.name.where(%resource.name.where(%resource.name.where(family='none').exists()).exists()).exists()).family");
        var names = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""{"family":"f{{i}}","given":["a","b"]}"""));

        Assert.Equal(201, (await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","meta":{"tag":[{"code":"{{mark}}"}]},"name":[{{names}}]}""")).Status);

        foreach (var (id, code) in new[] { (nasty, mark + "g"), (parameter, mark + "f") })
        {
            await UntilAsync(async () => (await Server.GetAsync($"SearchParameter/{id}/$reindex")).Body.Contains("\"error\"", StringComparison.Ordinal), $"{code} is marked");
            var reply = await Server.GetAsync($"Patient?{code}=x");
            Assert.Equal(400, reply.Status);
            Assert.Contains("expression failed", reply.Diagnostics, StringComparison.Ordinal);
        }

        Assert.Single((await Server.GetAsync($"Patient?_tag={mark}")).Ids);
        Assert.DoesNotContain(mark + "g", (await Server.GetAsync("metadata")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_can_be_indexed_again_and_nothing_changes()
    {
        foreach (var i in Enumerable.Range(0, 10))
            await StoreAsync(i);
        var before = (await Server.GetAsync($"Patient?_tag={mark}&gender:missing=true&_summary=count")).Json["total"]!.GetValue<int>();

        var reply = await Server.PostAsync("$reindex?type=Patient", "");
        Assert.Equal(202, reply.Status);
        Assert.EndsWith("/$reindex", reply.Location, StringComparison.Ordinal);
        await UntilAsync(async () => Jobs(await Server.GetAsync("$reindex?type=Patient")).Any(j => j["id"] == "all-Patient" && j["state"] == "done"), "the reindex ends");

        Assert.Equal(before, (await Server.GetAsync($"Patient?_tag={mark}&gender:missing=true&_summary=count")).Json["total"]!.GetValue<int>());
        Assert.Equal(10, (await Server.GetAsync($"Patient?_tag={mark}")).Ids.Count);
        Assert.Equal(400, (await Server.PostAsync("$reindex?type=Patent", "")).Status);
    }

    private Task<string> DefineAsync(string code, string kind, string expression, string? target = null) =>
        DefineAsync(Server, mark, code, kind, expression, target);

    internal static async Task<string> DefineAsync(ServerFixture server, string mark, string code, string kind, string expression, string? target = null)
    {
        var id = mark + code;
        var reply = await server.PutAsync($"SearchParameter/{id}", Definition(id, mark + code, kind, expression, "active", target));
        Assert.True(reply.Status == 201, reply.Body);
        return id;
    }

    internal static string Definition(string id, string code, string kind, string expression, string status = "active", string? target = null) => new JsonObject
    {
        ["resourceType"] = "SearchParameter",
        ["id"] = id,
        ["url"] = "urn:test:" + id,
        ["name"] = "Test",
        ["status"] = status,
        ["description"] = "A test",
        ["code"] = code,
        ["base"] = new JsonArray("Patient"),
        ["type"] = kind,
        ["expression"] = expression,
        ["target"] = target is null ? null : new JsonArray(target),
    }.ToJsonString().Replace(",\"target\":null", "", StringComparison.Ordinal);

    internal static IEnumerable<Dictionary<string, string>> Jobs(Reply reply) => reply.Json["parameter"] is not JsonArray jobs ? [] : jobs.Select(j =>
        j!["part"]!.AsArray().ToDictionary(p => p!["name"]!.GetValue<string>(), p => p!.AsObject().First(v => v.Key.StartsWith("value", StringComparison.Ordinal)).Value!.ToString()));

    private async Task<bool> IsReadyAsync(string parameter)
    {
        var reply = await Server.GetAsync($"SearchParameter/{parameter}/$reindex");
        var job = Jobs(reply).SingleOrDefault();
        Assert.True(job is null || !job.ContainsKey("error"), reply.Body);
        return job is not null && job["state"] == "done" && job["percent"] == "100";
    }

    private Task ReadyAsync(string parameter) => UntilAsync(() => IsReadyAsync(parameter), $"{parameter} is indexed");

    internal static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await holds())
                return;
            await Task.Delay(50);
        }

        Assert.Fail($"Waited in vain until {what}.");
    }

    private async Task<List<JsonNode>> AllAsync(string query)
    {
        var all = new List<JsonNode>();
        for (var next = query; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            all.AddRange(page.Entries.Select(e => e["resource"]!));
            next = page.Next;
        }

        return all;
    }

    private string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"{mark}-{i:D3}");

    private async Task PutSuffixAsync(int i, int value)
    {
        var reply = await Server.PutAsync($"Patient/{Id(i)}",
            $$$"""{"resourceType":"Patient","id":"{{{Id(i)}}}","meta":{"tag":[{"code":"{{{mark}}}"}]},"name":[{"suffix":["{{{mark}}}v{{{value}}}"]}]}""");
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private async Task StoreAsync(int i)
    {
        var reference = i % 2 == 0 ? $$$""",{"url":"urn:r","valueReference":{"reference":"Organization/{{{mark}}}o"}}""" : "";
        if (i % 2 == 0)
            await Server.PutAsync($"Organization/{mark}o", $$"""{"resourceType":"Organization","id":"{{mark}}o","name":"{{mark}}"}""");
        var reply = await Server.PutAsync($"Patient/{Id(i)}", $$$"""
            {"resourceType":"Patient","id":"{{{Id(i)}}}","meta":{"tag":[{"code":"{{{mark}}}"}]},"implicitRules":"urn:rules:{{{i % 3}}}","extension":[
            {"url":"urn:t","valueCoding":{"system":"urn:s","code":"k{{{i % 3}}}"}},{"url":"urn:d","valueDate":"2024-01-{{{i + 1:D2}}}"},
            {"url":"urn:q","valueQuantity":{"value":{{{i}}},"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}{{{reference}}}],
            "name":[{"given":["gi{{{i % 3}}}ven"],"suffix":["{{{(i % 3 == 0 ? "Müller" : "Smith")}}}"]}],"multipleBirthInteger":{{{i}}}}
            """);
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }
}

public sealed class QuickIndexSqlite() : QuickIndex(null);

public sealed class QuickIndexPostgres(PostgresCluster cluster) : QuickIndex(cluster);

/// <summary>One node, so nobody has to learn of a definition first.</summary>
public abstract class QuickIndex(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Search:Reindex:SettleSeconds"] = "0";
}

public sealed class SqliteCustomParameterTests(QuickIndexSqlite server) : CustomParameterTests(server), IClassFixture<QuickIndexSqlite>;

public sealed class PostgresCustomParameterTests(QuickIndexPostgres server) : CustomParameterTests(server), IClassFixture<QuickIndexPostgres>;
