namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary>Where to go on after signing in: on this server only, whatever a link says (open redirects).</summary>
internal static class LocalUrl
{
    /// <summary>The path itself when it is one of this server's; else null.</summary>
    /// <remarks>Browsers read <c>//host</c> and <c>/\host</c> as other hosts, and drop tabs and line breaks on the way there.</remarks>
    public static string? Of(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && url.Length <= 8_000 && !url.Any(c => char.IsControl(c) || c == '\\') ? url : null;
}
