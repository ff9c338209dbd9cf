using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr seed demo --months 18</c>: fills an empty store with the demo practice and months of its billing; <c>serve --demo --no-seed</c> on the same folder shows it.</summary>
internal static class SeedDemoCommand
{
    private const int MostMonths = 36;

    public static Command Build()
    {
        var months = new Option<int>("--months") { Description = "How many months of visits, 1 to 36.", DefaultValueFactory = _ => 18 };
        months.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostMonths)
                result.AddError($"--months is 1 to {MostMonths}.");
        });
        var command = new Command("demo", "The demo practice with months of visits, claims, remittances, denials and payments, into an empty store.") { months };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(parse.GetValue(months), [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(int months, string[] settings, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        await using var store = await LocalStore.OpenAsync(settings, ct, services => services.AddDemoBilling());
        var records = store.Services.GetRequiredService<IFhirRecords>();
        if (await records.SearchAsync<Patient>("_count=1", ct).AnyAsync(ct))
            throw new CliException("This store has patients already. Name an empty folder: fhir-emr seed demo --months 18 --Storage:DataFolder=…");
        var clock = store.Services.GetRequiredService<TimeProvider>();
        await new DemoHistory(store.Services).RunAsync(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), months, ct);
        var summary = await PracticeSummary.ReadAsync(store.Services.GetRequiredService<IResourceStore>(), store.Services.GetRequiredService<SearchParameters>(), records, ct);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            {months} months in {watch.Elapsed.TotalSeconds:F1} s: patients {summary.Patients}, encounters {summary.Encounters}
              claims   {string.Join(", ", summary.ClaimsByStage.Select(s => $"{s.Count} {s.Stage}"))}
              money    billed ${summary.BilledUsd:N2}, allowed ${summary.AllowedUsd:N2}, paid ${summary.PaidUsd:N2}, patients owe ${summary.PatientUsd:N2}
            """));
        return 0;
    }
}
