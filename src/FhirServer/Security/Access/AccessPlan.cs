namespace FhirEmr.FhirServer.Security.Access;

/// <summary>What a caller may see, carried into every store call so that the filter is part of the SQL and pages stay full.</summary>
/// <remarks>There is one plan so far; compartments, scopes and labels will narrow it here and nowhere else.</remarks>
internal sealed class AccessPlan
{
    private AccessPlan()
    {
    }

    /// <summary>Sees the whole store: the system itself, and every caller until sign-in exists.</summary>
    public static AccessPlan Everything { get; } = new();
}
