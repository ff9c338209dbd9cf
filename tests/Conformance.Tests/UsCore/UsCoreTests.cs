using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.UsCore;

/// <summary>What US Core 6.1 asks of a server, over HTTP against made-up records: by our own list, and by its package's statement where that is here.</summary>
public abstract class UsCoreTests(UsCoreServer server) : OnServer(server)
{
    private const string Expectation = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation";

    [Fact]
    public async Task Every_search_it_names_finds_what_it_should_and_nothing_else()
    {
        foreach (var (type, parameters) in UsCoreRecords.Searches)
            await SearchAsync(type, parameters);
    }

    [Fact]
    public async Task Every_search_of_its_own_statement_is_among_them_and_is_told_in_ours()
    {
        Assert.SkipWhen(Statement is null, "hl7.fhir.us.core-6.1.0.tgz is not here: shared/data/fhir-packages, beside the repository.");
        var ours = (await Server.GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray().ToDictionary(r => r!["type"]!.GetValue<string>(), r => r!);
        var known = UsCoreRecords.Searches.Select(s => $"{s.Type}: {string.Join(' ', s.Parameters.Order(StringComparer.Ordinal))}").ToHashSet();
        var checkedSearches = 0;
        foreach (var theirs in Statement!["rest"]![0]!["resource"]!.AsArray().Select(r => r!))
        {
            var (type, mine) = (theirs["type"]!.GetValue<string>(), ours[theirs["type"]!.GetValue<string>()]);
            Assert.Superset(Wanted(theirs, "interaction", "code", "SHALL", "SHOULD", "MAY"), Names(mine, "interaction", "code"));
            Assert.Superset(Wanted(theirs, "searchParam", "name", "SHALL", "SHOULD", "MAY"), Names(mine, "searchParam", "name"));
            foreach (var include in theirs["searchRevInclude"]?.AsArray() ?? [])
                Assert.Contains(mine["searchRevInclude"]!.AsArray(), i => i!.GetValue<string>() == include!.GetValue<string>());

            var single = Wanted(theirs, "searchParam", "name", "SHALL", "SHOULD").Select(p => (string[])[p]);
            var combined = (theirs["extension"]?.AsArray() ?? []).Where(e => e!["url"]!.GetValue<string>().EndsWith("search-parameter-combination", StringComparison.Ordinal))
                .Select(e => e!["extension"]!.AsArray().Where(x => x!["url"]!.GetValue<string>() == "required").Select(x => x!["valueString"]!.GetValue<string>()).ToArray());
            foreach (var parameters in single.Concat(combined).ToList())
            {
                if (!known.Contains($"{type}: {string.Join(' ', parameters.Order(StringComparer.Ordinal))}"))
                    await SearchAsync(type, parameters);
                checkedSearches++;
            }
        }

        Assert.True(checkedSearches > 90, $"{checkedSearches} searches were read.");
    }

    [Fact]
    public async Task Provenance_comes_along_with_whatever_it_is_of()
    {
        foreach (var type in UsCoreRecords.Full.Keys.Append("Patient"))
        {
            var reply = await Server.GetAsync($"{type}?_id={UsCoreRecords.Value(type, "_id")}&_revinclude=Provenance:target");
            Assert.True(reply.Entries.Any(e => e["resource"]!["resourceType"]!.GetValue<string>() == "Provenance"), $"{type}: {reply.Body}");
        }
    }

    [Theory]
    [InlineData("CareTeam", "CareTeam:participant:Practitioner", "Practitioner")]
    [InlineData("CareTeam", "CareTeam:participant:PractitionerRole", "PractitionerRole")]
    [InlineData("CareTeam", "CareTeam:participant:Patient", "Patient")]
    [InlineData("CareTeam", "CareTeam:participant:RelatedPerson", "RelatedPerson")]
    [InlineData("MedicationRequest", "MedicationRequest:medication", "Medication")]
    [InlineData("MedicationDispense", "MedicationDispense:medication", "Medication")]
    [InlineData("PractitionerRole", "PractitionerRole:endpoint", "Endpoint")]
    [InlineData("PractitionerRole", "PractitionerRole:practitioner", "Practitioner")]
    public async Task Includes_bring_what_is_referred_to(string type, string include, string included)
    {
        var reply = await Server.GetAsync($"{type}?_id=uscore-a&_include={include}");

        Assert.Equal([included], reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "include").Select(e => e["resource"]!["resourceType"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Race_ethnicity_and_gender_identity_are_found_by_code()
    {
        Assert.Equal(["uscore-race"], (await Server.GetAsync("Patient?race=urn:oid:2.16.840.1.113883.6.238|2106-3")).Ids);
        Assert.Equal(["uscore-race"], (await Server.GetAsync("Patient?race=1010-8")).Ids); // a detailed one
        Assert.Equal(["uscore-race"], (await Server.GetAsync("Patient?ethnicity=2135-2")).Ids);
        Assert.Equal(["uscore-race"], (await Server.GetAsync("Patient?gender-identity=446151000124109")).Ids);
        Assert.Empty((await Server.GetAsync("Patient?race=2135-2")).Ids);
        Assert.Contains("uscore-race", (await Server.GetAsync("Patient?race:missing=false")).Ids);
        Assert.DoesNotContain(UsCoreRecords.Patient, (await Server.GetAsync("Patient?race:missing=false")).Ids);
    }

    [Fact]
    public async Task A_profile_that_resources_say_they_have_is_searched_by()
    {
        const string profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient";

        Assert.Equal(["uscore-race"], (await Server.GetAsync($"Patient?_profile={profile}")).Ids);
    }

    [Fact]
    public async Task The_statement_of_a_US_Core_server_is_made_only_with_its_package_and_docref()
    {
        var statement = (await Server.GetAsync("metadata")).Json;
        var instantiates = statement["instantiates"]!.AsArray().Select(i => i!.GetValue<string>());

        // No packages are here: whatever else is true, its profiles are not known. What a Subscription by a topic looks like is known without one.
        Assert.DoesNotContain("http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server", instantiates);
        Assert.All(statement["rest"]![0]!["resource"]!.AsArray().Where(r => r!["type"]!.GetValue<string>() != "Subscription"), r => Assert.Null(r!["supportedProfile"]));
    }

    private static JsonNode? Statement { get; } = Read();

    private async Task SearchAsync(string type, string[] parameters)
    {
        var values = parameters.Select(p => UsCoreRecords.Value(type, p) ?? throw new InvalidOperationException($"Nothing is known to ask {type}.{p} for.")).ToArray();
        string[] expected = parameters is ["patient"] ? ["uscore-a", "uscore-bare"]
            : UsCoreRecords.Full.ContainsKey(type) && !parameters.Intersect(["patient", "_id", "identifier"]).Any() ? ["uscore-a", "uscore-b"] // of both patients
            : [UsCoreRecords.Value(type, "_id")!];
        await ExpectAsync(type, parameters.Zip(values), expected);
        if (parameters.Length > 1 || values[0] != UsCoreRecords.Day)
            await ExpectAsync(type, parameters.Zip(values.Select(v => v == UsCoreRecords.Day || v.Contains("://", StringComparison.Ordinal) && !v.Contains('|', StringComparison.Ordinal) ? v : v + ",of-none-of-them")), expected); // multipleOr
        foreach (var range in (string[][])[["ge2026-02-03", "le2026-02-03"], ["gt2026-02-01", "lt2026-02-05"]])
            if (values.Contains(UsCoreRecords.Day)) // multipleAnd, with the comparators it names
                await ExpectAsync(type, parameters.Zip(values).SelectMany(p => p.Second == UsCoreRecords.Day ? range.Select(r => (p.First, r)) : [p]), expected);
        if (values.Contains(UsCoreRecords.Day))
            await ExpectAsync(type, parameters.Zip(values.Select(v => v == UsCoreRecords.Day ? "gt2026-02-04" : v)), []);
    }

    private async Task ExpectAsync(string type, IEnumerable<(string Name, string Value)> parameters, string[] expected)
    {
        var query = $"{type}?{string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"))}";
        var reply = await Server.GetAsync(query);
        Assert.True(reply.Status == 200, $"{query}: {reply.Body}");
        Assert.True(expected.Order().SequenceEqual(reply.Ids.Order()), $"{query}: found {string.Join(", ", reply.Ids)} instead of {string.Join(", ", expected)}");
    }

    private static HashSet<string> Wanted(JsonNode resource, string list, string name, params string[] expectations) =>
        [.. (resource[list]?.AsArray() ?? []).Where(i => i!["extension"]?.AsArray().Any(e => e!["url"]!.GetValue<string>() == Expectation && expectations.Contains(e["valueCode"]!.GetValue<string>())) == true).Select(i => i![name]!.GetValue<string>())];

    private static HashSet<string> Names(JsonNode resource, string list, string name) => [.. resource[list]!.AsArray().Select(i => i![name]!.GetValue<string>())];

    private static JsonNode? Read()
    {
        if (SharedData.Package("hl7.fhir.us.core-6.1.0.tgz") is not { } path)
            return null;
        using var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
            if (entry.Name == "package/CapabilityStatement-us-core-server.json")
                return JsonNode.Parse(entry.DataStream!);
        return null;
    }
}

/// <summary>A server with the records of these tests.</summary>
public abstract class UsCoreServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override async Task SeedAsync()
    {
        var entries = new JsonArray();
        foreach (var (type, id, elements) in UsCoreRecords.Plain)
            Add(type, id, elements);
        Add("Patient", "uscore-race", """
            "meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]},"extension":[
              {"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}},
                {"url":"detailed","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"1010-8"}},{"url":"text","valueString":"White"}]},
              {"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity","extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2135-2"}},{"url":"text","valueString":"Hispanic"}]},
              {"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"446151000124109"}]}}]
            """);
        foreach (var (type, elements) in UsCoreRecords.Full)
        {
            Add(type, "uscore-a", elements.Replace("PATIENT", UsCoreRecords.Patient, StringComparison.Ordinal));
            Add(type, "uscore-b", elements.Replace("PATIENT", UsCoreRecords.Other, StringComparison.Ordinal));
            Add(type, "uscore-bare", $$$""" "{{{(elements.Contains("\"subject\"", StringComparison.Ordinal) ? "subject" : elements.Contains("\"beneficiary\"", StringComparison.Ordinal) ? "beneficiary" : "patient")}}}":{"reference":"Patient/{{{UsCoreRecords.Patient}}}"}{{{(UsCoreRecords.Bare.TryGetValue(type, out var more) ? "," + more : "")}}} """);
        }

