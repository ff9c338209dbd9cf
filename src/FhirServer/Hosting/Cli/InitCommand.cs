using System.CommandLine;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Users;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr init</c>: the first administrator of an installation, who then lets everybody else in (security S-102).</summary>
internal static class InitCommand
{
    public static Command Build()
    {
        var user = new Option<string>("--user") { Description = "Sign-in name of the administrator.", DefaultValueFactory = _ => "admin" };
        var name = new Option<string>("--name") { Description = "The person's name.", DefaultValueFactory = _ => "Administrator" };
        var command = new Command("init", "Create the first administrator and print the link to choose a password; it works once, for 30 minutes.") { user, name };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(parse.GetValue(user)!, parse.GetValue(name)!, [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(string user, string name, string[] settings, CancellationToken ct)
    {
        await using var local = await LocalAccounts.OpenAsync(settings, ct);
        string token;
        var known = await local.Get<UserDirectory>().ListAsync(ct);
        if (known.Count == 0)
        {
            token = await local.Get<UserDirectory>().AddAsync(new(user, name, AccountKind.Staff, null), LocalAccounts.By, ct);
            await local.Get<RoleAssignments>().AssignToUserAsync(user, RoleNames.Administrator, null, null, null, null, LocalAccounts.By, ct);
        }
        else if (known is [var only] && !only.HasPassword)
        {
            user = only.UserName;
            token = await local.Get<UserDirectory>().ResetPasswordAsync(user, LocalAccounts.By, ct); // the first link was not used in time
        }
        else
        {
            throw new CliException("This installation has users already: fhir-emr user list shows them, fhir-emr user add NAME --role practice-admin adds an administrator.");
        }

        Console.WriteLine($"Administrator '{user}'. Start the server and open this link within 30 minutes; it works once:");
        Console.WriteLine(local.SetUpUrl(token));
        return 0;
    }
}
