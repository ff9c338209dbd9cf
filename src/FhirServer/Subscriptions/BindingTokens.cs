using System.Text.Json;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What binds a WebSocket to subscriptions: encrypted under the store's own key, so that any node can read it, and of use for a few minutes.</summary>
internal sealed class BindingTokens(PageTokens tokens, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private const string Scope = "subscription binding";

    /// <param name="owner">Whose the subscriptions are: once somebody else has written one, the token is of no use for it.</param>
    public (string Token, DateTimeOffset Expires) Write(IReadOnlyList<string> ids, SubscriptionOwner owner)
    {
        var expires = clock.GetUtcNow() + Lifetime;
        return (tokens.Write(JsonSerializer.Serialize(new Content([.. ids], owner.Identity, expires)), Scope), expires);
    }

    /// <summary>Ids of the subscriptions and their owner's <see cref="SubscriptionOwner.Identity"/>; null when the token is none of ours or its time is over.</summary>
    public (IReadOnlyList<string> Ids, string Owner)? Read(string token) =>
        tokens.Read(token, Scope).Content is { } text && JsonSerializer.Deserialize<Content>(text) is { Owner: not null } content && clock.GetUtcNow() < content.Expires ? (content.Ids, content.Owner) : null;

    private sealed record Content(string[] Ids, string Owner, DateTimeOffset Expires);
}
