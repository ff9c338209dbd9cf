using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>A question of a CDS client, read: which hook fired, about whom, and what it sent along.</summary>
/// <remarks>https://cds-hooks.hl7.org/2.0/#http-request_1. Ids are logical ids; both are checked to be some.</remarks>
internal sealed record CdsRequest(string PatientId)
{
    /// <summary>Null where the hook has none, or the client is in none.</summary>
    public string? EncounterId { get; init; }

    /// <summary>What is about to be signed; empty for all hooks but <c>order-sign</c>.</summary>
    public IReadOnlyList<Resource> DraftOrders { get; init; } = [];

    /// <summary>What the client sent ahead, by the key of the template: a resource, or the Bundle of a search. Keys sent as null are not in it.</summary>
    public IReadOnlyDictionary<string, Resource> Prefetch { get; init; } = new Dictionary<string, Resource>();

    /// <summary>The FHIR server whose records the client means; null when it did not say.</summary>
    public string? FhirServer { get; init; }

    /// <summary>How that server may be read for this question; null when the client gave nothing to read it with.</summary>
    public CdsAuthorization? Authorization { get; init; }
}

/// <summary><c>fhirAuthorization</c>: a token of the user (https://cds-hooks.hl7.org/2.0/#passing-the-access-token-to-the-cds-service).</summary>
/// <param name="Subject">The client the token was issued to, as whom this service is registered.</param>
internal sealed record CdsAuthorization(string AccessToken, string? Subject);
