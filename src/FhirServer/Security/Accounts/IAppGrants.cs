namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>The apps that a user has let in, for the user's own page of them; not there when another issuer signs users in, which has its own.</summary>
internal interface IAppGrants
{
    /// <summary>By name; those whose access is over are not among them.</summary>
    Task<IReadOnlyList<AppGrant>> ListAsync(string userId, CancellationToken ct);

    /// <summary>All that the app holds of the user dies, at once, and it is asked about anew (security S-16).</summary>
    /// <returns>The app's name; null when it held nothing.</returns>
    Task<string?> TakeBackAsync(string userId, string clientId, CancellationToken ct);
}

/// <summary>An app that a user has let in.</summary>
/// <param name="Words">What it may do, as it was asked about.</param>
/// <param name="Patients">Whose records it was let in for, as far as that was picked.</param>
/// <param name="Since">When it was first allowed of what counts still.</param>
internal sealed record AppGrant(string ClientId, string Name, IReadOnlyList<string> Words, IReadOnlyList<string> Patients, DateTimeOffset Since);
