using System.Net;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Outbound;
using FhirEmr.FhirServer.Security.Smart.Assertions;
using FhirEmr.FhirServer.Security.Smart.Scopes;

namespace FhirEmr.FhirServer.Security.Smart.Clients;

/// <summary>What a registration must say to be one.</summary>
internal static class ClientRules
{
    /// <summary>Sentences with the fix; empty when the client can be registered.</summary>
    public static IReadOnlyList<string> Faults(ClientRegistration client, GuardedHttpClient outbound)
    {
        var faults = new List<string>();
        if (client.Id.Length is 0 or > 100 || !client.Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            faults.Add($"'{client.Id}' is no client id: letters, digits, '-', '_' and '.', 100 at most.");
        faults.AddRange(ScopeGrant.Faults(client.Scopes, !client.HasUsers));
        if (client.Scopes.Count == 0)
            faults.Add("Name the scopes it may be granted: --scope \"launch/patient patient/*.rs\".");
        if (client.HasUsers && client.RedirectUris.Count == 0)
            faults.Add("An app with users needs an address that answers go to: --redirect-uri https://app.example.org/callback.");
        if (!client.HasUsers && client.RedirectUris.Count > 0)
            faults.Add("A back-end client has no redirect URI: nobody signs in.");
        faults.AddRange(client.RedirectUris.Where(u => !IsRedirect(u, client.Kind)).Select(u => client.Kind == ClientKind.Native
            ? $"'{u}' is no redirect URI of an app on a device: http://127.0.0.1/path, https://…, or a scheme of its own with a dot in it."
            : $"'{u}' is no redirect URI: https://…, without fragment (http for this machine only)."));
        if (client.Kind is ClientKind.Public or ClientKind.Native && (client.Jwks ?? client.JwksUri) is not null)
            faults.Add("A public app keeps no keys; register it as confidential.");
        if (client.Kind == ClientKind.System && (client.Jwks is null) == (client.JwksUri is null))
            faults.Add("A back-end client signs: give its public keys by --jwks file or --jwks-uri address, one of the two.");
        if (client.Kind == ClientKind.Confidential && (client.WantsSecret ? 1 : 0) + (client.Jwks is null ? 0 : 1) + (client.JwksUri is null ? 0 : 1) != 1)
            faults.Add("A confidential app has either a secret (--secret) or keys (--jwks or --jwks-uri).");
        if (client.WantsSecret && client.Kind != ClientKind.Confidential)
            faults.Add("Only a confidential app has a secret.");
        faults.AddRange(KeyFaults(client.Jwks, client.JwksUri, outbound));
        faults.AddRange(client.Networks.Where(n => !IPNetwork.TryParse(n, out _)).Select(n => $"'{n}' is no network: as in 192.0.2.0/24."));
        faults.AddRange(client.Origins.Where(o => !Uri.TryCreate(o, UriKind.Absolute, out var url) || url.GetLeftPart(UriPartial.Authority) != o.TrimEnd('/'))
            .Select(o => $"'{o}' is no origin: as in https://app.example.org."));
        return faults;
    }

    public static IEnumerable<string> KeyFaults(string? jwks, string? jwksUri, GuardedHttpClient outbound)
    {
        if (jwks is not null && ClientKeySet.Parse(jwks, out var fault) is null)
            yield return fault!;
        if (jwksUri is not null)
        {
            if (!Uri.TryCreate(jwksUri, UriKind.Absolute, out var url))
                yield return $"'{jwksUri}' is no address of a key set: as in https://client.example.org/jwks.json.";
            else if (outbound.Fault(url) is { } closed)
                yield return $"{jwksUri}: {closed}";
        }
    }

    private static bool IsRedirect(string text, ClientKind kind)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Fragment.Length > 0 || text.Contains('#', StringComparison.Ordinal) || uri.UserInfo.Length > 0)
            return false;
        return uri.Scheme switch
        {
            "https" => true,
            "http" => uri.IsLoopback,
            _ => kind == ClientKind.Native && uri.Scheme.Contains('.', StringComparison.Ordinal), // RFC 8252 section 7.1
        };
    }
}
