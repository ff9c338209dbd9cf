namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>How people prove who they are. Bound from <c>Auth</c>, checked at start-up.</summary>
internal sealed class AuthOptions
{
    public const string Embedded = "embedded";
    public const string External = "external";
    public const string Demo = "demo";

    /// <summary><c>embedded</c>: accounts of this server. <c>external</c>: another issuer's tokens. <c>demo</c>: only with <c>serve --demo</c>.</summary>
    public string Mode { get; set; } = Embedded;

    /// <summary>Address of the issuer, for <c>external</c>.</summary>
    public string Authority { get; set; } = "";

    /// <summary>Folder of the keys that encrypt what the database must not show; empty for <c>keys</c> in <c>Storage:DataFolder</c>. Nodes of one installation share it.</summary>
    public string KeysFolder { get; set; } = "";

    public bool IsDemo => Mode == Demo;

    /// <summary>Staff prove a second factor at each sign-in (security S-21); in the demo they may.</summary>
    public bool NeedsSecondFactor => Mode != Demo;

    /// <summary>Null when the settings can work; else a sentence with the fix.</summary>
    public static string? Fault(IConfiguration configuration)
    {
        var options = configuration.GetSection("Auth").Get<AuthOptions>() ?? new();
        if (options.Mode is not (Embedded or External or Demo))
            return $"Auth:Mode is '{options.Mode}'; it must be embedded (accounts of this server) or external (another issuer).";
        if (options.Mode != External)
            return options.Authority.Length == 0 ? null : "Auth:Authority names another issuer, which is asked only with Auth:Mode=external.";
        if (options.Authority.Length == 0)
            return "Auth:Mode is external: set Auth:Authority to the address of the issuer, as in https://login.example.org/realms/clinic.";
        return Uri.TryCreate(options.Authority, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? null
            : $"Auth:Authority is '{options.Authority}': it must be an https address.";
    }
}
