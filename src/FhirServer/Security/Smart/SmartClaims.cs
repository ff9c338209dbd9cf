namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>What tokens say beside the claims of OpenID Connect.</summary>
internal static class SmartClaims
{
    public const string Patient = "patient";
    public const string Encounter = "encounter";
    public const string FhirUser = "fhirUser";
    public const string Intent = "intent";
    public const string FhirContext = "fhirContext";

    /// <summary>When the user last proved a second factor, in seconds.</summary>
    public const string SecondFactorAt = "mfa_at";

    /// <summary>When the grant was given, in seconds: it can be refreshed so long and no longer. Never leaves this server.</summary>
    public const string GrantedAt = "granted_at";

    /// <summary>The session that the grant was given in, by the key of its row. Never leaves this server.</summary>
    public const string Session = "session";
}
