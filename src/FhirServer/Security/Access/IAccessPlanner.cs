namespace FhirEmr.FhirServer.Security.Access;

/// <summary>Turns who asks into what they may: scopes ∩ roles ∩ compartment ∩ consent and labels ∩ break-the-glass (security.md S-30).</summary>
internal interface IAccessPlanner
{
    /// <summary>A plan no older than five seconds: a role or a client that was taken away is gone by then on every node (reliability.md R-53).</summary>
    ValueTask<AccessPlan> PlanAsync(Principal principal, CancellationToken ct);
}
