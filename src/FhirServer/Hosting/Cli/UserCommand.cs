using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Users;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr user …</c>: who may sign in. Works beside a running server.</summary>
internal static class UserCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static Command Build() => new("user", "Who may sign in.")
    {
        Add(),
        List(),
        OnUser("disable", "End all sessions of a user, and let them sign in no more.", async (local, user, ct) =>
        {
            await local.Get<UserDirectory>().DisableAsync(user, LocalAccounts.By, ct);
            return $"'{user}' is disabled and signed out everywhere.";
        }),
        OnUser("enable", "Let a disabled user sign in again.", async (local, user, ct) =>
        {
            await local.Get<UserDirectory>().EnableAsync(user, LocalAccounts.By, ct);
            return $"'{user}' may sign in again.";
        }),
        OnUser("reset-password", "Take the password away and print a link to choose a new one.", async (local, user, ct) =>
            Link(local, await local.Get<UserDirectory>().ResetPasswordAsync(user, LocalAccounts.By, ct))),
        OnUser("reset-mfa", "Take authenticator, passkeys and recovery codes away; a new second factor is set up at the next sign-in.", async (local, user, ct) =>
        {
            await local.Get<UserDirectory>().ResetSecondFactorAsync(user, LocalAccounts.By, ct);
            return $"'{user}' sets up a new second factor at the next sign-in.";
        }),
        OnUser("unlock", "End a lockout after failed sign-ins.", async (local, user, ct) =>
            await local.Get<UserDirectory>().UnlockAsync(user, LocalAccounts.By, ct) ? $"'{user}' may try again." : $"'{user}' was not locked."),
    };

    private static Command Add()
    {
        var user = new Argument<string>("user") { Description = "Sign-in name." };
        var name = new Option<string>("--name") { Description = "The person's name.", Required = true };
        var kind = new Option<AccountKind>("--kind") { Description = "Staff need a second factor.", DefaultValueFactory = _ => AccountKind.Staff };
        var fhirUser = new Option<string?>("--fhir-user") { Description = "The person as a resource, as in Practitioner/1." };
        var role = new Option<string[]>("--role") { Description = "Role to hold; may be given again.", DefaultValueFactory = _ => [] };
        var command = new Command("add", "Add a user and print the link to choose a password.") { user, name, kind, fhirUser, role };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync([.. parse.UnmatchedTokens], async local =>
        {
            var (who, roles) = (parse.GetValue(user)!, parse.GetValue(role)!);
            await local.Get<RoleAssignments>().RefuseUnknownAsync(roles, ct); // before there is a user without them
            var token = await local.Get<UserDirectory>().AddAsync(new(who, parse.GetValue(name)!, parse.GetValue(kind), parse.GetValue(fhirUser)), LocalAccounts.By, ct);
            foreach (var each in roles)
                await local.Get<RoleAssignments>().AssignToUserAsync(who, each, null, null, null, null, LocalAccounts.By, ct);
            return Link(local, token);
        }, ct));
        return command;
    }

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command("list", "All users with their roles and states.") { json };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync([.. parse.UnmatchedTokens], async local =>
        {
            var users = await local.Get<UserDirectory>().ListAsync(ct);
            return parse.GetValue(json) ? JsonSerializer.Serialize(users, Json) : string.Join('\n', users.Select(Line));
        }, ct));
        return command;
    }

    private static Command OnUser(string verb, string description, Func<LocalAccounts, string, CancellationToken, Task<string>> run)
    {
        var user = new Argument<string>("user") { Description = "Sign-in name." };
        var command = new Command(verb, description) { user };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync([.. parse.UnmatchedTokens], local => run(local, parse.GetValue(user)!, ct), ct));
        return command;
    }

    private static async Task<int> RunAsync(string[] settings, Func<LocalAccounts, Task<string>> run, CancellationToken ct)
    {
        await using var local = await LocalAccounts.OpenAsync(settings, ct);
        Console.WriteLine(await run(local));
        return 0;
    }

    private static string Link(LocalAccounts local, string token) => $"This link works once, for 30 minutes:\n{local.SetUpUrl(token)}";

    private static string Line(UserLine user)
    {
        List<string> states = [];
        if (user.IsDisabled)
            states.Add("disabled");
        if (!user.HasPassword)
            states.Add("no password yet");
        if (!user.HasSecondFactor)
            states.Add("no second factor");
        if (user.LockedUntil is { } until)
            states.Add($"locked until {until.ToString("u", CultureInfo.InvariantCulture)}");
        return $"{user.UserName,-20} {user.DisplayName,-28} {string.Join(',', user.Roles),-24} {string.Join(", ", states)}".TrimEnd();
    }
}
