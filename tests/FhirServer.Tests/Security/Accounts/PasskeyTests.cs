using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using FhirEmr.FhirServer.Security.Accounts.Users;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Npgsql;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<long>;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

/// <summary>What passkeys are asked, by whom they may answer, and what they open; what the tables matter for, on every engine.</summary>
[Trait("Requirement", "S-21")]
public abstract class PasskeyTests
{
    private protected const string Password = "tundra kettle violin";
    private protected const string Browser = "a browser's form cookie";
    private protected static readonly Origin Desk = new("192.0.2.10", "a browser");
    private protected static readonly PasskeySite Site = new("localhost", "http://localhost:8080");

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected abstract Task<AccountsHarness> StartAsync(string mode = AuthOptions.Embedded);

    [Fact]
    public async Task Staff_enrol_with_a_passkey_alone_and_it_counts_as_both_factors()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("nadia", Password, AccountKind.Staff, "practice-admin");
        using var phone = new SoftAuthenticator();
        var waiting = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "nadia"));
        Assert.Equal(SessionStage.NeedsEnrolment, waiting.Live.Session.Stage);
        Assert.False(await accounts.Get<RoleAssignments>().HasReadyAdministratorAsync(Ct));

        var (fault, codes, begun) = await AddAsync(accounts, waiting.Live, phone, " My\u0007 phone ");

        Assert.Null(fault);
        Assert.Equal(10, codes.Distinct().Count());
        Assert.True(begun!.Live.IsSteppedUp(accounts.Clock.GetUtcNow()));
        Assert.Null(await accounts.Get<AccountSessions>().FindAsync(waiting.Secret, true, Ct));
        Assert.True(await accounts.Get<RoleAssignments>().HasReadyAdministratorAsync(Ct));
        Assert.True(Assert.Single(await accounts.Get<UserDirectory>().ListAsync(Ct)) is { HasSecondFactor: true, Passkeys: 1 });
        Assert.Contains(accounts.Events, e => e.Kind == SecurityEventKind.PasskeyAdded);

        accounts.Clock.Pass(TimeSpan.FromHours(1));
        var signedIn = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, phone));
        Assert.True(signedIn.Live is { IsSignedIn: true, Session.IsAdministrator: true } && signedIn.Live.IsSteppedUp(accounts.Clock.GetUtcNow()));
        Assert.Equal("passkey", accounts.Events.Last(e => e.Kind == SecurityEventKind.SignIn).Detail);
        await using var context = accounts.Open();
        var kept = Assert.Single(await OwnPasskeys.ListAsync(context, signedIn.Live.Account.Id, Ct));
        Assert.Equal(("My phone", 1L, accounts.Clock.GetUtcNow()), (kept.Data.Name, kept.Data.SignCount, kept.Data.LastUsed!.Value));
    }

    [Fact]
    public async Task A_question_is_good_for_five_minutes_one_answer_one_browser_and_one_use()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator();
        var (live, _) = await StaffAsync(accounts, "nadia", phone);
        await using var context = accounts.Open();
        var (flow, passkeys) = (accounts.Get<SignInFlow>(), accounts.Get<Passkeys>());

        var late = await AnswerAsync(accounts, phone);
        accounts.Clock.Pass(PasskeyChallenges.Life);
        Assert.IsType<SignInOutcome.Refused>(await flow.PasskeyAsync(Browser, late, Site, Desk, Ct));
        Assert.IsType<SignInOutcome.Refused>(await flow.PasskeyAsync("another browser", await AnswerAsync(accounts, phone), Site, Desk, Ct));
        var proof = await passkeys.ForProofAsync(context, live, Site);
        Assert.IsType<SignInOutcome.Refused>(await flow.PasskeyAsync(live.Session.Id, new(phone.Sign(proof.Options), proof.Challenge), Site, Desk, Ct));
        var signIn = await passkeys.ForSignInAsync(context, live.Session.Id, Site);
        Assert.IsType<SignInOutcome.Refused>(await flow.StepUpAsync(live, new(phone.Sign(signIn.Options), signIn.Challenge), Site, Desk, Ct));
        Assert.IsType<SignInOutcome.Refused>(await flow.PasskeyAsync(Browser, new(phone.Sign(signIn.Options), "not ours"), Site, Desk, Ct));
        Assert.All(accounts.Events.Where(e => e.Kind == SecurityEventKind.SignInRefused), e => Assert.Equal("passkey: not asked for, or too late", e.Detail));

        var answer = await AnswerAsync(accounts, phone);
        accounts.Clock.Pass(PasskeyChallenges.Life - TimeSpan.FromSeconds(1));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => flow.PasskeyAsync(Browser, answer, Site, Desk, Ct))));
        Assert.Single(outcomes, o => o is SignInOutcome.Begun);
        Assert.IsType<SignInOutcome.Refused>(await flow.PasskeyAsync(Browser, answer, Site, Desk, Ct));
    }

    [Fact, Trait("Requirement", "S-16")]
    public async Task The_last_second_factor_of_staff_stays_and_removing_another_ends_sessions_and_tokens()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator();
        using var key = new SoftAuthenticator();
        var (live, codes) = await StaffAsync(accounts, "nadia", phone);
        var own = accounts.Get<OwnPasskeys>();
        var second = await AddAsync(accounts, live, key, "Key");
        Assert.Empty(second.Codes); // those there are still good
        Assert.Null(await accounts.Get<AccountSessions>().FindAsync("", true, Ct));
        var elsewhere = Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, phone));
        await using (var context = accounts.Open())
        {
            context.Add(new Token { Subject = live.Account.Id, Status = Statuses.Valid });
            await context.SaveChangesAsync(Ct);
        }

        var keys = await KeysAsync(accounts, live);
        await own.RenameAsync(second.Begun!.Live, keys[1], "Yellow key", Ct);
        var (fault, begun) = await own.RemoveAsync(second.Begun!.Live, keys[0], Desk, Ct);
        Assert.Null(fault);
        Assert.NotNull(await accounts.Get<AccountSessions>().FindAsync(begun!.Secret, true, Ct));
        Assert.Null(await accounts.Get<AccountSessions>().FindAsync(elsewhere.Secret, true, Ct));
        Assert.Equal([Statuses.Revoked], await accounts.Open().Set<Token>().Select(t => t.Status).ToListAsync(Ct));
        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, phone));
        Assert.Contains(accounts.Events, e => e.Kind == SecurityEventKind.PasskeyRemoved && e.Detail == keys[0]);

        (fault, var none) = await own.RemoveAsync(begun.Live, keys[1], Desk, Ct);
        Assert.Contains("only second factor", fault, StringComparison.Ordinal);
        Assert.Null(none);
        Assert.Equal("Yellow key", (await own.FindAsync(begun.Live, keys[1], Ct))!.Data.Name);
        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, key));
    }

    [Fact]
    public async Task Resetting_the_second_factor_takes_passkeys_too()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator();
        await StaffAsync(accounts, "nadia", phone);

        await accounts.Get<UserDirectory>().ResetSecondFactorAsync("nadia", "cli", Ct);

        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, phone));
        Assert.Equal(SessionStage.NeedsEnrolment, Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "nadia")).Live.Session.Stage);
        Assert.True(Assert.Single(await accounts.Get<UserDirectory>().ListAsync(Ct)) is { HasSecondFactor: false, Passkeys: 0 });
    }

    private protected static Task<SignInOutcome> PasswordAsync(AccountsHarness accounts, string name) => accounts.Get<SignInFlow>().PasswordAsync(name, Password, Desk, Ct);

    /// <summary>What the phone answers to a question that the browser asked.</summary>
    private protected static async Task<PasskeyAnswer> AnswerAsync(AccountsHarness accounts, SoftAuthenticator phone, bool isToAnother = false)
    {
        await using var context = accounts.Open();
        var passkeys = accounts.Get<Passkeys>();
        var question = await passkeys.ForSignInAsync(context, Browser, Site);
        return new(phone.Sign(isToAnother ? (await passkeys.ForSignInAsync(context, Browser, Site)).Options : question.Options), question.Challenge);
    }

    private protected static async Task<SignInOutcome> SignInAsync(AccountsHarness accounts, SoftAuthenticator phone, bool isToAnother = false) =>
        await accounts.Get<SignInFlow>().PasskeyAsync(Browser, await AnswerAsync(accounts, phone, isToAnother), Site, Desk, Ct);

    private protected static async Task<PasskeyAnswer> ProveAsync(AccountsHarness accounts, LiveSession live, SoftAuthenticator phone)
    {
        await using var context = accounts.Open();
        var question = await accounts.Get<Passkeys>().ForProofAsync(context, live, Site);
        return new(phone.Sign(question.Options), question.Challenge);
    }

    private protected static async Task<(string? Fault, IReadOnlyList<string> Codes, SignInOutcome.Begun? Begun)> AddAsync(
        AccountsHarness accounts, LiveSession live, SoftAuthenticator phone, string name, bool isToAnother = false)
    {
        await using var context = accounts.Open();
        var passkeys = accounts.Get<Passkeys>();
        var question = await passkeys.ForCreationAsync(context, live, Site);
        var answered = isToAnother ? await passkeys.ForCreationAsync(context, live, Site) : question;
        return await accounts.Get<OwnPasskeys>().AddAsync(live, new(phone.Make(answered.Options), question.Challenge), name, Site, Desk, Ct);
    }

    /// <summary>A member of staff whose only second factor is the passkey, signed in.</summary>
    private protected static async Task<(LiveSession Live, IReadOnlyList<string> Codes)> StaffAsync(AccountsHarness accounts, string name, SoftAuthenticator phone)
    {
        await accounts.AddAsync(name, Password, AccountKind.Staff);
        var waiting = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, name));
        var (fault, codes, begun) = await AddAsync(accounts, waiting.Live, phone, "Device");
        Assert.Null(fault);
        return (begun!.Live, codes);
    }

    private protected static async Task<IReadOnlyList<string>> KeysAsync(AccountsHarness accounts, LiveSession live)
    {
        await using var context = accounts.Open();
        return [.. (await OwnPasskeys.ListAsync(context, live.Account.Id, Ct)).Select(p => p.Key)];
    }
}

