using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Under which address clients know this server. Bound from <c>Server</c>.</summary>
public sealed class ServerOptions
{
    /// <summary>Public FHIR base such as <c>https://emr.example.org/fhir</c>; empty takes it from each request's own Host.</summary>
    public string BaseUrl { get; set; } = "";

    /// <summary>Further names by which requests may call this server, beside that of <see cref="BaseUrl"/> and those of this machine.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>IANA id of the practice's time zone, as in <c>America/New_York</c>; empty is UTC. Dates without a time are read in it.</summary>
    public string TimeZone { get; set; } = "";
}

/// <summary>Base URL for links: as configured, else as the client wrote it.</summary>
internal sealed class ServerAddress(IOptions<ServerOptions> options)
{
    private readonly string configured = options.Value.BaseUrl.TrimEnd('/');

    /// <summary>What a proxy puts before our own paths and may leave there: <c>/emr</c> of <c>https://example.org/emr/fhir</c>; empty for nothing.</summary>
    public string Prefix => configured.EndsWith(FhirEndpoint.BasePath, StringComparison.Ordinal) && Uri.TryCreate(configured, UriKind.Absolute, out var url)
        ? url.AbsolutePath[..^FhirEndpoint.BasePath.Length]
        : "";

    public string BaseUrl(HttpRequest request) => configured.Length > 0
        ? configured
        : $"{request.Scheme}://{request.Host}{request.PathBase}{FhirEndpoint.BasePath}";
}
