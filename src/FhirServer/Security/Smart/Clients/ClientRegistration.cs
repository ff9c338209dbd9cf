using FhirEmr.FhirServer.Security.Accounts.Schema;

namespace FhirEmr.FhirServer.Security.Smart.Clients;

/// <summary>A client as an administrator describes it (security S-19).</summary>
internal sealed record ClientRegistration(string Id, ClientKind Kind)
{
    /// <summary>What users are shown.</summary>
    public string? Name { get; init; }

    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    /// <summary>The most it can be granted.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>JSON Web Key Set with its public keys.</summary>
    public string? Jwks { get; init; }

    public string? JwksUri { get; init; }

    /// <summary>Whether it is given a secret: for confidential apps that cannot sign.</summary>
    public bool WantsSecret { get; init; }

    /// <summary>Roles of a back-end client.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public IReadOnlyList<string> Origins { get; init; } = [];

    public IReadOnlyList<string> Networks { get; init; } = [];

    public string? FhirUser { get; init; }

    public string? Owner { get; init; }

    public bool HasUsers => Kind != ClientKind.System;
}
