using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Outbound;
using FhirEmr.FhirServer.Security.Smart.Clients;

namespace FhirEmr.FhirServer.Tests.Security.Smart;

/// <summary>Registrations that can be, and what is wrong with those that cannot.</summary>
[Trait("Requirement", "S-19")]
public sealed class ClientRuleTests
{
    private const string Keys = """{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""";

    private static readonly ClientRegistration App = new("app", ClientKind.Public) { RedirectUris = ["https://app.example.org/callback"], Scopes = ["openid", "patient/*.rs"] };
    private static readonly ClientRegistration BackEnd = new("back", ClientKind.System) { Scopes = ["system/*.rs"], Jwks = Keys };

    public static TheoryData<string> Wrong => [.. Cases.Keys];

    private static Dictionary<string, (ClientRegistration Client, string Says)> Cases { get; } = new()
    {
        ["id"] = (App with { Id = "a b" }, "is no client id"),
        ["no scope"] = (App with { Scopes = [] }, "Name the scopes"),
        ["scope that is none"] = (App with { Scopes = ["patient/Nonsense.rs"] }, "is no scope"),
        ["system scope of an app"] = (App with { Scopes = ["system/*.rs"] }, "is for back-end clients"),
        ["user scope of a back end"] = (BackEnd with { Scopes = ["user/*.rs"] }, "needs a user"),
        ["openid of a back end"] = (BackEnd with { Scopes = ["system/*.rs", "openid"] }, "is no scope that a back-end client"),
        ["no redirect"] = (App with { RedirectUris = [] }, "--redirect-uri"),
        ["http redirect"] = (App with { RedirectUris = ["http://app.example.org/callback"] }, "is no redirect URI"),
        ["fragment"] = (App with { RedirectUris = ["https://app.example.org/callback#x"] }, "is no redirect URI"),
        ["javascript"] = (App with { RedirectUris = ["javascript:alert(1)"] }, "is no redirect URI"),
        ["own scheme of a page"] = (App with { RedirectUris = ["org.example.app:/callback"] }, "is no redirect URI"),
        ["scheme without a dot"] = (App with { Kind = ClientKind.Native, RedirectUris = ["app:/callback"] }, "is no redirect URI"),
        ["redirect of a back end"] = (BackEnd with { RedirectUris = ["https://x.example.org/"] }, "nobody signs in"),
        ["keys of a page"] = (App with { Jwks = Keys }, "keeps no keys"),
        ["back end without keys"] = (BackEnd with { Jwks = null }, "A back-end client signs"),
        ["back end with both"] = (BackEnd with { JwksUri = "https://x.example.org/jwks" }, "one of the two"),
        ["confidential without anything"] = (App with { Kind = ClientKind.Confidential }, "either a secret"),
        ["secret of a page"] = (App with { WantsSecret = true }, "Only a confidential app"),
        ["private key"] = (BackEnd with { Jwks = Keys.Replace("\"kid\"", "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\",\"kid\"", StringComparison.Ordinal) }, "private or symmetric"),
        ["symmetric key"] = (BackEnd with { Jwks = """{"keys":[{"kty":"oct","kid":"k","k":"AAAA"}]}""" }, "private or symmetric"),
        ["no keys in it"] = (BackEnd with { Jwks = """{"keys":[]}""" }, "1 to 100"),
        ["no key set"] = (BackEnd with { Jwks = "[]" }, "no JSON Web Key Set"),
        ["http keys"] = (BackEnd with { Jwks = null, JwksUri = "http://x.example.org/jwks" }, "must be https"),
        ["network"] = (BackEnd with { Networks = ["everywhere"] }, "is no network"),
        ["origin"] = (App with { Origins = ["https://app.example.org/path"] }, "is no origin"),
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_registered_says_why(string name)
    {
        using var http = new GuardedHttpClient(new OutboundOptions());
        var (client, says) = Cases[name];
        Assert.Contains(ClientRules.Faults(client, http), f => f.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Proper_registrations_have_no_faults()
    {
        using var http = new GuardedHttpClient(new OutboundOptions());
        foreach (var client in (ClientRegistration[])[App, BackEnd, App with { Kind = ClientKind.Native, RedirectUris = ["http://127.0.0.1/callback", "org.example.app:/callback"] },
            App with { Kind = ClientKind.Confidential, WantsSecret = true }, App with { Kind = ClientKind.Confidential, Jwks = Keys }, BackEnd with { Jwks = null, JwksUri = "https://x.example.org/jwks" }])
            Assert.Empty(ClientRules.Faults(client, http));
    }
}
