using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.Conformance.Tests.Access;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>Money over the operations, by callers whose rights have limits; and the journal, which nobody changes.</summary>
public abstract class MoneyTests(AccessServer server) : OnServer(server)
{
    private const string Nothing = """{"resourceType":"Parameters"}""";

    private static readonly Caller Anybody = AccessServer.With(SystemPlans.Work);

    [Fact]
    [Trait("Requirement", "R-15")]
    public async Task An_entry_that_does_not_sum_to_zero_is_not_stored_whoever_asks()
    {
        foreach (var caller in (Caller[])[Anybody, Caller.System])
        {
            var (status, json) = await server.AskAsync(caller, "POST", "Basic", Entry("uneven", 10m, -9.99m));
            Assert.Equal(422, status);
            Assert.Contains("sum to 0.01", json!.ToJsonString(), StringComparison.Ordinal);
            var inTransaction = $$$"""{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{{{Entry("uneven", 10m, -9m)}}},"request":{"method":"POST","url":"Basic"}}]}""";
            Assert.Equal(422, (await server.AskAsync(caller, "POST", "", inTransaction)).Status);
        }

        Assert.Equal(201, (await server.AskAsync(Anybody, "POST", "Basic", """{"resourceType":"Basic","code":{"text":"something else"}}""")).Status);
    }

    [Fact]
    [Trait("Requirement", "R-15")]
    public async Task A_stored_entry_is_never_changed_or_deleted()
    {
        var (created, json) = await server.AskAsync(Anybody, "POST", "Basic", Entry("even", 10m, -10m));
        Assert.Equal(201, created);
        var id = json!["id"]!.GetValue<string>();
        foreach (var caller in (Caller[])[Anybody, Caller.System])
        {
            var changed = JsonNode.Parse(Entry("even", 11m, -11m))!;
            changed["id"] = id;
            Assert.Equal(409, (await server.AskAsync(caller, "PUT", $"Basic/{id}", changed.ToJsonString())).Status);
            Assert.Equal(409, (await server.AskAsync(caller, "PUT", $"Basic/{id}", $$$"""{"resourceType":"Basic","id":"{{{id}}}","code":{"text":"no entry any more"}}""")).Status);
            var (status, outcome) = await server.AskAsync(caller, "DELETE", $"Basic/{id}");
            Assert.Equal(409, status);
            Assert.Contains("never changed or deleted", outcome!.ToJsonString(), StringComparison.Ordinal);
        }

        Assert.Equal("1", (await server.AskAsync(Anybody, "GET", $"Basic/{id}")).Json!["meta"]!["versionId"]!.GetValue<string>());
    }

