using System.CommandLine;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Clients;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr client</c>: which apps and back-end services may ask for tokens (security S-19). There is no registration by themselves.</summary>
internal static class ClientCommand
{
    private const string By = "cli";

    public static Command Build() => new("client", "Register apps and back-end services.") { Add(), List(), Disable(), RotateKeys() };

    private static Command Add()
    {
        var id = new Argument<string>("id") { Description = "Its client_id." };
        var kind = new Option<string>("--kind") { Description = "public (a page), native (an app on a device), confidential (with a server of its own), system (acts for itself).", Required = true };
        kind.AcceptOnlyFromAmong("public", "native", "confidential", "system");
        var name = new Option<string?>("--name") { Description = "What users are shown." };
        var redirect = new Option<string[]>("--redirect-uri") { Description = "Where answers go, exactly; for native apps http://127.0.0.1/path takes any port." };
        var scope = new Option<string[]>("--scope") { Description = "The most it can be granted, repeated or in quotes, as in \"openid fhirUser launch/patient patient/*.rs\"." };
        var (jwks, jwksUri) = KeyOptions();
        var secret = new Option<bool>("--secret") { Description = "Give a confidential app a secret; it is shown once." };
        var role = new Option<string[]>("--role") { Description = "Role of a back-end client; system-client when none is given." };
        var origin = new Option<string[]>("--origin") { Description = "Origin of its pages, as in https://app.example.org." };
        var network = new Option<string[]>("--network") { Description = "Network it may come from, as in 192.0.2.0/24; any when none is given." };
        var fhirUser = new Option<string?>("--fhir-user") { Description = "Whom a back-end client is in the records, as in Device/1." };
        var owner = new Option<string?>("--owner") { Description = "Who answers for it." };
        var command = new Command("add", "Register a client.") { id, kind, name, redirect, scope, jwks, jwksUri, secret, role, origin, network, fhirUser, owner };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parse, ct) =>
        {
            var clientKind = Enum.Parse<ClientKind>(parse.GetValue(kind)!, ignoreCase: true);
            var roles = parse.GetValue(role) is { Length: > 0 } given ? given : clientKind == ClientKind.System ? [BuiltInRoles.SystemClient.Name] : [];
            var registration = new ClientRegistration(parse.GetValue(id)!, clientKind)
            {
                Name = parse.GetValue(name),
                RedirectUris = parse.GetValue(redirect) ?? [],
                Scopes = [.. (parse.GetValue(scope) ?? []).SelectMany(s => s.Split(' ', StringSplitOptions.RemoveEmptyEntries))],
                Jwks = Document(parse.GetValue(jwks)),
                JwksUri = parse.GetValue(jwksUri),
                WantsSecret = parse.GetValue(secret),
                Roles = roles,
                Origins = parse.GetValue(origin) ?? [],
                Networks = parse.GetValue(network) ?? [],
                FhirUser = parse.GetValue(fhirUser),
                Owner = parse.GetValue(owner),
            };
            await using var accounts = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            Shown(await Registry(accounts).AddAsync(registration, By, ct), registration.Id, "registered");
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Show the registered clients.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(async (parse, ct) =>
        {
            await using var accounts = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            foreach (var client in await Registry(accounts).ListAsync(ct))
                Console.WriteLine($"{client.ClientId,-30} {client.Kind.ToString().ToLowerInvariant(),-12} {(client.IsDisabled ? "disabled" : "enabled"),-9} {client.AllowedScopes}");
            return 0;
        });
        return command;
    }

    private static Command Disable()
    {
        var id = new Argument<string>("id") { Description = "Its client_id." };
        var command = new Command("disable", "Take back everything a client holds, and give it nothing more.") { id };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parse, ct) =>
        {
            await using var accounts = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            await Registry(accounts).DisableAsync(parse.GetValue(id)!, By, ct);
            Console.WriteLine($"{parse.GetValue(id)} is disabled; its tokens end within seconds.");
            return 0;
        });
        return command;
    }

    private static Command RotateKeys()
    {
        var id = new Argument<string>("id") { Description = "Its client_id." };
        var (jwks, jwksUri) = KeyOptions();
        var command = new Command("rotate-keys", "Give a client other keys, or a new secret.") { id, jwks, jwksUri };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parse, ct) =>
        {
            await using var accounts = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            Shown(await Registry(accounts).RotateAsync(parse.GetValue(id)!, Document(parse.GetValue(jwks)), parse.GetValue(jwksUri), By, ct), parse.GetValue(id)!, "has its new keys");
            return 0;
        });
        return command;
    }

    private static (Option<string?> Jwks, Option<string?> JwksUri) KeyOptions() =>
        (new("--jwks") { Description = "File with its public keys (JSON Web Key Set)." }, new("--jwks-uri") { Description = "Address of its public keys." });

    private static string? Document(string? file) =>
        file is null ? null : File.Exists(file) ? File.ReadAllText(file) : throw new CliException($"There is no file {file}.");

    private static void Shown(string? secret, string id, string done)
    {
        Console.WriteLine($"{id} {done}.");
        if (secret is not null)
            Console.WriteLine($"Its secret, shown this once: {secret}");
    }

    private static ClientRegistry Registry(LocalAccounts accounts) => accounts.Services.GetRequiredService<ClientRegistry>();
}
