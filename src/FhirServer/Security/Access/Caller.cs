namespace FhirEmr.FhirServer.Security.Access;

/// <summary>Who asks: a name for Provenance and logs, and what they may reach.</summary>
internal sealed record Caller(string Name, AccessPlan Access)
{
    /// <summary>The server's own work: billing, import, jobs.</summary>
    public static Caller System { get; } = new("FhirEmr", AccessPlan.Everything);

    /// <summary>Requests over HTTP until sign-in exists.</summary>
    public static Caller Anonymous { get; } = new("anonymous", AccessPlan.Everything);
}