    [Fact]
    public async Task From_a_remittance_to_a_settled_claim()
    {
        await ClaimAsync("money1", "PCNMONEY1");
        var era = Era("E1", "PCNMONEY1");

        var (status, preview) = await server.AskAsync(Anybody, "POST", "$post-remittance", Parameters(("x12", era), ("preview", "true")));
        Assert.True(status == 200, preview?.ToJsonString());
        Assert.Equal(25m, Usd(Part(Parameter(preview!, "change"), "balance")));
        Assert.Equal(0m, Usd(Parameter(await BalanceAsync("Claim/money1"), "balance")));

        (status, var posted) = await server.AskAsync(Anybody, "POST", "$post-remittance", Parameters(("x12", era)));
        Assert.True(status == 200, posted?.ToJsonString());
        Assert.Equal("posted", Part(Parameter(posted!, "payment"), "outcome")["valueCode"]!.GetValue<string>());
        var balance = await BalanceAsync("Claim/money1");
        Assert.Equal((0m, 25m), (Usd(Parameter(balance, "insurance")), Usd(Parameter(balance, "patient"))));
        Assert.Equal(["charge", "adjudication"], All(balance, "entry").Select(e => Part(e, "event")["valueCode"]!.GetValue<string>()));

        var biller = Limited(("operation:post-payment", 20m), ("writeoff", 4.99m), ("refund", 0m));
        (status, var over) = await server.AskAsync(biller, "POST", "Patient/money1/$post-payment", Parameters(("amount", 20.01m), ("transactionId", "T1")));
        Assert.Equal(403, status);
        Assert.Contains("up to 20.00", over!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(200, (await server.AskAsync(biller, "POST", "Patient/money1/$post-payment", Parameters(("amount", 20m), ("transactionId", "T1")))).Status);
        Assert.Equal(200, (await server.AskAsync(biller, "POST", "Patient/money1/$post-payment", Parameters(("amount", 20m), ("transactionId", "T1")))).Status);
        Assert.Equal(422, (await server.AskAsync(biller, "POST", "Patient/money1/$post-payment", Parameters(("amount", 19m), ("transactionId", "T1")))).Status);
        Assert.Equal(5m, Usd(Parameter(await BalanceAsync("Patient/money1"), "patient")));

        Assert.Equal(403, (await server.AskAsync(biller, "POST", "Claim/money1/$write-off", Parameters(("category", "small-balance"), ("reason", "five dollars")))).Status);
        Assert.Equal(403, (await server.AskAsync(biller, "POST", "Patient/money1/$refund", Parameters(("amount", 1m), ("transactionId", "R1"), ("reason", "asked")))).Status);
        Assert.Equal(403, (await server.AskAsync(Limited(("operation:balance", 0m)), "POST", "Claim/money1/$write-off", Parameters(("category", "small-balance"), ("reason", "no right")))).Status);
        Assert.Equal(200, (await server.AskAsync(Limited(("writeoff", 5m)), "POST", "Claim/money1/$write-off", Parameters(("category", "small-balance"), ("reason", "five dollars")))).Status);

        var claim = (await server.AskAsync(Anybody, "GET", "Claim/money1")).Json!;
        Assert.Contains(claim["extension"]!.AsArray(), e => e!["url"]!.GetValue<string>() == "urn:fhiremr:claim-stage" && e["valueCode"]!.GetValue<string>() == "written-off");
        Assert.Equal(0m, Usd(Parameter(await BalanceAsync("Patient/money1"), "balance")));
    }

    [Fact]
    public async Task A_paper_eob_is_posted_as_the_835_it_stands_for_and_once()
    {
        await ClaimAsync("money2", "PCNMONEY2");
        string Eob(decimal check, bool preview = false) => $$$"""
            {"resourceType":"Parameters","parameter":[
              {"name":"payer","valueString":"FM001"},{"name":"trace","valueString":"CHECK-77"},{"name":"date","valueDate":"2026-04-20"},{"name":"amount","valueDecimal":{{{check.ToString(CultureInfo.InvariantCulture)}}}},
              {"name":"preview","valueBoolean":{{{(preview ? "true" : "false")}}}},
              {"name":"claim","part":[{"name":"claim","valueReference":{"reference":"Claim/money2"}},{"name":"status","valueCode":"1"},{"name":"payerControlNumber","valueString":"FM9002"},
                {"name":"line","part":[{"name":"item","valuePositiveInt":1},{"name":"paid","valueDecimal":55},{"name":"allowed","valueDecimal":80},
                  {"name":"adjustment","part":[{"name":"group","valueCode":"CO"},{"name":"reason","valueCode":"45"},{"name":"amount","valueDecimal":40}]},
                  {"name":"adjustment","part":[{"name":"group","valueCode":"PR"},{"name":"reason","valueCode":"3"},{"name":"amount","valueDecimal":25}]}]}]}]}
            """;

        var (status, refused) = await server.AskAsync(Anybody, "POST", "$manual-eob", Eob(56m));
        Assert.Equal(422, status);
        Assert.Contains("BPR02 is 56", refused!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(200, (await server.AskAsync(Anybody, "POST", "$manual-eob", Eob(55m, preview: true))).Status);
        Assert.Equal(403, (await server.AskAsync(Limited(("era.post", 54m)), "POST", "$manual-eob", Eob(55m))).Status);
        Assert.Equal(0m, Usd(Parameter(await BalanceAsync("Claim/money2"), "balance")));

        (status, var posted) = await server.AskAsync(Limited(("era.post", 55m)), "POST", "$manual-eob", Eob(55m));
        Assert.True(status == 200, posted?.ToJsonString());
        (_, var again) = await server.AskAsync(Anybody, "POST", "$manual-eob", Eob(55m));
        Assert.Equal("duplicate", Part(Parameter(again!, "payment"), "outcome")["valueCode"]!.GetValue<string>());
        Assert.Equal(25m, Usd(Parameter(await BalanceAsync("Claim/money2"), "patient")));
    }

    [Fact]
    public async Task A_payment_posted_by_mistake_is_taken_back_by_one_call_and_posted_again()
    {
        await ClaimAsync("money4", "PCNMONEY4");
        var era = Era("E4", "PCNMONEY4");
        Assert.Equal(200, (await server.AskAsync(Anybody, "POST", "$post-remittance", Parameters(("x12", era)))).Status);
        var payments = (await server.AskAsync(Anybody, "GET", "PaymentReconciliation?_count=1000")).Json!["entry"]!.AsArray().Select(e => e!["resource"]!);
        var payment = payments.Single(p => p["paymentIdentifier"]?["value"]?.GetValue<string>() == "E4")["id"]!.GetValue<string>();
        var reverse = $"PaymentReconciliation/{payment}/$reverse";

        Assert.Equal(400, (await server.AskAsync(Anybody, "POST", reverse, Nothing)).Status);
        Assert.Equal(403, (await server.AskAsync(Limited(("era.post", 54m)), "POST", reverse, Parameters(("reason", "wrong practice")))).Status);
        Assert.Equal(403, (await server.AskAsync(Limited(("operation:balance", 0m)), "POST", reverse, Parameters(("reason", "wrong practice")))).Status);
        var (status, preview) = await server.AskAsync(Anybody, "POST", reverse, Parameters(("reason", "wrong practice"), ("preview", "true")));
        Assert.True(status == 200, preview?.ToJsonString());
        Assert.Equal(2, All(preview!, "entry").Count());
        Assert.Equal(25m, Usd(Parameter(await BalanceAsync("Claim/money4"), "patient")));

        (status, var taken) = await server.AskAsync(Limited(("era.post", 55m)), "POST", reverse, Parameters(("reason", "wrong practice")));
        Assert.True(status == 200, taken?.ToJsonString());
        var balance = await BalanceAsync("Claim/money4");
        Assert.Equal((120m, 0m), (Usd(Parameter(balance, "insurance")), Usd(Parameter(balance, "patient"))));
        Assert.Equal("cancelled", (await server.AskAsync(Anybody, "GET", $"PaymentReconciliation/{payment}")).Json!["status"]!.GetValue<string>());
        Assert.Equal(422, (await server.AskAsync(Anybody, "POST", reverse, Parameters(("reason", "again")))).Status);

        (_, var again) = await server.AskAsync(Anybody, "POST", "$post-remittance", Parameters(("x12", era)));
        Assert.Equal("posted", Part(Parameter(again!, "payment"), "outcome")["valueCode"]!.GetValue<string>());
        Assert.Equal(25m, Usd(Parameter(await BalanceAsync("Claim/money4"), "patient")));
    }

    [Fact]
    public async Task Money_that_fits_no_claim_is_matched_from_its_worklist_item()
    {
        await ClaimAsync("money3", "PCNMONEY3");
        Assert.Equal(200, (await server.AskAsync(Anybody, "POST", "$post-remittance", Parameters(("x12", Era("E3", "LOST3"))))).Status);
        var tasks = (await server.AskAsync(Anybody, "GET", "Task?code=urn:fhiremr:task|unmatched-remit&status=requested")).Json!["entry"]!.AsArray();
        var task = tasks.Select(e => e!["resource"]!).Single(t => t["description"]!.GetValue<string>().Contains("LOST3", StringComparison.Ordinal))["id"]!.GetValue<string>();

        Assert.Equal(422, (await server.AskAsync(Anybody, "POST", $"Task/{task}/$match-remittance", Nothing)).Status);
        var (status, json) = await server.AskAsync(Anybody, "POST", $"Task/{task}/$match-remittance", Parameters(("claim", "Claim/money3")));
        Assert.True(status == 200, json?.ToJsonString());
        Assert.Equal(25m, Usd(Parameter(await BalanceAsync("Claim/money3"), "patient")));
        Assert.Equal("completed", (await server.AskAsync(Anybody, "GET", $"Task/{task}")).Json!["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("Patient/money9/$post-payment", """[{"name":"amont","valueDecimal":5}]""", 400, "Did you mean 'amount'?")]
    [InlineData("Patient/money9/$post-payment", """[{"name":"amount","valueString":"five"},{"name":"transactionId","valueString":"x"}]""", 400, "amount in US dollars")]
    [InlineData("Patient/money9/$post-payment", """[{"name":"amount","valueMoney":{"value":5,"currency":"EUR"}},{"name":"transactionId","valueString":"x"}]""", 400, "US dollars")]
    [InlineData("Patient/money9/$post-payment", """[{"name":"amount","valueDecimal":5}]""", 400, "transactionId is needed")]
    [InlineData("Patient/money9/$post-payment", """[{"name":"amount","valueDecimal":-5},{"name":"transactionId","valueString":"x"}]""", 422, "more than zero")]
    [InlineData("Patient/nobody/$post-payment", """[{"name":"amount","valueDecimal":5},{"name":"transactionId","valueString":"x"}]""", 404, "not known")]
    [InlineData("Patient/money9/$payment-plan", """[{"name":"instalment","part":[{"name":"date","valueDate":"2199-01-01"},{"name":"amount","valueDecimal":5}]}]""", 422, "owes 0.00")]
    [InlineData("Claim/money9/$write-off", """[{"name":"category","valueCode":"whim"},{"name":"reason","valueString":"x"}]""", 422, "no category")]
    [InlineData("Claim/money9/$refund", """[{"name":"amount","valueDecimal":5},{"name":"transactionId","valueString":"x"},{"name":"reason","valueString":"x"},{"name":"to","valueCode":"bank"}]""", 400, "payer or patient")]
    [InlineData("$post-remittance", """[{"name":"x12","valueString":"no file"}]""", 422, "")]
    [InlineData("$post-remittance", "[]", 400, "x12")]
    [InlineData("$manual-eob", """[{"name":"payer","valueString":"FM001"},{"name":"trace","valueString":"1"},{"name":"date","valueDate":"2026-04-20"},{"name":"amount","valueDecimal":0}]""", 422, "neither claims")]
    public async Task Bad_input_gets_a_sentence_and_changes_nothing(string address, string parameters, int status, string text)
    {
        await ClaimAsync("money9", "PCNMONEY9");
        var (actual, json) = await server.AskAsync(Anybody, "POST", address, $$"""{"resourceType":"Parameters","parameter":{{parameters}}}""".Replace(""","parameter":[]""", "", StringComparison.Ordinal));
        Assert.True(actual == status, $"{actual}: {json?.ToJsonString()}");
        Assert.Contains(text, json!["issue"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
        Assert.Equal(0, (await BalanceAsync("Patient/money9"))["parameter"]!.AsArray().Count(p => p!["name"]!.GetValue<string>() == "entry"));
    }

    private async Task<JsonNode> BalanceAsync(string of)
    {
        var (status, json) = await server.AskAsync(Anybody, "GET", $"{of}/$balance");
        Assert.True(status == 200, json?.ToJsonString());
        return json!;
    }

    private async Task ClaimAsync(string id, string number)
    {
        await server.PutAsync("Patient", id, new JsonObject { ["resourceType"] = "Patient", ["id"] = id, ["name"] = new JsonArray(new JsonObject { ["family"] = "Marlow" }) });
        await server.PutAsync("Claim", id, JsonNode.Parse($$$"""
            {"resourceType":"Claim","id":"{{{id}}}","status":"active","use":"claim","created":"2026-03-31","identifier":[{"system":"urn:fhiremr:pcn","value":"{{{number}}}"}],
             "extension":[{"url":"urn:fhiremr:claim-stage","valueCode":"submitted"}],"type":{"text":"professional"},"patient":{"reference":"Patient/{{{id}}}"},"provider":{"display":"Hilltop Clinic"},"priority":{"text":"normal"},
             "insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{{{id}}}"}}],
             "item":[{"sequence":1,"productOrService":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]},"servicedDate":"2026-03-30","net":{"value":120,"currency":"USD"}}],"total":{"value":120,"currency":"USD"}}
            """)!.AsObject());
    }

    private static string Era(string trace, string number) => string.Join("~\n",
        "ISA*00*          *00*          *ZZ*HUBONE         *ZZ*OURPRACTICE    *260420*0800*^*00501*000000007*0*T*:", "GS*HP*HUBONE*OURPRACTICE*20260420*0800*7*X*005010X221A1", "ST*835*0001",
        "BPR*I*55*C*ACH************20260420", $"TRN*1*{trace}*1600000001", "DTM*405*20260420", "N1*PR*FIRST MUTUAL*XV*FM001", "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1",
        $"CLP*{number}*1*120*55*25*CI*FM9001*11*1", "SVC*HC:99213*120*55**1", "DTM*472*20260330", "CAS*CO*45*40", "CAS*PR*3*25", $"REF*6R*{number}-1", "AMT*B6*80",
        "SE*15*0001", "GE*1*7", "IEA*1*000000007", "");

    private static Caller Limited(params (string Right, decimal LimitUsd)[] rights) => AccessServer.With(new AccessPlan(
        string.Join(' ', rights.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Right}<{r.LimitUsd}"))), ResourceTypes.All.ToDictionary(t => t, _ => TypeAccess.All), rights.Select(r => r.Right))
    {
        LimitsUsd = rights.ToFrozenDictionary(r => r.Right, r => r.LimitUsd),
    });

    private static string Entry(string key, decimal debit, decimal credit)
    {
        static JsonObject Line(string account, decimal usd) => new()
        {
            ["url"] = LedgerUrls.Line,
            ["extension"] = new JsonArray(
                new JsonObject { ["url"] = "account", ["valueCode"] = account },
                new JsonObject { ["url"] = "amount", ["valueMoney"] = new JsonObject { ["value"] = usd, ["currency"] = "USD" } }),
        };
        return new JsonObject
        {
            ["resourceType"] = "Basic",
            ["identifier"] = new JsonArray(new JsonObject { ["system"] = "urn:fhiremr:billing-key", ["value"] = key }),
            ["code"] = new JsonObject { ["coding"] = new JsonArray(new JsonObject { ["system"] = LedgerUrls.Ledger, ["code"] = LedgerUrls.EntryCode }) },
            ["created"] = "2026-04-01",
            ["extension"] = new JsonArray(new JsonObject { ["url"] = LedgerUrls.Event, ["valueCode"] = "deposit" }, Line("cash", debit), Line("unapplied-payer-money", credit)),
        }.ToJsonString();
    }

    private static string Parameters(params (string Name, object Value)[] parameters) => new JsonObject
    {
        ["resourceType"] = "Parameters",
        ["parameter"] = new JsonArray([.. parameters.Select(p => new JsonObject
        {
            ["name"] = p.Name,
            [p.Value is decimal ? "valueDecimal" : "valueString"] = p.Value is decimal usd ? JsonValue.Create(usd) : JsonValue.Create((string)p.Value),
        })]),
    }.ToJsonString();

    private static IEnumerable<JsonNode> All(JsonNode answer, string name) => answer["parameter"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == name).Select(p => p!);

    private static JsonNode Parameter(JsonNode answer, string name) => All(answer, name).First();

    private static JsonNode Part(JsonNode parameter, string name) => parameter["part"]!.AsArray().First(p => p!["name"]!.GetValue<string>() == name)!;

    private static decimal Usd(JsonNode parameter) => parameter["valueMoney"]!["value"]!.GetValue<decimal>();
}

public sealed class SqliteMoneyTests(AccessSqlite server) : MoneyTests(server), IClassFixture<AccessSqlite>;

public sealed class PostgresMoneyTests(AccessPostgres server) : MoneyTests(server), IClassFixture<AccessPostgres>;
