using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr audit verify</c> and <c>fhir-emr audit rotate-key</c>.</summary>
/// <remarks>Exit code 0: the audit is as it was written; 2: it is not, and the first bad row is named first.</remarks>
internal static class AuditCommand
{
    public static Command Build()
    {
        var from = new Option<DateTimeOffset?>("--from") { Description = "Only what was sealed from this instant on." };
        var until = new Option<DateTimeOffset?>("--to") { Description = "Only what was sealed before this instant." };
        var verify = new Command("verify", "Look for changed, removed, inserted, reordered and cut-off rows. Stop the server first on SQLite; online there is POST [base]/AuditEvent/$verify.") { from, until };
        verify.TreatUnmatchedTokensAsErrors = false;
        verify.SetAction((parse, ct) => VerifyAsync(parse.GetValue(from), parse.GetValue(until), [.. parse.UnmatchedTokens], ct));
        var rotate = new Command("rotate-key", "Make a new secret for the audit. Running servers go over to it within a minute; the old ones stay, to verify what they sealed.");
        rotate.TreatUnmatchedTokensAsErrors = false;
        rotate.SetAction((parse, ct) => RotateAsync([.. parse.UnmatchedTokens], ct));
        return new Command("audit", "The record of who did what.") { verify, rotate };
    }

    private static async Task<int> VerifyAsync(DateTimeOffset? from, DateTimeOffset? until, string[] settings, CancellationToken ct)
    {
        await using var store = await LocalStore.OpenAsync(settings, ct);
        var audit = store.Services.GetRequiredService<AuditLog>();
        if (!audit.IsEnabled)
            throw new CliException("This store is used without an audit (Audit:Enabled=false): there is nothing to verify.");
        var begun = Stopwatch.GetTimestamp();
        var verdict = await store.Services.GetRequiredService<AuditVerifier>().RunAsync(from, until, ct);
        var took = Stopwatch.GetElapsedTime(begun);
        foreach (var (code, text) in verdict.Findings)
            Console.WriteLine($"{code,-9}  {text}");
        if (verdict.Count > verdict.Findings.Count)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"... and {verdict.Count - verdict.Findings.Count} more"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verdict.Checked} rows and {verdict.Checkpoints} checkpoints verified in {took.TotalSeconds:F1} s ({verdict.Checked / Math.Max(took.TotalSeconds, 0.001):F0} rows/s), {verdict.Unsealed} not sealed yet, {verdict.Count} findings"));
        await audit.RecordAsync(CliRecord.Of("audit-verify", verdict.Count == 0, string.Create(CultureInfo.InvariantCulture, $"{verdict.Count} findings in {verdict.Checked} rows")));
        return verdict.Count == 0 ? 0 : 2;
    }

    private static async Task<int> RotateAsync(string[] settings, CancellationToken ct)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables("FHIREMR__").AddCommandLine(settings).Build();
        var storage = configuration.GetSection("Storage").Get<Storage.StorageOptions>() ?? new();
        var folder = new AuditKeyFolder(storage.DataFolder, TimeProvider.System);
        if (folder.Newest is null)
            throw new CliException($"There is no secret of an audit in {folder.Folder}: the first is made when the server starts on its store.");
        var name = folder.Add().Name;
        await new CommandEvents(AccountsServices.KeysFolder(configuration), TimeProvider.System).RaiseAsync(new(SecurityEventKind.KeysRotated, null, null, LocalAccounts.By) { Detail = "the audit's" }, ct);
        Console.WriteLine($"{name} is used from now on. Keep a copy of {folder.Folder} apart from the database, and the same files on every node.");
        return 0;
    }
}
