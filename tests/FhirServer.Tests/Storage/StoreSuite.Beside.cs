using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Tests.Storage;

public abstract partial class StoreSuite
{
    [Fact]
    public async Task An_answer_is_kept_with_its_work_or_not_at_all()
    {
        var answer = new KeptAnswer("client", "key", new string('d', 64), 201, 5, [1, 2, 3]);
        Assert.IsType<CommitResult.Committed>(await CommitAsync([AnswerSql.Keep(answer)], H.Write("Patient", "first", Store.ReserveSids(1), StoreHarness.Rows())));

        var second = await CommitAsync([AnswerSql.Keep(answer with { Status = 200 })], H.Write("Patient", "second", Store.ReserveSids(1), StoreHarness.Rows()));
        Assert.IsType<CommitResult.Stale>(second);
        Assert.NotNull(await H.ReadAsync("Patient", "first"));
        Assert.Null(await H.ReadAsync("Patient", "second"));

        var kept = await Store.AnswerAsync("client", "key", Ct);
        Assert.Equal((201, 5L, answer.Digest), (kept!.Status, kept.Created, kept.Digest));
        Assert.Equal(answer.Answer, kept.Answer);
        Assert.Null(await Store.AnswerAsync("another", "key", Ct));
        Assert.Null(await Store.AnswerAsync("client", "Key", Ct));
    }

    [Fact]
    public async Task A_stale_plan_keeps_no_answer()
    {
        var sid = await H.CreateAsync("Patient", "p");
        var stale = await CommitAsync([AnswerSql.Keep(new("c", "stale", "d", 200, 1, []))], H.Write("Patient", "p", sid, StoreHarness.Rows(), expected: 7));

        Assert.IsType<CommitResult.Stale>(stale);
        Assert.Null(await Store.AnswerAsync("c", "stale", Ct));
    }

    [Fact]
    public async Task Old_answers_are_swept()
    {
        await CommitAsync([AnswerSql.Keep(new("c", "old", "d", 200, 10, [])), AnswerSql.Keep(new("c", "new", "d", 200, 20, []))]);
        await CommitAsync([AnswerSql.Sweep(20)]);

        Assert.Null(await Store.AnswerAsync("c", "old", Ct));
        Assert.NotNull(await Store.AnswerAsync("c", "new", Ct));
    }

    [Fact]
    public async Task A_job_is_claimed_by_one_kept_while_renewed_and_taken_over_when_its_lease_ends()
    {
        await CommitAsync([JobSql.Add(new("j1", "kind", JobState.Queued, "client", 1, 1, "", []), [7, 8])]);
        await CommitAsync([JobSql.Add(new("j2", "kind", JobState.Queued, "client", 2, 2, "", []), [9])]);
        Assert.Equal(["j1", "j2"], await Store.DueJobsAsync("kind", 100, 5, Ct));
        Assert.Equal(["j1"], await Store.DueJobsAsync("kind", 100, 1, Ct));
        Assert.Empty(await Store.DueJobsAsync("other", 100, 5, Ct));

        Assert.IsType<CommitResult.Committed>(await CommitAsync([JobSql.Claim("j1", "a", 100, 200)]));
        Assert.IsType<CommitResult.Stale>(await CommitAsync([JobSql.Claim("j1", "b", 100, 200)]));
        Assert.Equal(["j2"], await Store.DueJobsAsync("kind", 199, 5, Ct));
        Assert.IsType<CommitResult.Committed>(await CommitAsync([JobSql.Renew("j1", "a", 300)]));
        Assert.IsType<CommitResult.Stale>(await CommitAsync([JobSql.Renew("j1", "b", 300)]));
        Assert.IsType<CommitResult.Committed>(await CommitAsync([JobSql.Claim("j1", "b", 300, 400)]));
        Assert.IsType<CommitResult.Stale>(await CommitAsync([JobSql.Finish("j1", "a", 350, [1])]));

        var (request, client) = (await Store.JobRequestAsync("j1", Ct))!.Value;
        Assert.Equal("client", client);
        Assert.Equal(new byte[] { 7, 8 }, request);
        Assert.IsType<CommitResult.Committed>(await CommitAsync([JobSql.Finish("j1", "b", 350, [1, 2])]));
        var done = await Store.JobAsync("j1", "client", Ct);
        Assert.Equal((JobState.Done, 350L), (done!.State, done.Updated));
        Assert.Equal(new byte[] { 1, 2 }, done.Answer);
        Assert.Empty((await Store.JobRequestAsync("j1", Ct))!.Value.Request);
        Assert.Null(await Store.JobAsync("j1", "somebody else", Ct));
    }

