using System.CommandLine;
using System.Globalization;
using FhirEmr.FhirServer.Security.Accounts.Users;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr role …</c>: which roles there are, and who holds them.</summary>
internal static class RoleCommand
{
    private const string Client = "client:";

    public static Command Build() => new("role", "Which roles there are, and who holds them.") { List(), Assign(), Revoke() };

    private static Command List()
    {
        var of = new Option<string?>("--of") { Description = $"Roles that a user holds, or {Client}ID." };
        var command = new Command("list", "Roles there are, or that somebody holds.") { of };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parse, ct) =>
        {
            await using var local = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            if (parse.GetValue(of) is not { } holder)
            {
                foreach (var (name, title) in await local.Get<RoleAssignments>().ListAsync(ct))
                    Console.WriteLine($"{name,-20} {title}");
                return 0;
            }

            var held = await (holder.StartsWith(Client, StringComparison.Ordinal)
                ? local.Get<RoleAssignments>().HeldByClientAsync(holder[Client.Length..], ct)
                : local.Get<RoleAssignments>().HeldByUserAsync(holder, ct));
            foreach (var a in held)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{a.RoleName,-20} {a.Organization ?? "everywhere",-24} {(a.MoneyLimitUsd is { } limit ? $"up to ${limit:N2}" : ""),-16} since {a.From:u}{(a.Until is { } until ? $" until {until:u}" : "")} by {a.AssignedBy}"));
            return 0;
        });
        return command;
    }

    private static Command Assign()
    {
        var (holder, role, organization) = (Holder(), Role(), Organization());
        var limit = new Option<decimal?>("--limit") { Description = "The most US dollars that a single act by this role may move." };
        var from = new Option<DateTimeOffset?>("--from") { Description = "When it begins; now without it." };
        var until = new Option<DateTimeOffset?>("--until") { Description = "When it ends; never without it." };
        var command = new Command("assign", "Give a role. Apps have to be authorized anew.") { holder, role, organization, limit, from, until };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parse, ct) =>
        {
            await using var local = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            var (who, roles) = (parse.GetValue(holder)!, local.Get<RoleAssignments>());
            await (who.StartsWith(Client, StringComparison.Ordinal)
                ? roles.AssignToClientAsync(who[Client.Length..], parse.GetValue(role)!, parse.GetValue(organization), parse.GetValue(limit), parse.GetValue(from), parse.GetValue(until), LocalAccounts.By, ct)
                : roles.AssignToUserAsync(who, parse.GetValue(role)!, parse.GetValue(organization), parse.GetValue(limit), parse.GetValue(from), parse.GetValue(until), LocalAccounts.By, ct));
            Console.WriteLine($"{who} holds the role {parse.GetValue(role)}.");
            return 0;
        });
        return command;
    }

    private static Command Revoke()
    {
        var (holder, role, organization) = (Holder(), Role(), Organization());
        var command = new Command("revoke", "Take a role, everywhere or in one organization. Apps have to be authorized anew.") { holder, role, organization };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parse, ct) =>
        {
            await using var local = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            var (who, roles) = (parse.GetValue(holder)!, local.Get<RoleAssignments>());
            await (who.StartsWith(Client, StringComparison.Ordinal)
                ? roles.RevokeFromClientAsync(who[Client.Length..], parse.GetValue(role)!, parse.GetValue(organization), LocalAccounts.By, ct)
                : roles.RevokeFromUserAsync(who, parse.GetValue(role)!, parse.GetValue(organization), LocalAccounts.By, ct));
            Console.WriteLine($"{who} no longer holds the role {parse.GetValue(role)}.");
            return 0;
        });
        return command;
    }

    private static Argument<string> Holder() => new("holder") { Description = $"Sign-in name of a user, or {Client}ID." };

    private static Argument<string> Role() => new("role") { Description = "Name of the role." };

    private static Option<string?> Organization() => new("--organization") { Description = "Only there, as in Organization/1." };
}
