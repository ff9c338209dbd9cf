using System.Net;
using System.Text.Json.Nodes;
using static FhirEmr.Conformance.Tests.CdsHooks.CdsServer;

namespace FhirEmr.Conformance.Tests.CdsHooks;

/// <summary>CDS Hooks 2.0 over HTTP: discovery, each hook's cards from stored and from sent records, who may ask and as whom records are read, feedback.</summary>
public sealed class CdsHooksTests : IClassFixture<CdsServer>
{
    private readonly CdsServer server;
    private readonly string mark = Guid.NewGuid().ToString("N")[..8];

    public CdsHooksTests(CdsServer server)
    {
        Assert.SkipWhen(server.WhyNot is not null, server.WhyNot ?? "");
        this.server = server;
    }

    [Fact]
    public async Task Discovery_is_anybodys_and_lists_each_service_with_its_templates()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, server.CdsBase);
        request.Headers.Add("Origin", "https://anywhere.example.org");
        using var bare = new HttpClient();
        using var response = await bare.SendAsync(request, TestContext.Current.CancellationToken);
        var services = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["services"]!.AsArray();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal(["patient-view", "order-sign", "encounter-discharge"], services.Select(s => s!["id"]!.GetValue<string>()));
        Assert.All(services, s => Assert.All(["hook", "title", "description", "prefetch", "usageRequirements"], name => Assert.NotNull(s![name])));
        Assert.Equal("Patient/{{context.patientId}}", services[0]!["prefetch"]!["patient"]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_prefetch_template_is_a_search_or_read_of_this_server()
    {
        await PatientAsync("1950-01-01");
        await server.StoreAsync("Encounter", mark, $$$""" "status":"in-progress","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{mark}}}"} """);
        foreach (var template in JsonNode.Parse(await server.Http.GetStringAsync(server.CdsBase, TestContext.Current.CancellationToken))!["services"]!.AsArray().SelectMany(s => s!["prefetch"]!.AsObject()))
        {
            var reply = await server.GetAsync(template.Value!.GetValue<string>().Replace("{{context.patientId}}", mark, StringComparison.Ordinal).Replace("{{context.encounterId}}", mark, StringComparison.Ordinal));
            Assert.True(reply.Status == 200, $"{template.Key}: {reply.Body}");
        }
    }

    [Fact]
    public async Task Opening_a_chart_tells_what_is_due_and_whether_the_insurance_is_good()
    {
        await PatientAsync("1960-05-05", "female");
        await server.StoreAsync("Condition", mark, $$$""" "subject":{"reference":"Patient/{{{mark}}}"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}]},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]} """);
        await server.StoreAsync("Procedure", mark, $$$""" "subject":{"reference":"Patient/{{{mark}}}"},"status":"completed","code":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"45378"}]},"performedDateTime":"{{{server.Day(-700)}}}" """);
        await server.StoreAsync("Observation", mark, $$$""" "subject":{"reference":"Patient/{{{mark}}}"},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"effectiveDateTime":"{{{server.Day(-400)}}}" """);
        await server.StoreAsync("Coverage", mark, $$$""" "beneficiary":{"reference":"Patient/{{{mark}}}"},"status":"active","payor":[{"display":"First Mutual"}],"period":{"end":"{{{server.Day(-3)}}}"} """);

        var cards = await server.CardsAsync("patient-view", Question("patient-view", Context(mark)), server.AdministratorToken);

        var summaries = cards.Select(c => c["summary"]!.GetValue<string>()).ToList();
        Assert.Contains($"Hemoglobin A1c is due: last on {server.Day(-400)}", summaries);
        Assert.Contains("Mammography is due: not on record", summaries);
        Assert.Contains($"No insurance is in force: the last one ended on {server.Day(-3)}", summaries);
        Assert.DoesNotContain(summaries, s => s.StartsWith("Colorectal", StringComparison.Ordinal));
        Assert.All(cards, WellFormed);
        var a1c = cards.Single(c => c["summary"]!.GetValue<string>().StartsWith("Hemoglobin", StringComparison.Ordinal));
        Assert.Equal([$"Patient/{mark}", $"Condition/{mark}", $"Observation/{mark}"], Facts(a1c));

        // What the card proposes is a resource this server takes.
        var action = a1c["suggestions"]![0]!["actions"]![0]!;
        Assert.Equal("create", action["type"]!.GetValue<string>());
        Assert.Equal(201, (await server.PostAsync("ServiceRequest", action["resource"]!.ToJsonString())).Status);
    }

    [Fact]
    public async Task What_is_sent_along_stands_in_the_place_of_what_is_stored()
    {
        var question = Question("patient-view", Context("nobody-here"));
        question["prefetch"] = WholePrefetch("nobody-here", server.Day(-100));

        var cards = await server.CardsAsync("patient-view", question, server.ClientJwt("patient-view"));

        Assert.Contains(cards, c => c["summary"]!.GetValue<string>().StartsWith("Tetanus booster is due", StringComparison.Ordinal));
        Assert.DoesNotContain(cards, c => c["summary"]!.GetValue<string>().StartsWith("Influenza", StringComparison.Ordinal)); // the vaccine that was sent
    }

    [Fact]
    public async Task A_client_without_a_users_token_reads_nothing_here()
    {
        await PatientAsync("1960-05-05");
        var question = Question("patient-view", Context(mark));

        var (status, json, _) = await server.AskAsync("patient-view", question.ToJsonString(), server.ClientJwt("patient-view", client: "ehr-reader"));

        Assert.Equal(412, status); // though its own registration could read the patient
        Assert.Contains("Patient was not sent along", json!["issue"]![0]!["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_users_token_in_fhirAuthorization_is_read_with_for_this_server_only()
    {
        await PatientAsync("1960-05-05");
        var question = Question("patient-view", Context(mark));
        question["fhirServer"] = server.BaseUrl;
        question["fhirAuthorization"] = new JsonObject { ["access_token"] = server.ClinicianToken, ["token_type"] = "Bearer", ["expires_in"] = 300, ["scope"] = "user/*.rs", ["subject"] = "page" };

        Assert.NotEmpty(await server.CardsAsync("patient-view", question, server.ClientJwt("patient-view")));

        question["fhirAuthorization"]!["subject"] = "another";
        Assert.Equal(401, (await server.AskAsync("patient-view", question.ToJsonString(), server.ClientJwt("patient-view"))).Status);
        question["fhirAuthorization"]!["subject"] = "page";
        question["fhirAuthorization"]!["access_token"] = "no.such.token";
        Assert.Equal(401, (await server.AskAsync("patient-view", question.ToJsonString(), server.ClientJwt("patient-view"))).Status);
        question["fhirAuthorization"]!["access_token"] = server.ClinicianToken;
        question["fhirServer"] = "https://elsewhere.example.org/fhir";
        Assert.Equal(412, (await server.AskAsync("patient-view", question.ToJsonString(), server.ClientJwt("patient-view"))).Status);
    }

    [Fact]
    public async Task Nothing_is_called_due_that_the_user_merely_may_not_see()
    {
        await PatientAsync("1960-05-05", "female");

        var desk = await server.CardsAsync("patient-view", Question("patient-view", Context(mark)), server.FrontDeskToken);
        var clinician = await server.CardsAsync("patient-view", Question("patient-view", Context(mark)), server.ClinicianToken);

        Assert.Equal(["No insurance is on record"], desk.Select(c => c["summary"]!.GetValue<string>())); // no procedures for the front desk
        Assert.Contains(clinician, c => c["summary"]!.GetValue<string>().StartsWith("Mammography", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signing_an_order_tells_what_the_payer_wants_what_is_unspecific_and_what_is_ordered_already()
    {
        await PatientAsync("1980-05-05");
        await server.StoreAsync("Organization", $"{mark}-payer", """ "name":"First Mutual","identifier":[{"system":"urn:fhiremr:payer-id","value":"FM001"}] """);
        await server.StoreAsync("Coverage", mark, $$$""" "beneficiary":{"reference":"Patient/{{{mark}}}"},"status":"active","payor":[{"reference":"Organization/{{{mark}}}-payer"}] """);
        await server.StoreAsync("ServiceRequest", $"{mark}-old", Order("80053", "active", $""" "authoredOn":"{server.Day(-5)}" """));
        await server.StoreAsync("ClaimResponse", mark, $$$"""
            "status":"active","type":{"coding":[{"code":"professional"}]},"use":"preauthorization","patient":{"reference":"Patient/{{{mark}}}"},"created":"{{{server.Day(-9)}}}","insurer":{"reference":"Organization/{{{mark}}}-payer"},"outcome":"complete",
            "preAuthRef":"AUTH77","preAuthPeriod":{"start":"{{{server.Day(-9)}}}","end":"{{{server.Day(90)}}}"},"addItem":[{"productOrService":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"72148"}]},"adjudication":[{"category":{"text":"approved"}}]}]
            """);
        var context = Context(mark);
        context["draftOrders"] = new JsonObject
        {
            ["resourceType"] = "Bundle",
            ["type"] = "collection",
            ["entry"] = new JsonArray([.. new[]
            {
                Draft("brain", Order("70551", "draft", """ "reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M54.5"}]}] """)),
                Draft("spine", Order("72148", "draft", """ "reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M54.50"}]}] """)),
                Draft("panel", Order("80053", "draft", null)),
            }.Select(r => new JsonObject { ["resource"] = r })]),
        };

        var cards = await server.CardsAsync("order-sign", Question("order-sign", context), server.AdministratorToken);

        Assert.All(cards, WellFormed);
        Assert.Equal(
        [
            "First Mutual has authorised order 72148 (72148): number AUTH77", "First Mutual wants to be asked before order 70551 (70551)", "M54.5 (Low back pain) is a heading: no payer takes it as a diagnosis",
            "No diagnosis says why order 80053 is ordered", $"order 80053 is ordered already, on {server.Day(-5)}",
        ], cards.Select(c => c["summary"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        var better = cards.Single(c => c["summary"]!.GetValue<string>().StartsWith("M54.5", StringComparison.Ordinal))["suggestions"]![0]!["actions"]![0]!;
        Assert.Equal(("update", "brain", "M54.50"), (better["type"]!.GetValue<string>(), better["resource"]!["id"]!.GetValue<string>(), better["resource"]!["reasonCode"]![0]!["coding"]![0]!["code"]!.GetValue<string>()));
        var duplicate = cards.Single(c => c["summary"]!.GetValue<string>().Contains("ordered already", StringComparison.Ordinal));
        Assert.Equal("ServiceRequest/panel", duplicate["suggestions"]![0]!["actions"]![0]!["resourceId"]!.GetValue<string>());
        Assert.Equal([$"ServiceRequest/{mark}-old", "ServiceRequest/panel"], Facts(duplicate));
        var task = cards.Single(c => c["summary"]!.GetValue<string>().Contains("wants to be asked", StringComparison.Ordinal))["suggestions"]![0]!["actions"]![0]!["resource"]!;
        task.AsObject().Remove("focus"); // the draft is not stored here
        Assert.Equal(201, (await server.PostAsync("Task", task.ToJsonString())).Status);
    }

    [Fact]
    public async Task Ending_a_visit_tells_the_level_its_documentation_supports_beside_the_one_charged()
    {
        await VisitAsync();
        await server.StoreAsync("ChargeItem", mark, $$$""" "status":"billable","code":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99205"}]},"subject":{"reference":"Patient/{{{mark}}}"},"context":{"reference":"Encounter/{{{mark}}}"},"occurrenceDateTime":"2026-03-02" """);

        var cards = await server.CardsAsync("encounter-discharge", Question("encounter-discharge", Context(mark, mark)), server.ClinicianToken);

        Assert.All(cards, WellFormed);
        var level = cards.Single(c => c["source"]!["topic"]!["code"]!.GetValue<string>() == "visit-level");
        Assert.Equal("warning", level["indicator"]!.GetValue<string>());
        Assert.Matches("^99205 is charged; the documentation supports 9920[234]$", level["summary"]!.GetValue<string>());
        Assert.Contains($"ChargeItem/{mark}", Facts(level));
        Assert.Contains($"Condition/{mark}", Facts(level));
        Assert.Contains("Not documented, to the next level", level["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        var change = level["suggestions"]![0]!["actions"]![0]!;
        Assert.Equal("update", change["type"]!.GetValue<string>());
        Assert.Equal(200, (await server.PutAsync($"ChargeItem/{mark}", change["resource"]!.ToJsonString())).Status);

        // Done as proposed, it is not said again.
        var after = await server.CardsAsync("encounter-discharge", Question("encounter-discharge", Context(mark, mark)), server.ClinicianToken);
        Assert.DoesNotContain(after, c => c["source"]!["topic"]!["code"]!.GetValue<string>() == "visit-level");
        var unsigned = Assert.Single(after, c => c["source"]!["topic"]!["code"]!.GetValue<string>() == "documentation");
        Assert.Contains("not signed", unsigned["summary"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("not finished", unsigned["summary"]!.GetValue<string>(), StringComparison.Ordinal); // it is about to be

        await server.StoreAsync("Composition", mark, Note("final"));
        var signed = await server.CardsAsync("encounter-discharge", Question("encounter-discharge", Context(mark, mark)), server.ClinicianToken);
        Assert.DoesNotContain(signed, c => c["source"]!["topic"]!["code"]!.GetValue<string>() == "documentation");
    }

    [Theory]
    [InlineData("not json", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"hook":"order-sign","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"1"}}""", 400)]
    [InlineData("""{"hook":"patient-view","context":{"userId":"Practitioner/1","patientId":"1"}}""", 400)]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1"}}""", 400)]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"Patient/1"}}""", 400)]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"1"},"prefetch":{"patient":{"resourceType":"Patient","nam":1}}}""", 400)]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"1"},"prefetch":{"patient":{"resourceType":"Patient","id":"2"}}}""", 400)]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"1"},"prefetch":{"coverages":{"resourceType":"Patient","id":"1"}}}""", 400)]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"1"},"fhirAuthorization":{"access_token":"x"}}""", 400)]
    [InlineData("""{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"nobody"}}""", 412)]
    public async Task What_cannot_be_read_or_answered_is_refused_with_an_outcome(string body, int status)
    {
        var (answered, json, _) = await server.AskAsync("patient-view", body, server.AdministratorToken);

        Assert.Equal(status, answered);
        Assert.Equal("OperationOutcome", json!["resourceType"]!.GetValue<string>());
    }

    [Fact]
    public async Task Orders_of_another_patient_are_refused()
    {
        await PatientAsync("1980-05-05");
        var context = Context("someone-else");
        context["draftOrders"] = new JsonObject { ["resourceType"] = "Bundle", ["type"] = "collection", ["entry"] = new JsonArray(new JsonObject { ["resource"] = Draft("x", Order("70551", "draft", null)) }) };

        Assert.Equal(400, (await server.AskAsync("order-sign", Question("order-sign", context).ToJsonString(), server.AdministratorToken)).Status);
        Assert.Equal(404, (await server.AskAsync("no-such-service", "{}", server.AdministratorToken)).Status);
    }

    [Fact]
    [Trait("Requirement", "S-14")]
    public async Task A_client_is_known_by_a_JWT_for_this_service_that_is_shown_once()
    {
        var question = Question("patient-view", Context("nobody-here"));
        question["prefetch"] = WholePrefetch("nobody-here", server.Day(-100));
        var body = question.ToJsonString();
        var good = server.ClientJwt("patient-view");

        Assert.Equal(200, (await server.AskAsync("patient-view", body, good)).Status);
        Assert.Equal(401, (await server.AskAsync("patient-view", body, good)).Status);
        foreach (var change in new Action<JsonObject>[]
        {
            c => c["aud"] = $"{server.CdsBase}/order-sign",
            c => c["aud"] = $"https://elsewhere.example.org/cds-services/patient-view",
            c => c["iss"] = "nobody",
            c => c["sub"] = "another",
            c => c["exp"] = server.Clock.GetUtcNow().AddMinutes(-2).ToUnixTimeSeconds(),
            c => c["exp"] = server.Clock.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
            c => c.Remove("iat"),
            c => c.Remove("jti"),
        })
            Assert.Equal(401, (await server.AskAsync("patient-view", body, server.ClientJwt("patient-view", change))).Status);
        Assert.Equal(401, (await server.AskAsync("patient-view", body, server.ClientJwt("patient-view", kid: "rsa"))).Status);
        var (status, _, headers) = await server.AskAsync("patient-view", body, null);
        Assert.Equal(401, status);
        Assert.StartsWith("Bearer", headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, (await server.AskAsync("patient-view", body, server.ClientJwt("patient-view"))).Status);
    }

    [Fact]
    [Trait("Requirement", "S-86")]
    public async Task Pages_of_registered_apps_may_call_and_others_may_not()
    {
        foreach (var (origin, allowed) in ((string, bool)[])[("https://app.example.org", true), ("https://evil.example.org", false)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, server.CdsBase + "/patient-view");
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            using var bare = new HttpClient();
            using var response = await bare.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(204, (int)response.StatusCode);
            Assert.Equal(allowed, response.Headers.Contains("Access-Control-Allow-Origin") && response.Headers.GetValues("Access-Control-Allow-Methods").Single() == "POST");
        }
    }

    [Fact]
    public async Task Feedback_is_kept_once_a_card_and_found_by_service_outcome_and_card()
    {
        var (taken, aside) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var feedback = new JsonObject
        {
            ["feedback"] = new JsonArray(
                new JsonObject { ["card"] = taken, ["outcome"] = "accepted", ["acceptedSuggestions"] = new JsonArray(new JsonObject { ["id"] = Guid.NewGuid().ToString() }), ["outcomeTimestamp"] = "2026-11-29T20:00:00Z" },
                new JsonObject
                {
                    ["card"] = aside,
                    ["outcome"] = "overridden",
                    ["outcomeTimestamp"] = "2026-11-29T20:00:01Z",
                    ["overrideReason"] = new JsonObject { ["reason"] = new JsonObject { ["system"] = "urn:fhiremr:CodeSystem:cds-override-reason", ["code"] = "done-elsewhere" }, ["userComment"] = "at the hospital" },
                }),
        }.ToJsonString();

        Assert.Equal(200, (await server.AskAsync("patient-view/feedback", feedback, server.ClinicianToken)).Status);
        Assert.Equal(200, (await server.AskAsync("patient-view/feedback", feedback, server.ClientJwt("patient-view/feedback"))).Status); // again, by the client

        var found = await server.GetAsync($"GuidanceResponse?identifier=urn:fhiremr:cds-card|{aside}&_tag=urn:fhiremr:CodeSystem:cds-outcome|overridden&_tag=urn:fhiremr:CodeSystem:cds-service|patient-view");
        var kept = Assert.Single(found.Entries)["resource"]!;
        Assert.Equal("1", kept["meta"]!["versionId"]!.GetValue<string>());
        Assert.Equal(("done-elsewhere", "at the hospital"), (kept["reasonCode"]![0]!["coding"]![0]!["code"]!.GetValue<string>(), kept["note"]![0]!["text"]!.GetValue<string>()));
        Assert.Single((await server.GetAsync($"GuidanceResponse?identifier={taken}&_tag=accepted")).Entries);
    }

    [Fact]
    public async Task Feedback_that_is_wrong_anywhere_keeps_nothing()
    {
        var good = Guid.NewGuid().ToString();
        foreach (var bad in (string[])["""{"card":"x","outcome":"accepted","outcomeTimestamp":"2026-11-29T20:00:00Z"}""", $$"""{"card":"{{Guid.NewGuid()}}","outcome":"liked","outcomeTimestamp":"2026-11-29T20:00:00Z"}""", $$"""{"card":"{{Guid.NewGuid()}}","outcome":"accepted","outcomeTimestamp":"yesterday"}"""])
        {
            var (status, json, _) = await server.AskAsync("patient-view/feedback", $$"""{"feedback":[{"card":"{{good}}","outcome":"accepted","outcomeTimestamp":"2026-11-29T20:00:00Z"},{{bad}}]}""", server.ClinicianToken);
            Assert.Equal(400, status);
            Assert.Contains("feedback[1].", json!["issue"]![0]!["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        Assert.Equal(403, (await server.AskAsync("patient-view/feedback", $$"""{"feedback":[{"card":"{{good}}","outcome":"accepted","outcomeTimestamp":"2026-11-29T20:00:00Z"}]}""", server.FrontDeskToken)).Status);
        Assert.Equal(403, (await server.AskAsync("patient-view/feedback", $$"""{"feedback":[{"card":"{{good}}","outcome":"accepted","outcomeTimestamp":"2026-11-29T20:00:00Z"}]}""", server.ClientJwt("patient-view/feedback", client: "ehr-reader"))).Status);
        Assert.Empty((await server.GetAsync($"GuidanceResponse?identifier={good}")).Entries);
    }

    private Task PatientAsync(string born, string gender = "male") => server.StoreAsync("Patient", mark, $$""" "birthDate":"{{born}}","gender":"{{gender}}" """);

    private string Order(string code, string status, string? more) =>
        $$$""" "status":"{{{status}}}","intent":"order","subject":{"reference":"Patient/{{{mark}}}"},"code":{"text":"order {{{code}}}","coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"{{{code}}}"}]}{{{(more is null ? "" : "," + more)}}} """;

    private static JsonNode Draft(string id, string elements) => JsonNode.Parse($$$"""{"resourceType":"ServiceRequest","id":"{{{id}}}",{{{elements}}}}""")!;

    private static JsonObject WholePrefetch(string patient, string vaccinated)
    {
        var sent = new JsonObject { ["patient"] = new JsonObject { ["resourceType"] = "Patient", ["id"] = patient, ["birthDate"] = "1990-01-01", ["gender"] = "male" } };
        foreach (var key in (string[])["conditions", "procedures", "observations", "reports", "orders", "coverages", "eligibility"])
            sent[key] = new JsonObject { ["resourceType"] = "Bundle", ["type"] = "searchset" };
        sent["immunizations"] = JsonNode.Parse($$$"""
            {"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Immunization","id":"flu","status":"completed","patient":{"reference":"Patient/{{{patient}}}"},"occurrenceDateTime":"{{{vaccinated}}}",
             "vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"150"}]} } }]}
            """);
        return sent;
    }

    private async Task VisitAsync()
    {
        await PatientAsync("1970-01-01");
        await server.StoreAsync("Organization", $"{mark}-practice", """ "name":"Practice" """);
        await server.StoreAsync("Practitioner", mark, """ "name":[{"family":"Doe"}] """);
        await server.StoreAsync("Condition", mark, $$$"""
            "subject":{"reference":"Patient/{{{mark}}}"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"J44.1"}]},"extension":[{"url":"urn:fhiremr:course","valueCode":"exacerbation"}]
            """);
        await server.StoreAsync("Encounter", mark, $$$"""
            "status":"in-progress","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"Patient/{{{mark}}}"},"participant":[{"individual":{"reference":"Practitioner/{{{mark}}}"}}],
            "serviceProvider":{"reference":"Organization/{{{mark}}}-practice"},"period":{"start":"2026-03-02T15:00:00Z"},"diagnosis":[{"condition":{"reference":"Condition/{{{mark}}}"}}]
            """);
        await server.StoreAsync("MedicationRequest", mark, $$$"""
            "status":"active","intent":"order","subject":{"reference":"Patient/{{{mark}}}"},"encounter":{"reference":"Encounter/{{{mark}}}"},"authoredOn":"2026-03-02T15:20:00Z","medicationCodeableConcept":{"text":"prednisone 20 MG"},
            "reasonReference":[{"reference":"Condition/{{{mark}}}"}]
            """);
        await server.StoreAsync("Composition", mark, Note("preliminary"));
    }

    private string Note(string status) => $$$"""
            "status":"{{{status}}}","type":{"text":"Note"},"title":"Note","date":"2026-03-02T15:45:00Z","subject":{"reference":"Patient/{{{mark}}}"},"encounter":{"reference":"Encounter/{{{mark}}}"},"author":[{"reference":"Practitioner/{{{mark}}}"}],
            "section":[{"title":"Assessment","code":{"coding":[{"system":"http://loinc.org","code":"51848-0"}]},"entry":[{"reference":"Condition/{{{mark}}}"}]}]
            """;

    private static string[] Facts(JsonNode card) => [.. card["extension"]!["org.fhiremr.facts"]!.AsArray().Select(f => f!.GetValue<string>())];

    private static void WellFormed(JsonNode card)
    {
        Assert.True(Guid.TryParse(card["uuid"]!.GetValue<string>(), out _));
        Assert.InRange(card["summary"]!.GetValue<string>().Length, 1, 139);
        Assert.Contains(card["indicator"]!.GetValue<string>(), (string[])["info", "warning"]);
        Assert.NotNull(card["source"]!["label"]);
        Assert.True(card["indicator"]!.GetValue<string>() == "info" || card["overrideReasons"]!.AsArray().Count > 0);
        Assert.NotEmpty(Facts(card));
        Assert.Equal(card["suggestions"] is not null, card["selectionBehavior"] is not null);
    }
}
