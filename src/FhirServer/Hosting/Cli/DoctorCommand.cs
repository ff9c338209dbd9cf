using System.CommandLine;
using FhirEmr.FhirServer.Operations.Integrity;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr doctor</c>: is this installation sound? (reliability R-6)</summary>
/// <remarks>Exit code 0: nothing found, or all of it repaired; 2: something is wrong.</remarks>
internal static class DoctorCommand
{
    public static Command Build()
    {
        var data = new Option<bool>("--data") { Description = "Verify every record: versions, change feed, index rows, texts, and the database file itself." };
        var accounts = new Option<bool>("--accounts") { Description = "Check who can sign in, and the keys beside the accounts. Works beside a running server." };
        var repair = new Option<bool>("--repair") { Description = "Put wrong index rows right." };
        var type = new Option<string?>("--type") { Description = "Only resources of this type." };
        var command = new Command("doctor", "Check this installation: the versions it runs on, and what the options name. With --data stop the server first on SQLite; online there is POST [base]/$verify.") { data, accounts, repair, type };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(parse.GetValue(data), parse.GetValue(accounts), parse.GetValue(repair), parse.GetValue(type), [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(bool data, bool accounts, bool repair, string? type, string[] settings, CancellationToken ct)
    {
        var code = CheckVersions();
        if (accounts)
            code = Math.Max(code, await CheckAccountsAsync(settings, ct));
        if (data)
            code = Math.Max(code, await CheckDataAsync(repair, type, settings, ct));
        if (!data && !accounts)
            Console.WriteLine("Not looked at: the records (--data) and who can sign in (--accounts).");
        return code;
    }

    private static int CheckVersions()
    {
        var findings = VersionChecks.Run();
        foreach (var finding in findings)
            Console.WriteLine(finding.Fault is null ? $"ok     {finding.Text}" : $"wrong  {finding.Text}: {finding.Fault}");
        Console.WriteLine("note   Whether the volume of the database is encrypted cannot be seen from here; let the system encrypt it (docs/security.md).");
        return findings.Any(f => f.Fault is not null) ? 2 : 0;
    }

    private static async Task<int> CheckAccountsAsync(string[] settings, CancellationToken ct)
    {
        await using var local = await LocalAccounts.OpenAsync(settings, ct);
        var findings = await AccountChecks.RunAsync(local, ct);
        foreach (var finding in findings)
            Console.WriteLine($"wrong  {finding}");
        Console.WriteLine($"accounts checked, {findings.Count} findings");
        return findings.Count > 0 ? 2 : 0;
    }

    private static async Task<int> CheckDataAsync(bool repair, string? type, string[] settings, CancellationToken ct)
    {
        if (type is not null && !Resources.ResourceTypes.Exists(type))
            throw new CliException($"'{type}' is not a resource type of FHIR R4{(Resources.NearestName.Of(type, Resources.ResourceTypes.All) is { } near ? $"; did you mean '{near}'?" : ".")}");

        await using var store = await LocalStore.OpenAsync(settings, ct);
        var verification = store.Services.GetRequiredService<Verification>();
        var (done, found, repaired) = (0L, 0, 0);
        VerifyPoint? point = null;
        do
        {
            var page = await verification.RunAsync(type, null, point, Verification.WindowSize, repair, ct);
            foreach (var finding in page.Findings)
                Console.WriteLine($"{(finding.IsRepaired ? "repaired" : "wrong")}  {finding.Code,-9} {finding.Text}");
            (done, found, repaired, point) = (done + page.Checked, found + page.Findings.Count, repaired + page.Findings.Count(f => f.IsRepaired), page.Next);
        }
        while (point is not null);

        if (repair && type is null && found == repaired)
        {
            await store.Services.GetRequiredService<IndexedAddress>().RememberAsync(store.Services.GetRequiredService<IOptions<ServerOptions>>().Value.BaseUrl.TrimEnd('/'));
            await PracticeZone.RememberAsync(store.Services);
        }

        Console.WriteLine($"{done} resources checked, {found} findings, {repaired} repaired");
        return found > repaired ? 2 : 0;
    }
}