        Add("Provenance", "uscore-a", $$$""" "target":[{{{string.Join(',', UsCoreRecords.Full.Keys.Select(t => $$$"""{"reference":"{{{t}}}/uscore-a"}""").Append($$$"""{"reference":"Patient/{{{UsCoreRecords.Patient}}}"}"""))}}}],"recorded":"2026-02-03T12:00:00Z","agent":[{"who":{"display":"Somebody"}}] """);
        var reply = await PostAsync("", new JsonObject { ["resourceType"] = "Bundle", ["type"] = "transaction", ["entry"] = entries }.ToJsonString());
        Assert.True(reply.Status == 200, reply.Body);

        void Add(string type, string id, string elements) => entries.Add(new JsonObject
        {
            ["resource"] = JsonNode.Parse($$$"""{"resourceType":"{{{type}}}","id":"{{{id}}}",{{{elements}}}}"""),
            ["request"] = new JsonObject { ["method"] = "PUT", ["url"] = $"{type}/{id}" },
        });
    }

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?> { ["Definitions:Folder"] = Path.Combine(Path.GetTempPath(), "no-such-folder-of-packages") };
}

public sealed class SqliteUsCore() : UsCoreServer(null);

public sealed class PostgresUsCore(PostgresCluster cluster) : UsCoreServer(cluster);

public sealed class SqliteUsCoreTests(SqliteUsCore server) : UsCoreTests(server), IClassFixture<SqliteUsCore>;

public sealed class PostgresUsCoreTests(PostgresUsCore server) : UsCoreTests(server), IClassFixture<PostgresUsCore>;
