using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary>Passkeys: the button on other pages, what its script asks for, and <c>/account/passkey</c> to add, name and remove them.</summary>
internal static class PasskeyPages
{
    public const string ScriptPath = "/account/passkey.js";

    /// <summary>Without script there is no way to a passkey: what needs it is hidden until the script shows it.</summary>
    private static readonly Lazy<string> Script = new(() =>
    {
        using var script = new StreamReader(typeof(PasskeyPages).Assembly.GetManifestResourceStream($"{typeof(PasskeyPages).Namespace}.passkey.js")!);
        return script.ReadToEnd();
    });

    public static IResult ScriptFile() => Results.Text(Script.Value, "text/javascript; charset=utf-8");

    /// <summary>Null where browsers have no passkeys.</summary>
    public static PasskeySite? Site(AccountRequest request) => PasskeySite.Of(request.Http.Request, request.Http.RequestServices.GetRequiredService<IConfiguration>());

    /// <summary>A button to answer the form at <paramref name="path"/> with a passkey; nothing where there are none.</summary>
    /// <param name="isMain">Whether it is what the page is for; else it stands back behind another way.</param>
    /// <param name="isOffered">Whether the browser offers passkeys by itself, in a field that says <c>webauthn</c>.</param>
    public static Html Button(AccountRequest request, string path, string label, bool isMain = false, bool isOffered = false, Html fields = default)
    {
        if (Site(request) is not { } site)
            return Html.Empty;
        var question = request.Path(path == "/account/passkey" ? "/account/passkey/creation" : path == "/account/sign-in" ? "/account/passkey/sign-in" : "/account/passkey/proof");
        return Html.Of($"""
            <div data-passkey="{(isOffered ? "offered" : "asked")}" data-origin="{site.Origin}" data-question="{question}" hidden>
            {request.Form(path, Html.Of($"{fields}<input type=\"hidden\" name=\"passkey\" value=\"\"><input type=\"hidden\" name=\"challenge\" value=\"\"><button class=\"{(isMain ? "main" : "other")}\">{label}</button>"))}
            <p class="wrong" role="alert" hidden></p>
            </div>
            """);
    }

    /// <summary>The button for somebody who is known, if they have a passkey.</summary>
    public static async Task<Html> OwnButtonAsync(AccountRequest request, string path, bool isMain = false)
    {
        await using var accounts = request.Http.RequestServices.GetRequiredService<AccountsDatabase>().CreateDbContext();
        return await Passkeys.AnyAsync(accounts, request.Live!.Account.Id, request.Aborted) ? Button(request, path, "Use a passkey", isMain) : Html.Empty;
    }

    /// <summary>What the button's form brought; null when it was another form.</summary>
    public static PasskeyAnswer? Answer(AccountRequest request) => request.Field("passkey") is { Length: > 0 } credential ? new(credential, request.Field("challenge")) : null;

    /// <summary>The browser of somebody who has no session: as its forms know it.</summary>
    public static string Browser(AccountRequest request) => Secret.Hash(request.Http.Request.Cookies[AccountsServices.FormCookie] ?? "");

    public static Task<IResult> AskForSignInAsync(AccountRequest request) => AskAsync(request, (passkeys, accounts, site) => passkeys.ForSignInAsync(accounts, Browser(request), site));

    public static Task<IResult> AskForProofAsync(AccountRequest request) => AskAsync(request, (passkeys, accounts, site) => passkeys.ForProofAsync(accounts, request.Live!, site));

    public static Task<IResult> AskForCreationAsync(AccountRequest request) => AuthenticatorPage.MustProve(request)
        ? Task.FromResult(Results.StatusCode(StatusCodes.Status403Forbidden))
        : AskAsync(request, (passkeys, accounts, site) => passkeys.ForCreationAsync(accounts, request.Live!, site));

    public static Task<IResult> ShowAddAsync(AccountRequest request) => Task.FromResult(AuthenticatorPage.MustProve(request) ? StepUpPage.Go(request) : RenderAdd(request, null));

    public static async Task<IResult> AddAsync(AccountRequest request)
    {
        if (AuthenticatorPage.MustProve(request))
            return StepUpPage.Go(request);
        if (Answer(request) is not { } answer || Site(request) is not { } site)
            return RenderAdd(request, "No passkey was made.");
        var (fault, codes, begun) = await Own(request).AddAsync(request.Live!, answer, request.Field("label"), site, request.Origin, request.Aborted);
        if (begun is null)
            return RenderAdd(request, fault);
        SessionCookie.Write(request.Http, begun.Secret, begun.Live.Session);
        return codes.Count > 0 ? RecoveryCodesPage.Once(request, codes, "Your passkey is set up") : request.Arrive();
    }

    public static async Task<IResult> ShowEditAsync(AccountRequest request)
    {
        if (AuthenticatorPage.MustProve(request))
            return StepUpPage.Go(request);
        return await Own(request).FindAsync(request.Live!, request.Query("key"), request.Aborted) is { } passkey ? RenderEdit(request, passkey, null) : request.Go("/account");
    }

