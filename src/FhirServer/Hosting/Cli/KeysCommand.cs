using System.CommandLine;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Security.Smart.Keys;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr keys</c>: the keys of tokens and of what is encrypted at rest (security S-61, S-62). A running server goes on meanwhile.</summary>
internal static class KeysCommand
{
    public static Command Build()
    {
        var now = new Option<bool>("--now") { Description = "The new keys take over at once; apps that keep our key set for a while may fail for that while." };
        var rotate = new Command("rotate", "Make new keys. The old ones go on verifying what they have made, and opening what they wrapped.") { now };
        rotate.TreatUnmatchedTokensAsErrors = false;
        rotate.SetAction(async (parse, ct) =>
        {
            string[] settings = [.. parse.UnmatchedTokens];
            var configuration = LocalStore.Configuration(settings);
            var encryption = new EncryptionKeys(configuration.GetSection("Encryption").Get<EncryptionOptions>() ?? new(), AccountsServices.KeysFolder(configuration));
            var rotation = encryption.Rotate();
            Console.WriteLine($"wrap  {rotation.By}  wraps {rotation.DataKeys} data keys and {rotation.AccountKeys} keys of accounts, from {encryption.KeyEncryption.Place}");
            await RaiseAsync("keys of encryption");
            if (configuration["Auth:Mode"] == AuthOptions.External)
                return 0; // tokens are another issuer's

            await using var accounts = await LocalAccounts.OpenAsync(settings, ct);
            foreach (var key in accounts.Services.GetRequiredService<TokenKeys>().Rotate(parse.GetValue(now)))
                Console.WriteLine($"{key.Purpose.ToString().ToLowerInvariant()}  {key.Kid}  used from {key.Since:u}");
            await RaiseAsync("keys of tokens");
            return 0;

            // Each is told of when it is done, since the next may fail.
            ValueTask RaiseAsync(string what) => new CommandEvents(AccountsServices.KeysFolder(configuration), TimeProvider.System).RaiseAsync(new(SecurityEventKind.KeysRotated, null, null, LocalAccounts.By) { Detail = what }, ct);
        });
        return new Command("keys", "The keys of tokens and of encryption.") { rotate };
    }
}
