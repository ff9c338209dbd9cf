namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>What the authorisation server has done, for the audit and the log; never a token, a code or a secret.</summary>
internal sealed class SmartEvents(ILogger<SmartEvents> log)
{
    public Task ClientAsync(string what, string clientId, string by, CancellationToken ct)
    {
        log.LogInformation("Client {Client} {What} by {By}", clientId, what, by);
        return Task.CompletedTask;
    }

    public Task RefusedAsync(string what, string? clientId, string? reason, CancellationToken ct)
    {
        log.LogInformation("Refused {What} to client {Client}: {Reason}", what, clientId, reason);
        return Task.CompletedTask;
    }

    public Task IssuedAsync(string clientId, string subject, string grant, IEnumerable<string> scopes, CancellationToken ct)
    {
        log.LogDebug("Token for {Client} and {Subject} by {Grant}", clientId, subject, grant);
        return Task.CompletedTask;
    }

    public Task RevokedAsync(string why, string? subject, CancellationToken ct)
    {
        log.LogInformation("Tokens of {Subject} revoked: {Why}", subject, why);
        return Task.CompletedTask;
    }

    public Task ConsentAsync(bool isGiven, string clientId, string userId, IEnumerable<string> scopes, CancellationToken ct)
    {
        log.LogInformation("User {User} {What} client {Client}", userId, isGiven ? "allowed" : "refused", clientId);
        return Task.CompletedTask;
    }

    public Task LaunchedAsync(string clientId, string userId, CancellationToken ct)
    {
        log.LogInformation("User {User} opens client {Client}", userId, clientId);
        return Task.CompletedTask;
    }
}
