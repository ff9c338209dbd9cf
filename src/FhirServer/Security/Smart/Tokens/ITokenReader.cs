using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Turns a bearer token into who has shown it: ours, or those of an external issuer.</summary>
internal interface ITokenReader
{
    /// <summary>Null for a token that does not count, for whatever reason.</summary>
    Task<Principal?> ReadAsync(string token, CancellationToken ct);
}
