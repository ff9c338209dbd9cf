using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>Refresh, revocation, introspection (security S-16 to S-18).</summary>
[Trait("Requirement", "S-16")]
[Trait("Requirement", "S-17")]
[Trait("Requirement", "S-18")]
public abstract class RefreshTests(SmartServer server) : OnSmartServer(server)
{
    private const string Scope = "launch/patient patient/*.rs offline_access";

    [Fact]
    public async Task A_refresh_token_is_replaced_by_each_use_and_keeps_the_context()
    {
        var first = await GrantAsync();
        Assert.Equal(43, Refresh(first).Length); // a reference: nothing can be read from it

        var (status, second) = await App.RefreshAsync("page", Refresh(first));

        Assert.True(status == 200, second.ToJsonString());
        Assert.Equal("a", second["patient"]!.GetValue<string>());
        Assert.Equal(Scope, second["scope"]!.GetValue<string>());
        Assert.NotEqual(Refresh(first), Refresh(second));
        Assert.Equal(200, await ReadAsync(Access(second)));
        Assert.Equal(200, (await App.RefreshAsync("page", Refresh(second))).Status);
    }

    [Fact]
    public async Task Shown_again_within_seconds_it_was_lost_and_later_it_was_stolen()
    {
        var first = await GrantAsync();
        var (_, second) = await App.RefreshAsync("page", Refresh(first));
        Server.Clock.Forward(TimeSpan.FromSeconds(4));
        Assert.Equal(200, (await App.RefreshAsync("page", Refresh(first))).Status);
        Server.Clock.Forward(TimeSpan.FromSeconds(2));
        Assert.Equal(200, await ReadAsync(Access(second)));

        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(first))));

        // Nothing that came of the same permission counts any more.
        Assert.Equal(401, await ReadAsync(Access(second)));
        Assert.Equal(401, await ReadAsync(Access(first)));
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(second))));
        await using var accounts = await Server.Accounts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(await accounts.Set<OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreAuthorization<long>>().Where(a => a.Status == "revoked").ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Scopes_can_shrink_and_never_grow()
    {
        var first = await GrantAsync();
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(first), ("scope", Scope + " patient/Observation.cruds"))));

        var (status, less) = await App.RefreshAsync("page", Refresh(first), ("scope", "launch/patient patient/*.rs"));

        Assert.True(status == 200, less.ToJsonString());
        Assert.Equal("launch/patient patient/*.rs", less["scope"]!.GetValue<string>());
    }

    [Fact]
    public async Task It_is_no_use_to_another_client()
    {
        var token = await GrantAsync();
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("native", Refresh(token))));
        Assert.Equal(200, (await App.RefreshAsync("page", Refresh(token))).Status);
    }

    [Fact]
    public async Task It_ends_when_it_is_not_used_and_when_it_is_too_old_for_anything()
    {
        var unused = await GrantAsync();
        Server.Clock.Forward(TimeSpan.FromDays(14) + TimeSpan.FromMinutes(1));
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(unused))));

        await App.SignInAsync(Server.PatientId); // the first session is over by now
        var kept = await GrantAsync();
        foreach (var _ in Enumerable.Range(0, 8))
        {
            Server.Clock.Forward(TimeSpan.FromDays(11));
            var (status, next) = await App.RefreshAsync("page", Refresh(kept));
            Assert.True(status == 200, next.ToJsonString());
            kept = next;
        }

        Server.Clock.Forward(TimeSpan.FromDays(3));
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(kept))));
    }

    [Fact]
    public async Task Online_access_ends_with_the_session_and_offline_access_does_not()
    {
        await App.SignInAsync(Server.PatientId);
        var online = await App.GrantAsync("page", "launch/patient patient/*.rs online_access");
        var offline = await App.GrantAsync("page", Scope);
        Assert.Equal(200, (await App.RefreshAsync("page", Refresh(online))).Status);
        var (_, again) = await App.RefreshAsync("page", Refresh(offline));

        await using (var accounts = await Server.Accounts.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            var sessions = Server.Services.GetRequiredService<AccountSessions>();
            foreach (var session in await accounts.Sessions.AsNoTracking().Where(s => s.UserId == Server.PatientId && s.Ended == null).ToListAsync(TestContext.Current.CancellationToken))
                Assert.True(await sessions.EndAsync(accounts, Server.PatientId, session.Id, TestContext.Current.CancellationToken));
        }

        Server.Clock.Forward(TimeSpan.FromSeconds(6));
        Assert.Equal(401, await ReadAsync(Access(online)));
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(online))));
        Assert.Equal(200, (await App.RefreshAsync("page", Refresh(again))).Status);
    }

    [Fact]
    public async Task What_is_revoked_ends_at_once()
    {
        var token = await GrantAsync();
        Assert.Equal(200, await ReadAsync(Access(token)));

        var (status, _) = await App.TokenAsync(new Dictionary<string, string?> { ["token"] = Access(token), ["client_id"] = "page" }, "/auth/revoke");
        Assert.Equal(200, status);
        Assert.Equal(401, await ReadAsync(Access(token)));

        Assert.Equal(200, (await App.TokenAsync(new Dictionary<string, string?> { ["token"] = Refresh(token), ["client_id"] = "page" }, "/auth/revoke")).Status);
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(token))));
    }

    [Fact]
    public async Task A_disabled_user_has_nothing_more()
    {
        var id = await Server.UserAsync("leaver" + Guid.NewGuid().ToString("N")[..6], AccountKind.Patient, "patient", "Patient/a");
        await App.SignInAsync(id);
        var token = await App.GrantAsync("page", Scope);
        Assert.Equal(200, await ReadAsync(Access(token)));

        await using (var accounts = await Server.Accounts.CreateDbContextAsync(TestContext.Current.CancellationToken))
            await accounts.Users.Where(a => a.Id == id).ExecuteUpdateAsync(a => a.SetProperty(x => x.IsDisabled, true), TestContext.Current.CancellationToken);
        Server.Clock.Forward(TimeSpan.FromSeconds(6));

        Assert.Equal(401, await ReadAsync(Access(token)));
        Assert.Equal("invalid_grant", Error(await App.RefreshAsync("page", Refresh(token))));
    }

    [Fact]
    public async Task Introspection_tells_the_client_what_its_token_is_and_others_nothing()
    {
        await App.SignInAsync(Server.PatientId);
        var code = await App.CodeAsync("confidential", "openid fhirUser launch/patient patient/*.rs");
        var (_, token) = await App.ExchangeAsync("confidential", code, ("client_secret", Server.Secret));
        var form = new Dictionary<string, string?> { ["token"] = Access(token) };

        var (status, told) = await App.TokenAsync(form, "/auth/introspect", $"confidential:{Server.Secret}");
        Assert.True(status == 200, told.ToJsonString());
        Assert.True(told["active"]!.GetValue<bool>());
        Assert.Equal("a", told["patient"]!.GetValue<string>());
        Assert.Equal($"{Server.BaseUrl}/Patient/a", told["fhirUser"]!.GetValue<string>());
        Assert.Equal("openid fhirUser launch/patient patient/*.rs", told["scope"]!.GetValue<string>());
        Assert.True(told["exp"]!.GetValue<long>() > 0);

        Assert.Equal(401, (await App.TokenAsync(form, "/auth/introspect", "confidential:wrong")).Status);
        Assert.NotEqual(200, (await App.TokenAsync(new Dictionary<string, string?> { ["token"] = Access(token), ["client_id"] = "page" }, "/auth/introspect")).Status);
        var others = await GrantAsync();
        var (_, nothing) = await App.TokenAsync(new Dictionary<string, string?> { ["token"] = Access(others) }, "/auth/introspect", $"confidential:{Server.Secret}");
        Assert.Equal("""{"active":false}""", nothing.ToJsonString());
        Server.Clock.Forward(TimeSpan.FromMinutes(61));
        Assert.Equal("""{"active":false}""", (await App.TokenAsync(form, "/auth/introspect", $"confidential:{Server.Secret}")).Json.ToJsonString());
    }

    private async Task<JsonNode> GrantAsync()
    {
        await App.SignInAsync(Server.PatientId);
        return await App.GrantAsync("page", Scope);
    }

    private static string Access(JsonNode token) => token["access_token"]!.GetValue<string>();

    private static string Refresh(JsonNode token) => token["refresh_token"]!.GetValue<string>();

    private static string Error((int Status, JsonNode Json) reply) => reply.Json["error"]?.GetValue<string>() ?? $"(none: {reply.Status})";
}

public sealed class SqliteRefreshTests(SqliteSmartServer server) : RefreshTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresRefreshTests(PostgresSmartServer server) : RefreshTests(server), IClassFixture<PostgresSmartServer>;
