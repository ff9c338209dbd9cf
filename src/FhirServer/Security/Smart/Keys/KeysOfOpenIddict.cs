using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace FhirEmr.FhirServer.Security.Smart.Keys;

/// <summary>Gives OpenIddict the keys in force, and again whenever they change.</summary>
internal sealed class KeysOfOpenIddict(TokenKeys keys, IServerIdentity server, TimeProvider clock) : IConfigureOptions<OpenIddictServerOptions>, IPostConfigureOptions<OpenIddictServerOptions>
{
    public void Configure(OpenIddictServerOptions options)
    {
        options.TimeProvider = clock;
        options.Issuer = server.Issuer;
        foreach (var key in keys.Ring.Signing)
            options.SigningCredentials.Add(new(key.Key, SecurityAlgorithms.EcdsaSha256));
        foreach (var key in keys.Ring.Sealing)
            options.EncryptionCredentials.Add(new(key.Key, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
    }

    /// <summary>After OpenIddict's own: it sorts keys by what it likes, and allows more ways than we do (security S-11).</summary>
    public void PostConfigure(string? name, OpenIddictServerOptions options)
    {
        var order = keys.Ring.Signing.Concat(keys.Ring.Sealing).Select((key, i) => (key.Kid, i)).ToDictionary(k => k.Kid, k => k.i, StringComparer.Ordinal);
        options.SigningCredentials.Sort((a, b) => Place(a.Key).CompareTo(Place(b.Key)));
        options.EncryptionCredentials.Sort((a, b) => Place(a.Key).CompareTo(Place(b.Key)));
        options.CodeChallengeMethods.Clear();
        options.CodeChallengeMethods.Add("S256");
        options.ResponseModes.Clear();
        options.ResponseModes.Add("query");

        int Place(SecurityKey key) => order.GetValueOrDefault(key.KeyId, int.MaxValue);
    }
}
