using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Integrity;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary><c>$graphql</c> over HTTP, feature by feature of graphql.html.</summary>
public abstract class GraphQlTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string id = "g" + Guid.NewGuid().ToString("N")[..12];

    [Fact]
    public async Task Fields_of_one_resource_come_back_in_the_order_asked_without_those_it_lacks()
    {
        await SeedAsync();

        await GivesAsync($"Patient/{id}/$graphql", "{ resourceType birthDate active name { text given family } }", """
            {"resourceType":"Patient","birthDate":"1970-01-01","active":true,"name":[{"given":["Peter","James"],"family":"Chalmers"},{"given":["Jim"]},{"given":["Peter","James"],"family":"Windsor \"W\""}]}
            """);
        await GivesAsync($"Observation/{id}-1/$graphql", "{ id valueQuantity { value unit } _effectiveDateTime { extension { url valueCode } } }", $$$$"""
            {"id":"{{{{id}}}}-1","valueQuantity":{"value":1.50,"unit":"mg"},"_effectiveDateTime":{"extension":[{"url":"urn:x","valueCode":"c"}]}}
            """);
    }

    [Fact]
    public async Task Lists_are_narrowed_by_value_by_path_and_by_position()
    {
        await SeedAsync();
        var at = $"Patient/{id}/$graphql";

        await GivesAsync(at, "{ name(use: official) { family } }", """{"name":[{"family":"Chalmers"}]}""");
        await GivesAsync(at, "{ name(fhirpath: \"family.exists().not()\") { given } }", """{"name":[{"given":["Jim"]}]}""");
        await GivesAsync(at, "{ name(_offset: 1, _count: 1) { given } }", """{"name":[{"given":["Jim"]}]}""");
        await GivesAsync(at, "{ one: name(use: usual) { given } two: name(use: maiden) { family } }", """{"one":[{"given":["Jim"]}],"two":[{"family":"Windsor \"W\""}]}""");
    }

    [Fact]
    public async Task Flattening_follows_the_examples_of_the_specification()
    {
        await SeedAsync();
        var at = $"Patient/{id}/$graphql";

        await GivesAsync(at, "{ identifier @flatten { system value } active name @flatten { text given family } }",
            """{"system":["urn:oid:1.2.36"],"value":["12345"],"active":true,"given":["Peter","James","Jim","Peter","James"],"family":["Chalmers","Windsor \"W\""]}""");
        await GivesAsync(at, "{ name @flatten { given @first family } }", """{"given":["Peter","Jim","Peter"],"family":["Chalmers","Windsor \"W\""]}""");
        await GivesAsync(at, "{ identifier @flatten { system @singleton value @singleton } name @flatten @first { given family @singleton } }",
            """{"system":"urn:oid:1.2.36","value":"12345","given":["Peter","James"],"family":"Chalmers"}""");
        await GivesAsync(at, "{ name @flatten @slice(path: \"use\") { given family @singleton } }",
            """{"given.official":["Peter","James"],"family.official":"Chalmers","given.usual":["Jim"],"given.maiden":["Peter","James"],"family.maiden":"Windsor \"W\""}""");
        await GivesAsync(at, "{ name @flatten @slice(path: \"$index\") { given @first @singleton } }", """{"given.0":"Peter","given.1":"Jim","given.2":"Peter"}""");
        await FailsAsync(at, "{ name @flatten { family @singleton } }", "@singleton", null);
        await FailsAsync(at, "{ value: birthDate identifier @flatten { value } }", "another name", null);
    }

    [Fact]
    public async Task References_are_followed_by_type_and_failing_that_it_says_where()
    {
        await SeedAsync();
        var at = $"Observation/{id}-1/$graphql";

        await GivesAsync(at, "{ subject { reference resource { ... on Patient { birthDate } ... on Group { name } } } }", $$$$"""{"subject":{"reference":"Patient/{{{{id}}}}","resource":{"birthDate":"1970-01-01"}}}""");
        await GivesAsync(at, "{ subject { resource(type: Patient) { birthDate } resource(type: Group) { name } } }", """{"subject":{"resource":{"birthDate":"1970-01-01"}}}""");
        await GivesAsync(at, "{ performer { resource(optional: true) { id } display } }", $$$$"""{"performer":[{"resource":{"id":"{{{{id}}}}-d"}},{"display":"nobody"}]}""");
        await GivesAsync(at, "{ specimen { resource { ... on Specimen { id note { text } } } } }", """{"specimen":{"resource":{"id":"s","note":[{"text":"inside"}]}}}""");
        await FailsAsync(at, "{ performer { resource { id } } }", "optional: true", ["performer", 1, "resource"]);
        await FailsAsync(at, "{ focus { resource { id } } }", "is not known here", ["focus", 0, "resource"]);
    }

    [Fact]
    public async Task Searches_by_list_with_the_names_of_parameters_and_reverse_references()
    {
        await SeedAsync();

        await GivesAsync("$graphql", $"{{ ObservationList(patient: \"{id}\", value_quantity: \"gt1.8\", _sort: \"date\") {{ id }} }}", $$$$"""{"ObservationList":[{"id":"{{{{id}}}}-2"},{"id":"{{{{id}}}}-3"}]}""");
        await GivesAsync("$graphql", $"{{ ObservationList(_id: [\"{id}-3\", \"{id}-1\"]) {{ id }} }}", $$$$"""{"ObservationList":[{"id":"{{{{id}}}}-1"},{"id":"{{{{id}}}}-3"}]}""");
        await GivesAsync("$graphql", $"{{ ObservationList(patient: \"{id}\", code: \"nothing\") {{ id }} }}", """{"ObservationList":[]}""");
        await GivesAsync($"Patient/{id}/$graphql", "{ id ObservationList(_reference: patient, date: \"ge2024-02-01\", fhirpath: \"value.value > 2.5\") { id subject { resource { ... on Patient { id } } } } }",
            $$$$"""{"id":"{{{{id}}}}","ObservationList":[{"id":"{{{{id}}}}-3","subject":{"resource":{"id":"{{{{id}}}}"}}}]}""");
        await FailsAsync("$graphql", $"{{ ObservationList(valuequantity: \"1\") {{ id }} }}", "'value_quantity'", null);
        await FailsAsync("$graphql", "{ ObservationList(date: \"yesterday\") { id } }", "'yesterday'", ["ObservationList"]);
        await FailsAsync($"Patient/{id}/$graphql", "{ ObservationList(code: \"x\") { id } }", "needs _reference", null);
        await FailsAsync($"Patient/{id}/$graphql", "{ ObservationList(_reference: device) { id } }", "never refers to a Patient", null);
        await FailsAsync("$graphql", "{ ObservationList(_include: \"Observation:subject\") { id } }", "not supported in GraphQL", null);
    }

    [Fact]
    public async Task Connections_lead_through_all_pages_by_cursor()
    {
        await SeedAsync();
        const string Fields = "{ count offset pagesize edges { mode resource { id } } first previous next last }";
        var seen = new List<string>();
        var offsets = new List<int>();
        for (var arguments = $"patient: \"{id}\", _count: 2, _sort: \"-date\""; ;)
        {
            var page = (await QueryAsync("$graphql", $"{{ ObservationConnection({arguments}) {Fields} }}")).Json["data"]!["ObservationConnection"]!;
            Assert.Equal((3, 2), (page["count"]!.GetValue<int>(), page["pagesize"]!.GetValue<int>()));
            offsets.Add(page["offset"]!.GetValue<int>());
            seen.AddRange(page["edges"]!.AsArray().Select(e => e!["resource"]!["id"]!.GetValue<string>()));
            if (page["next"] is null)
            {
                var first = page["first"]!.GetValue<string>();
                var again = (await QueryAsync("$graphql", $"{{ ObservationConnection(_cursor: \"{first}\") {Fields} }}")).Json["data"]!["ObservationConnection"]!;
                Assert.Equal(0, again["offset"]!.GetValue<int>());
                break;
            }

            arguments = $"_cursor: \"{page["next"]!.GetValue<string>()}\"";
        }

        Assert.Equal([$"{id}-3", $"{id}-2", $"{id}-1"], seen);
        Assert.Equal([0, 2], offsets);
        await FailsAsync("$graphql", $"{{ ObservationConnection(_cursor: \"bm9wZQ\") {Fields} }}", "cursor does not belong", ["ObservationConnection"], 410);
    }

    [Fact]
    public async Task A_search_longer_than_any_address_goes_on_by_its_cursor()
    {
        await SeedAsync();
        string[] ids = [.. Enumerable.Range(0, 300).Select(i => $"nobody-{i}-{new string('x', 45)}"), $"{id}-1", $"{id}-2"];
        const string Fields = "{ next edges { resource { id } } }";
        async Task<JsonNode> PageAsync(string query, object variables) => (await Server.SendAsync(HttpMethod.Post, "$graphql", JsonSerializer.Serialize(new { query, variables }), "application/json")).Json["data"]!["ObservationConnection"]!;

        var first = await PageAsync($"query($ids: [String]) {{ ObservationConnection(_id: $ids, _count: 1) {Fields} }}", new { ids });
        var next = first["next"]!.GetValue<string>();
        var second = await PageAsync($"query($next: String) {{ ObservationConnection(_cursor: $next) {Fields} }}", new { next });

        Assert.True(next.Length > 16_000);
        Assert.Equal([$"{id}-1", $"{id}-2"], new[] { first, second }.Select(p => p["edges"]![0]!["resource"]!["id"]!.GetValue<string>()));
        Assert.Null(second["next"]);
    }

    [Fact]
    public async Task Variables_fragments_and_conditions_work_by_every_way_of_asking()
    {
        await SeedAsync();
        const string Query = "query A($id: ID!, $with: Boolean = false) { Patient(id: $id) { ...Who birthDate @include(if: $with) active @skip(if: $with) } } query B { __typename } fragment Who on Patient { id }";
        var with = $$$$"""{"data":{"Patient":{"id":"{{{{id}}}}","birthDate":"1970-01-01"}}}""";

        var byJson = await Server.SendAsync(HttpMethod.Post, "$graphql", JsonSerializer.Serialize(new { query = Query, operationName = "A", variables = new { id, with = true } }), "application/json");
        var byAddress = await Server.GetAsync($"$graphql?query={Uri.EscapeDataString(Query)}&operationName=A&variables={Uri.EscapeDataString($$$$"""{"id":"{{{{id}}}}","with":true}""")}", ("Accept", "application/json"));
        var byText = await Server.SendAsync(HttpMethod.Post, "$graphql", $"{{ Patient(id: \"{id}\") {{ id active }} }}", "application/graphql");

        Assert.Equal((200, with, "application/json"), (byJson.Status, byJson.Body, byJson.MediaType));
        Assert.Equal(with, byAddress.Body);
        Assert.Equal($$$$"""{"data":{"Patient":{"id":"{{{{id}}}}","active":true}}}""", byText.Body);
        await FailsAsync("$graphql", Query, "several operations", null);
        var without = await Server.SendAsync(HttpMethod.Post, "$graphql", JsonSerializer.Serialize(new { query = Query, operationName = "A" }), "application/json");
        Assert.Contains("$id needs a value", without.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_references_of_a_level_are_looked_up_together_and_each_resource_once()
    {
        await SeedAsync();

        var reply = await QueryAsync("$graphql", $"{{ ObservationList(patient: \"{id}\") {{ subject {{ resource {{ ... on Patient {{ id }} }} }} performer @first {{ resource {{ ... on Practitioner {{ id }} }} }} }} }}");

        Assert.Equal(3, reply.Json["data"]!["ObservationList"]!.AsArray().Count(o => o!["subject"]!["resource"]!["id"]!.GetValue<string>() == id));
    }

    [Theory]
    [InlineData("{ Patient(id: \"x\") { nme { family } } }", "'name'", 400)]
    [InlineData("{ Patint(id: \"x\") { id } }", "'Patient'", 400)]
    [InlineData("{ Patient { id } }", "argument id", 400)]
    [InlineData("{ Patient(id: \"not-there\") { id } }", "is not known here", 404)]
    [InlineData("{ Patient(id: \"x\") { name } }", "has fields of its own", 400)]
    [InlineData("{ Patient(id: \"x\") { birthDate { year } } }", "single value", 400)]
    [InlineData("{ Patient(id: \"x\") { birthDate(fhirpath: \"a\") } }", "takes no arguments", 400)]
    [InlineData("{ Patient(id: \"x\") { id @fist } }", "no directive @fist", 400)]
    [InlineData("{ Patient(id: \"x\") { ...A } } fragment A on Patient { ...B } fragment B on Patient { ...A }", "contains itself", 400)]
    [InlineData("{ Patient(id: \"x\") { ...Missing } }", "no fragment 'Missing'", 400)]
    [InlineData("mutation { PatientDelete(id: \"x\") }", "Only queries", 400)]
    [InlineData("{ Patient(id: \"x\" { id } }", "cannot be read", 400)]
    [InlineData("", "no 'query'", 400)]
    public async Task Wrong_queries_are_refused_with_the_fix(string query, string expected, int status) => await FailsAsync("$graphql", query, expected, null, status);

    [Fact]
    public async Task Depth_fields_and_aliases_are_limited()
    {
        await SeedAsync();
        const string Extension = "extension { ";

        await FailsAsync($"Patient/{id}/$graphql", string.Concat(Enumerable.Repeat(Extension, 8)).Insert(0, "{ ") + "url" + new string('}', 9), "8 fields deep", null);
        await FailsAsync($"Patient/{id}/$graphql", "{ " + string.Concat(Enumerable.Repeat("id ", 501)) + "}", "more than 500 fields", null);
        await FailsAsync($"Patient/{id}/$graphql", "{ ...A } fragment A on Patient { " + string.Concat(Enumerable.Repeat("...B ", 60)) + "} fragment B on Patient { id id id id id id id id id id }", "more than 500 fields", null);
        await FailsAsync($"Patient/{id}/$graphql", "{ " + string.Concat(Enumerable.Range(0, 51).Select(i => $"a{i}: id ")) + "}", "more than 50 aliases", null);
        Assert.Equal(200, (await QueryAsync($"Patient/{id}/$graphql", "{ " + string.Concat(Enumerable.Range(0, 50).Select(i => $"a{i}: id ")) + "}")).Status);
        Assert.Equal(200, (await QueryAsync($"Patient/{id}/$graphql", string.Concat(Enumerable.Repeat(Extension, 7)).Insert(0, "{ ") + "url" + new string('}', 8))).Status);
    }

    [Fact]
    public async Task Introspection_as_tools_send_it_describes_types_fields_and_arguments()
    {
        const string TypeRef = "fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
        const string Query = """
            query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
            fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
              inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
            fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
            """ + TypeRef;

        var reply = await QueryAsync("$graphql", Query);

        Assert.True(reply.Status == 200, reply.Body[..Math.Min(500, reply.Body.Length)]);
        var schema = reply.Json["data"]!["__schema"]!;
        Assert.Equal("Query", schema["queryType"]!["name"]!.GetValue<string>());
        var types = schema["types"]!.AsArray().ToDictionary(t => t!["name"]!.GetValue<string>(), t => t!);
        Assert.Contains(types["Patient"]["fields"]!.AsArray(), f => f!["name"]!.GetValue<string>() == "ObservationList");
        Assert.Contains(types["Query"]["fields"]!.AsArray().Single(f => f!["name"]!.GetValue<string>() == "ObservationList")!["args"]!.AsArray(), a => a!["name"]!.GetValue<string>() == "value_quantity");
        Assert.Equal("LIST", types["Patient"]["fields"]!.AsArray().Single(f => f!["name"]!.GetValue<string>() == "name")!["type"]!["kind"]!.GetValue<string>());

        // Every type that is named is there.
        var named = new HashSet<string>();
        Names(schema["types"]!, named);
        Assert.Empty(named.Except(types.Keys));
        TestContext.Current.SendDiagnosticMessage($"Introspection: {reply.Body.Length} characters, {types.Count} types.");

        await GivesAsync("$graphql", "{ __type(name: \"HumanName\") { kind name fields { name } } }", """
            {"__type":{"kind":"OBJECT","name":"HumanName","fields":[{"name":"id"},{"name":"_id"},{"name":"extension"},{"name":"use"},{"name":"_use"},{"name":"text"},{"name":"_text"},{"name":"family"},{"name":"_family"},{"name":"given"},{"name":"_given"},{"name":"prefix"},{"name":"_prefix"},{"name":"suffix"},{"name":"_suffix"},{"name":"period"}]}}
            """);
        await GivesAsync("$graphql", "{ __typename __type(name: \"Nothing\") { name } }", """{"__typename":"Query","__type":null}""");
    }

    private static void Names(JsonNode node, HashSet<string> into)
    {
        if (node is JsonObject o)
        {
            if (o["kind"]?.GetValue<string>() is "OBJECT" or "SCALAR" or "INTERFACE")
                into.Add(o["name"]!.GetValue<string>());
            foreach (var (_, child) in o)
                if (child is not null)
                    Names(child, into);
        }
        else if (node is JsonArray a)
        {
            foreach (var child in a)
                Names(child!, into);
        }
    }

    private async Task SeedAsync()
    {
        await PutAsync($"Practitioner/{id}-d", $$$$"""{"resourceType":"Practitioner","id":"{{{{id}}}}-d"}""");
        await PutAsync($"Patient/{id}", $$$$"""
            {"resourceType":"Patient","id":"{{{{id}}}}","active":true,"birthDate":"1970-01-01","identifier":[{"system":"urn:oid:1.2.36","value":"12345"}],
             "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim"]},{"use":"maiden","family":"Windsor \"W\"","given":["Peter","James"]}]}
            """);
        foreach (var i in Enumerable.Range(1, 3))
            await PutAsync($"Observation/{id}-{i}", $$$$"""
                {"resourceType":"Observation","id":"{{{{id}}}}-{{{{i}}}}","status":"final","code":{"text":"x"},"contained":[{"resourceType":"Specimen","id":"s","note":[{"text":"inside"}]}],
                 "subject":{"reference":"Patient/{{{{id}}}}"},"specimen":{"reference":"#s"},"performer":[{"reference":"Practitioner/{{{{id}}}}-d"},{"display":"nobody"}],"focus":[{"reference":"Basic/{{{{id}}}}-gone"}],
                 "effectiveDateTime":"2024-0{{{{i}}}}-01","_effectiveDateTime":{"extension":[{"url":"urn:x","valueCode":"c"}]},"valueQuantity":{"value":{{{{i}}}}.50,"unit":"mg"}}
                """);
    }

    private async Task PutAsync(string key, string body)
    {
        if (key.StartsWith("Observation", StringComparison.Ordinal))
        {
            await Server.PutAsync($"Basic/{id}-gone", $$$$"""{"resourceType":"Basic","id":"{{{{id}}}}-gone","code":{"text":"x"}}""");
            Assert.InRange((await Server.PutAsync(key, body)).Status, 200, 201);
            await Server.DeleteAsync($"Basic/{id}-gone");
            return;
        }

        var reply = await Server.PutAsync(key, body);
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private Task<Reply> QueryAsync(string path, string query) => Server.SendAsync(HttpMethod.Post, path, JsonSerializer.Serialize(new { query }), "application/json");

    private async Task GivesAsync(string path, string query, string data)
    {
        var reply = await QueryAsync(path, query);

        Assert.True(reply.Status == 200, reply.Body);
        Assert.Equal($"{{\"data\":{data.Trim()}}}", reply.Body);
    }

    private async Task FailsAsync(string path, string query, string expected, object[]? at, int? status = null)
    {
        var reply = await QueryAsync(path, query);

        Assert.True(status is { } s ? reply.Status == s : reply.Status is >= 400 and < 500, $"{reply.Status} {reply.Body}");
        var error = reply.Json["errors"]![0]!;
        Assert.Contains(expected, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(error["message"]!.GetValue<string>(), error["extensions"]!["resource"]!["issue"]![0]!["diagnostics"]!.GetValue<string>());
        if (at is not null)
            Assert.Equal(JsonSerializer.Serialize(at), error["path"]!.ToJsonString());
    }
}

public sealed class SqliteGraphQlTests(SqliteDanglingServer server) : GraphQlTests(server), IClassFixture<SqliteDanglingServer>;

public sealed class PostgresGraphQlTests(PostgresDanglingServer server) : GraphQlTests(server), IClassFixture<PostgresDanglingServer>;
