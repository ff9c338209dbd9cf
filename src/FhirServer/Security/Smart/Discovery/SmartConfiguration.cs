using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Security.Smart.Scopes;

namespace FhirEmr.FhirServer.Security.Smart.Discovery;

/// <summary><c>.well-known/smart-configuration</c>: what works here, by absolute addresses, and nothing else (SMART App Launch 2.2, conformance).</summary>
internal static class SmartConfiguration
{
    public static ImmutableArray<string?> AssertionAlgorithms { get; } = ["RS384", "ES384", "RS256", "ES256", "PS384"];

    public static IReadOnlyList<string> Scopes { get; } = [.. ScopeGrant.Plain, "patient/*.cruds", "user/*.cruds", "system/*.cruds", "patient/*.read", "patient/*.write", "user/*.read", "user/*.write"];

    private static readonly string[] Capabilities =
    [
        "launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric", "sso-openid-connect",
        "context-banner", "context-style", "context-ehr-patient", "context-ehr-encounter", "context-standalone-patient", "context-standalone-encounter",
        "permission-offline", "permission-online", "permission-patient", "permission-user", "permission-v1", "permission-v2",
    ];

    public static JsonObject Embedded(IServerIdentity server) => new()
    {
        ["issuer"] = server.Issuer.AbsoluteUri,
        ["jwks_uri"] = server.Of(SmartPaths.Keys).AbsoluteUri,
        ["authorization_endpoint"] = server.Of(SmartPaths.Authorize).AbsoluteUri,
        ["grant_types_supported"] = Texts(["authorization_code", "refresh_token", "client_credentials"]),
        ["token_endpoint"] = server.Of(SmartPaths.Token).AbsoluteUri,
        ["token_endpoint_auth_methods_supported"] = Texts(["client_secret_basic", "client_secret_post", "private_key_jwt"]),
        ["token_endpoint_auth_signing_alg_values_supported"] = Texts(AssertionAlgorithms!),
        ["scopes_supported"] = Texts(Scopes),
        ["response_types_supported"] = Texts(["code"]),
        ["introspection_endpoint"] = server.Of(SmartPaths.Introspect).AbsoluteUri,
        ["revocation_endpoint"] = server.Of(SmartPaths.Revoke).AbsoluteUri,
        ["code_challenge_methods_supported"] = Texts(["S256"]),
        ["capabilities"] = Texts(Capabilities),
    };

    /// <summary>Of another issuer: what its own discovery document says, and that scopes on records are understood here.</summary>
    public static JsonObject External(JsonElement discovery)
    {
        var configuration = new JsonObject();
        foreach (var name in (string[])["issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "introspection_endpoint", "revocation_endpoint", "grant_types_supported",
            "token_endpoint_auth_methods_supported", "scopes_supported", "response_types_supported", "code_challenge_methods_supported"])
            if (discovery.TryGetProperty(name, out var value))
                configuration[name] = JsonNode.Parse(value.GetRawText());
        configuration["capabilities"] = Texts(["permission-patient", "permission-user", "permission-v1", "permission-v2"]);
        return configuration;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
}
