namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>What an app is opened with from inside the EHR: the meaning of its <c>launch</c> parameter; good once, for minutes (security S-12).</summary>
internal sealed class LaunchContext
{
    /// <summary>Hash of the launch value.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required string ClientId { get; init; }

    public string? Patient { get; init; }

    public string? Encounter { get; init; }

    public string? Intent { get; init; }

    /// <summary>Further context as the JSON of <c>fhirContext</c>.</summary>
    public string? FhirContext { get; init; }

    public DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Used { get; set; }
}
