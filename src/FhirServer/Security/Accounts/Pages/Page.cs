using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary>A page of the accounts: a title, a body, our style sheet under a nonce, and no script but the one for passkeys, where there is a button for it (security S-85).</summary>
internal sealed record Page(string Title, Html Body, int Status = StatusCodes.Status200OK) : IResult
{
    private const string Style = """
        :root { color-scheme: light dark; --line: #8885; --field: #fff; --accent: #0b5cad; --on-accent: #fff; --wrong: #a4161a; --wrong-back: #a4161a18; --good-back: #0b7a4b1f; }
        @media (prefers-color-scheme: dark) { :root { --field: #1b1f24; --accent: #7db7f5; --on-accent: #08233f; --wrong: #ff9a9a; --wrong-back: #ff9a9a1f; } }
        * { box-sizing: border-box; }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 2rem 1rem; }
        main { max-width: 27rem; margin: 0 auto; }
        .brand { font-weight: 600; letter-spacing: .02em; opacity: .75; margin: 0 0 1.5rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
        h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        label { display: block; font-weight: 600; margin: 1rem 0 .25rem; }
        input:not([type=hidden]) { width: 100%; font: inherit; padding: .55rem .7rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--field); color: inherit; }
        input.code { font-size: 1.35rem; letter-spacing: .2em; font-variant-numeric: tabular-nums; }
        button, a.button { display: inline-block; font: inherit; font-weight: 600; padding: .55rem 1.1rem; margin-top: 1.25rem; border: 1px solid transparent; border-radius: .4rem; background: var(--accent); color: var(--on-accent); cursor: pointer; text-decoration: none; }
        button.other { background: transparent; color: var(--accent); border-color: var(--accent); }
        button.quiet { background: transparent; color: inherit; border-color: var(--line); font-weight: 400; margin-top: 0; padding: .25rem .7rem; }
        a { color: var(--accent); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        .hint { font-size: .9rem; opacity: .8; margin: .25rem 0 0; }
        .wrong { border-left: 4px solid var(--wrong); background: var(--wrong-back); padding: .6rem .9rem; border-radius: .2rem; margin: 0 0 1rem; }
        [data-passkey] .wrong { margin: 1rem 0 0; }
        .good { border-left: 4px solid #0b7a4b; background: var(--good-back); padding: .6rem .9rem; border-radius: .2rem; margin: 0 0 1rem; }
        code, .codes { font-family: ui-monospace, monospace; font-size: 1.05rem; overflow-wrap: anywhere; }
        .codes { columns: 2; list-style: none; padding: 0; line-height: 2; }
        table { width: 100%; border-collapse: collapse; }
        td, th { text-align: left; vertical-align: top; padding: .5rem .5rem .5rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
        nav { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); display: flex; gap: 1.25rem; flex-wrap: wrap; align-items: center; }
        svg.qr { display: block; width: 13rem; height: 13rem; background: #fff; padding: .5rem; border-radius: .4rem; margin: 1rem 0; }
        """;

    /// <summary>Where the browser goes on to by itself; the body has the link for those that do not.</summary>
    public string? GoOnTo { get; init; }

    /// <summary>Whether the page has the script that asks for passkeys.</summary>
    public bool HasScript { get; init; }

    public Task ExecuteAsync(HttpContext http)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        http.Response.StatusCode = Status;
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; {(HasScript ? $"script-src 'nonce-{nonce}'; connect-src 'self'; " : "")}style-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'";
        var refresh = GoOnTo is null ? Html.Empty : Html.Of($"<meta http-equiv=\"refresh\" content=\"0;url={GoOnTo}\">");
        var script = HasScript ? Html.Of($"<script nonce=\"{new Html(nonce)}\" src=\"{http.Request.PathBase + PasskeyPages.ScriptPath}\" defer></script>") : Html.Empty;
        var html = Html.Of($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Title} · FhirEmr</title>{refresh}
            <style nonce="{new Html(nonce)}">{new Html(Style)}</style>{script}
            </head>
            <body>
            <main>
            <p class="brand">FhirEmr</p>
            <h1>{Title}</h1>
            {Body}
            </main>
            </body>
            </html>

            """);
        return http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(html.Markup), http.RequestAborted).AsTask();
    }

    /// <summary>What went wrong, read out by screen readers when the page opens; nothing when nothing did.</summary>
    public static Html Wrong(string? sentence) => sentence is null ? Html.Empty : Html.Of($"<p class=\"wrong\" role=\"alert\">{sentence}</p>");
}
