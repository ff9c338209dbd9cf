using FhirEmr.FhirServer.Rest;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>What is refused before anything is read (security §8, S-71, S-87).</summary>
/// <remarks>Kestrel itself refuses what is beyond twice these limits, or no HTTP at all, without a body.</remarks>
internal sealed class RequestGate(IOptions<EdgeOptions> options)
{
    private readonly EdgeOptions limits = options.Value;

    public FhirFault? Fault(HttpContext http, IReadOnlyList<KeyValuePair<string, string>> query)
    {
        var request = http.Request;
        if (request.Path.Value!.Length + (request.QueryString.Value?.Length ?? 0) is var length && length > limits.UrlLength)
            return FhirFault.Of(FaultKind.UriTooLong, $"The address has {length} characters; at most {limits.UrlLength} are read. Send a long search as POST [type]/_search.");

        var total = 0;
        foreach (var (name, values) in request.Headers)
            foreach (var value in values)
                total += name.Length + (value?.Length ?? 0);
        if (total > limits.HeaderLength)
            return FhirFault.Of(FaultKind.HeadersTooLarge, $"The headers have {total} characters; at most {limits.HeaderLength} are read.");

        // Kestrel has moved the length aside when both were given.
        if (request.Headers.TransferEncoding.Count > 0 && (request.ContentLength is not null || request.Headers.ContainsKey("X-Content-Length")))
        {
            http.Response.Headers.Connection = "close";
            return FhirFault.Of(FaultKind.Invalid, "Content-Length and Transfer-Encoding may not both be given (RFC 9112).");
        }

        return ParameterFault(query);
    }

    /// <summary>Too many parameters, or too many alternatives in one; also for those of a form.</summary>
    public FhirFault? ParameterFault(IReadOnlyList<KeyValuePair<string, string>> query)
    {
        if (query.Count > limits.Parameters)
            return FhirFault.Of(FaultKind.Invalid, $"The request has {query.Count} parameters; at most {limits.Parameters} are read.", code: "too-costly");
        foreach (var (name, value) in query)
            if (value.Length > limits.OrValues && value.AsSpan().Count(',') >= limits.OrValues)
                return FhirFault.Of(FaultKind.Invalid, $"'{(name.Length > 60 ? name[..60] : name)}' has more than {limits.OrValues} values: ask in several requests.", code: "too-costly");
        return null;
    }
}
