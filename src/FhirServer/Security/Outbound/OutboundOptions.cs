namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>Where this server may go by itself. Bound from <c>Outbound</c> (security S-76).</summary>
public sealed class OutboundOptions
{
    /// <summary>Addresses of this machine, and plain HTTP to them: for the demo and for tests.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Private networks that an administrator vouches for (CIDR), as where an issuer or an app's keys are inside the house.</summary>
    public IList<string> AllowedNetworks { get; } = [];
}
