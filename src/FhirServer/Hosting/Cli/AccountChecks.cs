using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using FhirEmr.FhirServer.Security.Accounts.Users;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>What <c>fhir-emr doctor --accounts</c> looks at: who could get in, and whether everybody who should still can.</summary>
internal static class AccountChecks
{
    /// <summary>One sentence for each thing that is wrong, with the fix; empty when all is well.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(LocalAccounts local, CancellationToken ct)
    {
        var findings = new List<string>();
        var keys = AccountsServices.KeysFolder(local.Configuration);
        try
        {
            local.Get<EncryptionKeys>().Start();
        }
        catch (EncryptionException e)
        {
            return [e.Message]; // nothing of the accounts that is encrypted can be read, and reading would make new keys
        }

        var file = Path.Combine(Path.GetFullPath(local.Configuration["Storage:DataFolder"] ?? new StorageOptions().DataFolder), AccountsDatabase.FileName);
        foreach (var path in (string[])[keys, .. Directory.Exists(keys) ? Directory.GetFiles(keys) : [], file])
            if (Path.Exists(path) && OwnerOnly.IsOpenToOthers(path))
                findings.Add($"{path} can be read by other users of this machine: chmod go= '{path}'");

        foreach (var user in await local.Get<SecondFactors>().UnreadableAsync(ct))
            findings.Add($"The authenticator of '{user}' cannot be read with the keys in {keys}: put the keys back from a backup, or run fhir-emr user reset-mfa {user}");

        var users = await local.Get<UserDirectory>().ListAsync(ct);
        if (!users.Any(u => !u.IsDisabled && (u.HasPassword || u.Passkeys > 0) && u.Roles.Intersect(RoleNames.Administrators).Any()))
            findings.Add("Nobody who can sign in may administer users: run fhir-emr init, or fhir-emr role assign USER practice-admin");
        foreach (var user in users.Where(u => u is { IsDisabled: false, Kind: AccountKind.Staff, HasPassword: true, HasSecondFactor: false }))
            findings.Add($"'{user.UserName}' has not set up an authenticator or a passkey yet, and is asked to at the next sign-in");
        foreach (var user in users.Where(u => !u.IsDisabled && u.Roles.Count == 0))
            findings.Add($"'{user.UserName}' holds no role and can see nothing: run fhir-emr role assign {user.UserName} ROLE, or fhir-emr user disable {user.UserName}");
        return findings;
    }
}
