using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Hosting.Jobs;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>Work by the clock, over Hangfire's storage of each engine: what is late is begun, one node does it, administrators see and steer it (reliability ).</summary>
[Trait("Requirement", "S-88")]
public abstract class JobServerTests(JobServerTests.WithDuties server) : OnSmartServer(server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private WithDuties Own => (WithDuties)Server;

    [Fact]
    public async Task A_duty_that_is_late_is_begun_and_one_begun_twice_runs_once_at_a_time()
    {
        await UntilAsync(() => Own.LateRuns > 0); // its row says that a node began it a day ago, and died

        await BeginAsync("slow");
        await UntilAsync(() => Own.SlowRuns == 1);
        await BeginAsync("slow");
        await UntilAsync(async () => (await Succeeded()) >= 2); // the second call has come and gone: somebody was at it
        Assert.Equal(1, Own.SlowRuns);
        Own.MayEnd.SetResult();
        await UntilAsync(async () => (await DutyAsync("slow"))["isRunning"]!.GetValue<bool>() == false);

        var slow = await DutyAsync("slow");
        Assert.NotNull(slow["lastBegan"]);
        Assert.NotNull(slow["next"]);
        Assert.Equal(0, slow["failures"]!.GetValue<int>());

        Task<long> Succeeded() => Task.FromResult(Own.Services.GetRequiredService<JobServer>().Storage!.GetMonitoringApi().SucceededListCount());
    }

    [Fact]
    public async Task A_duty_that_fails_says_so_without_the_words_of_the_fault()
    {
        await BeginAsync("broken");
        await UntilAsync(async () => (await DutyAsync("broken"))["failures"]!.GetValue<int>() > 0);

        var broken = await DutyAsync("broken");
        Assert.Equal("InvalidDataException", broken["error"]!.GetValue<string>());
        Assert.DoesNotContain("Moe Secret", broken.ToJsonString(), StringComparison.Ordinal);
        await UntilAsync(() => Own.Services.GetRequiredService<JobServer>().Storage!.GetMonitoringApi().FailedCount() > 0);
        Assert.DoesNotContain("Moe Secret", await Server.Http.GetStringAsync(Server.Root + JobDashboard.Path + "/jobs/failed", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrator_gives_up_a_job_of_a_client()
    {
        var store = Own.Services.GetRequiredService<IResourceStore>();
        var plan = new CommitPlan();
        plan.Statements.AddRange([.. JobSql.Save(Running("admin-given-up", "request")), .. JobSql.Save(Running("admin-purge", "purge"))]);
        await store.CommitAsync(plan, Ct);

        Assert.Contains((await ListAsync())["jobs"]!.AsArray(), job => job!["id"]!.GetValue<string>() == "admin-given-up");
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync("admin-given-up"));
        Assert.Equal(HttpStatusCode.Conflict, await DeleteAsync("admin-purge"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync("never was"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(DutyRunner.RowOf("slow")));
        Assert.NotEqual(JobState.Running, (await store.JobAsync("admin-given-up", "some client", Ct))?.State ?? "");
        plan = new CommitPlan();
        plan.Statements.Add(JobSql.Remove("admin-purge", "some client"));
        await store.CommitAsync(plan, Ct);

        static JobStep Running(string id, string kind) => new(id, kind, JobState.Running, 1, 1, "some client", "") { LeaseUntil = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), LeaseOwner = "somebody" };

        async Task<HttpStatusCode> DeleteAsync(string id)
        {
            using var reply = await Server.Http.DeleteAsync($"{Server.Root}/admin/jobs/{Uri.EscapeDataString(id)}", Ct);
            return reply.StatusCode;
        }
    }

    [Fact]
    public async Task Only_administrators_see_jobs_and_the_dashboard()
    {
        var patient = await Server.Services.GetRequiredService<TokenMint>().MakeAsync("page", Server.PatientId, ["patient/*.rs"], TimeSpan.FromMinutes(5));
        using var nobody = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });

        foreach (var path in (string[])["/admin/jobs", JobDashboard.Path, JobDashboard.Path + "/recurring"])
        {
            Assert.Equal(path == "/admin/jobs" ? HttpStatusCode.Unauthorized : HttpStatusCode.Redirect, await StatusAsync(path, null));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, patient));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(path, Server.AdministratorToken));
        }

        var page = await Server.Http.GetStringAsync(Server.Root + JobDashboard.Path + "/recurring", Ct);
        Assert.Contains("slow", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Host=", page, StringComparison.Ordinal);

        // What changes something carries the token of a page's form: who is signed in elsewhere in the browser is not enough.
        foreach (var (body, status) in ((HttpContent, HttpStatusCode)[])[(new FormUrlEncodedContent([new("jobs[]", "slow")]), HttpStatusCode.Forbidden), (new StringContent("{}"), HttpStatusCode.UnsupportedMediaType)])
        {
            using var reply = await Server.Http.PostAsync(Server.Root + JobDashboard.Path + "/recurring/trigger", body, Ct);
            Assert.Equal(status, reply.StatusCode);
        }

        async Task<HttpStatusCode> StatusAsync(string path, string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Server.Root + path);
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var reply = await nobody.SendAsync(request, Ct);
            return reply.StatusCode;
        }
    }

    private async Task BeginAsync(string duty)
    {
        using var reply = await Server.Http.PostAsync($"{Server.Root}/admin/jobs/duties/{duty}", null, Ct);
        Assert.Equal(HttpStatusCode.Accepted, reply.StatusCode);
    }

    private async Task<JsonNode> DutyAsync(string id) => (await ListAsync())["duties"]!.AsArray().Single(duty => duty!["id"]!.GetValue<string>() == id)!;

    private async Task<JsonNode> ListAsync() => JsonNode.Parse(await Server.Http.GetStringAsync(Server.Root + "/admin/jobs", Ct))!;

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(50, Ct);
    }

    /// <summary>A server with duties of the test's own, one of them late.</summary>
    public abstract class WithDuties(PostgresCluster? cluster) : SmartServer(cluster)
    {
        private int late, slow;

        internal int LateRuns => late;

        internal int SlowRuns => slow;

        internal TaskCompletionSource MayEnd { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton(new Duties(
            [
                new("late", "0 3 1 1 *", TimeSpan.FromHours(1), "Is late.", _ => Task.FromResult(Interlocked.Increment(ref late))),
                new("slow", "0 3 1 1 *", TimeSpan.FromDays(300), "Takes its time.", async ct =>
                {
                    Interlocked.Increment(ref slow);
                    await MayEnd.Task.WaitAsync(ct);
                }),
                new("broken", "0 3 1 1 *", TimeSpan.FromDays(300), "Fails.", _ => throw new InvalidDataException("It fell over the record of Moe Secret.")),
            ]));
            builder.Services.AddHostedService<LateRow>(); // before Hangfire, as after a night without a server
            builder.Services.AddHostedService(sp => sp.GetRequiredService<JobServer>());
        }

        protected override async Task SeedAsync()
        {
            await base.SeedAsync();
            while (Services.GetRequiredService<JobServer>().Storage is null)
                await Task.Delay(20); // Hangfire starts a moment after the server
        }

        private sealed class LateRow(IResourceStore store, TimeProvider clock) : Microsoft.Extensions.Hosting.IHostedService
        {
            public async Task StartAsync(CancellationToken cancellationToken)
            {
                var yesterday = clock.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
                var plan = new CommitPlan();
                plan.Statements.AddRange(JobSql.Save(new(DutyRunner.RowOf("late"), DutyRunner.Kind, JobState.Running, yesterday, yesterday, DutyRunner.Client, DutyRun.Never.Write())
                {
                    LeaseUntil = yesterday + 1,
                    LeaseOwner = "a node that died at it",
                }));
                await store.CommitAsync(plan, cancellationToken);
            }

            public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        }
    }
}

public sealed class SqliteServerWithDuties() : JobServerTests.WithDuties(null);

public sealed class PostgresServerWithDuties(PostgresCluster cluster) : JobServerTests.WithDuties(cluster);

public sealed class SqliteJobServerTests(SqliteServerWithDuties server) : JobServerTests(server), IClassFixture<SqliteServerWithDuties>;

public sealed class PostgresJobServerTests(PostgresServerWithDuties server) : JobServerTests(server), IClassFixture<PostgresServerWithDuties>;
