namespace FhirEmr.FhirServer.Security.Access.Roles;

/// <summary>A role as one user or client holds it.</summary>
/// <param name="Organization">Id of the Organization it is held for; null for the whole practice.</param>
/// <param name="LimitUsd">Narrows the money limits of the role for this holder; null leaves them.</param>
internal sealed record HeldRole(RoleDefinition Role, string? Organization = null, decimal? LimitUsd = null);
