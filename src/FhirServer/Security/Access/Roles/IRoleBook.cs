namespace FhirEmr.FhirServer.Security.Access.Roles;

/// <summary>Who holds which roles now.</summary>
internal interface IRoleBook
{
    /// <summary>Roles of the user; of the client when there is no user.</summary>
    ValueTask<IReadOnlyList<HeldRole>> HeldByAsync(Principal principal, CancellationToken ct);
}
