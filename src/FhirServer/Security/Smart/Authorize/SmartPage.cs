using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>The frame of the pages a user sees on the way into an app: plain HTML, no script, nothing from elsewhere (security S-85).</summary>
internal static class SmartPage
{
    /// <param name="redirectUri">Where the form's answer may lead besides here: browsers hold form-action against redirects too.</param>
    public static Task WriteAsync(HttpContext http, int status, string title, string body, string? redirectUri = null)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'{Source(redirectUri)}; base-uri 'none'; frame-ancestors 'none'";
        return http.Response.WriteAsync($$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Text(title)}} · FhirEmr</title>
            <style nonce="{{nonce}}">
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-bottom: .25rem; }
            ul.plain { list-style: none; padding: 0; margin: 0; } ul.plain li { padding: .3rem 0; }
            label { display: inline-block; padding: .2rem 0; }
            input[type=checkbox], input[type=radio] { width: 1.1rem; height: 1.1rem; margin-right: .5rem; vertical-align: -.15rem; }
            input[type=search] { font: inherit; padding: .5rem; width: 60%; }
            button { font: inherit; padding: .6rem 1.4rem; min-height: 2.75rem; margin: .5rem .5rem .5rem 0; border: 1px solid currentColor; border-radius: .4rem; background: transparent; cursor: pointer; }
            button.main { background: #0b5cad; color: #fff; border-color: #0b5cad; }
            :focus-visible { outline: 3px solid #e8a33d; outline-offset: 2px; }
            .note { opacity: .8; }
            </style>
            </head>
            <body>
            <main>
            <h1>{{Text(title)}}</h1>
            {{body}}
            </main>
            </body>
            </html>
            """, http.RequestAborted);
    }

    public static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    /// <summary>A form that sends the request of the app again, with what the user has said to it.</summary>
    public static string Form(IEnumerable<KeyValuePair<string, string>> carried, string inside)
    {
        var form = new StringBuilder("<form method=\"post\" action=\"authorize\">\n");
        foreach (var (name, value) in carried)
            form.Append("<input type=\"hidden\" name=\"").Append(Text(name)).Append("\" value=\"").Append(Text(value)).Append("\">\n");
        return form.Append(inside).Append("</form>\n").ToString();
    }

    private static string Source(string? redirectUri) => redirectUri is not null && Uri.TryCreate(redirectUri, UriKind.Absolute, out var uri)
        ? uri.Scheme is "http" or "https" ? " " + uri.GetLeftPart(UriPartial.Authority) : $" {uri.Scheme}:"
        : "";
}
