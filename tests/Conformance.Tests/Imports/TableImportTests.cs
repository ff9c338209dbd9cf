using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Imports;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Imports;

/// <summary>Tables of another system over HTTP: staged, mapped, previewed, committed, undone, and what is in the record then.</summary>
public abstract class TableImportTests(ServerFixture fixture) : OnServer(fixture)
{
    /// <summary>Numbers and names of this test alone.</summary>
    private readonly string mark = string.Concat(Guid.NewGuid().ToByteArray()[..8].Select(b => (char)('a' + (b % 26))));

    private string Mrn => $"urn:test:{mark}";

    [Fact]
    public async Task Patients_are_proposed_previewed_and_stored_and_the_figures_balance()
    {
        var staged = await StageAsync("patients", $"""
            Chart #;Patient Last Name;Patient First Name;Date of Birth;Gender;Cell Phone;State;ZIP Code;Favorite
            {mark}1;{mark};Ida;8/9/1951;F;617-555-0177;Massachusetts;2472;tea
            {mark}2;{mark};Bob;13/13/1970;M;;;;
            {mark}3;{mark};Cat;4/5/1970;F;555;;;
            {mark}1;{mark};Ida;8/9/1951;F;617-555-0177;Massachusetts;2472;coffee
            {mark}1;{mark};Ida;8/9/1951;M;;;;
            """);
        Assert.Equal("mapped", Text(staged, "stage"));
        Assert.Equal("CSV, UTF-8, separated by semicolons", Text(staged, "form"));
        Assert.Equal(0, await CountAsync($"Patient?identifier={Mrn}|{mark}1"));

        var preview = await ExpectAsync(200, Server.GetAsync($"{Import(staged)}/$import-preview"));
        Assert.Equal((1, 0, 1, 3), Figures(preview));
        Assert.Equal(["line 3, column 24: Expected a date such as 12/31/1990 or 1990-12-31.", "line 4, column 35: Expected a telephone number with its area code: ten digits.", "line 6, column : Line 2 is about the same number, and says otherwise: leave one of the two."],
            Parts(preview, "fault").Select(f => $"line {Part(f, "line")}, column {Part(f, "column")}: {Part(f, "text")}"));
        Assert.DoesNotContain("13/13/1970", preview.Body, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync($"Patient?identifier={Mrn}|{mark}1"));

        var report = await ExpectAsync(200, Server.PostAsync($"{Import(staged)}/$import-commit", ""));
        Assert.Equal((1, 0, 1, 3), Figures(report));
        var patient = (await Server.GetAsync($"Patient?identifier={Mrn}|{mark}1")).Entries.Single()["resource"]!;
        Assert.Equal(("female", "1951-08-09", "02472", "MA", "(617) 555-0177"), (patient["gender"]!.GetValue<string>(), patient["birthDate"]!.GetValue<string>(),
            patient["address"]![0]!["postalCode"]!.GetValue<string>(), patient["address"]![0]!["state"]!.GetValue<string>(), patient["telecom"]![0]!["value"]!.GetValue<string>()));

        // Whence it came: the version, the file as it was sent, and the state in the Task.
        var provenance = (await Server.GetAsync($"Provenance?target=Patient/{patient["id"]}")).Entries.Single()["resource"]!;
        Assert.Equal($"Patient/{patient["id"]}/_history/1", provenance["target"]![0]!["reference"]!.GetValue<string>());
        var source = (await Server.GetAsync(provenance["entity"]![0]!["what"]!["reference"]!.GetValue<string>())).Json;
        Assert.Equal("test.csv", source["description"]!.GetValue<string>());
        var file = await Server.GetAsync(source["content"]![0]!["attachment"]!["url"]!.GetValue<string>(), ("Accept", "application/fhir+json"));
        Assert.StartsWith("Chart #;", Encoding.UTF8.GetString(Convert.FromBase64String(file.Json["data"]!.GetValue<string>())), StringComparison.Ordinal);
        Assert.Equal("completed", (await Server.GetAsync(Import(staged))).Json["status"]!.GetValue<string>());

        // Asked again, and sent again: nothing more.
        Assert.Equal((1, 0, 1, 3), Figures(await ExpectAsync(200, Server.PostAsync($"{Import(staged)}/$import-commit", ""))));
        Assert.Equal(1, await CountAsync($"Patient?family={mark}"));
    }

