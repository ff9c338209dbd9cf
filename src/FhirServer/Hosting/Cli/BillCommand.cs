using System.CommandLine;
using System.Globalization;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.FhirRest;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Billing;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr bill</c>: claims for the finished encounters of this installation, and what the scrubber holds.</summary>
internal static class BillCommand
{
    public static Command Build()
    {
        var patient = new Option<string?>("--patient") { Description = "Only encounters of this patient (id)." };
        var from = new Option<DateOnly?>("--from") { Description = "Only encounters on or after this day." };
        var atService = new Option<bool>("--as-of-service") { Description = "Bill each encounter as if two days after it: for old synthetic records." };
        var defaultFees = new Option<bool>("--with-default-fees") { Description = "Store our default fee schedule first (demo prices)." };
        var send = new Option<bool>("--mock-payer") { Description = "Then send ready claims to the mock payer and post its answers." };
        var server = new Option<Uri?>("--server") { Description = "Bill the records of another FHIR R4 server (its base address) and store the claims there; code sets and tables are this installation's." };
        var token = new Option<string?>("--token-file") { Description = "With --server: file with the bearer token; read anew when the server refuses the last one." };
        var command = new Command("bill", "Make and scrub claims for finished encounters. Encounters that have a claim are passed over.") { patient, from, atService, defaultFees, send, server, token };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(
            parse.GetValue(patient), parse.GetValue(from), parse.GetValue(atService), parse.GetValue(defaultFees), parse.GetValue(send),
            (parse.GetValue(server), parse.GetValue(token)), [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(
        string? patient, DateOnly? from, bool atService, bool defaultFees, bool send, (Uri? Base, string? TokenFile) server, string[] settings, CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        var other = server.Base is null ? null : Other(http, server.Base, server.TokenFile);
        if (other is not null && send)
            throw new CliException("--mock-payer plays with this installation's own records: leave it out with --server.");
        await using var store = await LocalStore.OpenAsync(settings, ct, services =>
        {
            if (send)
                services.AddDemoBilling();
            if (other is not null)
                services.AddSingleton<IFhirRecords>(other);
        });
        var records = store.Services.GetRequiredService<IFhirRecords>();
        if (defaultFees)
            await FeeScheduleSeed.StoreAsync(records, new DateOnly(1900, 1, 1), ct);

        var query = "status=finished" + (patient is null ? "" : $"&patient=Patient/{patient}") + (from is { } day ? $"&date=ge{day:O}" : "");
        var pipeline = store.Services.GetRequiredService<ClaimPipeline>();
        var tally = new BillTally();
        await foreach (var encounter in records.SearchAsync<Encounter>(query, ct))
        {
            var billingDate = atService && DateTimeOffset.TryParse(encounter.Period?.Start, CultureInfo.InvariantCulture, out var start)
                ? DateOnly.FromDateTime(start.UtcDateTime).AddDays(2)
                : (DateOnly?)null;
            tally.Add(await pipeline.RunAsync(encounter.Id!, billingDate, ct));
        }

        tally.Print(Console.Out);
        if (send)
        {
            var turn = await store.Services.GetRequiredService<BillingCycle>().RunAsync(ct);
            Console.WriteLine($"sent     {turn.Batched.Batches.Sum(b => b.ClaimIds.Count)} claims in {turn.Batched.Batches.Count} files; {turn.Batched.NotSent.Count} could not be written");
            Console.WriteLine($"received {turn.Received.Count} files, {turn.Received.Count(r => r.IsRefused)} refused");
        }

        return 0;
    }

    private static FhirRestRecords Other(HttpClient http, Uri address, string? tokenFile)
    {
        var options = new FhirRestOptions(address)
        {
            Token = tokenFile is null ? null : async ct => File.Exists(tokenFile) ? (await File.ReadAllTextAsync(tokenFile, ct)).Trim() : throw new CliException($"--token-file {tokenFile} is not there."),
        };
        return options.Fault() is { } fault ? throw new CliException($"--server: {fault}") : new FhirRestRecords(http, options, TimeProvider.System);
    }

    /// <summary>Counts results and the rules that hold claims.</summary>
    private sealed class BillTally
    {
        private readonly Dictionary<string, int> results = [];
        private readonly Dictionary<string, int> rules = [];

        public void Add(ClaimResult result)
        {
            if (result is ClaimResult.Several several)
            {
                foreach (var claim in several.Claims)
                    Add(claim);
                return;
            }

            var name = result.GetType().Name;
            results[name] = results.GetValueOrDefault(name) + 1;
            var findings = result switch
            {
                ClaimResult.Held held => held.Findings,
                ClaimResult.NothingBillable nothing => nothing.Findings,
                _ => [],
            };
            foreach (var rule in findings.Where(f => f.Severity == FindingSeverity.Reject).Select(f => f.RuleId).Distinct())
                rules[rule] = rules.GetValueOrDefault(rule) + 1;
        }

        public void Print(TextWriter output)
        {
            var total = Math.Max(1, results.Values.Sum());
            foreach (var (name, count) in results.OrderByDescending(r => r.Value))
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16} {count,6} {100.0 * count / total,5:F1} %"));
            foreach (var (rule, count) in rules.OrderByDescending(r => r.Value).Take(20))
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  held by {rule,-8} {count,6}"));
        }
    }
}
