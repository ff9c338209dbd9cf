using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Documents;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary>Clinical documents over HTTP: C-CDA in and out, FHIR documents, summaries, packages.</summary>
public abstract class DocumentTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string mrn = Guid.NewGuid().ToString("N")[..10];

    /// <summary>Names, a birth date and ways to be reached of this test alone, so that patients of other tests are strangers.</summary>
    private string Family => "Q" + new string([.. mrn.Select(c => (char)('a' + (c % 26)))]);

    private string Given => "X" + new string([.. mrn.Reverse().Select(c => (char)('a' + (c * 7 % 26)))]);

    private DateOnly Born => new DateOnly(1930, 1, 1).AddDays((int)(Convert.ToUInt32(mrn[..6], 16) % 25_000));

    [Fact]
    public async Task A_document_is_taken_in_once_and_a_second_time_adds_nothing()
    {
        var first = await ImportAsync(Ccd());
        Assert.Equal((26, 26, 0, 0), first.Counts);
        var record = await RecordAsync(first.Patient);
        Assert.Contains("Provenance", record.Keys.Select(k => k.Split('/')[0]));

        var second = await ImportAsync(Ccd());
        Assert.Equal((26, 0, 26, 0), second.Counts);
        Assert.Equal(first.Patient, second.Patient);
        Assert.Equal(record, await RecordAsync(first.Patient));

        var reference = (await Server.GetAsync(first["document"])).Json;
        Assert.Equal("application/cda+xml", reference["content"]![0]!["attachment"]!["contentType"]!.GetValue<string>());
        Assert.Equal(Ccd(), await BytesAsync(reference["content"]![0]!["attachment"]!["url"]!.GetValue<string>())); // the original, byte for byte
    }

    [Fact]
    public async Task A_newer_document_updates_an_older_one_takes_nothing_back_and_what_was_changed_here_stays()
    {
        var patient = (await ImportAsync(Ccd())).Patient;

        var newer = await ImportAsync(Ccd("doc-2", glucose: "110", at: "20250401103015-0500"));
        Assert.Equal("1", newer["updated"]);
        Assert.Equal(110, (await GlucoseAsync(patient))["valueQuantity"]!["value"]!.GetValue<int>());

        var older = await ImportAsync(Ccd("doc-0", glucose: "80", at: "20250101103015-0500"));
        Assert.Contains("A newer document says otherwise.", older.Reasons);
        var glucose = await GlucoseAsync(patient);
        Assert.Equal(110, glucose["valueQuantity"]!["value"]!.GetValue<int>());

        glucose["note"] = new JsonArray(new JsonObject { ["text"] = "Not fasting" });
        Assert.Equal(200, (await Server.PutAsync($"Observation/{glucose["id"]}", glucose.ToJsonString())).Status);
        var again = await ImportAsync(Ccd("doc-3", glucose: "120", at: "20250501103015-0500"));
        Assert.Contains("It was imported before and changed here since.", again.Reasons);
        Assert.Equal("Not fasting", (await GlucoseAsync(patient))["note"]![0]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_dry_run_tells_the_same_and_writes_nothing()
    {
        var report = await ImportAsync(Ccd(), "$import-ccda?dryRun=true");

        Assert.Equal((26, 26, 0, 0), report.Counts);
        Assert.Equal(404, (await Server.GetAsync(report.Patient)).Status);
    }

    [Fact]
    public async Task When_it_is_not_certain_whose_it_is_a_person_is_asked_and_nothing_goes_into_a_record()
    {
        // The same name and birth date, and no more: it may be her.
        var her = await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","name":[{"family":"{{Family}}","given":["{{Given}}"]}],"birthDate":"{{Born:yyyy-MM-dd}}"}""");
        Assert.Equal(201, her.Status);

        var held = await ImportAsync(Ccd());
        Assert.Equal((26, 0, 26, 0), held.Counts);
        Assert.Null(held.Find("patient"));
        var task = (await Server.GetAsync(held["review"])).Json;
        Assert.Equal(("requested", $"Patient/{her.Id}"), (task["status"]!.GetValue<string>(), task["input"]![0]!["valueReference"]!["reference"]!.GetValue<string>()));
        Assert.Equal("0", (await ImportAsync(Ccd()))["created"]); // asked once

        var told = await ImportAsync($$"""{"resourceType":"Parameters","parameter":[{"name":"document","valueReference":{"reference":"{{held["document"]}}" } },{"name":"patient","valueReference":{"reference":"Patient/{{her.Id}}" } }]}""");
        Assert.Equal((26, 26, 0, 0), told.Counts);
        Assert.Equal($"Patient/{her.Id}", told.Patient);
        Assert.Equal("completed", (await Server.GetAsync(held["review"])).Json["status"]!.GetValue<string>());
        Assert.Equal("superseded", (await Server.GetAsync(held["document"])).Json["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_document_of_somebody_else_is_refused_until_it_is_confirmed()
    {
        var other = await Server.PostAsync("Patient", """{"resourceType":"Patient","name":[{"family":"Nguyen","given":["Bao"]}],"birthDate":"1950-01-01","gender":"male"}""");

        var refused = await SendAsync($"Patient/{other.Id}/$import-ccda", Ccd());
        Assert.Equal(422, refused.Status);
        Assert.Contains("describes somebody else", refused.Diagnostics, StringComparison.Ordinal);
        Assert.Equal($"Patient/{other.Id}", (await ImportAsync(Ccd(), $"Patient/{other.Id}/$import-ccda?confirmed=true")).Patient);
    }

    [Theory]
    [Trait("Requirement", "S-70")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><ClinicalDocument xmlns=\"urn:hl7-org:v3\">&b;</ClinicalDocument>", "$import-ccda", 400, "DTD")]
    [InlineData("<Observation xmlns=\"urn:x\"/>", "$import-ccda", 400, "begins with <ClinicalDocument")]
    [InlineData("<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>", "$import-ccda", 422, "no recordTarget")]
    [InlineData("x", "$import-ccda?dryrun=true", 400, "Did you mean 'dryRun'?")]
    [InlineData("", "$import-ccda", 400, "Send the document as the body")]
    public async Task What_is_no_document_is_refused_with_the_fix(string body, string path, int status, string why)
    {
        var reply = await SendAsync(path, Encoding.UTF8.GetBytes(body));

        Assert.Equal(status, reply.Status);
        Assert.Contains(why, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ccd_of_the_record_reads_back_as_the_record_and_changes_nothing()
    {
        var patient = (await ImportAsync(Ccd())).Patient;
        var record = await RecordAsync(patient);

        var ccd = await Server.GetAsync($"{patient}/$ccd", ("Accept", "application/cda+xml"));
        Assert.Equal((200, "application/cda+xml"), (ccd.Status, ccd.MediaType));
        Assert.Contains("2.16.840.1.113883.10.20.22.1.2", ccd.Body, StringComparison.Ordinal);
        var back = await ImportAsync(Encoding.UTF8.GetBytes(ccd.Body));
        Assert.Equal(patient, back.Patient);
        Assert.Equal("0", back["rejected"]);
        // Every fact is here already; what is new is the paper itself.
        Assert.Equal("0", back["stored"]);
        var after = await RecordAsync(patient);
        Assert.Equal(record.Where(r => !r.Key.StartsWith("DocumentReference/", StringComparison.Ordinal)), after.Where(r => record.ContainsKey(r.Key) && !r.Key.StartsWith("DocumentReference/", StringComparison.Ordinal)));

        var package = await BytesAsync($"{patient}/$xdm");
        Assert.Equal("0", (await ImportAsync(package, mediaType: "application/zip"))["stored"]);
        Assert.Equal("Binary", (await Server.GetAsync($"{patient}/$ccd", ("Accept", "application/fhir+json"))).Json["resourceType"]!.GetValue<string>());
        Assert.Equal(406, (await Server.GetAsync($"{patient}/$ccd", ("Accept", "image/png"))).Status);
    }

    [Fact]
    public async Task A_composition_becomes_a_document_with_all_it_refers_to()
    {
        var report = await ImportAsync(Ccd());
        var composition = (await Server.GetAsync(report["document"])).Json["context"]!["related"]![0]!["reference"]!.GetValue<string>();

        var document = await Server.GetAsync($"{composition}/$document");
        Assert.True(document.Status == 200, document.Body);
        Assert.Equal(("document", "Composition"), (document.Json["type"]!.GetValue<string>(), document.Entries[0]["resource"]!["resourceType"]!.GetValue<string>()));
        Assert.NotNull(document.Json["identifier"]!["value"]);
        Assert.NotNull(document.Json["timestamp"]);
        var urls = document.Entries.Select(e => e["fullUrl"]!.GetValue<string>()).ToArray();
        Assert.Equal(urls.Length, urls.Distinct().Count());
        Assert.All((string[])["Patient/", "Condition/", "Encounter/", "Device/", "Practitioner/"], type => Assert.Contains(urls, u => u.Contains("/" + type, StringComparison.Ordinal))); // Device through its use
        var stored = await Server.PostAsync($"{composition}/$document?persist=true", "");
        Assert.Equal(201, stored.Status);
        Assert.Equal(200, (await Server.GetAsync($"Bundle/{stored.Id}")).Status);

        Assert.Equal(400, (await Server.GetAsync($"{composition}/$document?graph=urn:x")).Status);
        Assert.Equal(405, (await Server.GetAsync($"{composition}/$document?persist=true")).Status);
        Assert.Equal(404, (await Server.GetAsync("Composition/nobody/$document")).Status);
        var far = await Server.PostAsync("Composition", $$"""{"resourceType":"Composition","status":"final","type":{"text":"x"},"date":"2025","title":"x","author":[{"reference":"https://elsewhere.example/fhir/Practitioner/1"}]}""");
        Assert.Equal(422, (await Server.GetAsync($"Composition/{far.Id}/$document")).Status);
    }

    [Fact]
    public async Task A_summary_is_found_by_id_and_by_identifier_and_is_whole()
    {
        var patient = (await ImportAsync(Ccd())).Patient;

        var summary = await Server.GetAsync($"{patient}/$summary");
        Assert.True(summary.Status == 200, summary.Body);
        var sections = summary.Entries[0]["resource"]!["section"]!.AsArray();
        Assert.Equal(["11450-4", "48765-2", "10160-0", "11369-6", "30954-2", "47519-4", "46264-8", "42348-3", "8716-3", "11348-0", "29762-2"], sections.Select(s => s!["code"]!["coding"]![0]!["code"]!.GetValue<string>()));
        var urls = summary.Entries.Select(e => e["fullUrl"]!.GetValue<string>()).ToHashSet();
        Assert.All(sections.SelectMany(s => s!["entry"]!.AsArray()), e => Assert.Contains(e!["reference"]!.GetValue<string>(), urls));
        Assert.Equal(201, (await Server.PostAsync("Bundle", summary.Body)).Status); // it is a valid document

        Assert.Equal(200, (await Server.GetAsync($"Patient/$summary?identifier=urn:oid:2.16.840.1.113883.19.5.1|{mrn}")).Status);
        Assert.Equal(404, (await Server.GetAsync("Patient/$summary?identifier=urn:x|nobody")).Status);
        Assert.Equal(400, (await Server.GetAsync("Patient/$summary")).Status);
        Assert.Equal(400, (await Server.GetAsync($"{patient}/$summary?profile=urn:x")).Status);
    }

    [Fact]
    public async Task Docref_finds_stored_documents_and_makes_one_ccd_for_one_state_of_the_record()
    {
        var report = await ImportAsync(Ccd());
        var patient = report.Patient["Patient/".Length..];

        var asked = await Server.GetAsync($"DocumentReference/$docref?patient={patient}");
        Assert.True(asked.Status == 200, asked.Body);
        Assert.Contains(asked.Entries, e => e["resource"]!["id"]?.GetValue<string>() == report["document"]["DocumentReference/".Length..]);
        var link = asked.Entries[0]["resource"]!["content"]![0]!["attachment"]!["url"]!.GetValue<string>();
        Assert.Equal(200, (await Server.GetAsync(link)).Status); // a GET has stored nothing, and leads to the document

        var made = await Server.PostAsync("DocumentReference/$docref", $$"""{"resourceType":"Parameters","parameter":[{"name":"patient","valueId":"{{patient}}"},{"name":"on-demand","valueBoolean":true}]}""");
        var one = Assert.Single(made.Entries)["resource"]!;
        Assert.StartsWith("Binary/", one["content"]![0]!["attachment"]!["url"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(200, (await Server.GetAsync($"DocumentReference/{one["id"]}")).Status);
        var again = await Server.PostAsync("DocumentReference/$docref", $$"""{"resourceType":"Parameters","parameter":[{"name":"patient","valueId":"{{patient}}"},{"name":"on-demand","valueBoolean":true}]}""");
        Assert.Equal((one["id"]!.ToString(), "1"), (Assert.Single(again.Entries)["resource"]!["id"]!.ToString(), again.Entries[0]["resource"]!["meta"]!["versionId"]!.ToString()));
        Assert.Empty((await Server.GetAsync($"DocumentReference/$docref?patient={patient}&type=http://loinc.org|11488-4")).Entries);
        Assert.Empty((await Server.GetAsync("DocumentReference/$docref?patient=nobody")).Entries);
        Assert.Equal(400, (await Server.GetAsync("DocumentReference/$docref")).Status);
    }

    [Fact]
    public async Task What_is_labelled_is_stored_in_no_document_and_a_package_says_so()
    {
        var report = await ImportAsync(Ccd());
        var glucose = await GlucoseAsync(report.Patient);
        glucose["meta"]!["security"] = new JsonArray(new JsonObject { ["system"] = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", ["code"] = "R" });
        Assert.Equal(200, (await Server.PutAsync($"Observation/{glucose["id"]}", glucose.ToJsonString())).Status);

        var made = await Server.PostAsync("DocumentReference/$docref", $$"""{"resourceType":"Parameters","parameter":[{"name":"patient","valueId":"{{report.Patient["Patient/".Length..]}}"},{"name":"on-demand","valueBoolean":true}]}""");
        var one = Assert.Single(made.Entries)["resource"]!;
        Assert.EndsWith("/$ccd", one["content"]![0]!["attachment"]!["url"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(one["id"]);

        var composition = (await Server.GetAsync(report["document"])).Json["context"]!["related"]![0]!["reference"]!.GetValue<string>();
        var refused = await Server.PostAsync($"{composition}/$document?persist=true", "");
        Assert.Equal(422, refused.Status);
        Assert.Contains("bears security labels", refused.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(200, (await Server.GetAsync($"{composition}/$document")).Status);

        using var package = new System.IO.Compression.ZipArchive(new MemoryStream(await BytesAsync($"{report.Patient}/$xdm")));
        using var metadata = new StreamReader(package.GetEntry("IHE_XDM/SUBSET01/METADATA.XML")!.Open());
        Assert.Contains("value=\"restricted\"", await metadata.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_does_not_go_into_a_record_that_was_merged_away()
    {
        var survivor = (await Server.PostAsync("Patient", """{"resourceType":"Patient","name":[{"family":"Survivor"}]}""")).Id;
        var merged = (await Server.PostAsync("Patient", $$$"""{"resourceType":"Patient","active":false,"link":[{"type":"replaced-by","other":{"reference":"Patient/{{{survivor}}}"}}]}""")).Id;
        var reply = await SendAsync($"Patient/{merged}/$import-ccda?confirmed=true", Ccd(), "application/cda+xml");
        Assert.True(reply.Status == 422 && reply.Body.Contains($"name Patient/{survivor}", StringComparison.Ordinal), reply.Body);
        Assert.Empty((await Server.GetAsync($"Observation?subject=Patient/{merged}")).Entries);
    }

    [Fact]
    public async Task What_a_confidential_document_says_bears_its_label()
    {
        byte[] Confidential(string code, string glucose = "104", string at = "20250301103015-0500") =>
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Ccd($"doc-{glucose}", glucose, at)).Replace("confidentialityCode code=\"N\"", $"confidentialityCode code=\"{code}\"", StringComparison.Ordinal));
        var document = Confidential("R");
        var report = await ImportAsync(document);

        Assert.Equal((26, 26, 0, 0), report.Counts);
        Assert.Equal("R", (await GlucoseAsync(report.Patient))["meta"]!["security"]![0]!["code"]!.GetValue<string>());
        var reference = (await Server.GetAsync(report["document"])).Json;
        Assert.Equal("R", reference["meta"]!["security"]![0]!["code"]!.GetValue<string>());
        Assert.Equal((26, 0, 26, 0), (await ImportAsync(document)).Counts);

        // A newer one makes it more confidential, what it says as before, too, and never less.
        await ImportAsync(Confidential("V", glucose: "110", at: "20250401103015-0500"));
        Assert.Equal("V", Assert.Single((await GlucoseAsync(report.Patient))["meta"]!["security"]!.AsArray())!["code"]!.GetValue<string>());
        var people = new[] { "Patient", "Practitioner", "Composition", "Binary", "DocumentReference", "Provenance" };
        Assert.All((await Server.GetAsync($"{report.Patient}/$everything?_count=200")).Entries.Select(e => e["resource"]!).Where(r => !people.Contains(r["resourceType"]!.ToString())),
            r => Assert.Equal("V", Assert.Single(r["meta"]!["security"]!.AsArray())!["code"]!.ToString()));
        await ImportAsync(Confidential("R", glucose: "120", at: "20250501103015-0500"));
        var glucose = await GlucoseAsync(report.Patient);
        Assert.Equal((120, "V"), (glucose["valueQuantity"]!["value"]!.GetValue<int>(), Assert.Single(glucose["meta"]!["security"]!.AsArray())!["code"]!.GetValue<string>()));
    }

    [Fact]
    [Trait("Requirement", "S-70")]
    public async Task A_patient_described_by_one_long_text_many_times_refuses_the_document()
    {
        var guardians = string.Concat(Enumerable.Repeat("<guardian><code nullFlavor=\"OTH\"><originalText><reference value=\"#n1\"/></originalText></code><guardianPerson><name><family>X</family></name></guardianPerson></guardian>", 80));
        var reply = await SendAsync("$import-ccda", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Ccd()).Replace("<languageCommunication>", guardians + "<languageCommunication>", StringComparison.Ordinal).Replace("Feels", new string('x', 1_000_000), StringComparison.Ordinal)));

        Assert.Equal(400, reply.Status);
        Assert.Contains("more than 64 MiB", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_follows_the_whole_address_of_what_is_on_this_server()
    {
        var id = "o" + mrn;
        Assert.Equal(201, (await Server.PutAsync($"Observation/{id}", $$""" {"resourceType":"Observation","id":"{{id}}","status":"final","code":{"text":"x"} } """)).Status);
        var composition = await Server.PostAsync("Composition", $$"""
            {"resourceType":"Composition","status":"final","type":{"text":"x"},"date":"2025","title":"x","author":[{"display":"x"}],"section":[{"title":"x","entry":[{"reference":"{{Server.Http.BaseAddress}}Observation/{{id}}/_history/1"}]}]}
            """);

        var document = await Server.GetAsync($"Composition/{composition.Id}/$document");
        Assert.True(document.Status == 200, document.Body);
        Assert.Equal([composition.Id, id], document.Entries.Select(e => e["resource"]!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Several_imports_of_one_document_at_once_write_it_once()
    {
        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ImportAsync(Ccd())));

        Assert.Equal(26, reports.Sum(r => r.Counts.Stored));
        Assert.All(await RecordAsync(reports[0].Patient), r => Assert.Equal("1", r.Value));
    }

    [Fact]
    public async Task A_newer_document_is_taken_in_after_its_paper_was_deleted_and_notes_that_were_changed_here_stay()
    {
        var first = await ImportAsync(Ccd());
        var note = (await Server.GetAsync($"DocumentReference?patient={first.Patient["Patient/".Length..]}")).Entries.Select(e => e["resource"]!).First(r => $"DocumentReference/{r["id"]}" != first["document"]).DeepClone();
        note["description"] = "Read by Dr. Tanaka";
        Assert.Equal(200, (await Server.PutAsync($"DocumentReference/{note["id"]}", note.ToJsonString())).Status);
        foreach (var provenance in (await Server.GetAsync($"Provenance?target={first["document"]}")).Entries)
            Assert.Equal(204, (await Server.DeleteAsync($"Provenance/{provenance["resource"]!["id"]}")).Status); // what refers to it goes first
        Assert.Equal(204, (await Server.DeleteAsync(first["document"])).Status);

        var newer = await ImportAsync(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Ccd(glucose: "110", at: "20250401103015-0500")).Replace("Feels", "Felt", StringComparison.Ordinal)));

        Assert.Equal(110, (await GlucoseAsync(first.Patient))["valueQuantity"]!["value"]!.GetValue<int>());
        Assert.Contains("It was imported before and changed here since.", newer.Reasons);
        Assert.Equal("Read by Dr. Tanaka", (await Server.GetAsync($"DocumentReference/{note["id"]}")).Json["description"]!.GetValue<string>());
        Assert.Equal(410, (await Server.GetAsync(first["document"])).Status);
    }

    private byte[] Ccd(string id = "doc-1", string glucose = "104", string at = "20250301103015-0500") => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(CcdFixture.Ccd(id, mrn, glucose, at, Family)).Replace("Lucia", Given, StringComparison.Ordinal)
            .Replace("19620714", Born.ToString("yyyyMMdd", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("(603)555-0188", $"({Convert.ToUInt32(mrn[..4], 16) % 800 + 200})555-{Convert.ToUInt32(mrn[4..8], 16) % 10_000:0000}", StringComparison.Ordinal)
            .Replace("17 Harbor Lane", $"{Convert.ToUInt32(mrn[..4], 16)} {Family} Lane", StringComparison.Ordinal).Replace("03801", $"{Convert.ToUInt32(mrn[5..9], 16) % 90_000 + 10_000}", StringComparison.Ordinal));

    private async Task<Report> ImportAsync(byte[] document, string path = "$import-ccda", string mediaType = "application/cda+xml")
    {
        var reply = await SendAsync(path, document, mediaType);
        Assert.True(reply.Status == 200, reply.Body);
        return new(Assert.Single(reply.Json["parameter"]!.AsArray())!);
    }

    private async Task<Report> ImportAsync(string parameters)
    {
        var reply = await Server.PostAsync("$import-ccda", parameters);
        Assert.True(reply.Status == 200, reply.Body);
        return new(Assert.Single(reply.Json["parameter"]!.AsArray())!);
    }

    private async Task<Reply> SendAsync(string path, byte[] body, string mediaType = "application/cda+xml")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        using var response = await Server.Http.PostAsync(path, content, TestContext.Current.CancellationToken);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), null, null, response.Content.Headers.ContentType?.MediaType);
    }

    private async Task<byte[]> BytesAsync(string path) => await Server.Http.GetByteArrayAsync(path, TestContext.Current.CancellationToken);

    /// <summary>Every resource of the patient with its version.</summary>
    private async Task<SortedDictionary<string, string>> RecordAsync(string patient)
    {
        var all = await Server.GetAsync($"{patient}/$everything?_count=1000");
        return new(all.Entries.Select(e => e["resource"]!).ToDictionary(r => $"{r["resourceType"]}/{r["id"]}", r => r["meta"]!["versionId"]!.GetValue<string>()), StringComparer.Ordinal);
    }

    private async Task<JsonNode> GlucoseAsync(string patient) => Assert.Single((await Server.GetAsync($"Observation?patient={patient["Patient/".Length..]}&code=2345-7")).Entries)["resource"]!.DeepClone();

    /// <summary>A <c>result</c> of the answer.</summary>
    private sealed class Report(JsonNode result)
    {
        public string this[string part] => Find(part) ?? throw new KeyNotFoundException($"{part}: {result.ToJsonString()}");

        public string Patient => this["patient"];

        public (int In, int Stored, int Skipped, int Rejected) Counts => (Number("in"), Number("stored"), Number("skipped"), Number("rejected"));

        public IEnumerable<string> Reasons => result["part"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == "detail")
            .Select(d => d!["part"]!.AsArray().First(p => p!["name"]!.GetValue<string>() == "reason")!["valueString"]!.GetValue<string>());

        private int Number(string part) => int.Parse(this[part], CultureInfo.InvariantCulture);

        public string? Find(string part) => result["part"]!.AsArray().FirstOrDefault(p => p!["name"]!.GetValue<string>() == part) is { } found
            ? found["valueReference"]?["reference"]?.GetValue<string>() ?? found.AsObject().First(p => p.Key.StartsWith("value", StringComparison.Ordinal)).Value!.ToString() : null;
    }
}

public sealed class SqliteDocumentTests(SqliteServer server) : DocumentTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresDocumentTests(PostgresServer server) : DocumentTests(server), IClassFixture<PostgresServer>;
