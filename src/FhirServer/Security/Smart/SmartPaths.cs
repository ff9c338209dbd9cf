namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>Where the authorisation server answers.</summary>
internal static class SmartPaths
{
    public const string Authorize = "/auth/authorize";
    public const string Token = "/auth/token";
    public const string Introspect = "/auth/introspect";
    public const string Revoke = "/auth/revoke";
    public const string Launch = "/auth/launch";
    public const string Keys = "/.well-known/jwks";
    public const string OpenIdConfiguration = "/.well-known/openid-configuration";
    public const string SmartConfiguration = "/.well-known/smart-configuration";
    public const string Style = "/auth/smart-style.json";

    /// <summary>What OpenIddict looks at; requests for records never pass through it.</summary>
    public static bool AreOfOpenIddict(PathString path) =>
        path.StartsWithSegments("/auth", StringComparison.Ordinal) || path.Value is Keys or OpenIdConfiguration;

    /// <summary>What any page may read, without credentials (security S-86).</summary>
    public static bool ArePublic(PathString path) => path.Value is Keys or OpenIdConfiguration or SmartConfiguration or Style;

    /// <summary>What pages of registered apps call from the browser.</summary>
    public static bool AreForApps(PathString path) => path.Value is Token or Revoke or Introspect;

    /// <summary>The address of a path beside the FHIR base.</summary>
    public static Uri Of(this IServerIdentity server, string path) => new(server.Issuer, path.TrimStart('/'));
}