    [Fact]
    public async Task Who_is_there_already_is_skipped_updated_or_somebody_decides()
    {
        var table = $"MRN,Name,DOB,Sex,Phone,Address,City,State,Zip\n{mark}1,\"{mark}, Ann\",1961-03-07,F,(617) 555-0123,1 Main St,Boston,MA,02139\n";
        Assert.Equal((1, 0, 0, 0), Figures(await CommitAsync(await StageAsync("patients", table))));
        Assert.Equal((0, 0, 1, 0), Figures(await CommitAsync(await StageAsync("patients", table))));
        Assert.Equal((0, 1, 0, 0), Figures(await CommitAsync(await StageAsync("patients", table.Replace("Boston", "Salem", StringComparison.Ordinal), ("onDuplicate", "update")))));
        var patient = (await Server.GetAsync($"Patient?family={mark}")).Entries.Single()["resource"]!;
        Assert.Equal(("Salem", "2"), (patient["address"]![0]!["city"]!.GetValue<string>(), patient["meta"]!["versionId"]!.GetValue<string>()));

        // Another number, the same name and day: nobody knows but a person.
        var uncertain = await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB,Sex\n{mark}9,\"{mark}, Ann\",1961-03-07,F\n", ("onDuplicate", "update")));
        Assert.Equal((0, 0, 1, 0), Figures(uncertain));
        Assert.Equal("1", Text(uncertain, "review"));
        var task = (await Server.GetAsync($"Task?code=urn:fhiremr:task|import-review&patient=Patient/{patient["id"]}")).Entries.Single()["resource"]!;
        Assert.Equal($"{mark}9", task["contained"]![0]!["identifier"]![0]!["value"]!.GetValue<string>());
        Assert.Equal(1, await CountAsync($"Patient?family={mark}"));

        // The row waits once, and again when it comes back after somebody has decided.
        await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB,Sex\n{mark}9,\"{mark}, Ann\",1961-03-07,F\n", ("onDuplicate", "update")));
        Assert.Equal(1, await CountAsync($"Task?code=urn:fhiremr:task|import-review&patient=Patient/{patient["id"]}"));
        task["status"] = "rejected";
        await ExpectAsync(200, Server.PutAsync($"Task/{task["id"]}", task.ToJsonString()));
        Assert.Equal("1", Text(await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB,Sex\n{mark}9,\"{mark}, Ann\",1961-03-07,F\n", ("onDuplicate", "update"))), "review"));
        Assert.Equal(2, await CountAsync($"Task?code=urn:fhiremr:task|import-review&patient=Patient/{patient["id"]}"));

        // Two of one file, neither of them here: the second is looked at, too.
        var twice = await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB\n{mark}5,\"{mark}, Dora\",1971-03-07\n{mark}6,\"{mark}, Dora\",1971-03-07\n"));
        Assert.Equal((1, 0, 1, 0), Figures(twice));
        Assert.Equal("1", Text(twice, "review"));
    }

    [Fact]
    public async Task A_row_is_of_the_patient_who_is_meant_and_of_nobody_else()
    {
        await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n{mark}2,\"{mark}, Ann\",1975-09-21\n{mark}3,\"{mark}, Annette\",1963-03-07\n"));
        Assert.Equal((1, 0, 0, 0), Figures(await CommitAsync(await StageAsync("balances", $"MRN,Balance\n{mark}2,5\n"))));
        var (patient, merged) = (await PatientAsync("1"), await PatientAsync("2"));
        merged["link"] = new JsonArray(new JsonObject { ["other"] = new JsonObject { ["reference"] = $"Patient/{patient["id"]}" }, ["type"] = "replaced-by" });
        await ExpectAsync(200, Server.PutAsync($"Patient/{merged["id"]}", merged.ToJsonString()));

        // By number, by that of the record merged away, by a number that is another's, by a name that only begins so.
        var coverages = await CommitAsync(await StageAsync("coverages", $"MRN,First,Last,DOB,Insurance,Policy Number\n{mark}1,Ann,{mark},,Payer {mark},A1\n{mark}2,,,,Payer {mark},A2\n{mark}1,Bob,{mark},,Payer {mark},A3\n{mark}1,,,1961-03-08,Payer {mark},A4\n,Ann,{mark},1963-03-07,Payer {mark},A5\n"));
        Assert.Equal((2, 0, 0, 3), Figures(coverages));
        Assert.Equal(2, await CountAsync($"Coverage?beneficiary=Patient/{patient["id"]}"));

        // Known under either number, and never proposed as the one merged away.
        var either = await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n{mark}2,\"{mark}, Ann\",1961-03-07\n"));
        Assert.Equal(((0, 0, 2, 0), "0"), (Figures(either), Text(either, "review")));
        Assert.Equal((1, 0, 0, 0), Figures(await CommitAsync(await StageAsync("patients", $"Name,DOB\n\"{mark}, Ann\",1975-09-21\n"))));

        // Booked before the records became one, the balance is not booked again.
        Assert.Equal((0, 0, 2, 0), Figures(await CommitAsync(await StageAsync("balances", $"MRN,Balance\n{mark}1,5\n{mark}2,5\n"))));

        async Task<JsonNode> PatientAsync(string number) => (await Server.GetAsync($"Patient?identifier={Mrn}|{mark}{number}")).Entries.Single()["resource"]!;
    }

    [Fact]
    public async Task An_account_is_booked_once_by_imports_that_run_at_once()
    {
        await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n{mark}2,\"{mark}, Bob\",1962-03-07\n"));
        var table = $"MRN,Balance\n{mark}1,5\n{mark}2,6\n";
        var (one, other) = (await StageAsync("balances", table), await StageAsync("balances", table));
        Assert.Equal(await EntriesAsync(one), await EntriesAsync(other)); // whoever is second finds it there

        var replies = await Task.WhenAll(new[] { one, other, one }.Select(i => Server.PostAsync($"{Import(i)}/$import-commit", "")));

        Assert.All(replies, r => Assert.True(r.Status == 200, r.Body));
        Assert.Equal(Figures(replies[0]), Figures(replies[2])); // one import, asked for twice
        Assert.Equal(2, Figures(replies[0]).Stored + Figures(replies[1]).Stored);
        Assert.Equal(2, Figures(replies[0]).Skipped + Figures(replies[1]).Skipped);
        Assert.Equal(2, await CountAsync($"Basic?subject:Patient.family={mark}"));

        async Task<string[]> EntriesAsync(Reply staged) => [.. Parts(await ExpectAsync(200, Server.GetAsync($"{Import(staged)}/$import-preview")), "row")
            .Select(r => r["part"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "resource")!["resource"]!["id"]!.GetValue<string>())];
    }

    [Fact]
    public async Task A_row_that_something_is_in_the_way_of_is_rejected_and_stops_nobody()
    {
        var staged = await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n{mark}2,\"{mark}, Bob\",1962-03-07\n{mark}3,\"{mark}, Cat\",1963-03-07\n");
        var preview = await ExpectAsync(200, Server.GetAsync($"{Import(staged)}/$import-preview"));
        var id = Parts(preview, "row").ElementAt(1)["part"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "resource")!["resource"]!["id"]!.GetValue<string>();
        await ExpectAsync(201, Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}"""));

        var report = await CommitAsync(staged);

        Assert.Equal((2, 0, 0, 1), Figures(report));
        Assert.StartsWith("line 3", Text(report, "rejection"), StringComparison.Ordinal);
        Assert.Equal("1", (await Server.GetAsync($"Patient/{id}")).Json["meta"]!["versionId"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_map_that_was_changed_by_hand_is_fitted_anew()
    {
        var staged = await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n");
        var task = (await Server.GetAsync(Import(staged))).Json;
        var map = task["input"]!.AsArray().Single(i => i!["type"]!["coding"]![0]!["code"]!.GetValue<string>() == "map")!;
        map["valueString"] = map["valueString"]!.GetValue<string>().Replace("birthDate", "birthDay", StringComparison.Ordinal);
        await ExpectAsync(200, Server.PutAsync(Import(staged), task.ToJsonString()));

        foreach (var reply in (Reply[])[await Server.GetAsync($"{Import(staged)}/$import-preview"), await Server.PostAsync($"{Import(staged)}/$import-commit", "")])
        {
            Assert.Equal(422, reply.Status);
            Assert.Contains("Did you mean 'birthDate'?", reply.Diagnostics, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task All_faults_are_counted_and_the_first_thousand_are_told()
    {
        var preview = await ExpectAsync(200, Server.GetAsync($"{Import(await StageAsync("patients", "MRN,Name,DOB\n" + string.Concat(Enumerable.Range(1, 1001).Select(n => $"{mark}{n},\"{mark}, Ann\",soon\n"))))}/$import-preview"));

        Assert.Equal((1000, "1001"), (Parts(preview, "fault").Count(), Text(preview, "faults")));
    }

    [Fact]
    public async Task Whoever_has_the_insurance_of_a_patient_is_entered_and_leaves_with_it()
    {
        await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",2015-03-07\n"));
        var table = $"MRN,Insurance,Policy Number,Relationship,Subscriber Name\n{mark}1,Payer {mark},A1,Child,\"{mark}, Bob Lee\"\n";
        var staged = await StageAsync("coverages", table);
        Assert.Equal((1, 0, 0, 0), Figures(await CommitAsync(staged)));
        var coverage = (await Server.GetAsync($"Coverage?patient.family={mark}")).Entries.Single()["resource"]!;
        var person = (await Server.GetAsync(coverage["subscriber"]!["reference"]!.GetValue<string>())).Json;
        Assert.Equal(("RelatedPerson", mark, "Bob", "PRN"), (person["resourceType"]!.GetValue<string>(), person["name"]![0]!["family"]!.GetValue<string>(), person["name"]![0]!["given"]![0]!.GetValue<string>(), person["relationship"]![0]!["coding"]![0]!["code"]!.GetValue<string>()));

        // The same again is the same; the patient's own insurance has no other subscriber.
        Assert.Equal((0, 0, 1, 0), Figures(await CommitAsync(await StageAsync("coverages", table, ("onDuplicate", "update")))));
        var own = await StageAsync("coverages", table.Replace($"Child,\"{mark}, Bob Lee\"", "Self,", StringComparison.Ordinal), ("onDuplicate", "update"));
        Assert.Equal((0, 1, 0, 0), Figures(await CommitAsync(own)));
        Assert.Equal(coverage["beneficiary"]!["reference"]!.GetValue<string>(), (await Server.GetAsync($"Coverage/{coverage["id"]}")).Json["subscriber"]!["reference"]!.GetValue<string>());
        Assert.Equal((0, 1, 0, 0), Figures(await CommitAsync(await StageAsync("coverages", table.Replace("Child", "Spouse", StringComparison.Ordinal), ("onDuplicate", "update")))));
        Assert.StartsWith("RelatedPerson/", (await Server.GetAsync($"Coverage/{coverage["id"]}")).Json["subscriber"]!["reference"]!.GetValue<string>(), StringComparison.Ordinal);

        // Written the other way round it is the same person; of another one a person decides.
        Assert.Equal((0, 0, 1, 0), Figures(await CommitAsync(await StageAsync("coverages", table.Replace("Child", "Spouse", StringComparison.Ordinal).Replace($"\"{mark}, Bob Lee\"", $"BOB {mark.ToUpperInvariant()}", StringComparison.Ordinal), ("onDuplicate", "update")))));
        Assert.Equal("1", Text(await CommitAsync(await StageAsync("coverages", table.Replace("Child", "Spouse", StringComparison.Ordinal).Replace("Bob Lee", "Dora", StringComparison.Ordinal), ("onDuplicate", "update"))), "review"));
    }

    [Fact]
    public async Task What_an_import_made_and_changed_again_is_undone_whole()
    {
        var ssn = $"{Random.Shared.Next(100, 600)}-{Random.Shared.Next(10, 100)}-{Random.Shared.Next(1000, 10_000)}";
        await CommitAsync(await StageAsync("patients", $"MRN,SSN,Name,DOB,City\n{mark}1,{ssn},\"{mark}, Ann\",1961-03-07,Boston\n"));

        // The second row goes on with the version that the first one made.
        var twice = await StageAsync("patients", $"MRN,SSN,Name,DOB,City\n{mark}1,,\"{mark}, Ann\",1961-03-07,Salem\n,{ssn},\"{mark}, Ann\",1961-03-07,Lynn\n", ("onDuplicate", "update"));
        var committed = await CommitAsync(twice);
        Assert.True(Figures(committed) == (0, 2, 0, 0), committed.Body);
        Assert.Equal(("Lynn", "3"), await CityAsync());

        var undone = await ExpectAsync(200, Server.PostAsync($"{Import(twice)}/$import-undo", ""));

        Assert.Equal(("undone", "1"), (Text(undone, "stage"), Text(undone, "restored")));
        Assert.Empty(Parts(undone, "kept"));
        Assert.Equal(("Boston", "4"), await CityAsync());

        async Task<(string City, string Version)> CityAsync()
        {
            var patient = (await Server.GetAsync($"Patient?identifier={Mrn}|{mark}1")).Entries.Single()["resource"]!;
            return (patient["address"]![0]!["city"]!.GetValue<string>(), patient["meta"]!["versionId"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Strangers_of_a_name_and_a_place_are_no_work_for_a_person()
    {
        var entries = Enumerable.Range(0, 201).Select(n => new JsonObject
        {
            ["resource"] = JsonNode.Parse($$"""{"resourceType":"Patient","name":[{"family":"{{mark}}","given":["{{(char)('a' + (n % 23))}}x{{n}}"]}],"birthDate":"19{{10 + (n % 60)}}-05-11","address":[{"postalCode":"02139"}]}"""),
            ["request"] = new JsonObject { ["method"] = "POST", ["url"] = "Patient" },
        }.ToJsonString());
        await ExpectAsync(200, Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', entries)}}]}"""));

        var report = await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB,Zip\n{mark}1,\"{mark}, Zoe\",2001-12-24,02139\n"));

        Assert.Equal(((1, 0, 0, 0), "0"), (Figures(report), Text(report, "review")));
    }

    [Fact]
    public async Task Whoever_was_merged_into_a_record_that_cannot_be_read_is_no_new_patient()
    {
        var merged = FhirJsonReader.Read(Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient","identifier":[{"system":"{{Mrn}}","value":"{{mark}}1"}],"name":[{"family":"{{mark}}","given":["Ann"]}],"birthDate":"1961-03-07","link":[{"other":{"reference":"Patient/{{mark}}-gone"},"type":"replaced-by"}]}"""), out _)!.Root;
        var intent = new WriteIntent(new("Patient", $"{mark}-merged"), "PUT") { Body = merged };
        Assert.IsType<WriteResult.Done>(await Server.Services.GetRequiredService<ResourceWriter>().WriteAsync([intent], Links.None, Caller.System, new CommitTerms { TargetsMayCome = true }, TestContext.Current.CancellationToken));

        var again = await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n"));

        Assert.Equal(((0, 0, 1, 0), "1"), (Figures(again), Text(again, "review")));
        Assert.Equal((0, 0, 0, 1), Figures(await CommitAsync(await StageAsync("balances", $"MRN,Balance\n{mark}1,5\n"))));
    }

    [Fact]
    public async Task What_the_one_who_undoes_cannot_read_is_named_and_left()
    {
        var staged = await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n");
        await CommitAsync(staged);
        var id = (await Server.GetAsync($"Patient?identifier={Mrn}|{mark}1")).Entries.Single()["resource"]!["id"]!.GetValue<string>();
        var imports = Server.Services.GetRequiredService<TableImports>();
        var plan = new AccessPlan("narrow", ResourceTypes.All.Where(t => t != "Patient").ToDictionary(t => t, _ => TypeAccess.All), [TableImports.Right]);
        var narrow = new FhirRequest("POST", FhirTarget.Parse("", out _)!, new Caller("narrow", plan)) { BaseUrl = "" };
        var (state, unknown) = await imports.StateAsync(narrow, Import(staged)["Task/".Length..], TestContext.Current.CancellationToken);
        Assert.Null(unknown);

        var (after, fault) = await imports.UndoAsync(narrow, state!, TestContext.Current.CancellationToken);

        Assert.Null(fault);
        Assert.Equal([$"Patient/{id} cannot be read by you: somebody who may read it has to undo it."], after!.Kept);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{id}")).Status);
        Assert.Equal("1", Text(await ExpectAsync(200, Server.PostAsync($"{Import(staged)}/$import-undo", "")), "removed"));
    }

    [Fact]
    public async Task What_was_imported_is_undone_until_somebody_changes_it()
    {
        await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB,City\n{mark}1,\"{mark}, Ann\",1961-03-07,Boston\n"));
        var staged = await StageAsync("patients", $"MRN,Name,DOB,City\n{mark}1,\"{mark}, Ann\",1961-03-07,Salem\n{mark}2,\"{mark}, Bob\",1962-03-07,Salem\n{mark}3,\"{mark}, Cat\",1963-03-07,Salem\n", ("onDuplicate", "update"));
        Assert.Equal((2, 1, 0, 0), Figures(await CommitAsync(staged)));
        var cat = (await Server.GetAsync($"Patient?identifier={Mrn}|{mark}3")).Entries.Single()["resource"]!;
        cat["active"] = false;
        await ExpectAsync(200, Server.PutAsync($"Patient/{cat["id"]}", cat.ToJsonString()));

        var undone = await ExpectAsync(200, Server.PostAsync($"{Import(staged)}/$import-undo", ""));

        Assert.Equal(("undone", "1", "1"), (Text(undone, "stage"), Text(undone, "removed"), Text(undone, "restored")));
        Assert.Equal($"Patient/{cat["id"]} was changed since.", Text(undone, "kept"));
        Assert.Equal(0, await CountAsync($"Patient?identifier={Mrn}|{mark}2"));
        Assert.Equal("Boston", (await Server.GetAsync($"Patient?identifier={Mrn}|{mark}1")).Entries.Single()["resource"]!["address"]![0]!["city"]!.GetValue<string>());
        Assert.Equal(1, await CountAsync($"Patient?identifier={Mrn}|{mark}3"));
        Assert.Equal(409, (await Server.PostAsync($"{Import(staged)}/$import-commit", "")).Status);
        var again = await ExpectAsync(200, Server.PostAsync($"{Import(staged)}/$import-undo", ""));
        Assert.Equal(("1", "1"), (Text(again, "removed"), Text(again, "restored")));
    }

    [Fact]
    public async Task Coverages_appointments_and_balances_find_their_patients()
    {
        await CommitAsync(await StageAsync("patients", $"MRN,Name,DOB\n{mark}1,\"{mark}, Ann\",1961-03-07\n{mark}2,\"{mark}, Bob\",1962-03-07\n"));

        var coverages = await StageAsync("coverages", $"MRN,Insurance,Payer ID,Policy Number,Group #,Relationship,Effective Date,Priority\n{mark}2,payer {mark},,A2,,Spouse,,2\n{mark}1,Payer {mark},P{mark},A1,G7,Self,1/1/2026,Primary\n{mark}7,Payer {mark},,A3,,,,\n");
        Assert.Equal((2, 0, 0, 1), Figures(await CommitAsync(coverages)));
        var payer = (await Server.GetAsync($"Organization?identifier=urn:fhiremr:payer-id|P{mark}")).Entries.Single()["resource"]!["id"]!.GetValue<string>();
        Assert.Equal(2, await CountAsync($"Coverage?payor=Organization/{payer}"));

        // A payer that is known by its name takes the id of a later file.
        await CommitAsync(await StageAsync("coverages", $"MRN,Insurance,Policy Number\n{mark}1,Other {mark},B1\n"));
        Assert.Equal((1, 0, 0, 0), Figures(await CommitAsync(await StageAsync("coverages", $"MRN,Insurance,Payer ID,Policy Number\n{mark}2,Other {mark},Q{mark},B2\n"))));
        var numbered = (await Server.GetAsync($"Organization?identifier=urn:fhiremr:payer-id|Q{mark}")).Entries.Single()["resource"]!["id"]!.GetValue<string>();
        Assert.Equal(2, await CountAsync($"Coverage?payor=Organization/{numbered}"));

        var appointments = await StageAsync("appointments", $"Last,First,DOB,Appt Date,Start Time,Duration,Provider,Appointment Status\n{mark},Ann,3/7/1961,12/24/2026,9:30 AM,30 min,\"Nobody, Dr.\",Scheduled\n{mark},Ann,3/7/1961,12/24/2026,,30,,\n");
        Assert.Equal((1, 0, 0, 1), Figures(await CommitAsync(appointments)));
        var appointment = (await Server.GetAsync($"Appointment?patient.identifier={Mrn}|{mark}1")).Entries.Single()["resource"]!;
        Assert.Equal(("booked", 30), (appointment["status"]!.GetValue<string>(), appointment["minutesDuration"]!.GetValue<int>()));

        var balances = await StageAsync("balances", $"MRN,Balance,Insurance Balance,As Of\n{mark}1,\"$1,000.25\",50,6/30/2026\n{mark}2,(20.00),,6/30/2026\n");
        var preview = await ExpectAsync(200, Server.GetAsync($"{Import(balances)}/$import-preview"));
        Assert.Equal(1070.25m, preview.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "total")!["valueMoney"]!["value"]!.GetValue<decimal>());
        Assert.Equal((2, 0, 0, 0), Figures(await CommitAsync(balances)));
        var repeated = await StageAsync("balances", $"MRN,Balance\n{mark}1,5\n");
        Assert.Equal((0, 0, 1, 0), Figures(await CommitAsync(repeated)));
        Assert.Equal(["opening-balance", "opening-balance"], await EventsAsync());

        // Entries are never deleted: undone, the opposite stands beside each, and a right balance can be brought in.
        Assert.Equal("2", Text(await ExpectAsync(200, Server.PostAsync($"{Import(balances)}/$import-undo", "")), "takenBack"));
        Assert.Equal(4, (await EventsAsync()).Length);
        Assert.Equal((1, 0, 0, 0), Figures(await CommitAsync(await StageAsync("balances", $"MRN,Balance\n{mark}1,7\n"))));

        // The coverages of the first file refer to their payer and go with it.
        Assert.Equal("3", Text(await ExpectAsync(200, Server.PostAsync($"{Import(coverages)}/$import-undo", "")), "removed"));

        async Task<string[]> EventsAsync() => [.. (await Server.GetAsync($"Basic?subject:Patient.family={mark}")).Entries
            .SelectMany(e => e["resource"]!["extension"]!.AsArray()).Where(e => e!["url"]!.GetValue<string>() == "urn:fhiremr:journal-event").Select(e => e!["valueCode"]!.GetValue<string>())];
    }

    [Fact]
    public async Task A_fee_schedule_takes_a_map_that_is_kept_under_a_name()
    {
        var code = "9" + Random.Shared.Next(1000, 9999);
        var staged = await StageAsync("fees", $"Item,What,Mod,Dollars,Begins\n{code},Visit,,\"1,250.00\",1/1/2026\n{code},Visit,26,90,1/1/2026\n{code},Visit,26,91,1/1/2026\n");
        Assert.Equal("staged", Text(staged, "stage"));
        Assert.Contains("code, nor to fee or facilityFee", Text(staged, "missing"), StringComparison.Ordinal);
        Assert.Equal(422, (await Server.PostAsync($"{Import(staged)}/$import-commit", "")).Status);
        Assert.Contains("Did you mean 'code'?", (await Server.PostAsync($"{Import(staged)}/$import-map", Columns(("Item", "cod")))).Diagnostics, StringComparison.Ordinal);

        var mapped = await ExpectAsync(200, Server.PostAsync($"{Import(staged)}/$import-map", Columns(("Item", "code"), ("Dollars", "fee"), ("Begins", "from")).Replace("]}", $$""",{"name":"save","valueString":"{{mark}}"}]}""", StringComparison.Ordinal)));
        Assert.Equal("mapped", Text(mapped, "stage"));
        Assert.Equal((2, 0, 0, 1), Figures(await CommitAsync(mapped)));
        var price = (await Server.GetAsync($"ChargeItemDefinition?identifier=urn:fhiremr:fee|{code}")).Entries.Single()["resource"]!;
        Assert.Equal(1250m, price["propertyGroup"]![0]!["priceComponent"]![0]!["amount"]!["value"]!.GetValue<decimal>());

        var later = await StageAsync("fees", $"Begins,Dollars,Item\n1/1/2027,1300,{code}\n", ("map", mark));
        Assert.Equal((1, 0, 0, 0), Figures(await CommitAsync(later)));
        Assert.Equal(404, (await StageRawAsync("fees", "Item\n1\n", ("map", "nobody"))).Status);
    }

    [Theory]
    [InlineData("nothing", "a,b\n1,2\n", 400, "patients, coverages, appointments, balances, fees")]
    [InlineData("patients", "\"a,b", 422, "never closed")]
    [InlineData("patients", "PK\u0003\u0004nonsense", 422, "cannot be read")]
    public async Task Bad_files_are_refused_and_leave_nothing(string kind, string text, int status, string why)
    {
        var before = await CountAsync("Task?code=urn:fhiremr:task|import-table");

        var reply = await StageRawAsync(kind, text);

        Assert.Equal(status, reply.Status);
        Assert.Contains(why, reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync("Task?code=urn:fhiremr:task|import-table"));
    }

    private async Task<Reply> StageAsync(string kind, string text, params (string Name, string Value)[] more) => await ExpectAsync(200, StageRawAsync(kind, text, more));

    private Task<Reply> StageRawAsync(string kind, string text, params (string Name, string Value)[] more) => Server.PostAsync("$import-table", new JsonObject
    {
        ["resourceType"] = "Parameters",
        ["parameter"] = new JsonArray(
        [
            new JsonObject { ["name"] = "kind", ["valueCode"] = kind },
            new JsonObject { ["name"] = "name", ["valueString"] = "test.csv" },
            new JsonObject { ["name"] = "identifierSystem", ["valueUri"] = Mrn },
            new JsonObject { ["name"] = "content", ["valueBase64Binary"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) },
            .. more.Select(m => new JsonObject { ["name"] = m.Name, ["valueString"] = m.Value }),
        ]),
    }.ToJsonString());

    private Task<Reply> CommitAsync(Reply staged) => ExpectAsync(200, Server.PostAsync($"{Import(staged)}/$import-commit", ""));

    private async Task<int> CountAsync(string query) => (await Server.GetAsync($"{query}&_summary=count")).Json["total"]!.GetValue<int>();

    private static async Task<Reply> ExpectAsync(int status, Task<Reply> asked)
    {
        var reply = await asked;
        Assert.True(reply.Status == status, $"{reply.Status}: {reply.Body}");
        return reply;
    }

    private static string Columns(params (string Header, string Field)[] columns) => $$"""
        {"resourceType":"Parameters","parameter":[{{string.Join(',', columns.Select(c => $$"""{"name":"column","part":[{"name":"header","valueString":"{{c.Header}}"},{"name":"field","valueCode":"{{c.Field}}"}]}"""))}}]}
        """;

    private static (int Stored, int Updated, int Skipped, int Rejected) Figures(Reply reply)
    {
        var figures = (Stored: Number("stored"), Updated: Number("updated"), Skipped: Number("skipped"), Rejected: Number("rejected"));
        Assert.Equal(Number("rows"), figures.Stored + figures.Updated + figures.Skipped + figures.Rejected);
        return figures;

        int Number(string name) => int.Parse(Text(reply, name), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Import(Reply staged) => Text(staged, "import");

    private static IEnumerable<JsonNode> Parts(Reply reply, string name) => reply.Json["parameter"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == name).Select(p => p!);

    private static string Text(Reply reply, string name) => Value(Parts(reply, name).FirstOrDefault() ?? throw new InvalidOperationException($"no {name}: {reply.Body}"));

    private static string Part(JsonNode of, string name) => of["part"]!.AsArray().FirstOrDefault(p => p!["name"]!.GetValue<string>() == name) is { } part ? Value(part) : "";

    private static string Value(JsonNode parameter)
    {
        var value = parameter.AsObject().First(p => p.Key.StartsWith("value", StringComparison.Ordinal)).Value!;
        return value is JsonObject reference ? reference["reference"]!.GetValue<string>() : value.ToString();
    }
}

public sealed class SqliteTableImportTests(SqliteServer server) : TableImportTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresTableImportTests(PostgresServer server) : TableImportTests(server), IClassFixture<PostgresServer>;
