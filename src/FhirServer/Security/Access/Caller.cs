namespace FhirEmr.FhirServer.Security.Access;

/// <summary>Who asks: a name for Provenance and logs, and what they may reach.</summary>
/// <param name="Name">The user's or the client's; unlike two callers', the same for the same one. Repeats and jobs are bound to it.</param>
internal sealed record Caller(string Name, AccessPlan Access)
{
    /// <summary>The server's own work: billing, import, jobs.</summary>
    public static Caller System { get; } = new("FhirEmr", SystemPlans.Work) { IsSystem = true };

    /// <summary>Nobody has signed in.</summary>
    public static Caller Anonymous { get; } = new("anonymous", AccessPlan.Nothing);

    /// <summary>Whether this is <see cref="System"/>, with the trail of a request or without.</summary>
    public bool IsSystem { get; private init; }

    /// <summary>Who signed in; null for the system and for nobody.</summary>
    public Principal? Principal { get; init; }

    /// <summary>What is kept about the request while it runs; null outside one.</summary>
    public RequestTrail? Trail { get; init; }
}
