using System.Net;
using System.Text.Json.Nodes;

namespace FhirEmr.Conformance.Tests.Hl7V2;

/// <summary>What a message may not decide by itself, and what becomes of it when a person does.</summary>
public abstract partial class ReceivingTests
{
    [Theory]
    [InlineData("", "MRG^1", "100")]
    [InlineData("MRG|\r", "MRG^1^1", "101")]
    public async Task A_merge_that_names_no_record_is_in_error(string mrg, string at, string error)
    {
        var mrn = Fresh("M");
        var (status, ack) = await Server.PostMessageAsync(Made.Msh("ADT^A40", Fresh("c")) + "EVN|A40|20260301120000\r" + Made.Pid(mrn) + mrg);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "AE", at, error), (status, F(ack, "MSA", 1), F(ack, "ERR", 2), F(ack, "ERR", 3).Split('^')[0]));
        Assert.Empty(await Server.SearchAsync($"Patient?identifier={mrn}"));
    }

    [Fact]
    public async Task A_merge_of_a_number_of_several_patients_is_parked()
    {
        var (mrn, old, id) = (Fresh("M"), Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        foreach (var name in new[] { "Anne", "Berta" })
            await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","active":true,"identifier":[{"system":"http://hospital.example.org/mrn","value":"{{old}}"}],"name":[{"family":"{{Made.Family(old)}}","given":["{{name}}"]}]}""");
        await AcceptAsync(Made.Msh("ADT^A40", id) + "EVN|A40|20260301120000\r" + Made.Pid(mrn) + $"MRG|{old}^^^HOSP^MR\r");
        var parked = await KeptAsync(id);
        Assert.Equal("parked", StateOf(parked));
        Assert.Equal(2, Assert.Single(await Server.SearchAsync($"Task?focus=Basic/{parked["id"]}"))["input"]!.AsArray().Count(i => i!["valueReference"] is not null));
        Assert.All(await Server.SearchAsync($"Patient?identifier={old}"), p => Assert.True(p["active"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_new_patient_for_a_parked_message_leaves_the_one_with_the_number_alone()
    {
        var (mrn, id) = (Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var first = await PatientAsync(mrn);
        await AcceptAsync(Made.Adt("A04", id, mrn, visit: Fresh("V"), pid: Made.Pid(mrn, "Other", "Zed", "19991231")));
        var replay = await Server.PostAsync($"Basic/{(await KeptAsync(id))["id"]}/$hl7v2-replay", Creating);
        Assert.True(replay.Status == 200, replay.Body);
        Assert.Equal(first.ToJsonString(), (await Server.GetAsync($"Patient/{first["id"]}")).Json.ToJsonString());
        Assert.Equal(["Other"], (await Server.SearchAsync($"Patient?identifier=http://hospital.example.org/mrn|{mrn}")).Where(p => p["id"]!.ToString() != first["id"]!.ToString()).Select(p => p["name"]![0]!["family"]!.ToString()));
    }

    [Fact]
    public async Task A_number_that_people_took_away_from_its_patient_is_not_given_back_by_a_message()
    {
        var (mrn, id) = (Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var patient = await PatientAsync(mrn);
        var right = patient.DeepClone();
        right["identifier"]![0]!["value"] = Fresh("M");
        Assert.Equal(200, (await Server.PutAsync($"Patient/{patient["id"]}", right.ToJsonString())).Status);
        await AcceptAsync(Made.Adt("A04", id, mrn, visit: Fresh("V"), pid: Made.Pid(mrn, "Rightful", "Zora", "19770707")));
        Assert.Equal("parked", StateOf(await KeptAsync(id)));
        Assert.Equal(Made.Family(mrn), (await Server.GetAsync($"Patient/{patient["id"]}")).Json["name"]![0]!["family"]!.ToString());
        Assert.Equal(200, (await Server.PostAsync($"Basic/{(await KeptAsync(id))["id"]}/$hl7v2-replay", Creating)).Status);
        Assert.Equal("Rightful", (await PatientAsync(mrn))["name"]![0]!["family"]!.ToString());
    }

    [Fact]
    public async Task A_large_message_mended_under_the_same_id_is_kept_as_mended_and_taken_again_after_its_Basic_was_deleted()
    {
        var (mrn, id) = (Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var message = Made.Oru(id, mrn, Fresh("F")) + Embedded(40_000);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Server.PostMessageAsync(message.Replace("|||N|||F", "|||N|||?", StringComparison.Ordinal))).Status);
        await AcceptAsync(message);
        var basic = await KeptAsync(id);
        Assert.Equal(message, (await Server.GetAsync($"Binary/{basic["id"]}", ("Accept", "x-application/hl7-v2+er7"))).Body);
        var gone = (await Server.GetAsync($"Provenance?entity=Basic/{basic["id"]}")).Json["entry"]!.AsArray().Select(e => $"Provenance/{e!["resource"]!["id"]}").Append($"Basic/{basic["id"]}").Append($"Binary/{basic["id"]}");
        var entries = string.Join(',', gone.Select(g => $$"""{"request":{"method":"DELETE","url":"{{g}}"} }"""));
        var deleted = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{entries}}]}""");
        Assert.True(deleted.Status == 200, deleted.Body);
        await AcceptAsync(message);
        Assert.Equal("applied", StateOf(await KeptAsync(id)));
    }

    [Fact]
    public async Task What_was_applied_is_not_applied_again_and_what_cannot_be_stays_parked()
    {
        var (mrn, id, wrong) = (Fresh("M"), Fresh("c"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", id, mrn));
        var applied = await KeptAsync(id);
        foreach (var body in new[] { "", Creating })
            Assert.Equal(422, (await Server.PostAsync($"Basic/{applied["id"]}/$hl7v2-replay", body)).Status);
        Assert.Equal(applied.ToJsonString(), (await KeptAsync(id)).ToJsonString());

        await AcceptAsync(Made.Oru(wrong, Fresh("M"), Fresh("F")).Replace("||97|", "||sweet|", StringComparison.Ordinal));
        var parked = await KeptAsync(wrong);
        var replay = await Server.PostAsync($"Basic/{parked["id"]}/$hl7v2-replay", Creating);
        Assert.True(replay.Status == 422 && replay.Body.Contains("OBX-5 is no number", StringComparison.Ordinal), replay.Body);
        Assert.Equal(parked.ToJsonString(), (await KeptAsync(wrong)).ToJsonString());
    }

    [Fact]
    public async Task A_large_parked_message_is_replayed_from_its_Binary()
    {
        var (mrn, id) = (Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Oru(id, mrn, Fresh("F")) + Embedded(100_000));
        var replay = await Server.PostAsync($"Basic/{(await KeptAsync(id))["id"]}/$hl7v2-replay", Creating);
        Assert.True(replay.Status == 200, replay.Body);
        Assert.Single(Assert.Single(await Server.SearchAsync($"DiagnosticReport?patient.identifier={mrn}"))["presentedForm"]!.AsArray());
    }

    [Fact]
    public async Task A_number_that_comes_round_for_another_patient_moves_nothing_until_a_person_says_so()
    {
        var (mrn, other, filler, visit, id) = (Fresh("M"), Fresh("M"), Fresh("F"), Fresh("V"), Fresh("c"));
        await AcceptAsync(Made.Adt("A01", Fresh("c"), mrn, visit: visit));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), other, visit: Fresh("V")));
        await AcceptAsync(Made.Oru(Fresh("c"), mrn, filler));
        var before = await OfAsync(mrn);
        await AcceptAsync(Made.Oru(id, other, filler, "12", "F", "20260302120000"));
        await AcceptAsync(Made.Adt("A08", Fresh("c"), other, "20260302120000", visit));
        Assert.Equal("parked", StateOf(await KeptAsync(id)));
        Assert.Equal(before, await OfAsync(mrn));

        Assert.Equal(200, (await Server.PostAsync($"Basic/{(await KeptAsync(id))["id"]}/$hl7v2-replay", Naming(await PatientAsync(other)))).Status);
        Assert.Empty(await Server.SearchAsync($"DiagnosticReport?patient.identifier={mrn}"));
        Assert.Equal(2, Assert.Single(await Server.SearchAsync($"DiagnosticReport?patient.identifier={other}"))["result"]!.AsArray().Count);
        Assert.Single(await Server.SearchAsync($"Encounter?patient.identifier={mrn}"));

        async Task<string> OfAsync(string number) => string.Concat((await Server.SearchAsync($"DiagnosticReport?patient.identifier={number}"))
            .Concat(await Server.SearchAsync($"Observation?patient.identifier={number}")).Concat(await Server.SearchAsync($"Encounter?patient.identifier={number}"))
            .Select(r => r.ToJsonString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_it_is_says_nothing_of_a_number_that_nobody_was_asked_about()
    {
        var (mrn, other, filler, unsure, unknown) = (Fresh("M"), Fresh("M"), Fresh("F"), Fresh("c"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), other));
        await AcceptAsync(Made.Oru(Fresh("c"), mrn, filler));
        await AcceptAsync(Made.Oru(unsure, other, filler, "12", "F", "20260302120000", Made.Pid(other, born: "19991231")));
        var stranger = Fresh("M");
        await AcceptAsync(Made.Oru(unknown, stranger, filler, "13", "F", "20260303120000"));

        var naming = Naming(await PatientAsync(other));
        await StaysAsync(unsure, naming, mrn);
        await StaysAsync(unknown, Creating, mrn);
        await AppliedAsync(unsure, naming); // asked about the number now
        Assert.Empty(await Server.SearchAsync($"DiagnosticReport?patient.identifier={mrn}"));
        Assert.Single(await Server.SearchAsync($"DiagnosticReport?patient.identifier={other}"));
        await AppliedAsync(unknown, Creating);
        Assert.Single(await Server.SearchAsync($"DiagnosticReport?patient.identifier={stranger}"));

        async Task StaysAsync(string id, string decision, string whose)
        {
            var replay = await Server.PostAsync($"Basic/{(await KeptAsync(id))["id"]}/$hl7v2-replay", decision);
            Assert.True(replay.Status == 200 && replay.Body.Contains("Still parked: A number of the message is that of another patient's", StringComparison.Ordinal), replay.Body);
            Assert.Single(await Server.SearchAsync($"DiagnosticReport?patient.identifier={whose}"));
        }

        async Task AppliedAsync(string id, string decision)
        {
            Assert.Equal(200, (await Server.PostAsync($"Basic/{(await KeptAsync(id))["id"]}/$hl7v2-replay", decision)).Status);
            Assert.Equal("applied", StateOf(await KeptAsync(id)));
        }
    }

    [Fact]
    public async Task A_message_is_no_newer_for_having_waited()
    {
        var (mrn, id) = (Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Oru(id, mrn, Fresh("F"), at: "20990101000000"));
        var basic = await KeptAsync(id);
        basic["extension"]!.AsArray().First(e => e!["url"]!.ToString() == "urn:fhiremr:hl7v2:original")!["valueAttachment"]!["creation"] = "2026-01-05T12:00:00+00:00"; // it has waited since
        Assert.Equal(200, (await Server.PutAsync($"Basic/{basic["id"]}", basic.ToJsonString())).Status);
        Assert.Equal(200, (await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", Creating)).Status);
        Assert.All(await Server.SearchAsync($"Observation?patient.identifier={mrn}"), o => Assert.StartsWith("2026-01-05", o["extension"]!.AsArray().First(e => e!["url"]!.ToString() == "urn:fhiremr:hl7v2:as-of")!["valueInstant"]!.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_merge_of_somebody_else_is_parked_until_a_person_says_so()
    {
        var (mrn, mistyped, id) = (Fresh("M"), Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mistyped));
        var (patient, stranger) = (await PatientAsync(mrn), await PatientAsync(mistyped));
        await AcceptAsync(Made.Msh("ADT^A40", id) + "EVN|A40|20260301120000\r" + Made.Pid(mrn) + $"MRG|{mistyped}^^^HOSP^MR\r");
        var parked = await KeptAsync(id);
        Assert.Equal("parked", StateOf(parked));
        Assert.Equal(stranger.ToJsonString(), (await Server.GetAsync($"Patient/{stranger["id"]}")).Json.ToJsonString());
        Assert.Equal([$"Patient/{patient["id"]}", $"Patient/{stranger["id"]}"], Assert.Single(await Server.SearchAsync($"Task?focus=Basic/{parked["id"]}"))["input"]!.AsArray()
            .Select(i => i!["valueReference"]?["reference"]?.ToString()).OfType<string>());

        Assert.Equal(200, (await Server.PostAsync($"Basic/{parked["id"]}/$hl7v2-replay", Naming(patient))).Status);
        Assert.False((await Server.GetAsync($"Patient/{stranger["id"]}")).Json["active"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_people_corrected_after_a_message_was_written_stays()
    {
        var mrn = Fresh("M");
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var right = await PatientAsync(mrn);
        right["name"]![0]!["family"] = "Corrected";
        Assert.Equal(200, (await Server.PutAsync($"Patient/{right["id"]}", right.ToJsonString())).Status);
        await AcceptAsync(Made.Adt("A08", Fresh("c"), mrn, "20260305120000")); // newer than the message before, older than the correction
        await AcceptAsync(Made.Adt("A08", Fresh("c"), mrn, "20260306120000"));
        Assert.Equal("Corrected", (await PatientAsync(mrn))["name"]![0]!["family"]!.ToString());
        await AcceptAsync(Made.Adt("A08", Fresh("c"), mrn, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(2).ToString("yyyyMMddHHmmss", System.Globalization.CultureInfo.InvariantCulture) + "+0000"));
        Assert.Equal(Made.Family(mrn), (await PatientAsync(mrn))["name"]![0]!["family"]!.ToString());
    }

    [Fact]
    public async Task A_task_that_somebody_has_in_hand_stays_theirs_when_the_message_is_parked_again()
    {
        var (id, owner) = (Fresh("c"), await Server.PostAsync("Practitioner", """{"resourceType":"Practitioner","name":[{"family":"Owner"}]}"""));
        await AcceptAsync(Made.Oru(id, Fresh("M"), Fresh("F")));
        var basic = await KeptAsync(id);
        var task = Assert.Single(await Server.SearchAsync($"Task?focus=Basic/{basic["id"]}"));
        (task["status"], task["owner"]) = ("in-progress", JsonNode.Parse($$"""{"reference":"Practitioner/{{owner.Id}}"}"""));
        Assert.Equal(200, (await Server.PutAsync($"Task/{task["id"]}", task.ToJsonString())).Status);
        var replay = await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", "");
        Assert.True(replay.Status == 200 && replay.Body.Contains("Still parked", StringComparison.Ordinal), replay.Body);
        task = (await Server.GetAsync($"Task/{task["id"]}")).Json;
        Assert.Equal(("in-progress", $"Practitioner/{owner.Id}"), (task["status"]!.ToString(), task["owner"]!["reference"]!.ToString()));
        Assert.Equal(200, (await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", Creating)).Status);
        Assert.Equal("completed", (await Server.GetAsync($"Task/{task["id"]}")).Json["status"]!.ToString());
    }

    /// <summary>An OBX with a document of so many bytes.</summary>
    private static string Embedded(int bytes) => $"OBX|3|ED|PDF^Report^L||^application^pdf^Base64^{Convert.ToBase64String([.. "%PDF-1.4 "u8, .. new byte[bytes]])}||||||F\r";

    private const string Creating = """{"resourceType":"Parameters","parameter":[{"name":"createPatient","valueBoolean":true}]}""";

    private static string Naming(JsonNode patient) => $$$"""{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/{{{patient["id"]}}}"}}]}""";

    private static string StateOf(JsonNode basic) => basic["code"]!["coding"]![1]!["code"]!.ToString();

    /// <summary>The Basic that keeps the message of this control id.</summary>
    private async Task<JsonNode> KeptAsync(string id) => Assert.Single(await Server.SearchAsync($"Basic?code=urn:fhiremr:hl7v2|received&identifier=urn:fhiremr:hl7v2:message|{Uri.EscapeDataString($"LAB\\|{id}")}"));
}