[Trait("Requirement", "S-21")]
public sealed class SqlitePasskeyTests : PasskeyTests
{
    private protected override Task<AccountsHarness> StartAsync(string mode = AuthOptions.Embedded) => AccountsHarness.StartAsync(null, mode);

    [Fact]
    public async Task After_the_password_staff_with_a_passkey_only_go_on_by_it_or_by_a_recovery_code_and_never_by_the_password()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator();
        var (live, codes) = await StaffAsync(accounts, "nadia", phone);
        var flow = accounts.Get<SignInFlow>();

        var first = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "nadia"));
        Assert.Equal(SessionStage.NeedsSecondFactor, first.Live.Session.Stage);
        Assert.True(Assert.IsType<SignInOutcome.Begun>(await flow.SecondFactorAsync(first.Live, await ProveAsync(accounts, first.Live, phone), Site, Desk, Ct)).Live.IsSignedIn);
        var second = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "nadia"));
        Assert.IsType<SignInOutcome.Begun>(await flow.SecondFactorAsync(second.Live, codes[0], Desk, Ct));

        accounts.Clock.Pass(TimeSpan.FromMinutes(6));
        Assert.False(live.IsSteppedUp(accounts.Clock.GetUtcNow()));
        Assert.IsType<SignInOutcome.Refused>(await flow.StepUpAsync(live, Password, Desk, Ct));
        Assert.Null(await flow.StepUpAsync(live, codes[1], Desk, Ct));
        Assert.Null(await flow.StepUpAsync(live, await ProveAsync(accounts, live, phone), Site, Desk, Ct));
        Assert.Equal(2, accounts.Events.Count(e => e.Kind == SecurityEventKind.StepUp));
    }

    public enum Wrong
    {
        Origin,
        CrossOrigin,
        Domain,
        NotPresent,
        NotVerified,
        Signature,
        Counter,
        Challenge,
        SyncedAfterAll,
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task What_is_not_right_is_refused_and_told_to_the_audit_and_locks_nobody_out()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator { Counter = 40 };
        var (live, _) = await StaffAsync(accounts, "nadia", phone);

        foreach (var wrong in Enum.GetValues<Wrong>())
        {
            Spoil(phone, wrong);
            Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, phone, wrong == Wrong.Challenge));
            var refusal = accounts.Events.Last(e => e.Kind == SecurityEventKind.SignInRefused);
            Assert.Equal((live.Account.Id, "nadia", wrong == Wrong.Counter ? "passkey: its counter went back, as that of a copy would" : "passkey: not verified"), (refusal.UserId, refusal.UserName, refusal.Detail));
            Mend(phone);
        }

        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, phone));
        Assert.DoesNotContain(accounts.Events, e => e.Kind == SecurityEventKind.Lockout);
    }

    [Fact]
    public async Task What_is_no_answer_at_all_is_refused_and_counts_for_the_address()
    {
        await using var accounts = await StartAsync();
        await using var context = accounts.Open();
        foreach (var credential in (string[])["", "{", "[]", "{\"id\":\"*\"}", "{\"id\":7,\"type\":\"public-key\"}", "null"])
            Assert.IsType<SignInOutcome.Refused>(await AttemptAsync(credential));
        Assert.All(accounts.Events, e => Assert.Equal((SecurityEventKind.SignInRefused, null, "passkey: not verified"), (e.Kind, e.UserId, e.Detail)));

        for (var i = 6; i < 50; i++)
            await accounts.Get<Throttles>().TakeAddressAsync(context, Throttles.AddressKey(Desk.Address), Ct);
        Assert.IsType<SignInOutcome.TooMany>(await AttemptAsync("{"));

        async Task<SignInOutcome> AttemptAsync(string credential) => await accounts.Get<SignInFlow>().PasskeyAsync(
            Browser, new(credential, (await accounts.Get<Passkeys>().ForSignInAsync(context, Browser, Site)).Challenge), Site, Desk, Ct);
    }

    [Fact]
    public async Task Nobody_goes_on_with_anothers_passkey()
    {
        await using var accounts = await StartAsync();
        using var nadias = new SoftAuthenticator();
        using var dovs = new SoftAuthenticator();
        await StaffAsync(accounts, "nadia", nadias);
        var (dov, _) = await StaffAsync(accounts, "dov", dovs);
        var flow = accounts.Get<SignInFlow>();

        Assert.IsType<SignInOutcome.Refused>(await flow.StepUpAsync(dov, await ProveAsync(accounts, dov, nadias), Site, Desk, Ct));
        var waiting = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "dov"));
        Assert.IsType<SignInOutcome.Refused>(await flow.SecondFactorAsync(waiting.Live, await ProveAsync(accounts, waiting.Live, nadias), Site, Desk, Ct));
        Assert.IsType<SignInOutcome.Begun>(await flow.SecondFactorAsync(waiting.Live, await ProveAsync(accounts, waiting.Live, dovs), Site, Desk, Ct));
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task Locked_and_disabled_accounts_are_refused_with_the_right_passkey_too()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator();
        await StaffAsync(accounts, "nadia", phone);
        for (var i = 0; i < 5; i++)
            await accounts.Get<SignInFlow>().PasswordAsync("nadia", "wrong", Desk, Ct);

        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, phone));
        Assert.Equal("locked", accounts.Events[^1].Detail);
        accounts.Clock.Pass(TimeSpan.FromMinutes(16));
        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, phone));
        await accounts.Get<UserDirectory>().DisableAsync("nadia", "cli", Ct);
        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, phone));
        Assert.Equal("disabled", accounts.Events[^1].Detail);
    }

    [Fact]
    public async Task Only_a_passkey_that_verified_its_user_here_is_taken()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("nadia", Password, AccountKind.Staff);
        var waiting = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "nadia"));
        foreach (var wrong in (Wrong[])[Wrong.Origin, Wrong.CrossOrigin, Wrong.Domain, Wrong.NotVerified, Wrong.Challenge])
        {
            using var phone = new SoftAuthenticator();
            Spoil(phone, wrong);
            var (fault, codes, begun) = await AddAsync(accounts, waiting.Live, phone, "", wrong == Wrong.Challenge);
            Assert.NotNull(fault);
            Assert.True(codes.Count == 0 && begun is null);
        }

        await using var context = accounts.Open();
        Assert.Empty(await context.Passkeys.ToListAsync(Ct));
    }

    [Fact]
    public async Task A_passkey_is_made_by_the_session_that_asked_and_is_one_accounts_only()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator();
        var (nadia, _) = await StaffAsync(accounts, "nadia", phone);
        await accounts.AddAsync("dov", Password, AccountKind.Staff);
        var dov = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "dov")).Live;
        await using var context = accounts.Open();
        using var another = new SoftAuthenticator();

        var question = await accounts.Get<Passkeys>().ForCreationAsync(context, nadia, Site);
        Assert.Contains(Convert.ToBase64String(phone.CredentialId).TrimEnd('=').Replace('+', '-').Replace('/', '_'), question.Options, StringComparison.Ordinal); // not twice on one device
        Assert.NotNull((await accounts.Get<OwnPasskeys>().AddAsync(dov, new(another.Make(question.Options), question.Challenge), "", Site, Desk, Ct)).Fault);
        Assert.NotNull((await AddAsync(accounts, dov, phone, "")).Fault);
        Assert.Null((await AddAsync(accounts, dov, another, "")).Fault);
        Assert.Equal(2, await context.Passkeys.CountAsync(Ct));
    }

    [Fact]
    public async Task Anothers_passkey_is_neither_found_nor_renamed_nor_removed()
    {
        await using var accounts = await StartAsync();
        using var nadias = new SoftAuthenticator();
        using var dovs = new SoftAuthenticator();
        var (nadia, _) = await StaffAsync(accounts, "nadia", nadias);
        var (dov, _) = await StaffAsync(accounts, "dov", dovs);
        var (own, key) = (accounts.Get<OwnPasskeys>(), (await KeysAsync(accounts, nadia))[0]);

        Assert.Null(await own.FindAsync(dov, key, Ct));
        await own.RenameAsync(dov, key, "mine", Ct);
        Assert.Equal((null, null), await own.RemoveAsync(dov, key, Desk, Ct));
        Assert.Equal("Device", (await own.FindAsync(nadia, key, Ct))!.Data.Name);
    }

    [Fact]
    public async Task A_patients_passkey_is_a_way_beside_the_password_and_may_be_removed()
    {
        await using var accounts = await StartAsync();
        await accounts.AddAsync("alma", Password);
        using var phone = new SoftAuthenticator { Counter = null, IsBackupEligible = true };
        var live = Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "alma")).Live;
        var added = await AddAsync(accounts, live, phone, "");
        Assert.Empty(added.Codes); // nothing would ask for them
        live = added.Begun!.Live;

        phone.IsBackedUp = true;
        Assert.True(Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, phone)).Live.IsSignedIn); // those that do not count say 0 each time
        Assert.IsType<SignInOutcome.Begun>(await SignInAsync(accounts, phone));
        Assert.True(Assert.IsType<SignInOutcome.Begun>(await PasswordAsync(accounts, "alma")).Live.IsSignedIn);
        Assert.Null(await accounts.Get<SignInFlow>().StepUpAsync(live, Password, Desk, Ct));
        var passkey = Assert.Single(await OwnPasskeys.ListAsync(accounts.Open(), live.Account.Id, Ct));
        Assert.True(passkey.Data is { IsBackedUp: true, SignCount: 0 } && passkey.Data.Name.StartsWith("Passkey of ", StringComparison.Ordinal));
        Assert.Null((await accounts.Get<OwnPasskeys>().RemoveAsync(live, passkey.Key, Desk, Ct)).Fault);
        Assert.IsType<SignInOutcome.Refused>(await SignInAsync(accounts, phone));
    }

    [Fact]
    public async Task The_question_asks_for_verification_and_tells_nothing_about_who_has_a_passkey()
    {
        await using var accounts = await StartAsync();
        using var phone = new SoftAuthenticator();
        var (live, _) = await StaffAsync(accounts, "nadia", phone);
        await using var context = accounts.Open();

        var signIn = JsonNode.Parse((await accounts.Get<Passkeys>().ForSignInAsync(context, Browser, Site)).Options)!;
        Assert.Equal(("required", "localhost", 0), (signIn["userVerification"]!.GetValue<string>(), signIn["rpId"]!.GetValue<string>(), signIn["allowCredentials"]?.AsArray().Count ?? 0));
        var creation = JsonNode.Parse((await accounts.Get<Passkeys>().ForCreationAsync(context, live, Site)).Options)!;
        Assert.Equal(("none", "required", "required"),
            (creation["attestation"]!.GetValue<string>(), creation["authenticatorSelection"]!["userVerification"]!.GetValue<string>(), creation["authenticatorSelection"]!["residentKey"]!.GetValue<string>()));
    }

    private static void Spoil(SoftAuthenticator phone, Wrong wrong)
    {
        switch (wrong)
        {
            case Wrong.Origin:
                phone.Origin = "http://localhost:8081";
                break;
            case Wrong.CrossOrigin:
                phone.IsCrossOrigin = true;
                break;
            case Wrong.Domain:
                phone.Domain = "example.org";
                break;
            case Wrong.NotPresent:
                phone.IsUserPresent = false;
                break;
            case Wrong.NotVerified:
                phone.VerifiesUser = false;
                break;
            case Wrong.Signature:
                phone.SpoilsSignature = true;
                break;
            case Wrong.Counter:
                phone.Counter = 7;
                break;
            case Wrong.SyncedAfterAll:
                phone.IsBackupEligible = true;
                break;
        }
    }

    private static void Mend(SoftAuthenticator phone)
    {
        (phone.Origin, phone.IsCrossOrigin, phone.Domain, phone.IsUserPresent, phone.VerifiesUser) = (Site.Origin, false, null, true, true);
        (phone.SpoilsSignature, phone.Counter, phone.IsBackupEligible) = (false, (phone.Counter ?? 0) + 100, false);
    }

    [Theory, Trait("Requirement", "S-87")]
    [InlineData("https://emr.example.org/fhir", "http://10.0.0.1:8080", "emr.example.org", "https://emr.example.org")]
    [InlineData("https://emr.example.org:8443/clinic/fhir", "https://evil.example", "emr.example.org", "https://emr.example.org:8443")]
    [InlineData("http://localhost:8080/fhir", "http://localhost:8080", "localhost", "http://localhost:8080")]
    [InlineData("", "http://localhost:5001", "localhost", "http://localhost:5001")]
    [InlineData("", "http://127.0.0.1:5001", null, null)]
    [InlineData("", "http://[::1]:5001", null, null)]
    [InlineData("", "https://emr.example.org", null, null)]
    [InlineData("http://emr.example.org/fhir", "http://emr.example.org", null, null)]
    [InlineData("https://192.0.2.7/fhir", "https://192.0.2.7", null, null)]
    public void Passkeys_are_bound_to_the_public_address_and_offered_only_where_browsers_have_them(string baseUrl, string asked, string? domain, string? origin)
    {
        var url = new Uri(asked);
        var http = new DefaultHttpContext();
        (http.Request.Scheme, http.Request.Host) = (url.Scheme, new HostString(url.Authority));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Server:BaseUrl", baseUrl)]).Build();

        Assert.Equal(domain is null ? null : new PasskeySite(domain, origin!), PasskeySite.Of(http.Request, configuration));
    }
}

public sealed class PostgresPasskeyTests(PostgresCluster cluster) : PasskeyTests
{
    private protected override async Task<AccountsHarness> StartAsync(string mode = AuthOptions.Embedded)
    {
        var (server, whyNot) = await cluster.StartAsync();
        Assert.SkipWhen(server is null, whyNot ?? "");
        var name = $"passkeys_{Guid.NewGuid():N}";
        await using var admin = new NpgsqlConnection($"{server};Database=postgres");
        await admin.OpenAsync(Ct);
        await new NpgsqlCommand($"CREATE DATABASE {name}", admin).ExecuteNonQueryAsync(Ct);
        return await AccountsHarness.StartAsync($"{server};Database={name}", mode);
    }
}
