using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>What a request leaves behind for the audit while it runs. It goes along with the caller, as what they may do does.</summary>
internal abstract class RequestTrail
{
    /// <summary>Notes whose data this is, for an answer that is made of the resource and does not show it whole.</summary>
    public abstract void Saw(ResourceKey key, ReadOnlySpan<byte> json);
}
