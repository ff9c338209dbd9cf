using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using FhirEmr.FhirServer.Security.Accounts.Users;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<long>;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

/// <summary>Lockouts, codes, sessions and what ends them, with a clock that the test moves. On every engine.</summary>
public abstract class SignInTests
{
    private const string Password = "tundra kettle violin";
    private static readonly Origin Desk = new("192.0.2.10", "a browser");

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected abstract Task<AccountsHarness> StartAsync(string mode = AuthOptions.Embedded);

    [Fact, Trait("Requirement", "S-22")]
    public async Task Five_failures_lock_the_name_and_the_right_password_is_refused_like_a_wrong_one_until_the_time_is_over()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("alma", Password);
        for (var i = 0; i < 5; i++)
            Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, "alma", "wrong"));

        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, "alma", Password));
        accounts.Clock.Pass(TimeSpan.FromMinutes(14));
        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, "alma", Password));
        accounts.Clock.Pass(TimeSpan.FromMinutes(2));
        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "alma", Password));
        Assert.Single(accounts.Events, e => e.Kind == SecurityEventKind.Lockout);
        Assert.Equal("locked", accounts.Events.Last(e => e.Kind == SecurityEventKind.SignInRefused).Detail);
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task Each_lockout_is_longer_than_the_one_before_up_to_a_day()
    {
        await using var accounts = await StartAsync();
        var key = Throttles.NameKey("nobody");
        List<TimeSpan> lockouts = [];
        await using var context = accounts.Open();
        for (var round = 0; round < 9; round++)
        {
            for (var i = 0; i < 5; i++)
            {
                Assert.True(await accounts.Get<Throttles>().TakeNameAsync(context, key, Ct));
                await accounts.Get<Throttles>().NameFailedAsync(context, key, Ct);
            }

            var until = await context.Throttles.Where(t => t.Id == key).Select(t => t.LockedUntil).SingleAsync(Ct);
            lockouts.Add(until!.Value - accounts.Clock.GetUtcNow());
            accounts.Clock.Pass(lockouts[^1]);
        }

        Assert.Equal([15, 30, 60, 120, 240, 480, 960, 1440, 1440], lockouts.Select(l => (int)l.TotalMinutes));
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task Names_that_nobody_has_are_locked_like_those_of_users()
    {
        await using var accounts = await StartAsync();
        for (var i = 0; i < 6; i++)
            Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, "nobody", "wrong"));

        Assert.Single(accounts.Events, e => e.Kind == SecurityEventKind.Lockout);
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task Many_attempts_at_the_same_moment_get_no_more_than_five_looks_at_the_password()
    {
        await using var accounts = await StartAsync();
        var key = Throttles.NameKey("alma");

        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            await using var context = accounts.Open();
            return await accounts.Get<Throttles>().TakeNameAsync(context, key, Ct);
        })));

        Assert.Equal(5, taken.Count(t => t));
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task An_address_that_fails_under_many_names_is_held_up_and_others_are_not()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("alma", Password);
        await using var context = accounts.Open();
        for (var i = 0; i < 50; i++)
            await accounts.Get<Throttles>().TakeAddressAsync(context, Throttles.AddressKey(Desk.Address), Ct);

        Assert.IsType<SignInOutcome.TooMany>(await SignInAsync(accounts, "alma", Password));
        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "alma", Password, new("192.0.2.99", "")));
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task Whoever_has_one_account_cannot_clear_the_address_with_it()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("mallory", Password);
        await using var context = accounts.Open();
        for (var i = 0; i < 49; i++)
            await accounts.Get<Throttles>().TakeAddressAsync(context, Throttles.AddressKey(Desk.Address), Ct);

        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "mallory", Password));
        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, "alma", "wrong"));
        Assert.IsType<SignInOutcome.TooMany>(await SignInAsync(accounts, "basil", "wrong"));
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task An_administrator_unlocks_a_name_from_the_command_line()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("alma", Password);
        for (var i = 0; i < 5; i++)
            await SignInAsync(accounts, "alma", "wrong");

        Assert.True(await accounts.Get<UserDirectory>().UnlockAsync("ALMA", "cli", Ct));
        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "alma", Password));
        Assert.False(await accounts.Get<UserDirectory>().UnlockAsync("alma", "cli", Ct));
    }

    [Fact, Trait("Requirement", "S-20")]
    public async Task An_old_hash_is_made_anew_at_sign_in()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("alma", Password);
        await using (var context = accounts.Open())
        {
            var account = await UserDirectory.FindAsync(context, "alma", Ct);
            account.PasswordHash = new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })).HashPassword(account, Password);
            await context.SaveChangesAsync(Ct);
        }

        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "alma", Password));

        await using var after = accounts.Open();
        Assert.Equal(PasswordVerificationResult.Success, await accounts.Get<Passwords>().VerifyAsync(await UserDirectory.FindAsync(after, "alma", Ct), Password, Ct));
    }

    [Fact, Trait("Requirement", "S-21")]
    public async Task Staff_enrol_before_anything_else_and_then_need_a_code_which_counts_once()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("nadia", Password, AccountKind.Staff);
        var (seed, _) = await EnrolAsync(accounts, "nadia");

        accounts.Clock.Pass(TimeSpan.FromMinutes(1));
        var waiting = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "nadia", Password));
        Assert.Equal(SessionStage.NeedsSecondFactor, waiting.Live.Session.Stage);
        var code = Totp.Code(seed, Totp.StepAt(accounts.Clock.GetUtcNow()));
        Assert.IsType<SignInOutcome.Refused>(await accounts.Get<SignInFlow>().SecondFactorAsync(waiting.Live, Wrong(code), Desk, Ct));
        var begun = Assert.IsType<SignInOutcome.Begun>(await accounts.Get<SignInFlow>().SecondFactorAsync(waiting.Live, code, Desk, Ct));
        Assert.True(begun.Live.IsSteppedUp(accounts.Clock.GetUtcNow()));
        Assert.NotEqual(waiting.Live.Session.Id, begun.Live.Session.Id);
        Assert.Null(await accounts.Get<AccountSessions>().FindAsync(waiting.Secret, true, Ct));

        var again = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "nadia", Password));
        Assert.IsType<SignInOutcome.Refused>(await accounts.Get<SignInFlow>().SecondFactorAsync(again.Live, code, Desk, Ct));
    }

    [Fact, Trait("Requirement", "S-21")]
    public async Task Of_many_requests_with_one_code_one_is_let_in()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("nadia", Password, AccountKind.Staff);
        var (seed, _) = await EnrolAsync(accounts, "nadia");
        accounts.Clock.Pass(TimeSpan.FromMinutes(1));
        await using var context = accounts.Open();
        var account = await UserDirectory.FindAsync(context, "nadia", Ct);
        var code = Totp.Code(seed, Totp.StepAt(accounts.Clock.GetUtcNow()));

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(async () =>
        {
            await using var own = accounts.Open();
            return await accounts.Get<SecondFactors>().VerifyAsync(own, account, code, Ct);
        })));

        Assert.Single(results, SecondFactor.Authenticator);
    }

    [Fact, Trait("Requirement", "S-21")]
    public async Task Each_recovery_code_lets_in_once_and_ten_are_kept_as_hashes()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("nadia", Password, AccountKind.Staff);
        var (_, codes) = await EnrolAsync(accounts, "nadia");
        Assert.Equal(10, codes.Distinct().Count());

        for (var i = 0; i < 2; i++)
        {
            var waiting = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "nadia", Password));
            var outcome = await accounts.Get<SignInFlow>().SecondFactorAsync(waiting.Live, codes[3].ToLowerInvariant(), Desk, Ct);
            Assert.Equal(i == 0, outcome is SignInOutcome.Begun);
        }

        await using var context = accounts.Open();
        var rows = await context.RecoveryCodes.ToListAsync(Ct);
        Assert.DoesNotContain(rows, r => codes.Any(c => r.Hash.Contains(c.Replace("-", ""), StringComparison.OrdinalIgnoreCase)));
        Assert.Single(rows, r => r.Used is not null);
        Assert.Contains(accounts.Events, e => e.Kind == SecurityEventKind.RecoveryCodeUsed);
    }

    [Fact, Trait("Requirement", "S-61")]
    public async Task Seeds_are_encrypted_for_their_account_with_keys_that_only_the_owner_can_read()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("nadia", Password, AccountKind.Staff);
        var (seed, _) = await EnrolAsync(accounts, "nadia");
        await using var context = accounts.Open();
        var account = await UserDirectory.FindAsync(context, "nadia", Ct);

        Assert.Equal(-1, account.AuthenticatorSeed.AsSpan().IndexOf(seed));
        Assert.Equal(seed, accounts.Get<AuthenticatorSeeds>().Unprotect(account.Id, account.AuthenticatorSeed!));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => accounts.Get<AuthenticatorSeeds>().Unprotect("another", account.AuthenticatorSeed!));
        var keys = Directory.GetFiles(Path.Combine(accounts.Folder, "keys"));
        Assert.NotEmpty(keys);
        Assert.DoesNotContain(keys.Append(Path.Combine(accounts.Folder, "keys")), OwnerOnly.IsOpenToOthers);
        var ring = await File.ReadAllTextAsync(Assert.Single(keys, k => k.EndsWith(".xml", StringComparison.Ordinal)), Ct);
        Assert.Contains("wrappedKey", ring, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", ring, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(accounts.Folder, "accounts.db*")) // the rows, and the log they were written to first
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Ct);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf(seed));
        }
    }

    [Theory, Trait("Requirement", "S-23")]
    [InlineData("clinician", 15)]
    [InlineData("practice-admin", 10)]
    public async Task Idle_sessions_end_and_busy_ones_end_after_twelve_hours(string role, int idleMinutes)
    {
        await using var accounts = await StartAsync(AuthOptions.Demo);
        await accounts.AddAsync("dov", Password, AccountKind.Staff, role);
        var sessions = accounts.Get<AccountSessions>();

        var idle = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "dov", Password));
        accounts.Clock.Pass(TimeSpan.FromMinutes(idleMinutes) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await sessions.FindAsync(idle.Secret, isActivity: false, Ct)); // looking does not keep it awake
        accounts.Clock.Pass(TimeSpan.FromSeconds(2));
        Assert.Null(await sessions.FindAsync(idle.Secret, isActivity: true, Ct));

        var busy = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "dov", Password));
        for (var minutes = 0; minutes < (12 * 60) - 5; minutes += 5)
        {
            Assert.NotNull(await sessions.FindAsync(busy.Secret, isActivity: true, Ct));
            accounts.Clock.Pass(TimeSpan.FromMinutes(5));
        }

        accounts.Clock.Pass(TimeSpan.FromMinutes(5));
        Assert.Null(await sessions.FindAsync(busy.Secret, isActivity: true, Ct));
    }

    [Fact, Trait("Requirement", "S-23")]
    public async Task The_table_does_not_hold_what_a_cookie_needs()
    {
        await using var accounts = await StartAsync(AuthOptions.Demo);
        await accounts.AddAsync("alma", Password);
        var begun = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "alma", Password));

        Assert.Null(await accounts.Get<AccountSessions>().FindAsync(begun.Live.Session.Id, true, Ct));
        Assert.NotNull(await accounts.Get<AccountSessions>().FindAsync(begun.Secret, true, Ct));
    }

    public enum Change
    {
        Password,
        Reset,
        Disabled,
        SecondFactorReset,
        RoleAssigned,
        RoleRevoked,
    }

    [Theory, Trait("Requirement", "S-16")]
    [InlineData(Change.Password, true)]
    [InlineData(Change.Reset, true)]
    [InlineData(Change.Disabled, true)]
    [InlineData(Change.SecondFactorReset, true)]
    [InlineData(Change.RoleAssigned, false)]
    [InlineData(Change.RoleRevoked, false)]
    public async Task What_apps_hold_dies_with_the_change(Change change, bool endsSessions)
    {
        await using var accounts = await StartAsync(AuthOptions.Demo);
        await accounts.AddAsync("chief", Password, AccountKind.Staff, "practice-admin");
        await accounts.AddAsync("nadia", Password, AccountKind.Staff, "nurse");
        await accounts.AddAsync("other", Password, AccountKind.Staff, "nurse");
        var begun = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "nadia", Password));
        await using (var context = accounts.Open())
        {
            var other = await UserDirectory.FindAsync(context, "other", Ct);
            context.AddRange(new Token { Subject = begun.Live.Account.Id, Status = Statuses.Valid }, new Token { Subject = other.Id, Status = Statuses.Valid });
            await context.SaveChangesAsync(Ct);
        }

        var (users, roles) = (accounts.Get<UserDirectory>(), accounts.Get<RoleAssignments>());
        await (change switch
        {
            Change.Password => accounts.Get<OwnAccount>().ChangePasswordAsync(begun.Live, Password, "another kettle of violins", Desk, Ct),
            Change.Reset => users.ResetPasswordAsync("nadia", "cli", Ct),
            Change.Disabled => users.DisableAsync("nadia", "cli", Ct),
            Change.SecondFactorReset => users.ResetSecondFactorAsync("nadia", "cli", Ct),
            Change.RoleAssigned => roles.AssignToUserAsync("nadia", "coder", null, null, null, null, "cli", Ct),
            _ => roles.RevokeFromUserAsync("nadia", "nurse", null, "cli", Ct),
        });

        await using var after = accounts.Open();
        Assert.Equal(Statuses.Revoked, await after.Set<Token>().Where(t => t.Subject == begun.Live.Account.Id).Select(t => t.Status).SingleAsync(Ct));
        Assert.Equal(Statuses.Valid, await after.Set<Token>().Where(t => t.Subject != begun.Live.Account.Id).Select(t => t.Status).SingleAsync(Ct));
        Assert.Equal(endsSessions, await accounts.Get<AccountSessions>().FindAsync(begun.Secret, true, Ct) is null);
    }

    [Fact, Trait("Requirement", "S-17")]
    public async Task Signing_out_takes_back_what_was_granted_for_the_session_only()
    {
        await using var accounts = await StartAsync(AuthOptions.Demo);
        await accounts.AddAsync("alma", Password);
        var begun = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "alma", Password));
        await using (var context = accounts.Open())
        {
            var (online, offline) = (Authorization(begun), Authorization(begun));
            context.AddRange(online, offline, new Token { Subject = begun.Live.Account.Id, Status = Statuses.Valid, Authorization = online },
                new Token { Subject = begun.Live.Account.Id, Status = Statuses.Valid, Authorization = offline });
            await context.SaveChangesAsync(Ct);
            context.SessionAuthorizations.Add(new() { SessionId = begun.Live.Session.Id, AuthorizationId = online.Id });
            await context.SaveChangesAsync(Ct);
        }

        await accounts.Get<OwnAccount>().EndSessionAsync(begun.Live, begun.Live.Session.Id, Desk, Ct);

        await using var after = accounts.Open();
        Assert.Equal([Statuses.Revoked, Statuses.Valid], await after.Set<Token>().OrderBy(t => t.Authorization!.Id).Select(t => t.Status).ToListAsync(Ct));
        Assert.Null(await accounts.Get<AccountSessions>().FindAsync(begun.Secret, true, Ct));
        Assert.Contains(accounts.Events, e => e.Kind == SecurityEventKind.SignOut);
    }

    [Fact, Trait("Requirement", "S-27")]
    public async Task The_last_administrator_stays()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("dov", Password, AccountKind.Staff, "practice-admin");
        await accounts.AddAsync("agnes", Password, AccountKind.Staff);
        var (users, roles) = (accounts.Get<UserDirectory>(), accounts.Get<RoleAssignments>());

        await Assert.ThrowsAsync<UserFault>(() => users.DisableAsync("dov", "cli", Ct));
        await Assert.ThrowsAsync<UserFault>(() => roles.RevokeFromUserAsync("dov", "practice-admin", null, "cli", Ct));
        await Assert.ThrowsAsync<UserFault>(() => roles.AssignToUserAsync("dov", "practice-admin", null, null, null, accounts.Clock.GetUtcNow().AddDays(1), "cli", Ct));
        await using (var context = accounts.Open())
            Assert.True(await roles.IsAdministratorAsync(context, (await UserDirectory.FindAsync(context, "dov", Ct)).Id, Ct));

        await roles.AssignToUserAsync("agnes", "practice-admin", null, null, null, null, "cli", Ct);
        await roles.RevokeFromUserAsync("dov", "practice-admin", null, "cli", Ct);
        await Assert.ThrowsAsync<UserFault>(() => users.DisableAsync("agnes", "cli", Ct));
    }

    [Fact, Trait("Requirement", "S-26")]
    public async Task A_role_assigned_again_in_the_same_place_replaces_itself_and_history_stays()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("terrence", Password, AccountKind.Staff);
        var roles = accounts.Get<RoleAssignments>();
        await roles.AssignToUserAsync("terrence", "biller", null, 500m, null, null, "cli", Ct);
        await roles.AssignToUserAsync("terrence", "biller", "Organization/1", 100m, null, null, "cli", Ct);
        accounts.Clock.Pass(TimeSpan.FromHours(1));
        await roles.AssignToUserAsync("terrence", "biller", null, 750.25m, null, null, "cli", Ct);

        await using var context = accounts.Open();
        var id = (await UserDirectory.FindAsync(context, "terrence", Ct)).Id;
        Assert.Equal([(null, 750.25m), ("Organization/1", 100m)],
            (await roles.HeldAsync(context, SubjectKind.User, id, Ct)).OrderBy(a => a.Organization is not null).Select(a => (a.Organization, a.MoneyLimitUsd!.Value)));
        Assert.Equal(3, await context.RoleAssignments.CountAsync(Ct));
        var fault = await Assert.ThrowsAsync<UserFault>(() => roles.AssignToUserAsync("terrence", "billr", null, null, null, null, "cli", Ct));
        Assert.Contains("did you mean 'biller'?", fault.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "S-102")]
    public async Task A_set_up_link_works_once_within_half_an_hour()
    {
        await using var accounts = await StartAsync();
        var (users, own) = (accounts.Get<UserDirectory>(), accounts.Get<OwnAccount>());
        var first = await users.AddAsync(new("dov", "Dov Rosen", AccountKind.Staff, null), "cli", Ct);
        accounts.Clock.Pass(TimeSpan.FromMinutes(31));
        Assert.Null(await own.OfLinkAsync(first, Ct));

        var second = await users.ResetPasswordAsync("dov", "cli", Ct);
        var (fault, none) = await own.RedeemAsync(second, "short", Desk, Ct);
        Assert.Contains("at least 12", fault, StringComparison.Ordinal);
        Assert.Null(none);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => own.RedeemAsync(second, Password, Desk, Ct))));

        Assert.Single(outcomes, o => o.Outcome is SignInOutcome.Begun);
        Assert.Null(await own.OfLinkAsync(second, Ct));
        Assert.Equal(SessionStage.NeedsEnrolment, Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, "dov", Password)).Live.Session.Stage);
    }

    private static OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreAuthorization<long> Authorization(SignInOutcome.Begun begun) =>
        new() { Subject = begun.Live.Account.Id, Status = Statuses.Valid, Type = AuthorizationTypes.Permanent };

    private static string Wrong(string code) => code == "000000" ? "000001" : "000000";

    private static Task<SignInOutcome> SignInAsync(AccountsHarness accounts, string name, string password, Origin? origin = null) =>
        accounts.Get<SignInFlow>().PasswordAsync(name, password, origin ?? Desk, Ct);

    private static async Task<(byte[] Seed, IReadOnlyList<string> Codes)> EnrolAsync(AccountsHarness accounts, string name)
    {
        var own = accounts.Get<OwnAccount>();
        var begun = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, name, Password));
        Assert.Equal(SessionStage.NeedsEnrolment, begun.Live.Session.Stage);
        var seed = await own.PendingSeedAsync(begun.Live, Ct);
        var live = (await accounts.Get<AccountSessions>().FindAsync(begun.Secret, true, Ct))!;
        var done = await own.EnrolAsync(live, Totp.Code(seed, Totp.StepAt(accounts.Clock.GetUtcNow())), Desk, Ct);
        Assert.NotNull(done);
        return (seed, done.Value.Codes);
    }
}

public sealed class SqliteSignInTests : SignInTests
{
    private protected override Task<AccountsHarness> StartAsync(string mode = AuthOptions.Embedded) => AccountsHarness.StartAsync(null, mode);
}

public sealed class PostgresSignInTests(PostgresCluster cluster) : SignInTests
{
    private protected override async Task<AccountsHarness> StartAsync(string mode = AuthOptions.Embedded)
    {
        var (server, whyNot) = await cluster.StartAsync();
        Assert.SkipWhen(server is null, whyNot ?? "");
        var name = $"accounts_{Guid.NewGuid():N}";
        await using var admin = new NpgsqlConnection($"{server};Database=postgres");
        await admin.OpenAsync(Ct);
        await new NpgsqlCommand($"CREATE DATABASE {name}", admin).ExecuteNonQueryAsync(Ct);
        return await AccountsHarness.StartAsync($"{server};Database={name}", mode);
    }
}
