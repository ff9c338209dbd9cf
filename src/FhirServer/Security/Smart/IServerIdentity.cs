namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>The one address under which this server issues tokens and takes them, whatever a request calls it (security S-87).</summary>
internal interface IServerIdentity
{
    /// <summary><c>iss</c>: the address of everything beside the FHIR base, ending with a slash.</summary>
    Uri Issuer { get; }

    /// <summary><c>aud</c>: the FHIR base, without a slash at its end.</summary>
    string FhirBase { get; }

    /// <summary>Whether an app means this server with the <c>aud</c> of its request: exactly, but for one slash at the end (security S-13).</summary>
    bool IsFhirBase(string? audience);
}
