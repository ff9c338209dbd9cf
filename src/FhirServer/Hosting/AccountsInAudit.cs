using System.Text.RegularExpressions;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>What happens to accounts, roles and apps is told to the audit, and fails when it cannot be kept there (security.md S-50).</summary>
/// <remarks>What somebody typed as a name is not kept: it may be a password in the wrong field. An account is named by its key.</remarks>
internal sealed partial class AccountsInAudit(SecurityEvents audit) : ISecurityEvents
{
    public async ValueTask RaiseAsync(SecurityEvent happened, CancellationToken ct)
    {
        var isOwn = happened.By == happened.UserName;
        var agent = isOwn ? new AuditAgent { UserId = happened.UserId, Name = happened.UserId is null ? "anonymous" : null } : new AuditAgent { Name = happened.By };
        string[] text = [.. isOwn || happened.UserId is null ? Array.Empty<string>() : [$"account {happened.UserId}"], .. happened.Detail is { } detail ? new[] { detail } : []];
        await audit.RecordAsync(NameOf(happened.Kind), happened.Succeeded && happened.Kind is not (SecurityEventKind.SignInRefused or SecurityEventKind.TokenRefused or SecurityEventKind.ConsentRefused),
            agent, happened.Address, text: text.Length == 0 ? null : string.Join(": ", text));
    }

    private static string NameOf(SecurityEventKind kind) => kind switch
    {
        SecurityEventKind.SignIn or SecurityEventKind.SignInRefused => "login",
        SecurityEventKind.SignOut => "logout",
        SecurityEventKind.StepUp => "second-factor",
        _ => Words().Replace(kind.ToString(), "-$1").TrimStart('-').ToLowerInvariant(),
    };

    [GeneratedRegex("([A-Z])")]
    private static partial Regex Words();
}
