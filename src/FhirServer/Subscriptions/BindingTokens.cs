using System.Text.Json;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What binds a WebSocket to subscriptions: encrypted under the store's own key, so that any node can read it, and of use for a few minutes.</summary>
internal sealed class BindingTokens(PageTokens tokens, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private const string Scope = "subscription binding";

    public (string Token, DateTimeOffset Expires) Write(IReadOnlyList<string> ids)
    {
        var expires = clock.GetUtcNow() + Lifetime;
        return (tokens.Write(JsonSerializer.Serialize(new Content([.. ids], expires)), Scope), expires);
    }

    /// <summary>Ids of the subscriptions; null when the token is none of ours or its time is over.</summary>
    public IReadOnlyList<string>? Read(string token) =>
        tokens.Read(token, Scope).Content is { } text && JsonSerializer.Deserialize<Content>(text) is { } content && clock.GetUtcNow() < content.Expires ? content.Ids : null;

    private sealed record Content(string[] Ids, DateTimeOffset Expires);
}
