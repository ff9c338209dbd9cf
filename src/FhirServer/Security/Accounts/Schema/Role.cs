namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>A named set of permissions as it stands now (security S-26).</summary>
internal sealed class Role
{
    public required string Name { get; init; }

    /// <summary>Counted up by each change; older ones are in <see cref="RoleVersion"/>. Two changes at once: the second fails.</summary>
    public int Version { get; set; } = 1;

    /// <summary>Comes with the program: may be copied, not edited.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>The permissions as a JSON list (security S-25).</summary>
    public required string Permissions { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public required string ChangedBy { get; set; }
}

/// <summary>What a role was before a change, for auditors.</summary>
internal sealed class RoleVersion
{
    public required string Name { get; init; }

    public required int Version { get; init; }

    public required string Permissions { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    public required string ChangedBy { get; init; }
}
