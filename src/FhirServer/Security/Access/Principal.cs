namespace FhirEmr.FhirServer.Security.Access;

/// <summary>Who has proved who they are, and what the token they showed says: the input of an <see cref="AccessPlan"/>.</summary>
/// <param name="ClientId">The app or back-end client the token was issued to.</param>
/// <param name="TokenId">Hash of the token's <c>jti</c>: names the token in the audit without being it.</param>
/// <param name="Scopes">Granted scopes as in the token, separated by blanks (SMART App Launch 2.2, v1 and v2 syntax).</param>
internal sealed record Principal(string ClientId, string TokenId, string Scopes)
{
    /// <summary>Key of the user in the accounts; null for a back-end client that acts for itself.</summary>
    public string? UserId { get; init; }

    /// <summary>Sign-in name of the user, for people who read logs of who did what.</summary>
    public string? UserName { get; init; }

    /// <summary>The user as a resource: <c>Practitioner/1</c>, <c>Patient/2</c>, <c>RelatedPerson/3</c>.</summary>
    public string? FhirUser { get; init; }

    /// <summary>Id of the patient in context (<c>launch/patient</c>).</summary>
    public string? Patient { get; init; }

    /// <summary>Id of the encounter in context (<c>launch/encounter</c>).</summary>
    public string? Encounter { get; init; }

    /// <summary>When the user last proved a second factor; null for never in this session.</summary>
    public DateTimeOffset? StepUpAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}