    [Fact]
    public async Task Work_that_comes_again_is_free_after_each_turn_and_operators_see_all_jobs()
    {
        await CommitAsync([JobSql.Add(new("d1", "duty", JobState.Queued, "server", 5, 5, "{}", []), []), JobSql.Add(new("d2", "request", JobState.Queued, "client", 6, 6, "", []), [])]);
        Assert.IsType<CommitResult.Committed>(await CommitAsync([JobSql.Claim("d1", "a", 10, 20)]));

        Assert.IsType<CommitResult.Stale>(await CommitAsync([JobSql.EndTurn("d1", "b", 15, "b's")]));
        Assert.IsType<CommitResult.Committed>(await CommitAsync([JobSql.EndTurn("d1", "a", 15, "a's")]));

        Assert.Contains("d2", (await Store.NewestJobsAsync("duty", 100, Ct)).Select(found => found.Job.Id));
        Assert.DoesNotContain("d1", (await Store.NewestJobsAsync("duty", 100, Ct)).Select(found => found.Job.Id));
        Assert.Single(await Store.NewestJobsAsync("request", 1, Ct));
        Assert.Equal(("client", 0L), await Store.AnyJobAsync("d2", Ct) is var (found, lease) ? (found.Client, lease) : default);
        Assert.Null(await Store.AnyJobAsync("d3", Ct));
        Assert.Equal((JobState.Queued, 15L, "a's"), await Store.JobAsync("d1", "server", Ct) is { } row ? (row.State, row.Updated, row.Progress) : default);
        Assert.IsType<CommitResult.Committed>(await CommitAsync([JobSql.Claim("d1", "b", 16, 30)]));
        await CommitAsync([JobSql.Remove("d1", "server"), JobSql.Remove("d2", "client")]);
    }

    [Fact]
    public async Task Jobs_are_removed_by_their_client_and_swept_when_done_for_long()
    {
        await CommitAsync([JobSql.Add(new("s1", "kind", JobState.Done, "client", 1, 10, "", []), []), JobSql.Add(new("s2", "kind", JobState.Queued, "client", 1, 10, "", []), [])]);
        await CommitAsync([JobSql.Remove("s2", "somebody else")]);
        Assert.NotNull(await Store.JobAsync("s2", "client", Ct));
        await CommitAsync([JobSql.Sweep("kind", 11)]);
        Assert.Null(await Store.JobAsync("s1", "client", Ct));
        Assert.NotNull(await Store.JobAsync("s2", "client", Ct));
        await CommitAsync([JobSql.Remove("s2", "client")]);
        Assert.Null(await Store.JobAsync("s2", "client", Ct));
    }

    [Fact]
    public async Task What_meta_carries_is_listed_once()
    {
        var tag = H.Param("Patient", "_tag");
        foreach (var id in new[] { "a", "b" })
        {
            var plan = new CommitPlan();
            plan.Writes.Add(H.Write("Patient", id, Store.ReserveSids(1), StoreHarness.Rows(null, H.Token(tag, "code", "urn:tag"), H.Token(tag, "bare"))));
            plan.Texts.Add(new(H.Hash("code"), "code"));
            plan.Texts.Add(new(H.Hash("bare"), "bare"));
            Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));
        }

        var used = await Store.MetaInUseAsync(["Patient", "Device"], SystemPlans.Work, Ct);
        Assert.Equal([("tag", null, "bare"), ("tag", "urn:tag", "code")], used.Select(u => (u.Element, u.System, u.Value)));
        Assert.Empty(await Store.MetaInUseAsync(["Device"], SystemPlans.Work, Ct));
    }

    private Task<CommitResult> CommitAsync(PlanStatement[] statements, params ResourceWrite[] writes)
    {
        var plan = new CommitPlan();
        plan.Statements.AddRange(statements);
        plan.Writes.AddRange(writes);
        return Store.CommitAsync(plan, Ct);
    }
}
