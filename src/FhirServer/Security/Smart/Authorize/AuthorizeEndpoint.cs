using System.Globalization;
using System.Security.Claims;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Security.Smart.Launch;
using FhirEmr.FhirServer.Security.Smart.Scopes;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>The authorize endpoint behind OpenIddict's checks: sign-in, the context of the launch, consent, the code (SMART App Launch 2.2).</summary>
/// <remarks>Nothing is kept between its pages: each form carries the app's request with it, and what the user has said so far.</remarks>
internal sealed class AuthorizeEndpoint(
    ISignIns signIns, ClientRegistry clients, LaunchContexts contexts, LaunchTickets launches, IAntiforgery antiforgery, IOptions<AntiforgeryOptions> forms, IServerIdentity server, SmartEvents events, TimeProvider clock)
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private static readonly string[] Own = [PickPages.Words, PickPages.Patient, PickPages.Encounter, ConsentPage.Decision, ConsentPage.Grant, ConsentPage.Remember];

    public async Task HandleAsync(HttpContext http)
    {
        if (http.GetOpenIddictServerResponse() is { Error: { } error } refused)
        {
            await RefusePageAsync(http, error, refused.ErrorDescription);
            return;
        }

        var ct = http.RequestAborted;
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Only OpenIddict calls this endpoint.");
        var client = (await clients.FindAsync(request.ClientId!, ct))!;
        var scopes = ScopeGrant.ForUser(request.GetScopes(), client.AllowedScopes);
        if (scopes.Count == 0)
        {
            await RefuseAsync(http, client.ClientId, Errors.InvalidScope, "None of the scopes is one that this app is registered with.");
            return;
        }

        var form = HttpMethods.IsPost(http.Request.Method) ? await http.Request.ReadFormAsync(ct) : null;
        var isAnswer = form is not null && Own.Any(form.ContainsKey);
        if (await signIns.OfAsync(http) is not { } user)
        {
            await SignInAsync(http, request, form is not null);
            return;
        }

        if (isAnswer && !await antiforgery.IsRequestValidAsync(http))
        {
            await RefusePageAsync(http, Errors.InvalidRequest, "The page was open for too long, or did not come from here. Start again from the app.");
            return;
        }

        if (!isAnswer && IsFreshSignInWanted(request, user))
        {
            await signIns.SignOutAsync(http);
            await SignInAsync(http, request, isPost: false);
            return;
        }

        await GoOnAsync(http, new Step(request, client, await NameAsync(http, client), user, scopes, isAnswer ? form : null, Carried(http, form)));
    }

    private async Task GoOnAsync(HttpContext http, Step step)
    {
        var ct = http.RequestAborted;
        var context = await contexts.ResolveAsync(step, ct);
        if (context is LaunchOutcome.Refused refused)
        {
            await RefuseAsync(http, step.Client.ClientId, refused.Error, refused.Text);
            return;
        }

        var isSilent = step.Request.HasPromptValue(PromptValues.None);
        if (context is LaunchOutcome.Ask ask)
        {
            await (isSilent ? RefuseAsync(http, step.Client.ClientId, Errors.InteractionRequired, "A patient has to be picked.") : ask.Page(http));
            return;
        }

        var known = (LaunchOutcome.Known)context;
        var decision = step.Answer?[ConsentPage.Decision].ToString();
        var consents = http.RequestServices.GetRequiredService<Consents>();
        var granted = step.Scopes;
        if (decision == ConsentPage.Deny)
        {
            await events.ConsentAsync(false, step.Client.ClientId, step.User.Account.Id, step.Scopes, ct);
            await RefuseAsync(http, step.Client.ClientId, Errors.AccessDenied, "The user did not allow it.");
            return;
        }

        if (decision == ConsentPage.Allow)
        {
            var ticked = step.Answer![ConsentPage.Grant].ToHashSet(StringComparer.Ordinal);
            granted = [.. step.Scopes.Where(s => !ConsentPage.IsOptional(s) || ticked.Contains(s))];
            if (granted.Count == 0)
            {
                await RefuseAsync(http, step.Client.ClientId, Errors.AccessDenied, "The user left nothing of it.");
                return;
            }

            if (step.Answer[ConsentPage.Remember] == "yes")
                await consents.RememberAsync(step.User.Account.Id, step.Client.ClientId, granted, ct);
            await events.ConsentAsync(true, step.Client.ClientId, step.User.Account.Id, granted, ct);
        }
        else if (step.Request.HasPromptValue(PromptValues.Consent) || !await consents.CoverAsync(step.User.Account.Id, step.Client.ClientId, step.Scopes, ct))
        {
            await (isSilent
                ? RefuseAsync(http, step.Client.ClientId, Errors.ConsentRequired, "The user has to be asked.")
                : ConsentPage.WriteAsync(http, step.AppName, step.User, known.Patient, step.Scopes, Carrying(http, step.Carried, known), step.Request.RedirectUri!));
            return;
        }

        if (known.Launch is { } launch && !await launches.UseAsync(launch.Id, ct))
        {
            await RefuseAsync(http, step.Client.ClientId, Errors.InvalidRequest, LaunchContexts.NoSuchLaunch);
            return;
        }

        await http.SignInAsync(Scheme, Principal(step.User, granted, known));
    }

    private ClaimsPrincipal Principal(SignedIn user, IReadOnlyList<string> granted, LaunchOutcome.Known context)
    {
        var identity = new ClaimsIdentity("accounts", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, user.Account.Id)
            .SetClaim(SmartClaims.Session, user.SessionId)
            .SetClaim(SmartClaims.GrantedAt, Seconds(clock.GetUtcNow()))
            .SetClaim(SmartClaims.Patient, context.Patient?.Id)
            .SetClaim(SmartClaims.Encounter, context.Encounter)
            .SetClaim(SmartClaims.Intent, context.Launch?.Intent)
            .SetClaim(SmartClaims.FhirContext, context.Launch?.FhirContext);
        if (user.SecondFactorAt is { } proved)
            identity.SetClaim(SmartClaims.SecondFactorAt, Seconds(proved));
        if (granted.Contains(ScopeGrant.FhirUser) && user.Account.FhirUser is { } fhirUser)
            identity.SetClaim(SmartClaims.FhirUser, $"{server.FhirBase}/{fhirUser}");
        if (granted.Contains(ScopeGrant.Profile))
            identity.SetClaim(Claims.Name, user.Account.DisplayName);
        identity.SetDestinations(claim => claim.Type switch
        {
            SmartClaims.Patient or SmartClaims.Encounter or SmartClaims.SecondFactorAt => [Destinations.AccessToken],
            SmartClaims.FhirUser => [Destinations.AccessToken, Destinations.IdentityToken],
            Claims.Name => [Destinations.IdentityToken],
            _ => [],
        });
        return new ClaimsPrincipal(identity).SetScopes(granted).SetResources(server.FhirBase);
    }

    private bool IsFreshSignInWanted(OpenIddictRequest request, SignedIn user) =>
        request.HasPromptValue(PromptValues.Login) || request.MaxAge is { } most && clock.GetUtcNow() - user.Since > TimeSpan.FromSeconds(most);

    /// <summary>
    /// To the sign-in page, and back to this request by GET. A POST of the app comes without our cookie, which is not sent from other sites' forms: the same
    /// request by GET shows whether somebody is signed in after all.
    /// </summary>
    private async Task SignInAsync(HttpContext http, OpenIddictRequest request, bool isPost)
    {
        var again = QueryHelpers.AddQueryString(http.Request.PathBase + SmartPaths.Authorize, Again(http, isPost ? await http.Request.ReadFormAsync() : null, isPost));
        if (isPost)
            http.Response.Redirect(again);
        else if (request.HasPromptValue(PromptValues.None))
            await RefuseAsync(http, request.ClientId!, Errors.LoginRequired, "Nobody is signed in.");
        else
            http.Response.Redirect(signIns.SignInPage(again));
    }

    /// <summary>The app's request; without what asks for a sign-in, once that is on its way.</summary>
    private IEnumerable<KeyValuePair<string, string?>> Again(HttpContext http, IFormCollection? form, bool isPost) =>
        Carried(http, form).Where(p => isPost || (p.Key, p.Value) is not ((Parameters.Prompt, PromptValues.Login) or (Parameters.MaxAge, _))).Select(p => KeyValuePair.Create(p.Key, (string?)p.Value));

    private List<KeyValuePair<string, string>> Carried(HttpContext http, IFormCollection? form)
    {
        IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> given = form is null ? http.Request.Query : form;
        return [.. given.Where(p => !Own.Contains(p.Key) && p.Key != forms.Value.FormFieldName).Select(p => KeyValuePair.Create(p.Key, p.Value.ToString()))];
    }

    private IEnumerable<KeyValuePair<string, string>> Carrying(HttpContext http, IReadOnlyList<KeyValuePair<string, string>> carried, LaunchOutcome.Known context)
    {
        var token = antiforgery.GetAndStoreTokens(http);
        foreach (var parameter in carried)
            yield return parameter;
        if (context is { Launch: null, Patient: { } patient })
            yield return new(PickPages.Patient, patient.Id);
        if (context is { Launch: null, EncounterAnswer: { } encounter })
            yield return new(PickPages.Encounter, encounter);
        yield return new(token.FormFieldName, token.RequestToken!);
    }

    private static async Task<string> NameAsync(HttpContext http, ClientProfile client)
    {
        var applications = http.RequestServices.GetRequiredService<IOpenIddictApplicationManager>();
        return await applications.FindByClientIdAsync(client.ClientId) is { } application && await applications.GetDisplayNameAsync(application) is { Length: > 0 } name ? name : client.ClientId;
    }

    private async Task RefuseAsync(HttpContext http, string clientId, string error, string text)
    {
        await events.RefusedAsync("authorization", clientId, text, http.RequestAborted);
        await http.ForbidAsync(Scheme, new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = text,
        }));
    }

    /// <summary>What is wrong with the app itself is told to the user and to nobody else: where it wants the answer may be what is wrong (security S-13).</summary>
    private static Task RefusePageAsync(HttpContext http, string error, string? description) => SmartPage.WriteAsync(http, StatusCodes.Status400BadRequest, "This app cannot be opened",
        $"""
        <p>{SmartPage.Text(description ?? "The app's request cannot be read.")}</p>
        <p class="note">Tell whoever runs the app: <code>{SmartPage.Text(error)}</code>.</p>
        """);

    private static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}

/// <summary>One request to the authorize endpoint by somebody who is signed in.</summary>
/// <param name="Scopes">What the app asks for and is registered with.</param>
/// <param name="Answer">The form of one of our own pages, proved to be; null when the request comes from the app.</param>
/// <param name="Carried">The parameters of the app's request.</param>
internal sealed record Step(
    OpenIddictRequest Request, ClientProfile Client, string AppName, SignedIn User, IReadOnlyList<string> Scopes, IFormCollection? Answer, IReadOnlyList<KeyValuePair<string, string>> Carried);
