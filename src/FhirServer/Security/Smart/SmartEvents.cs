using FhirEmr.FhirServer.Security.Accounts;

namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>Tells the audit what the authorisation server does (security S-50); never a token, a code or a secret. What cannot be told does not happen.</summary>
internal sealed class SmartEvents(ISecurityEvents events)
{
    public Task ClientAsync(string what, string clientId, string by, CancellationToken ct) =>
        RaiseAsync(new(SecurityEventKind.ClientChanged, null, null, by) { Detail = $"{clientId}: {what}" }, ct);

    /// <param name="reason">For the audit alone: the answer does not say it.</param>
    public Task RefusedAsync(string what, string? clientId, string? reason, CancellationToken ct) =>
        RaiseAsync(new(SecurityEventKind.TokenRefused, null, null, clientId ?? "unknown client") { Succeeded = false, Detail = $"{what}: {reason}" }, ct);

    public Task IssuedAsync(string clientId, string subject, string grant, IEnumerable<string> scopes, CancellationToken ct) =>
        RaiseAsync(new(SecurityEventKind.TokenIssued, subject == clientId ? null : subject, null, clientId) { Detail = $"{grant}: {string.Join(' ', scopes)}" }, ct);

    public Task RevokedAsync(string why, string? subject, CancellationToken ct) =>
        RaiseAsync(new(SecurityEventKind.TokensRevoked, subject, null, "server") { Detail = why }, ct);

    public Task TakenBackAsync(string clientId, string userId, CancellationToken ct) =>
        RaiseAsync(new(SecurityEventKind.TokensRevoked, userId, null, userId) { Detail = $"{clientId}: taken back by the user" }, ct);

    public Task ConsentAsync(bool isGiven, string clientId, string userId, IEnumerable<string> scopes, CancellationToken ct) =>
        RaiseAsync(new(isGiven ? SecurityEventKind.ConsentGiven : SecurityEventKind.ConsentRefused, userId, null, userId) { Detail = $"{clientId}: {string.Join(' ', scopes)}" }, ct);

    public Task LaunchedAsync(string clientId, string userId, CancellationToken ct) =>
        RaiseAsync(new(SecurityEventKind.AppOpened, userId, null, userId) { Detail = clientId }, ct);

    private Task RaiseAsync(SecurityEvent happened, CancellationToken ct) => events.RaiseAsync(happened, ct).AsTask();
}
