using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Hosting.Import;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.Conformance.Tests.Import;

/// <summary>What an import makes of files that are out of order, damaged, or loaded twice.</summary>
public abstract class ImportRunTests(ServerFixture fixture) : OnServer(fixture), IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-import-").FullName;

    [Fact]
    public async Task Lines_that_come_before_what_they_refer_to_are_loaded_in_the_end()
    {
        Write("a-observations.ndjson", [.. Enumerable.Range(0, 450).Select(i => Observation($"early-{i}", $"early-p{i % 3}"))]);
        Write("b-patients.ndjson", Patient("early-p0"), "", Patient("early-p1"), Patient("early-p2"));

        var summary = await ImportAsync();

        Assert.Empty(summary.Faults);
        Assert.Equal(453, summary.Resources);
        Assert.Equal(150, await CountAsync("Observation?patient=early-p1"));
    }

    [Fact]
    public async Task A_damaged_line_is_named_by_file_and_line_and_the_rest_is_loaded()
    {
        var observations = Write("observations.ndjson",
            Observation("l1", "line-p"), """{"resourceType":"Observation","id":"l2","status":""", Observation("l3", "line-p"), Observation("l4", "line-nobody"),
            """{"resourceType":"Observation","id":"l5","status":"final","code":{"text":"x"},"valueInteger":"five"}""", Observation("l6", "line-p"));
        Write("patient.ndjson", Patient("line-p"));

        var summary = await ImportAsync();

        Assert.Equal([$"{observations}:2", $"{observations}:4", $"{observations}:5"], summary.Faults.Select(f => f.Place).Order(StringComparer.Ordinal));
        Assert.Contains("Patient/line-nobody", summary.Faults.Single(f => f.Place.EndsWith(":4", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
        Assert.Contains("Observation.value: integer", summary.Faults.Single(f => f.Place.EndsWith(":5", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
        Assert.Equal(4, summary.Resources);
        Assert.Equal(3, await CountAsync("Observation?patient=line-p"));
    }

    [Fact]
    public async Task A_narrative_that_runs_something_is_named_and_left_out()
    {
        var file = Write("patients.ndjson", """{"resourceType":"Patient","id":"told-1","text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml' onclick='x'>a</div>"}}""", Patient("told-2"));

        var fault = Assert.Single((await ImportAsync()).Faults);

        Assert.Equal($"{file}:1", fault.Place);
        Assert.Contains("onclick", fault.Text, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync("Patient?_id=told-1,told-2"));
    }

    [Fact]
    public async Task A_truncated_bundle_is_named_with_its_place_and_stores_nothing_of_itself()
    {
        var whole = Bundle("cut-one");
        Write("1.json", whole);
        var cut = Write("2.json", Bundle("cut-two")[..^25]);
        Write("3.json", Bundle("cut-three"));

        var summary = await ImportAsync();

        var fault = Assert.Single(summary.Faults);
        Assert.Equal(cut, fault.Place);
        Assert.Contains("line", fault.Text, StringComparison.Ordinal);
        Assert.Equal(2, await CountAsync("Patient?_id=cut-one,cut-two,cut-three"));
    }

    [Fact]
    public async Task A_bundle_with_a_broken_link_is_refused_whole_and_the_link_is_named()
    {
        Write("1.json", Bundle("link-one").Replace("\"reference\":\"urn:uuid:link-one\"", "\"reference\":\"urn:uuid:nobody\"", StringComparison.Ordinal));

        var summary = await ImportAsync();

        Assert.Contains("urn:uuid:nobody", Assert.Single(summary.Faults).Text, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("Patient?_id=link-one"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loading_twice_changes_nothing(bool asDemoPractice)
    {
        var record = new PracticeGenerator(77, new DateOnly(2026, 1, 1)).Patient(asDemoPractice ? 0 : 1);
        Write("record.json", System.Text.Encoding.UTF8.GetString(FhirFormats.ToJson(record)));
        var first = await ImportAsync(asDemoPractice);
        var before = await HistoryAsync();

        var second = await ImportAsync(asDemoPractice);

        Assert.Empty(first.Faults);
        Assert.Empty(second.Faults);
        Assert.Equal(before, await HistoryAsync());
    }

    [Fact]
    public async Task As_demo_practice_gives_the_practice_its_identities_and_the_patient_a_coverage()
    {
        var record = new PracticeGenerator(78, new DateOnly(2026, 1, 1)).Patients(50).First(b => b.Entry.Select(e => e.Resource).OfType<Hl7.Fhir.Model.ExplanationOfBenefit>()
            .Any(e => e.Insurer?.Display is "private" or "medicare" or "medicaid"));
        var patient = record.Entry.Select(e => e.Resource).OfType<Hl7.Fhir.Model.Patient>().Single().Id;
        Write("record.json", System.Text.Encoding.UTF8.GetString(FhirFormats.ToJson(record)));

        Assert.Empty((await ImportAsync(asDemoPractice: true)).Faults);

        var coverages = await Server.GetAsync($"Coverage?beneficiary={patient}&_include=Coverage:payor");
        Assert.NotEmpty(coverages.Ids);
        Assert.Contains(coverages.Entries, e => e["resource"]!["resourceType"]!.GetValue<string>() == "Organization");
        Assert.All(coverages.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "match"), e => Assert.NotNull(e["resource"]!["subscriberId"]));
        var encounter = (await Server.GetAsync($"Encounter?patient={patient}&_count=1&_include=Encounter:practitioner&_include=Encounter:service-provider")).Entries;
        foreach (var who in encounter.Skip(1).Select(e => e["resource"]!))
            Assert.Single(who["identifier"]!.AsArray(), i => i!["system"]!.GetValue<string>() == "http://hl7.org/fhir/sid/us-npi" && IsNpi(i["value"]!.GetValue<string>()));
        Assert.Equal(3, encounter.Count);
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Luhn over 80840 and the number (45 CFR 162.406).</summary>
    private static bool IsNpi(string text) => text.Length == 10 && text.All(char.IsAsciiDigit)
        && ("80840" + text).Reverse().Select((c, i) => (c - '0') * (1 + (i % 2))).Sum(d => d > 9 ? d - 9 : d) % 10 == 0;

    private static string Patient(string id) => $$"""{"resourceType":"Patient","id":"{{id}}"}""";

    private static string Observation(string id, string patient) =>
        $$$"""{"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""";

    private static string Bundle(string id) => $$$"""
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"fullUrl":"urn:uuid:{{{id}}}","resource":{"resourceType":"Patient","id":"{{{id}}}"},"request":{"method":"POST","url":"Patient"}},
          {"fullUrl":"urn:uuid:{{{id}}}-o","resource":{"resourceType":"Observation","id":"{{{id}}}-o","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:{{{id}}}"}},"request":{"method":"POST","url":"Observation"}}]}
        """;

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, string.Join('\n', lines));
        return path;
    }

    private Task<ImportSummary> ImportAsync(bool asDemoPractice = false) =>
        new ImportRun(new HttpTarget(Server.Http, new Uri(Server.BaseUrl)), new JobReport(TextWriter.Null, isTerminal: false, "resources"), asDemoPractice)
            .RunAsync(ImportSource.Files(folder), TestContext.Current.CancellationToken);

    private async Task<int> CountAsync(string query) => (await Server.GetAsync(query + "&_summary=count")).Json["total"]!.GetValue<int>();

    /// <summary>Versions of everything a record consists of.</summary>
    private async Task<string> HistoryAsync()
    {
        var versions = new List<string>();
        foreach (var type in new[] { "Patient", "Observation", "Encounter", "Claim", "Organization", "Practitioner", "PractitionerRole", "Coverage", "ExplanationOfBenefit", "Location" })
            versions.Add($"{type} {(await Server.GetAsync($"{type}/_history?_count=1")).Json["total"]}");
        return string.Join(", ", versions);
    }
}

public sealed class SqliteImportRunTests(SqliteServer server) : ImportRunTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresImportRunTests(PostgresServer server) : ImportRunTests(server), IClassFixture<PostgresServer>;
