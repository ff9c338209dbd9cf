using System.Buffers.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Asks browsers for passkeys and checks what they answer, with ASP.NET Core Identity's handler (Web Authentication, level 3).</summary>
/// <remarks>
/// Each must verify its user, by finger, face or PIN: what somebody has and what they know or are, in one step. That is why it counts as both factors
/// (NIST SP 800-63B, AAL2). Which maker's authenticator it is is not asked.
/// </remarks>
internal sealed class Passkeys(PasskeyChallenges challenges, TimeProvider clock)
{
    /// <summary>What a browser is asked with to make a passkey for whoever has the session.</summary>
    public async Task<PasskeyQuestion> ForCreationAsync(AccountsContext accounts, LiveSession live, PasskeySite site)
    {
        using var users = UsersOf(accounts);
        var account = live.Account;
        var made = await HandlerOf(users, site).MakeCreationOptionsAsync(new() { Id = account.Id, Name = account.UserName!, DisplayName = account.DisplayName }, Nowhere);
        return new(made.CreationOptionsJson, challenges.Seal(PasskeyUse.Creation, live.Session.Id, made.AttestationState!));
    }

    /// <summary>What a browser is asked with to prove that the session's user sits there.</summary>
    public async Task<PasskeyQuestion> ForProofAsync(AccountsContext accounts, LiveSession live, PasskeySite site)
    {
        using var users = UsersOf(accounts);
        var made = await HandlerOf(users, site).MakeRequestOptionsAsync(live.Account, Nowhere);
        return new(made.RequestOptionsJson, challenges.Seal(PasskeyUse.Proof, live.Session.Id, made.AssertionState!));
    }

    /// <summary>What a browser is asked with where nobody is signed in: for any passkey of this site, so that it tells nothing about who has one.</summary>
    public async Task<PasskeyQuestion> ForSignInAsync(AccountsContext accounts, string browser, PasskeySite site)
    {
        using var users = UsersOf(accounts);
        var made = await HandlerOf(users, site).MakeRequestOptionsAsync(null, Nowhere);
        return new(made.RequestOptionsJson, challenges.Seal(PasskeyUse.SignIn, browser, made.AssertionState!));
    }

    /// <summary>The passkey that was made, not yet kept; null when the answer is none to our question.</summary>
    public async Task<AccountPasskey?> MadeAsync(AccountsContext accounts, LiveSession live, PasskeyAnswer answer, string name, PasskeySite site, CancellationToken ct)
    {
        if (await challenges.OpenAsync(accounts, PasskeyUse.Creation, live.Session.Id, answer.Challenge, ct) is not { } state)
            return null;
        using var users = UsersOf(accounts);
        var result = await HandlerOf(users, site).PerformAttestationAsync(new() { HttpContext = Nowhere, CredentialJson = answer.Credential, AttestationState = state });
        if (!result.Succeeded || result.UserEntity.Id != live.Account.Id || !result.Passkey.IsUserVerified)
            return null;
        var made = result.Passkey;
        return new()
        {
            CredentialId = made.CredentialId,
            UserId = live.Account.Id,
            Data = new()
            {
                PublicKey = made.PublicKey,
                Name = name,
                CreatedAt = clock.GetUtcNow(),
                SignCount = made.SignCount,
                Transports = [.. (made.Transports ?? []).Where(t => t.Length <= 32).Take(8)],
                IsUserVerified = made.IsUserVerified,
                IsBackupEligible = made.IsBackupEligible,
                IsBackedUp = made.IsBackedUp,
            },
        };
    }

    /// <summary>Whose passkey answered, or why that is not known. What it says about itself is noted with the context.</summary>
    /// <param name="holder">The session, or the browser, that was asked.</param>
    public async Task<PasskeyProof> VerifyAsync(AccountsContext accounts, PasskeyUse use, string holder, PasskeyAnswer answer, PasskeySite site, CancellationToken ct)
    {
        if (await challenges.OpenAsync(accounts, use, holder, answer.Challenge, ct) is not { } state)
            return new(null, "passkey: not asked for, or too late");
        using var users = UsersOf(accounts);
        var result = await HandlerOf(users, site).PerformAssertionAsync(new() { HttpContext = Nowhere, CredentialJson = answer.Credential, AssertionState = state });
        if (!result.Succeeded)
            return new(await ClaimedAsync(accounts, answer, ct), ReasonOf(result.Failure));

        var id = result.Passkey.CredentialId;
        if (await accounts.Passkeys.SingleOrDefaultAsync(p => p.CredentialId == id, ct) is not { } passkey)
            return new(result.User, "passkey: removed meanwhile");
        (passkey.Data.SignCount, passkey.Data.IsBackedUp, passkey.Data.LastUsed) = (result.Passkey.SignCount, result.Passkey.IsBackedUp, clock.GetUtcNow());
        await accounts.SaveChangesAsync(ct);
        return new(result.User, null);
    }

    /// <summary>Whether the account has one.</summary>
    public static Task<bool> AnyAsync(AccountsContext accounts, string userId, CancellationToken ct) => accounts.Passkeys.AnyAsync(p => p.UserId == userId, ct);

    /// <summary>The handler reads domain and origin from a request only where it is not told them.</summary>
    private static DefaultHttpContext Nowhere => new();

    private static UserManager<Account> UsersOf(AccountsContext accounts) => new(
        new PasskeyStore(accounts), Options.Create(new IdentityOptions()), new PasswordHasher<Account>(), [], [], new UpperInvariantLookupNormalizer(), new IdentityErrorDescriber(),
        EmptyServices.Instance, NullLogger<UserManager<Account>>.Instance);

    private static PasskeyHandler<Account> HandlerOf(UserManager<Account> users, PasskeySite site) => new(users, Options.Create(new IdentityPasskeyOptions
    {
        ServerDomain = site.Domain,
        AuthenticatorTimeout = PasskeyChallenges.Life,
        UserVerificationRequirement = "required",
        ResidentKeyRequirement = "required",
        AttestationConveyancePreference = "none",
        ValidateOrigin = context => ValueTask.FromResult(context is { CrossOrigin: false, TopOrigin: null } && context.Origin == site.Origin),
    }));

    /// <summary>A reason for the audit in our words: those of the handler may repeat what was sent.</summary>
    private static string ReasonOf(PasskeyException failure) =>
        failure.Message.Contains("counter", StringComparison.Ordinal) ? "passkey: its counter went back, as that of a copy would" : "passkey: not verified";

    /// <summary>Who has the passkey that the answer names, proved or not.</summary>
    private static async Task<Account?> ClaimedAsync(AccountsContext accounts, PasskeyAnswer answer, CancellationToken ct)
    {
        try
        {
            using var credential = JsonDocument.Parse(answer.Credential);
            var id = Base64Url.DecodeFromChars(credential.RootElement.GetProperty("id").GetString());
            return await new PasskeyStore(accounts).FindByPasskeyIdAsync(id, ct);
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed class EmptyServices : IServiceProvider
    {
        public static readonly EmptyServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}

/// <summary>What a browser is asked with, as JSON, and our sealed note of it, which it gives back.</summary>
internal sealed record PasskeyQuestion(string Options, string Challenge);

/// <summary>What a browser answered, as JSON, to which question.</summary>
internal sealed record PasskeyAnswer(string Credential, string Challenge);

/// <summary>Whose passkey it was.</summary>
/// <param name="Account">The user; when <paramref name="Fault"/> is set, only who it is claimed to be.</param>
/// <param name="Fault">Why it does not count.</param>
internal sealed record PasskeyProof(Account? Account, string? Fault);
