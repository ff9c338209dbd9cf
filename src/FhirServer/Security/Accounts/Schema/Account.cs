using Microsoft.AspNetCore.Identity;

namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>A person who may sign in: staff, a patient, a patient's proxy. One person, one account (security S-20).</summary>
/// <remarks>
/// Identity's own lockout columns stay unused: lockouts are kept by name in <see cref="SignInThrottle"/>, where names that nobody has are counted
/// the same way.
/// </remarks>
internal sealed class Account : IdentityUser
{
    public string DisplayName { get; set; } = "";

    public AccountKind Kind { get; set; }

    /// <summary>The person as a resource: <c>Practitioner/1</c>, <c>Patient/2</c>, <c>RelatedPerson/3</c>.</summary>
    public string? FhirUser { get; set; }

    public bool IsDisabled { get; set; }

    public DateTimeOffset Created { get; set; }

    public DateTimeOffset? LastSignIn { get; set; }

    /// <summary>Seed of the authenticator, encrypted; null until one is enrolled.</summary>
    public byte[]? AuthenticatorSeed { get; set; }

    /// <summary>Time step of the last code that was taken: it and those before it are used up (security S-21).</summary>
    public long AuthenticatorStep { get; set; }
}

/// <summary>Whose rules an account follows: staff need a second factor.</summary>
internal enum AccountKind
{
    Staff,
    Patient,
}
