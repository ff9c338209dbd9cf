namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>A key that all nodes share, such as one that signs tokens; its bytes are encrypted with keys that are not in the database (security S-62).</summary>
internal sealed class StoreKey
{
    /// <summary>The key's own id (<c>kid</c>).</summary>
    public required string Id { get; init; }

    /// <summary>What it is for.</summary>
    public required string Name { get; init; }

    public required byte[] ProtectedBytes { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>Since when it makes nothing new and only checks what is old.</summary>
    public DateTimeOffset? Retired { get; set; }
}
