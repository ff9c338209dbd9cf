using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Authorize;
using FhirEmr.FhirServer.Security.Smart.Discovery;
using FhirEmr.FhirServer.Security.Smart.External;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>The authorisation server in the pipeline: OpenIddict before routing, our own pages and documents behind it.</summary>
internal static class SmartEndpoints
{
    /// <summary>Requests for records do not pass through OpenIddict: it would look at each of them for nothing.</summary>
    public static void Use(WebApplication app)
    {
        // Unless it is told that this is done, the host puts authentication before everything else: before our guards, and for each record.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        app.UseWhen(http => SmartPaths.AreForApps(http.Request.Path) || CrossOrigin.IsPublic(http.Request.Path), branch => branch.Use(AnswerBrowsersAsync));
        app.UseWhen(http => SmartPaths.AreForApps(http.Request.Path), branch => branch.Use(app.Services.GetRequiredService<TokenRates>().HoldAsync));
        if (IsIssuer(app))
            app.UseWhen(http => SmartPaths.AreOfOpenIddict(http.Request.Path), branch => branch.UseAuthentication());
    }

    public static void Map(WebApplication app)
    {
        foreach (var path in (string[])[SmartPaths.SmartConfiguration, FhirEndpoint.BasePath + SmartPaths.SmartConfiguration])
            app.MapGet(path, ConfigurationAsync).ExcludeFromDescription();
        if (!IsIssuer(app))
            return;
        app.MapMethods(SmartPaths.Authorize, ["GET", "POST"], app.Services.GetRequiredService<AuthorizeEndpoint>().HandleAsync).ExcludeFromDescription();
        app.MapPost(SmartPaths.Launch, app.Services.GetRequiredService<LaunchEndpoint>().HandleAsync).ExcludeFromDescription();
        app.MapGet(SmartPaths.Style, () => Results.Json(Style())).ExcludeFromDescription();
    }

    private static bool IsIssuer(WebApplication app) => app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.Mode != AuthOptions.External;

    /// <summary>Pages of other origins: everybody's documents for everybody; tokens for registered apps' pages, never with credentials (security S-86).</summary>
    private static async Task AnswerBrowsersAsync(HttpContext http, RequestDelegate next)
    {
        var origins = http.RequestServices.GetRequiredService<CrossOrigin>();
        await origins.ApplyAsync(http);
        if (CrossOrigin.IsPreflight(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            CrossOrigin.Preflight(http, "GET, POST");
            return;
        }

        await next(http);
    }

    private static async Task<IResult> ConfigurationAsync(HttpContext http, IServerIdentity server, IOptions<AuthOptions> auth, ExternalIssuer issuer)
    {
        if (auth.Value.Mode != AuthOptions.External)
            return Results.Json(SmartConfiguration.Embedded(server));
        return await issuer.DiscoveryAsync(http.RequestAborted) is { } discovery
            ? Results.Json(SmartConfiguration.External(discovery))
            : Results.Json(new JsonObject { ["error"] = "The issuer of tokens does not answer." }, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>How apps may look to look like us (SMART App Launch 2.2, styling).</summary>
    private static JsonObject Style() => new()
    {
        ["color_background"] = "#ffffff",
        ["color_error"] = "#a4161a",
        ["color_highlight"] = "#0b5cad",
        ["color_modal_backdrop"] = "",
        ["color_success"] = "#0b7a4b",
        ["color_text"] = "#1b1f24",
        ["dim_border_radius"] = "6px",
        ["dim_font_size"] = "16px",
        ["dim_spacing_size"] = "16px",
        ["font_family_body"] = "system-ui, sans-serif",
        ["font_family_heading"] = "system-ui, sans-serif",
    };
}
