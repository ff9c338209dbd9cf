using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Sending;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Hl7V2;

/// <summary>Messages in: what they make, how they are answered, what is parked (product §8.5).</summary>
public abstract partial class ReceivingTests(Hl7V2Server server) : OnServer(server)
{
    private static int numbers;

    private new Hl7V2Server Server => (Hl7V2Server)base.Server;

    private static string Fresh(string prefix) => $"{prefix}{Interlocked.Increment(ref numbers)}";

    [Fact]
    public async Task An_admission_makes_the_patient_and_a_result_finds_them()
    {
        var (mrn, filler) = (Fresh("M"), Fresh("F"));
        await AcceptAsync(Made.Adt("A01", Fresh("c"), mrn, visit: Fresh("V"),
            more: "IN1|1|PPO|PAY1|Acme Health|||||G77|||20260101|||||SEL|||||1||||||||||||||W123\rGT1|1||Payer^Bob||||||||PAR\rNK1|1|Kin^Cy|SPO|||(217)5550111\r"));
        var patient = await PatientAsync(mrn);
        Assert.Equal((Made.Family(mrn), Made.Born(mrn), "female"), (patient["name"]![0]!["family"]!.ToString(), patient["birthDate"]!.ToString().Replace("-", "", StringComparison.Ordinal), patient["gender"]!.ToString()));
        var encounter = Assert.Single(await Server.SearchAsync($"Encounter?subject=Patient/{patient["id"]}"));
        Assert.Equal(("in-progress", "IMP", "2026-02-28T08:00:00-06:00"), (encounter["status"]!.ToString(), encounter["class"]!["code"]!.ToString(), encounter["period"]!["start"]!.ToString()));
        Assert.Equal("W123", Assert.Single(await Server.SearchAsync($"Coverage?beneficiary=Patient/{patient["id"]}"))["subscriberId"]!.ToString());
        Assert.Equal(2, (await Server.SearchAsync($"RelatedPerson?patient=Patient/{patient["id"]}")).Count);

        await AcceptAsync(Made.Oru(Fresh("c"), mrn, filler));
        var glucose = Assert.Single(await Server.SearchAsync($"Observation?subject=Patient/{patient["id"]}&code=http://loinc.org|2345-7"));
        Assert.Equal(("97", "mg/dL", "mgs", "70", "N"), (glucose["valueQuantity"]!["value"]!.ToString(), glucose["valueQuantity"]!["code"]!.ToString(), glucose["valueQuantity"]!["unit"]!.ToString(),
            glucose["referenceRange"]![0]!["low"]!["value"]!.ToString(), glucose["interpretation"]![0]!["coding"]![0]!["code"]!.ToString()));
        Assert.Equal(["Glucose, serum", "Glucose"], glucose["code"]!["coding"]!.AsArray().Select(c => c!["display"]!.ToString()));
        var report = Assert.Single(await Server.SearchAsync($"DiagnosticReport?subject=Patient/{patient["id"]}"));
        Assert.Equal(("final", 2), (report["status"]!.ToString(), report["result"]!.AsArray().Count));
        Assert.Single(await Server.SearchAsync($"Provenance?target=DiagnosticReport/{report["id"]}"));
    }

