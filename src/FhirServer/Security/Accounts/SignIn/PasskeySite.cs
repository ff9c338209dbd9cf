using Microsoft.Extensions.Configuration;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>What passkeys are bound to: the name of this site, and the one origin whose pages may ask for them.</summary>
/// <param name="Domain">Relying party id: the host of <see cref="Origin"/>.</param>
internal sealed record PasskeySite(string Domain, string Origin)
{
    private const string Localhost = "localhost";

    /// <summary>
    /// The site by <c>Server:BaseUrl</c>; without one <c>localhost</c>, when it is called that. Null where browsers have no passkeys: at numeric addresses,
    /// and over http but for <c>localhost</c>.
    /// </summary>
    public static PasskeySite? Of(HttpRequest request, IConfiguration configuration)
    {
        if (configuration["Server:BaseUrl"] is { Length: > 0 } configured)
            return Uri.TryCreate(configured, UriKind.Absolute, out var url) ? Of(url) : null;
        return Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var asked) && asked.IdnHost == Localhost ? Of(asked) : null;
    }

    public static PasskeySite? Of(Uri url)
    {
        var isSecure = url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IdnHost == Localhost);
        return isSecure && url.HostNameType == UriHostNameType.Dns
            ? new(url.IdnHost, $"{url.Scheme}://{url.IdnHost}{(url.IsDefaultPort ? "" : $":{url.Port}")}")
            : null;
    }
}
