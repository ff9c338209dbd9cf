using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Billing.Kpis;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Hl7.Fhir.Model;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>Every billing operation over HTTP, signed in as each built-in role: what docs/roles.md says of it, and nothing of other patients.</summary>
[Trait("Requirement", "S-30")]
[Trait("Requirement", "S-35")]
public sealed class BillingRightsTests(BillingRightsServer server) : IClassFixture<BillingRightsServer>
{
    private const string Begin = "<!-- billing rights: begin -->";
    private const string End = "<!-- billing rights: end -->";
    private const string Nothing = """{"resourceType":"Parameters"}""";

    /// <summary>What is the other patient's alone, in whatever answer it stood.</summary>
    private static readonly string[] Others = ["Famb", "MEMBERb", "PCNOFb", "b-visit", "b-claim", "b-task", "b-account", "b-question", "b-appointment", "Patient/b"];

    /// <summary>Answers that are about the practice and not about one patient.</summary>
    private static readonly string[] OfThePractice = ["Task/$work-next", "Task/$denial-patterns", "Task/$accept-pattern", "$kpi", "$kpi-rebuild"];

    private static readonly (IReadOnlyList<string> Roles, IReadOnlyList<Right> Rows) Page = Read();

    private static int count;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Roles => [.. Page.Roles];

