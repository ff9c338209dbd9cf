using System.Diagnostics;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Clients;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Samples;

/// <summary>The samples of exchange, as a partner would run them.</summary>
public sealed class ExchangeSampleTests(SqliteServer server) : OnServer(server), IClassFixture<SqliteServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_specialist_may_send_the_visit_twice()
    {
        var (code, first) = await RunAsync("node", "specialist.mjs", Server.BaseUrl);
        Assert.True(code == 0, first);
        Assert.Equal(["201", "201", "201", "201"], Lines(first).Select(l => l.Split(' ')[0]));

        var (again, second) = await RunAsync("node", "specialist.mjs", Server.BaseUrl);
        Assert.True(again == 0, second);
        Assert.Equal(["200", "200", "200", "200"], Lines(second).Select(l => l.Split(' ')[0]));
        Assert.Single((await Server.GetAsync("Encounter?identifier=urn:example:cardiology:visit|V-2026-1102-1")).Entries);
    }

    [Fact]
    public async Task The_billing_app_sums_by_insurer_over_all_pages_and_the_reporting_tool_sums_the_export()
    {
        await PutAsync("Organization/sample-payer", """{"resourceType":"Organization","id":"sample-payer","name":"Sample Health"}""");
        await PutAsync("Patient/sample-patient", """{"resourceType":"Patient","id":"sample-patient"}""");
        for (var i = 0; i < 120; i++)
            await PutAsync($"Claim/sample-{i}", $$$"""
                {"resourceType":"Claim","id":"sample-{{{i}}}","status":"active","use":"claim","type":{"text":"x"},"patient":{"reference":"Patient/sample-patient"},"created":"2026-{{{(i % 2) + 1:00}}}-03","provider":{"display":"x"},
                 "priority":{"text":"x"},"insurer":{"reference":"Organization/sample-payer"},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"x"}}],"total":{"value":10.10,"currency":"USD"}}
                """);

        var (code, claims) = await RunAsync("node", "billing-claims.mjs", Server.BaseUrl);
        Assert.True(code == 0, claims);
        Assert.Equal(["Sample Health\t120\t1212.00", "all\t120\t1212.00"], Lines(claims));

        var (exported, report) = await RunAsync("node", "reporting-export.mjs", Server.BaseUrl, "Claim,Organization");
        Assert.True(exported == 0, report);
        var sums = JsonNode.Parse(report)!;
        Assert.Equal((120, 606m, 606m), (sums["counts"]!["Claim"]!.GetValue<int>(), sums["claimsUsd"]!["2026-01"]!.GetValue<decimal>(), sums["claimsUsd"]!["2026-02"]!.GetValue<decimal>()));
    }

    [Fact]
    public async Task The_reporting_tool_joins_an_export_in_DuckDB()
    {
        await PutAsync("Patient/duck", """{"resourceType":"Patient","id":"duck","gender":"other"}""");
        for (var i = 0; i < 7; i++)
            await PutAsync($"Observation/duck-{i}", $$$"""
                {"resourceType":"Observation","id":"duck-{{{i}}}","status":"final","subject":{"reference":"Patient/duck"},"effectiveDateTime":"2026-03-0{{{i + 1}}}",
                 "code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":{"value":{{{70 + i}}},"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}
                """);

        var (code, table) = await new NpmPackage("@duckdb/node-api", "1.5.6-r.1").RunAsync(Path.Combine(Folder("parquet-duckdb"), "read.mjs"), Server.BaseUrl, Ct);

        Assert.SkipWhen(code is null, table);
        Assert.True(code == 0, table);
        var row = Assert.Single(Lines(table), line => line.Contains("29463-7", StringComparison.Ordinal));
        Assert.Contains("'other'", row, StringComparison.Ordinal);
        Assert.Contains(" 73 ", row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_laboratory_is_acknowledged()
    {
        for (var run = 0; run < 2; run++) // the same message again has the same answer
        {
            var (code, answer) = await RunAsync("bash", "lab-oru.sh", Server.BaseUrl[..Server.BaseUrl.LastIndexOf('/')]);
            Assert.True(code == 0, answer);
            Assert.Contains("MSA|AA|SAMPLE-0001", answer, StringComparison.Ordinal);
        }
    }

    private async Task PutAsync(string path, string json)
    {
        var reply = await Server.PutAsync(path, json);
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string sample, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, [Path.Combine(Folder("exchange"), sample), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"There is no {program} on this machine.");
            throw;
        }

        using (process)
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
            await process.WaitForExitAsync(Ct);
            return (process.ExitCode, await output + await errors);
        }
    }

    private static string Folder(string sample)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "FhirEmr.sln")))
                return Path.Combine(at.FullName, "samples", sample);
        throw new DirectoryNotFoundException("samples");
    }
}
