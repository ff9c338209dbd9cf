using FhirEmr.FhirServer.Security.Access.Roles;

namespace FhirEmr.FhirServer.Security.Accounts.Roles;

/// <summary>What came of a change to roles or to who holds them.</summary>
internal abstract record RoleChange
{
    private RoleChange()
    {
    }

    public sealed record Done(RoleDefinition Role) : RoleChange;

    public sealed record Assigned(long Id) : RoleChange;

    public sealed record Removed : RoleChange;

    /// <summary>It was refused and nothing changed; a sentence with the fix.</summary>
    public sealed record Refused(RoleRefusal Why, string Text) : RoleChange;
}

internal enum RoleRefusal
{
    /// <summary>Not readable, or not possible for anybody.</summary>
    Invalid,

    /// <summary>Not for this person.</summary>
    Forbidden,

    /// <summary>A fresh second factor is needed first.</summary>
    StepUp,
    NotFound,

    /// <summary>Changed by somebody else meanwhile.</summary>
    Conflict,
}