    [Fact]
    public async Task A_correction_is_a_new_version_and_an_older_message_changes_nothing()
    {
        var (mrn, filler) = (Fresh("M"), Fresh("F"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        await AcceptAsync(Made.Oru(Fresh("c"), mrn, filler, "97", "F", "20260301120000"));
        await AcceptAsync(Made.Oru(Fresh("c"), mrn, filler, "79", "C", "20260301140000"));
        await AcceptAsync(Made.Oru(Fresh("c"), mrn, filler, "97", "F", "20260301130000")); // written in between, and late
        await AcceptAsync(Made.Oru(Fresh("c"), mrn, filler, "11", "P", "20260301150000")); // preliminary is never newer than final
        var glucose = Assert.Single(await Server.SearchAsync($"Observation?patient.identifier={mrn}&code=http://loinc.org|2345-7"));
        Assert.Equal(("79", "corrected", "2"), (glucose["valueQuantity"]!["value"]!.ToString(), glucose["status"]!.ToString(), glucose["meta"]!["versionId"]!.ToString()));
        Assert.Equal("corrected", Assert.Single(await Server.SearchAsync($"DiagnosticReport?patient.identifier={mrn}"))["status"]!.ToString());
    }

    [Fact]
    public async Task The_same_message_gets_the_same_answer_and_another_of_its_id_is_in_error()
    {
        var (mrn, id, filler) = (Fresh("M"), Fresh("c"), Fresh("F"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var first = await AcceptAsync(Made.Oru(id, mrn, filler));
        Assert.Equal(first, await AcceptAsync(Made.Oru(id, mrn, filler)));
        var (status, ack) = await Server.PostMessageAsync(Made.Oru(id, mrn, filler, "5"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "AE", id, "MSH^1^10", "205"), (status, F(ack, "MSA", 1), F(ack, "MSA", 2), F(ack, "ERR", 2), F(ack, "ERR", 3).Split('^')[0]));
        Assert.Equal("97", Assert.Single(await Server.SearchAsync($"Observation?patient.identifier={mrn}&code=http://loinc.org|2345-7"))["valueQuantity"]!["value"]!.ToString());
    }

    [Theory]
    [InlineData("OBX|1|NM|GLU^Glucose^L||97", "OBX|1|NM|GLU^Glucose^L||sweet", "AE", "OBX^1^5", "102")]
    [InlineData("|F|||", "|Q|||", "AE", "PID^1^8", "103")]
    [InlineData("ORU^R01", "ORU^R99", "AR", "MSH^1^9^1^2", "201")]
    [InlineData("ORU^R01", "QQQ^R01", "AR", "MSH^1^9^1^1", "200")]
    [InlineData("|P|2.5.1", "|T|2.5.1", "AR", "MSH^1^11^1^1", "202")]
    [InlineData("|P|2.5.1", "|P|3.0", "AR", "MSH^1^12^1^1", "203")]
    [InlineData("||fasting|||N|||F", "||fasting|||N|||?", "AE", "OBX^2^11", "103")]
    public async Task What_is_wrong_is_told_at_its_field_and_mended_under_the_same_id(string right, string wrong, string code, string at, string error)
    {
        var (mrn, id, filler) = (Fresh("M"), Fresh("c"), Fresh("F"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var message = Made.Oru(id, mrn, filler);
        Assert.Contains(right, message, StringComparison.Ordinal);
        var (_, ack) = await Server.PostMessageAsync(message.Replace(right, wrong, StringComparison.Ordinal));
        Assert.Equal((code, at, error), (F(ack, "MSA", 1), F(ack, "ERR", 2), F(ack, "ERR", 3).Split('^')[0]));
        Assert.Empty(await Server.SearchAsync($"Observation?patient.identifier={mrn}"));
        await AcceptAsync(message);
        Assert.Equal(2, (await Server.SearchAsync($"Observation?patient.identifier={mrn}")).Count);
    }

    [Fact]
    public async Task A_result_of_somebody_else_under_the_same_number_is_parked_and_a_person_decides()
    {
        var (mrn, filler, id) = (Fresh("M"), Fresh("F"), Fresh("c"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var patient = await PatientAsync(mrn);
        await AcceptAsync(Made.Oru(id, mrn, filler, pid: Made.Pid(mrn, born: "19991231")));
        await AcceptAsync(Made.Adt("A08", Fresh("c"), mrn, pid: Made.Pid(mrn, family: "Other", given: "Zed")));
        Assert.Empty(await Server.SearchAsync($"Observation?patient.identifier={mrn}"));
        Assert.Equal(Made.Family(mrn), (await PatientAsync(mrn))["name"]![0]!["family"]!.ToString());

        var basic = Assert.Single(await Server.SearchAsync($"Basic?code=urn:fhiremr:hl7v2-state|parked&identifier=urn:fhiremr:hl7v2:message|{Uri.EscapeDataString($"LAB\\|{id}")}"));
        var task = Assert.Single(await Server.SearchAsync($"Task?focus=Basic/{basic["id"]}"));
        Assert.Equal(("requested", $"Patient/{patient["id"]}"), (task["status"]!.ToString(), task["input"]![0]!["valueReference"]!["reference"]!.ToString()));
        Assert.DoesNotContain(Made.Family(mrn), task.ToJsonString(), StringComparison.Ordinal);

        var decision = $$$"""{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/{{{patient["id"]}}}"}}]}""";
        var replay = await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", decision);
        Assert.True(replay.Status == 200, replay.Body);
        Assert.Equal(2, (await Server.SearchAsync($"Observation?subject=Patient/{patient["id"]}")).Count);
        Assert.Equal("completed", (await Server.GetAsync($"Task/{task["id"]}")).Json["status"]!.ToString());
        Assert.Equal("applied", (await Server.GetAsync($"Basic/{basic["id"]}")).Json["code"]!["coding"]![1]!["code"]!.ToString());
        Assert.Equal(422, (await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", decision)).Status);
        Assert.Equal(400, (await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", decision.Replace("Patient/", "Group/", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task A_result_of_nobody_known_is_parked_and_applied_when_they_are_there()
    {
        var (mrn, id) = (Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Oru(id, mrn, Fresh("F"), pid: Made.Pid(mrn, "Quux", "Xavier", "20010101", "M")));
        var basic = Assert.Single(await Server.SearchAsync($"Basic?code=urn:fhiremr:hl7v2-state|parked&identifier=urn:fhiremr:hl7v2:message|{Uri.EscapeDataString($"LAB\\|{id}")}"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn, pid: Made.Pid(mrn, "Quux", "Xavier", "20010101", "M")));
        Assert.Equal(200, (await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", "")).Status);
        Assert.Equal(2, (await Server.SearchAsync($"Observation?patient.identifier={mrn}")).Count);

        var (other, otherId) = (Fresh("M"), Fresh("c"));
        await AcceptAsync(Made.Oru(otherId, other, Fresh("F")));
        basic = Assert.Single(await Server.SearchAsync($"Basic?code=urn:fhiremr:hl7v2-state|parked&identifier=urn:fhiremr:hl7v2:message|{Uri.EscapeDataString($"LAB\\|{otherId}")}"));
        Assert.Equal(200, (await Server.PostAsync($"Basic/{basic["id"]}/$hl7v2-replay", """{"resourceType":"Parameters","parameter":[{"name":"createPatient","valueBoolean":true}]}""")).Status);
        Assert.Equal(Made.Family(other), (await PatientAsync(other))["name"]![0]!["family"]!.ToString());
        Assert.Equal(2, (await Server.SearchAsync($"Observation?patient.identifier={other}")).Count);
    }

    [Fact]
    public async Task A_merge_leaves_the_older_record_readable_and_messages_for_it_reach_the_survivor()
    {
        var (old, mrn) = (Fresh("M"), Fresh("M"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn, visit: Fresh("V"), pid: Made.Pid(mrn, "Survivor", "Willow", "19920304")));
        await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","active":true,"identifier":[{"system":"http://hospital.example.org/mrn","value":"{{old}}"}],"name":[{"family":"Maiden","given":["Willow"]}],"birthDate":"1992-03-04"}""");
        var (merged, survivor) = (await PatientAsync(old), await PatientAsync(mrn));
        await AcceptAsync(Made.Msh("ADT^A40", Fresh("c"), "20260302120000") + "EVN|A40|20260302120000\r" + Made.Pid(mrn, "Survivor", "Willow", "19920304") + $"MRG|{old}^^^HOSP^MR\r");
        var gone = (await Server.GetAsync($"Patient/{merged["id"]}")).Json;
        Assert.Equal((false, "replaced-by", $"Patient/{survivor["id"]}"), (gone["active"]!.GetValue<bool>(), gone["link"]![0]!["type"]!.ToString(), gone["link"]![0]!["other"]!["reference"]!.ToString()));
        await AcceptAsync(Made.Oru(Fresh("c"), old, Fresh("F"), pid: $"PID|1||{old}^^^HOSP^MR\r"));
        Assert.Equal(2, (await Server.SearchAsync($"Observation?subject=Patient/{survivor["id"]}")).Count);

        // Nor does a person write into the older one by mistake.
        var id = Fresh("c");
        await AcceptAsync(Made.Oru(id, Fresh("M"), Fresh("F")));
        var replay = await Server.PostAsync($"Basic/{(await KeptAsync(id))["id"]}/$hl7v2-replay", Naming(merged));
        Assert.True(replay.Status == 422 && replay.Body.Contains($"Patient/{survivor["id"]}", StringComparison.Ordinal), replay.Body);
        Assert.Empty(await Server.SearchAsync($"Observation?subject=Patient/{merged["id"]}"));
    }

    [Fact]
    public async Task A_discharge_that_comes_before_its_admission_stays_finished()
    {
        var (mrn, visit) = (Fresh("M"), Fresh("V"));
        await AcceptAsync(Made.Adt("A03", Fresh("c"), mrn, "20260305100000", visit));
        await AcceptAsync(Made.Adt("A01", Fresh("c"), mrn, "20260301100000", visit));
        var encounter = Assert.Single(await Server.SearchAsync($"Encounter?patient.identifier={mrn}"));
        Assert.Equal(("finished", "2026-02-28T08:00:00-06:00", "2026-03-05T10:00:00-06:00"), (encounter["status"]!.ToString(), encounter["period"]!["start"]!.ToString(), encounter["period"]!["end"]!.ToString()));
        await AcceptAsync(Made.Adt("A08", Fresh("c"), mrn, "20260305120000", visit)); // a change after the visit does not open it again
        encounter = Assert.Single(await Server.SearchAsync($"Encounter?patient.identifier={mrn}"));
        Assert.Equal(("finished", "2026-03-05T10:00:00-06:00"), (encounter["status"]!.ToString(), encounter["period"]!["end"]!.ToString()));
        await AcceptAsync(Made.Adt("A11", Fresh("c"), mrn, "20260306100000", visit));
        Assert.Equal("cancelled", Assert.Single(await Server.SearchAsync($"Encounter?patient.identifier={mrn}"))["status"]!.ToString());
    }

    [Fact]
    public async Task A_result_finds_its_order_and_a_document_in_it_is_stored()
    {
        var mrn = Fresh("M");
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var patient = await PatientAsync(mrn);
        var order = await Server.PostAsync("ServiceRequest", $$$"""{"resourceType":"ServiceRequest","status":"active","intent":"order","code":{"text":"Glucose"},"subject":{"reference":"Patient/{{{patient["id"]}}}"}}""");
        await AcceptAsync(Made.Oru(Fresh("c"), mrn, Fresh("F"), placer: order.Id + "^EMR") + $"OBX|3|ED|PDF^Report^L||^application^pdf^Base64^{Convert.ToBase64String("%PDF-1.4 made up"u8)}||||||F\r");
        var report = Assert.Single(await Server.SearchAsync($"DiagnosticReport?based-on=ServiceRequest/{order.Id}"));
        var form = report["presentedForm"]![0]!;
        Assert.Equal("application/pdf", form["contentType"]!.ToString());
        var binary = await Server.GetAsync(form["url"]!.ToString(), ("Accept", "application/pdf"));
        Assert.Equal("%PDF-1.4 made up", binary.Body);
    }

    [Fact]
    public async Task Appointments_documents_and_vaccinations_come_in()
    {
        var (mrn, appointment, text, shot) = (Fresh("M"), Fresh("S"), Fresh("D"), Fresh("I"));
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        string Sch(string trigger, string start, string at) => Made.Msh($"SIU^{trigger}", Fresh("c"), at) + $"SCH||{appointment}|||||CHECK^Check-up|ROUTINE|30|min|^^30^{start}\r" + Made.Pid(mrn) + "RGS|1\rAIP|1||99^Mender^Max\r";
        await AcceptAsync(Sch("S12", "20260401090000", "20260301120000"));
        await AcceptAsync(Sch("S13", "20260402100000", "20260302120000"));
        var booked = Assert.Single(await Server.SearchAsync($"Appointment?patient.identifier={mrn}"));
        Assert.Equal(("booked", "2026-04-02T15:00:00+00:00"), (booked["status"]!.ToString(), DateTimeOffset.Parse(booked["start"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture)));
        await AcceptAsync(Sch("S15", "20260402100000", "20260303120000"));
        Assert.Equal("cancelled", Assert.Single(await Server.SearchAsync($"Appointment?patient.identifier={mrn}"))["status"]!.ToString());

        await AcceptAsync(Made.Msh("MDM^T02", Fresh("c")) + "EVN|T02|20260301120000\r" + Made.Pid(mrn) + $"PV1|1|O\rTXA|1|CN^Consultation|TX|20260301110000|||||1^Mender^Max|||{text}|||||AU\rOBX|1|TX|1||First line\rOBX|2|TX|1||Second line\r");
        var document = Assert.Single(await Server.SearchAsync($"DocumentReference?patient.identifier={mrn}"));
        Assert.Equal("First line\nSecond line", (await Server.GetAsync(document["content"]![0]!["attachment"]!["url"]!.ToString(), ("Accept", "text/plain"))).Body);

        await AcceptAsync(Made.Msh("VXU^V04", Fresh("c")) + Made.Pid(mrn) + $"ORC|RE||{shot}\rRXA|0|1|20260301||140^Influenza^CVX|0.5|mL||00^New^NIP001||||||LOT1||PMC^Sanofi^MVX|||CP|A\rRXR|IM^Intramuscular^HL70162\r");
        var vaccination = Assert.Single(await Server.SearchAsync($"Immunization?patient.identifier={mrn}&vaccine-code=http://hl7.org/fhir/sid/cvx|140"));
        Assert.Equal(("completed", "LOT1", "2026-03-01"), (vaccination["status"]!.ToString(), vaccination["lotNumber"]!.ToString(), vaccination["occurrenceDateTime"]!.ToString()));
    }

    [Fact]
    public async Task MLLP_answers_each_message_however_it_is_cut_and_no_torn_one()
    {
        var mrn = Fresh("M");
        await using var sender = await MllpSender.ConnectAsync(Server.Mllp);
        Assert.Equal("AA", F(await sender.SendAsync(Made.Adt("A04", Fresh("c"), mrn)), "MSA", 1));
        string[] ids = [Fresh("c"), Fresh("c"), Fresh("c")];
        byte[] all = [.. ids.SelectMany(id => MllpFrames.Wrap(Encoding.UTF8.GetBytes(Made.Oru(id, mrn, Fresh("F")))))];
        await sender.WriteAsync(all.AsMemory(0, 700)); // ends in the second
        await sender.WriteAsync(all.AsMemory(700));
        foreach (var id in ids)
            Assert.Equal(("AA", id), (await sender.ReadAsync())! is var ack ? (F(ack, "MSA", 1), F(ack, "MSA", 2)) : default);

        await using (var torn = await MllpSender.ConnectAsync(Server.Mllp))
            await torn.WriteAsync(all.AsMemory(0, 300));
        var wrong = Made.Oru(Fresh("c"), mrn, Fresh("F")).Replace("fasting", "nüchtern", StringComparison.Ordinal);
        await sender.WriteAsync(MllpFrames.Wrap(Encoding.Latin1.GetBytes(wrong)));
        var refused = (await sender.ReadAsync())!;
        Assert.Equal(("AE", "OBX^2", "102"), (F(refused, "MSA", 1), F(refused, "ERR", 2), F(refused, "ERR", 3).Split('^')[0]));
        Assert.Equal(3, (await Server.SearchAsync($"DiagnosticReport?patient.identifier={mrn}")).Count);

        await sender.WriteAsync(Encoding.UTF8.GetBytes("\v" + Made.Msh("ORU^R01", "huge") + new string('x', 200_001)));
        var tooLarge = (await sender.ReadAsync())!;
        Assert.Equal(("AE", "huge", "104"), (F(tooLarge, "MSA", 1), F(tooLarge, "MSA", 2), F(tooLarge, "ERR", 3).Split('^')[0]));
        Assert.Null(await sender.ReadAsync());
    }

    [Fact]
    public async Task The_enhanced_mode_answers_what_it_was_asked_for()
    {
        var mrn = Fresh("M");
        await using var sender = await MllpSender.ConnectAsync(Server.Mllp);
        string Asking(string accept, string application, string pid = "") => Made.Adt("A04", Fresh("c"), mrn, pid: pid).Replace("|P|2.5.1\r", $"|P|2.5.1|||{accept}|{application}\r", StringComparison.Ordinal);
        Assert.Equal("CA", F(await sender.SendAsync(Asking("AL", "NE")), "MSA", 1));
        Assert.Equal("CA", F(await sender.SendAsync(Asking("AL", "AL")), "MSA", 1));
        Assert.Equal("AA", F((await sender.ReadAsync())!, "MSA", 1));
        Assert.Equal("AE", F(await sender.SendAsync(Asking("NE", "ER", "PID|1\r")), "MSA", 1));
    }

    [Fact]
    public async Task A_listener_whose_client_is_not_registered_stores_nothing()
    {
        await using var sender = await MllpSender.ConnectAsync(Server.MllpOfStranger);
        var (id, mrn) = (Fresh("c"), Fresh("M"));
        var ack = await sender.SendAsync(Made.Adt("A04", id, mrn));
        Assert.Equal(("AR", id, "207"), (F(ack, "MSA", 1), F(ack, "MSA", 2), F(ack, "ERR", 3).Split('^')[0]));
        Assert.Empty(await Server.SearchAsync($"Patient?identifier={mrn}"));
    }

    [Fact]
    public async Task An_order_goes_out_until_it_is_accepted_and_once()
    {
        var mrn = Fresh("M");
        await AcceptAsync(Made.Adt("A04", Fresh("c"), mrn));
        var patient = await PatientAsync(mrn);
        var (fine, wrong) = (await OrderAsync("Lipid panel"), await OrderAsync("Refuse me"));
        const string to = """{"resourceType":"Parameters","parameter":[{"name":"destination","valueString":"REF"}]}""";
        var asked = await Server.PostAsync($"ServiceRequest/{fine}/$hl7v2", to);
        Assert.True(asked.Status == 200, asked.Body);
        Assert.Equal(200, (await Server.PostAsync($"ServiceRequest/{fine}/$hl7v2", to)).Status); // asked for twice, it goes once
        Assert.Equal(200, (await Server.PostAsync($"ServiceRequest/{wrong}/$hl7v2", to)).Status);
        Assert.Equal(400, (await Server.PostAsync($"ServiceRequest/{fine}/$hl7v2", to.Replace("REF", "NOWHERE", StringComparison.Ordinal))).Status);

        var outbox = asked.Json["parameter"]!.AsArray().First(p => p!["name"]!.ToString() == "outbox")!["valueReference"]!["reference"]!.ToString();

        // What somebody else writes there is no order of ours, however like one it looks; nor is one without a message.
        var copy = (await Server.GetAsync(outbox)).Json;
        (copy["id"], copy["code"]!["coding"]![1]!["code"]) = ("forged", "queued");
        copy["extension"]!.AsArray().RemoveAll(e => e!["url"]!.ToString() == "urn:fhiremr:hl7v2:next-attempt");
        copy["extension"]!.AsArray().Add(JsonNode.Parse("""{"url":"urn:fhiremr:hl7v2:next-attempt","valueInstant":"2099-01-01T00:00:00Z"}""")); // which is to hold no order behind it
        Assert.Equal(201, (await Server.PutAsync("Basic/forged", copy.ToJsonString())).Status);
        Assert.Equal(201, (await Server.PutAsync("Basic/empty", """{"resourceType":"Basic","id":"empty","code":{"coding":[{"system":"urn:fhiremr:hl7v2","code":"outbound"},{"system":"urn:fhiremr:hl7v2-state","code":"queued"},{"system":"urn:fhiremr:hl7v2:destination","code":"REF"}]}}""")).Status);
        await SettledAsync();

        Assert.Equal("sent", (await Server.GetAsync(outbox)).Json["code"]!["coding"]![1]!["code"]!.ToString());
        Assert.Equal(2, Server.ReferenceLab.Received.Count);
        var message = Assert.Single(Server.ReferenceLab.Received, m => m.Contains("Lipid panel", StringComparison.Ordinal));
        Assert.Equal(("REFLAB", "NW", fine, "LIP", "Lipid panel"), (F(message, "MSH", 4), F(message, "ORC", 1), F(message, "OBR", 2).Split('^')[0], F(message, "OBR", 4).Split('^')[0], F(message, "OBR", 4).Split('^')[1]));
        Assert.Equal(Made.Family(mrn), F(message, "PID", 5).Split('^')[0]);
        foreach (var never in new[] { "forged", "empty" })
            Assert.Equal("refused", (await Server.GetAsync($"Basic/{never}")).Json["code"]!["coding"]![1]!["code"]!.ToString());
        Assert.Equal(3, (await Server.SearchAsync("Task?code=urn:fhiremr:hl7v2|hl7v2-not-delivered")).Count);

        // Asked for again: the one that was refused is said to be; one that somebody has changed is written and sent anew.
        Assert.Equal("refused", StateIn(await Server.PostAsync($"ServiceRequest/{wrong}/$hl7v2", to)));
        var changed = (await Server.GetAsync(outbox)).Json;
        changed["code"]!["coding"]![1]!["code"] = "refused";
        changed["identifier"]![0]!["value"] = "REF|other";
        Assert.Equal(200, (await Server.PutAsync(outbox, changed.ToJsonString())).Status);
        Assert.Equal("queued", StateIn(await Server.PostAsync($"ServiceRequest/{fine}/$hl7v2", to)));
        await SettledAsync();
        Assert.Equal(("sent", 3), ((await Server.GetAsync(outbox)).Json["code"]!["coding"]![1]!["code"]!.ToString(), Server.ReferenceLab.Received.Count));

        static string StateIn(Reply reply) => reply.Json["parameter"]!.AsArray().First(p => p!["name"]!.ToString() == "state")!["valueCode"]!.ToString();

        async Task SettledAsync()
        {
            for (var looks = 0; (await Server.SearchAsync("Basic?code=urn:fhiremr:hl7v2-state|queued")).Count > 0; looks++)
            {
                Assert.True(looks < 500, "Something holds the queue.");
                Server.Services.GetRequiredService<OutboxSignal>().Set();
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        async Task<string> OrderAsync(string what) => (await Server.PostAsync("ServiceRequest",
            $$$"""{"resourceType":"ServiceRequest","status":"active","intent":"order","priority":"stat","code":{"coding":[{"system":"urn:x","code":"LIP","display":"{{{what}}}"}]},"subject":{"reference":"Patient/{{{patient["id"]}}}"}}""")).Id;
    }

    [Fact]
    public async Task HTTP_refuses_what_is_no_message_with_an_OperationOutcome()
    {
        var reply = await Server.SendAsync(HttpMethod.Post, new Uri(new Uri(Server.BaseUrl), "/hl7v2").ToString(), "{}", "application/json");
        Assert.Equal((415, "OperationOutcome"), (reply.Status, reply.Json["resourceType"]!.ToString()));
        var (status, ack) = await Server.PostMessageAsync("hello");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "AE", "100"), (status, F(ack, "MSA", 1), F(ack, "ERR", 3).Split('^')[0]));
    }

    private async Task<JsonNode> PatientAsync(string mrn) => Assert.Single(await Server.SearchAsync($"Patient?identifier=http://hospital.example.org/mrn|{mrn}&active=true"));

    private async Task<string> AcceptAsync(string message)
    {
        var (status, ack) = await Server.PostMessageAsync(message);
        Assert.True(status == HttpStatusCode.OK && F(ack, "MSA", 1) == "AA", ack.Replace('\r', '\n'));
        return ack;
    }

    private static string F(string ack, string segment, int field) => Hl7V2Server.Field(ack, segment, field);
}

public sealed class ReceivingOnSqlite(Hl7V2Sqlite server) : ReceivingTests(server), IClassFixture<Hl7V2Sqlite>;

public sealed class ReceivingOnPostgres(Hl7V2Postgres server) : ReceivingTests(server), IClassFixture<Hl7V2Postgres>;