    [Fact]
    public void The_page_has_every_billing_operation_with_its_right_and_every_role_of_people()
    {
        Operation[] operations =
        [
            .. BillingOperations.List(server.Services), .. ClaimOperations.List(server.Services), .. MoneyOperations.List(server.Services), .. DenialOperations.List(server.Services),
            .. EligibilityOperations.List(server.Services), .. PaperOperations.List(server.Services), .. AuthorisationOperations.List(server.Services), .. KpiOperations.List(server.Services),
        ];

        Assert.Equal(
            operations.SelectMany(Addresses).Order(StringComparer.Ordinal),
            Page.Rows.Select(r => $"{r.Address} {r.Needs}").Order(StringComparer.Ordinal));
        Assert.Equal(BuiltInRoles.List.Select(r => r.Name).Except([BuiltInRoles.SystemClient.Name, BuiltInRoles.Superuser.Name]), Page.Roles);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task A_role_may_call_what_the_page_says_and_nothing_else(string role)
    {
        var token = await TokenAsync(role);
        var faults = new List<string>();
        foreach (var right in Page.Rows)
        {
            var reply = await CallAsync(token, right.Address, "a");
            switch (right.Of[role])
            {
                case "":
                    if (reply.Status != 403)
                        faults.Add($"{right.Address}: 403 expected, got {Words(reply)}");
                    if (right.Address.Contains("[id]", StringComparison.Ordinal) && await CallAsync(token, right.Address, "nobody") is var absent && (absent.Status, Alike(absent)) != (reply.Status, Alike(reply)))
                        faults.Add($"{right.Address}: who may not call it learns whether it is there: {Words(absent)}");
                    break;
                case "hidden":
                    if (reply.Status != 404)
                        faults.Add($"{right.Address}: 404 expected, got {Words(reply)}");
                    break;
                default:
                    // It may have nothing to do, or nothing to do it with; but it is theirs to ask.
                    if (reply.Status is not (200 or 202 or 422 or 400) && !(reply.Status == 404 && !right.Address.Contains("[id]", StringComparison.Ordinal)))
                        faults.Add($"{right.Address}: allowed, got {Words(reply)}");
                    break;
            }

            if (!OfThePractice.Contains(right.Address))
                faults.AddRange(Others.Where(o => reply.Body.Contains(o, StringComparison.Ordinal)).Select(o => $"{right.Address}: tells of the other patient ({o}): {Words(reply)}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task The_superuser_may_call_all_of_them_and_a_stranger_none()
    {
        var (all, faults) = (await TokenAsync(BuiltInRoles.Superuser.Name), new List<string>());
        foreach (var right in Page.Rows)
        {
            if (await CallAsync(all, right.Address, "a") is { Status: 401 or 403 or 500 } refused)
                faults.Add($"{right.Address}: {Words(refused)}");
            if (await CallAsync(null, right.Address, "a") is { Status: not 401 } let)
                faults.Add($"{right.Address}: 401 expected for a stranger, got {Words(let)}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    public static TheoryData<string, string> Limits => [.. Page.Rows.SelectMany(r => r.Of.Where(o => o.Value.StartsWith("to ", StringComparison.Ordinal)).Select(o => (r.Address, o.Key)))];

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task Money_stops_at_the_limit_of_the_role(string address, string role)
    {
        var limit = decimal.Parse(Page.Rows.Single(r => r.Address == address).Of[role][3..], NumberStyles.Number, CultureInfo.InvariantCulture);
        var token = await TokenAsync(role);

        var over = await PayAsync(token, address, limit + 0.01m);
        Assert.True(over.Status == 403, Words(over));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"up to {limit:0.00}"), over.Body.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var within = await PayAsync(token, address, limit);
        Assert.True(within.Status == 200, Words(within));
        var wide = await PayAsync(await TokenAsync("billing-manager"), address, limit + 0.01m);
        Assert.True(wide.Status == 200, Words(wide));
    }

    /// <summary>Each figure with what it counts, and whom that type is closed to.</summary>
    [Theory]
    [InlineData("billing-manager", "NO-SHOW", "Appointment", 1)]
    [InlineData("billing-manager", "DNFB", "Encounter", 1)]
    [InlineData("billing-manager", "EM-DIST", "Claim", 1)]
    [InlineData("practice-admin", "NO-SHOW", "Appointment", 1)]
    [InlineData("practice-admin", "DNFB", "Encounter", 0)]
    [InlineData("practice-admin", "EM-DIST", "Claim", 0)]
    [InlineData("superuser", "NO-SHOW", "Appointment", 2)]
    [InlineData("superuser", "DNFB", "Encounter", 2)]
    [InlineData("superuser", "EM-DIST", "Claim", 2)]
    public async Task Behind_a_figure_a_role_finds_the_records_it_may_read_and_the_number_of_the_others(string role, string figure, string type, int readable)
    {
        await server.OldRecordsAsync();
        var token = await TokenAsync(role);

        var reply = await SendAsync(token, $"$kpi?id={figure}&ids=denominator&start=2024-03-01&end=2024-03-31", Nothing);
        Assert.True(reply.Status == 200, Words(reply));
        var parts = reply.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "kpi")!["part"]!.AsArray();
        string[] both = [$"{type}/old-plain", $"{type}/old-secret"];
        Assert.Equal(both[..readable], parts.Where(p => p!["name"]!.GetValue<string>() == "record").Select(p => p!["valueReference"]!["reference"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(2 - readable, parts.SingleOrDefault(p => p!["name"]!.GetValue<string>() == "withheld")?["valueInteger"]!.GetValue<int>() ?? 0);

        var csv = await SendAsync(token, $"$kpi?id={figure}&ids=denominator&start=2024-03-01&end=2024-03-31&format=csv", Nothing);
        Assert.Equal(readable == 2, csv.Body.Contains("old-secret", StringComparison.Ordinal));
        Assert.Equal(readable < 2, csv.Body.Contains($"{figure},{2 - readable} more that you may not read", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("coder", 1)]
    [InlineData("biller", 1)]
    [InlineData("billing-manager", 1)]
    [InlineData("superuser", 2)]
    public async Task Work_that_a_role_may_not_read_does_not_wait_for_it(string role, int waiting)
    {
        await server.OldRecordsAsync();

        var reply = await SendAsync(await TokenAsync(role), "Task/$work-next?group=credentialing", Nothing);

        Assert.True(reply.Status == 200, Words(reply));
        Assert.Equal(waiting, reply.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "waiting")!["valueUnsignedInt"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_patient_may_not_call_them_about_themself_with_whatever_scope()
    {
        var mint = server.Services.GetRequiredService<TokenMint>();
        var token = await mint.MakeAsync("page", server.PatientId, ["user/*.cruds", "patient/*.cruds", "fhiremr/rights"], TimeSpan.FromHours(1), "a");
        foreach (var right in Page.Rows)
            Assert.Equal((403, right.Address), ((await CallAsync(token, right.Address, "a")).Status, right.Address));
    }

    [Fact]
    public async Task Without_the_scope_for_rights_no_role_calls_any()
    {
        var user = await server.UserAsync("narrow", AccountKind.Staff, "billing-manager", "Practitioner/doctor");
        var token = await server.Services.GetRequiredService<TokenMint>().MakeAsync("page", user, ["user/*.cruds"], TimeSpan.FromHours(1));
        foreach (var right in Page.Rows)
            Assert.Equal((403, right.Address), ((await CallAsync(token, right.Address, "a")).Status, right.Address));
    }

    [Fact]
    public void Payers_have_the_rows_of_the_practices_own_file() =>
        Assert.Equal(17, server.Services.GetRequiredService<BillingSetup>().Payers.For(null, new Organization { Identifier = [new Identifier(BillingUrls.PayerId, "FM001")] }, new DateOnly(2026, 1, 2)).DaysToPay);

    [Fact]
    public async Task In_the_demo_the_rule_that_writes_the_claim_on_trial_is_evaluated()
    {
        var reply = await SendAsync(server.AdministratorToken, "Claim/b-claim/$scrub", Nothing);

        Assert.Equal(200, reply.Status);
        Assert.Contains("Rule COV-006 not evaluated", reply.Body, StringComparison.Ordinal); // its table is not loaded here, and it says so
        Assert.DoesNotContain("Rule X12-002 not evaluated", reply.Body, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Addresses(Operation operation)
    {
        if (operation.Types.Count == 0)
            yield return $"${operation.Name} {operation.Right}";
        foreach (var type in operation.Types)
        {
            if (operation.OnInstance)
                yield return $"{type}/[id]/${operation.Name} {operation.Right}";
            if (operation.OnType)
                yield return $"{type}/${operation.Name} {operation.Right}";
        }
    }

    private async Task<Reply> PayAsync(string token, string address, decimal usd)
    {
        var number = Interlocked.Increment(ref count);
        await server.ClaimAsync($"a-claim-{number}", $"PCNOFa{number}", "a"); // one that nobody has paid yet
        return await (address switch
        {
            "Patient/[id]/$post-payment" => SendAsync(token, "Patient/a/$post-payment", Parameters($$"""{"name":"amount","valueDecimal":{{Usd(usd)}}},{"name":"transactionId","valueString":"T{{number}}"}""")),
            "$post-remittance" => SendAsync(token, "$post-remittance", Remittance(number, $"PCNOFa{number}", usd)),
            "$manual-eob" => SendAsync(token, "$manual-eob", Eob(number, $"a-claim-{number}", usd)),
            "Task/[id]/$match-remittance" => MatchAsync(token, number, usd),
            "PaymentReconciliation/[id]/$reverse" => ReverseAsync(token, number, usd),
            _ => throw new ArgumentException($"{address} has a limit, and nothing says how money goes through it.", nameof(address)),
        });
    }

    /// <summary>Somebody without a limit posts what fits no claim; this one matches it.</summary>
    private async Task<Reply> MatchAsync(string token, int number, decimal usd)
    {
        var posted = await SendAsync(server.AdministratorToken, "$post-remittance", Remittance(number, $"LOST{number}", usd));
        Assert.True(posted.Status == 200, posted.Body);
        var tasks = await server.GetAsync("Task?code=urn:fhiremr:task|unmatched-remit&status=requested&_count=100");
        var task = tasks.Entries.Select(e => e["resource"]!).Single(t => t["description"]!.GetValue<string>().Contains($"LOST{number}", StringComparison.Ordinal))["id"]!.GetValue<string>();
        return await SendAsync(token, $"Task/{task}/$match-remittance", Parameters($$"""{"name":"claim","valueString":"Claim/a-claim-{{number}}"}"""));
    }

    /// <summary>Somebody without a limit posts a payment; this one takes it back.</summary>
    private async Task<Reply> ReverseAsync(string token, int number, decimal usd)
    {
        var posted = await SendAsync(server.AdministratorToken, "$post-remittance", Remittance(number, $"PCNOFa{number}", usd));
        Assert.True(posted.Status == 200, posted.Body);
        var payment = (await server.GetAsync("PaymentReconciliation?_count=200")).Entries.Select(e => e["resource"]!)
            .Single(p => p["paymentIdentifier"]?["value"]?.GetValue<string>() == $"TRACE{number}")["id"]!.GetValue<string>();
        return await SendAsync(token, $"PaymentReconciliation/{payment}/$reverse", Parameters("""{"name":"reason","valueString":"the bank took it back"}"""));
    }

    private Task<Reply> CallAsync(string? token, string address, string patient)
    {
        var (path, id) = (address, patient);
        foreach (var (type, suffix) in ((string, string)[])[("Patient", ""), ("Encounter", "-visit"), ("Claim", "-claim"), ("Account", "-account"), ("Task", "-task"), ("Appointment", "-appointment"), ("CoverageEligibilityRequest", "-question"), ("PaymentReconciliation", "-payment")])
            path = path.Replace($"{type}/[id]", $"{type}/{id}{suffix}", StringComparison.Ordinal);
        // A paper as HTML: what it tells can be read.
        if (address is "Encounter/[id]/$superbill" or "Claim/[id]/$cms1500" or "Patient/[id]/$statement" or "Task/[id]/$appeal-packet")
            path += "?_format=html";
        var number = Interlocked.Increment(ref count);
        return SendAsync(token, path, address switch
        {
            "Patient/[id]/$post-payment" => Parameters($$"""{"name":"amount","valueDecimal":1},{"name":"transactionId","valueString":"T{{number}}"}"""),
            "Patient/[id]/$payment-plan" => Parameters("""{"name":"instalment","part":[{"name":"date","valueDate":"2199-01-01"},{"name":"amount","valueDecimal":5}]}"""),
            "Patient/[id]/$refund" or "Claim/[id]/$refund" => Parameters($$"""{"name":"amount","valueDecimal":0.01},{"name":"transactionId","valueString":"R{{number}}"},{"name":"reason","valueString":"asked"}"""),
            "Claim/[id]/$write-off" => Parameters("""{"name":"amount","valueDecimal":0.01},{"name":"category","valueCode":"small-balance"},{"name":"reason","valueString":"asked"}"""),
            "$post-remittance" => Remittance(number, "PCNOFa", 10m),
            "$manual-eob" => Eob(number, "a-claim", 10m),
            "Task/[id]/$match-remittance" => Parameters("""{"name":"claim","valueString":"Claim/a-claim"}"""),
            "Task/[id]/$resolve" => Parameters("""{"name":"outcome","valueString":"none such"}"""), // an end would keep the next role from it
            "Claim/[id]/$let-stand" => Parameters("""{"name":"rule","valueString":"COV-010"},{"name":"reason","valueString":"asked"}"""),
            "Claim/[id]/$replace" or "Claim/[id]/$void" => Parameters("""{"name":"reason","valueString":"asked"}"""),
            "Encounter/[id]/$estimate" or "Appointment/[id]/$estimate" => Parameters("""{"name":"code","valueString":"99213"}"""),
            "CoverageEligibilityRequest/$submit" => BillingRightsServer.Question("a", "new"),
            _ => Nothing,
        });
    }

    private static string Parameters(string parameters) => $$"""{"resourceType":"Parameters","parameter":[{{parameters}}]}""";

    private static string Usd(decimal usd) => usd.ToString(CultureInfo.InvariantCulture);

    private static string Eob(int number, string claim, decimal usd) => Parameters($$$$"""
        {"name":"payer","valueString":"FM001"},{"name":"trace","valueString":"CHECK{{{{number}}}}"},{"name":"date","valueDate":"2026-01-20"},{"name":"amount","valueDecimal":{{{{Usd(usd)}}}}},
        {"name":"claim","part":[{"name":"claim","valueReference":{"reference":"Claim/{{{{claim}}}}"}},{"name":"payerControlNumber","valueString":"ICN{{{{number}}}}"},
          {"name":"line","part":[{"name":"item","valuePositiveInt":1},{"name":"paid","valueDecimal":{{{{Usd(usd)}}}}},
            {"name":"adjustment","part":[{"name":"group","valueCode":"CO"},{"name":"reason","valueCode":"45"},{"name":"amount","valueDecimal":{{{{Usd(9000m - usd)}}}}}]}]}]}
        """);

    private static string Remittance(int number, string claim, decimal usd) => Parameters($$"""{"name":"x12","valueString":"{{string.Join("~\\n",
        $"ISA*00*          *00*          *ZZ*HUBONE         *ZZ*OURPRACTICE    *260120*0800*^*00501*{number:000000000}*0*T*:", $"GS*HP*HUBONE*OURPRACTICE*20260120*0800*{number}*X*005010X221A1", "ST*835*0001",
        $"BPR*I*{Usd(usd)}*C*ACH************20260120", $"TRN*1*TRACE{number}*1600000001", "DTM*405*20260120", "N1*PR*FIRST MUTUAL*XV*FM001", "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1",
        $"CLP*{claim}*1*9000*{Usd(usd)}**CI*FM{number}*11*1", $"SVC*HC:99213*9000*{Usd(usd)}**1", "DTM*472*20260102", $"CAS*CO*45*{Usd(9000m - usd)}", $"AMT*B6*{Usd(usd)}",
        "SE*13*0001", $"GE*1*{number}", $"IEA*1*{number:000000000}", "")}}"}""");

    private async Task<Reply> SendAsync(string? token, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.BaseUrl}/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/fhir+json") };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, Ct);
        return new Reply(response.StatusCode, await response.Content.ReadAsStringAsync(Ct), null, null, response.Content.Headers.ContentType?.MediaType);
    }

    private async Task<string> TokenAsync(string role)
    {
        var isPatient = role == BuiltInRoles.Patient.Name;
        var user = isPatient ? server.PatientId : await server.UserAsync("u" + Guid.NewGuid().ToString("N"), AccountKind.Staff, role, "Practitioner/doctor");
        string[] scopes = isPatient ? ["launch/patient", "patient/*.cruds", "fhiremr/rights"] : ["user/*.cruds", "fhiremr/rights"];
        return await server.Services.GetRequiredService<TokenMint>().MakeAsync("page", user, scopes, TimeSpan.FromHours(1), isPatient ? "a" : null);
    }

    /// <summary>The words of a refusal, without the number that each answer has of its own.</summary>
    private static string Alike(Reply reply) => reply.Body.StartsWith('{') && reply.Json["issue"] is { } issues ? issues.ToJsonString() : reply.Body;

    private static string Words(Reply reply) => $"{reply.Status} {(reply.Body.Length > 400 ? reply.Body[..400] : reply.Body)}";

    private static (IReadOnlyList<string> Roles, IReadOnlyList<Right> Rows) Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
            folder = folder.Parent;
        var text = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "roles.md")).ReplaceLineEndings("\n");
        var lines = text[(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)..text.IndexOf(End, StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Trim().Trim('|').Split('|').Select(c => c.Trim()).ToList()).ToList();
        var roles = lines[0][2..];
        return (roles, [.. lines.Skip(2).Select(l => new Right(l[0].Trim('`'), l[1].Trim('`'), roles.Zip(l[2..]).ToDictionary(p => p.First, p => p.Second)))]);
    }

    /// <summary>A row of the page.</summary>
    private sealed record Right(string Address, string Needs, IReadOnlyDictionary<string, string> Of);
}