    public static async Task<IResult> EditAsync(AccountRequest request)
    {
        if (AuthenticatorPage.MustProve(request))
            return StepUpPage.Go(request);
        var key = request.Field("key");
        if (await Own(request).FindAsync(request.Live!, key, request.Aborted) is not { } passkey)
            return request.Go("/account");
        if (request.Field("act") != "remove")
        {
            await Own(request).RenameAsync(request.Live!, key, request.Field("label"), request.Aborted);
            return request.Go("/account");
        }

        var (fault, begun) = await Own(request).RemoveAsync(request.Live!, key, request.Origin, request.Aborted);
        if (fault is not null)
            return RenderEdit(request, passkey, fault);
        return begun is null ? request.Go("/account") : request.GoOn(begun);
    }

    /// <summary>The list on the page of the account.</summary>
    public static Html List(AccountRequest request, IReadOnlyList<AccountPasskey> passkeys, TimeZoneInfo zone)
    {
        var rows = Html.Join(passkeys.Select(p => Html.Of($"""
            <tr><td>{p.Data.Name}<br><span class="hint">{(p.Data.IsBackedUp ? "synced to your devices" : "on one device")}, made {At(p.Data.CreatedAt, zone)}, {(p.Data.LastUsed is { } used ? "last used " + At(used, zone) : "not used yet")}</span></td>
            <td><a href="{request.Path("/account/passkey/edit")}?key={p.Key}">Change</a></td></tr>
            """)));
        var add = Site(request) is null
            ? Html.Of($"<p class=\"hint\">Passkeys need this page's https address by name, or <code>localhost</code>.</p>")
            : Html.Of($"<p><a href=\"{request.Path("/account/passkey")}\">Add a passkey</a></p>");
        return Html.Of($"<h2>Passkeys</h2>{(passkeys.Count == 0 ? Html.Empty : Html.Of($"<table>{rows}</table>"))}{add}");
    }

    private static async Task<IResult> AskAsync(AccountRequest request, Func<Passkeys, AccountsContext, PasskeySite, Task<PasskeyQuestion>> ask)
    {
        if (Site(request) is not { } site)
            return Results.StatusCode(StatusCodes.Status404NotFound);
        var services = request.Http.RequestServices;
        await using var accounts = services.GetRequiredService<AccountsDatabase>().CreateDbContext();
        var question = await ask(services.GetRequiredService<Passkeys>(), accounts, site);
        return Results.Text(new JsonObject { ["options"] = JsonNode.Parse(question.Options), ["challenge"] = question.Challenge }.ToJsonString(), "application/json");
    }

    private static Page RenderAdd(AccountRequest request, string? wrong)
    {
        var fields = Html.Of($"<label for=\"label\">What to call it</label><input id=\"label\" name=\"label\" maxlength=\"{OwnPasskeys.MaxName}\" placeholder=\"My phone\" autocomplete=\"off\">");
        var isEnrolment = request.Live!.Session.Stage == SessionStage.NeedsEnrolment;
        var back = isEnrolment
            ? Html.Of($"<a href=\"{request.Path("/account/authenticator")}\">Use an authenticator app instead</a><a href=\"{request.Path("/account/sign-out")}\">Sign out</a>")
            : Html.Of($"<a href=\"{request.Path("/account")}\">Your account</a>");
        return new("Add a passkey", Html.Of($"""
            {Page.Wrong(wrong)}
            <p>A passkey signs you in with your fingerprint, your face, or the PIN of a device or security key, without password and code. It works on this site only, so nobody can trick you out of it.</p>
            {(Site(request) is null ? Html.Of($"<p>Passkeys need this page's https address by name, or <code>localhost</code>.</p>") : Html.Of($"<noscript><p>Passkeys need script, which is switched off in this browser.</p></noscript>"))}
            {Button(request, "/account/passkey", "Make a passkey", isMain: true, fields: fields)}
            <p class="hint">You are then signed out everywhere else, and apps have to ask you again.</p>
            <nav>{back}</nav>
            """), wrong is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest)
        { HasScript = true };
    }

    private static Page RenderEdit(AccountRequest request, AccountPasskey passkey, string? wrong)
    {
        var key = Html.Of($"<input type=\"hidden\" name=\"key\" value=\"{passkey.Key}\">");
        var rename = request.Form("/account/passkey/edit", Html.Of($"""
            {key}
            <label for="label">What to call it</label>
            <input id="label" name="label" maxlength="{OwnPasskeys.MaxName}" value="{passkey.Data.Name}" autocomplete="off">
            <button>Rename</button>
            """));
        var remove = request.Form("/account/passkey/edit", Html.Of($"{key}<input type=\"hidden\" name=\"act\" value=\"remove\"><button>Remove</button>"));
        return new("Change a passkey", Html.Of($"""
            {Page.Wrong(wrong)}
            {rename}
            <h2>Remove it</h2>
            <p>It does not sign you in any more. You are signed out everywhere else, and apps have to ask you again. Then delete it where your device keeps its passkeys, too.</p>
            {remove}
            <nav><a href="{request.Path("/account")}">Your account</a></nav>
            """), wrong is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    private static OwnPasskeys Own(AccountRequest request) => request.Http.RequestServices.GetRequiredService<OwnPasskeys>();

    private static string At(DateTimeOffset time, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(time, zone).ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
