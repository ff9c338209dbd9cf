using System.CommandLine;
using FhirEmr.FhirServer.Security.Smart.Keys;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr keys</c>: the keys that sign and seal tokens (security S-62). A running server takes new ones within a minute.</summary>
internal static class KeysCommand
{
    public static Command Build()
    {
        var now = new Option<bool>("--now") { Description = "The new keys take over at once; apps that keep our key set for a while may fail for that while." };
        var rotate = new Command("rotate", "Make new keys. The old ones go on verifying what they have made.") { now };
        rotate.TreatUnmatchedTokensAsErrors = false;
        rotate.SetAction(async (parse, ct) =>
        {
            await using var accounts = await LocalAccounts.OpenAsync([.. parse.UnmatchedTokens], ct);
            foreach (var key in accounts.Services.GetRequiredService<TokenKeys>().Rotate(parse.GetValue(now)))
                Console.WriteLine($"{key.Purpose.ToString().ToLowerInvariant()}  {key.Kid}  used from {key.Since:u}");
            return 0;
        });
        return new Command("keys", "The keys of tokens.") { rotate };
    }
}
