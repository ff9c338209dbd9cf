using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Tests.Storage;

public abstract partial class StoreSuite
{
    [Fact]
    public async Task A_created_resource_reads_back_byte_for_byte()
    {
        await H.CreateAsync("Patient", "p1", StoreHarness.Rows(), more: ""","name":[{"family":"Ångström"}],"multipleBirthInteger":2""");

        var found = await H.ReadAsync("Patient", "p1");

        Assert.Equal(StoreHarness.Json("Patient", "p1", 1, ""","name":[{"family":"Ångström"}],"multipleBirthInteger":2"""), found!.Json.ToArray());
        Assert.Equal((1, false, "POST"), (found.Version, found.IsDeleted, found.Method));
    }

    [Fact]
    public async Task An_unknown_resource_reads_as_null()
    {
        await H.CreateAsync("Patient", "p1");
        Assert.Null(await H.ReadAsync("Patient", "P1"));
        Assert.Null(await H.ReadAsync("Person", "p1"));
        Assert.Null(await Store.ReadVersionAsync(new("Patient", "p1"), 2, SystemPlans.Work, Ct));
    }

    [Fact]
    public async Task Of_many_reads_at_once_each_gets_its_own()
    {
        for (var i = 0; i < 20; i++)
            await H.CreateAsync("Patient", $"p{i}");

        await Task.WhenAll(Enumerable.Range(0, 400).Select(async n =>
        {
            var id = $"p{n % 40}";
            var found = await H.ReadAsync("Patient", id);
            Assert.Equal(n % 40 < 20 ? StoreHarness.Json("Patient", id, 1) : null, found?.Json.ToArray());
        }));
    }

    [Fact]
    public async Task An_update_keeps_the_version_it_replaces()
    {
        var sid = await H.CreateAsync("Patient", "p1");
        Assert.IsType<CommitResult.Committed>(await H.CommitAsync(H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows())));

        Assert.Equal(2, (await H.ReadAsync("Patient", "p1"))!.Version);
        var first = await Store.ReadVersionAsync(new("Patient", "p1"), 1, SystemPlans.Work, Ct);
        Assert.Equal(StoreHarness.Json("Patient", "p1", 1), first!.Json.ToArray());
        Assert.Equal(2, (await Store.ReadVersionAsync(new("Patient", "p1"), 2, SystemPlans.Work, Ct))!.Version);
    }

    [Fact]
    public async Task A_version_is_put_back_where_nothing_stands_and_the_numbers_go_on_from_it()
    {
        var (key, sid, anchored) = (new ResourceKey("Patient", "p1"), Store.ReserveSids(1), Store.ReserveSids(1));
        var anchor = new CommitPlan();
        anchor.Anchors.Add((anchored, new("Patient", "p2")));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(anchor, Ct));
        foreach (var (of, at) in ((ResourceKey, long)[])[(key, sid), (new("Patient", "p2"), anchored)]) // where a key was reserved, too
        {
            var plan = new CommitPlan();
            plan.Writes.Add(StoreHarness.Restore(of, at, version: 7, lastUpdated: 1_000));
            Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));
            Assert.IsType<CommitResult.Stale>(await Store.CommitAsync(plan, Ct));
        }

        var restored = await H.ReadAsync("Patient", "p1");
        Assert.Equal((7, 1_000L, "PUT"), (restored!.Version, restored.LastUpdated.ToUnixTimeMilliseconds(), restored.Method));
        Assert.Equal(7, (await H.ReadAsync("Patient", "p2"))!.Version);
        Assert.IsType<CommitResult.Committed>(await H.CommitAsync(H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 7, before: StoreHarness.Rows())));
        Assert.Equal(8, (await H.ReadAsync("Patient", "p1"))!.Version);
        Assert.Equal(7, (await Store.ReadVersionAsync(key, 7, SystemPlans.Work, Ct))!.Version);
        Assert.Null(await Store.ReadVersionAsync(key, 1, SystemPlans.Work, Ct));
    }

    [Fact]
    public async Task A_deletion_leaves_a_marker_and_the_numbers_go_on_when_it_comes_back()
    {
        var sid = await H.CreateAsync("Patient", "p1");
        await H.CommitAsync(H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows(), delete: true));

        var gone = await H.ReadAsync("Patient", "p1");
        Assert.Equal((2, true, 0, "DELETE"), (gone!.Version, gone.IsDeleted, gone.Json.Length, gone.Method));
        Assert.Empty(await H.IdsAsync("Patient", new SearchExpression.And([])));

        await H.CommitAsync(H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 2));
        Assert.Equal((3, false), ((await H.ReadAsync("Patient", "p1"))!.Version, (await H.ReadAsync("Patient", "p1"))!.IsDeleted));
        Assert.True((await Store.ReadVersionAsync(new("Patient", "p1"), 2, SystemPlans.Work, Ct))!.IsDeleted);
    }

    [Fact]
    public async Task A_write_built_on_another_version_is_stale_and_changes_nothing()
    {
        var code = H.Param("Patient", "gender");
        var sid = await H.CreateAsync("Patient", "p1", null, H.Token(code, "female"));

        var result = await H.CommitAsync(
            H.Write("Patient", "new", Store.ReserveSids(1), StoreHarness.Rows(null, H.Token(code, "male"))),
            H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 2, before: StoreHarness.Rows(null, H.Token(code, "female"))));

        Assert.IsType<CommitResult.Stale>(result);
        Assert.Null(await H.ReadAsync("Patient", "new"));
        Assert.Equal(["p1"], await H.IdsAsync("Patient", new SearchExpression.And([])));
        Assert.Empty(await H.IdsAsync("Patient", new SearchExpression.Token(code, H.Hash("male"), null)));
        Assert.Single(await H.ChangesAsync(1));
    }

    [Fact]
    public async Task An_id_is_created_once()
    {
        await H.CreateAsync("Patient", "p1");
        Assert.IsType<CommitResult.Stale>(await H.CommitAsync(H.Write("Patient", "p1", Store.ReserveSids(1), StoreHarness.Rows())));
    }

    [Fact]
    public async Task An_update_moves_its_index_rows_and_leaves_the_rest()
    {
        var (code, status) = (H.Param("Observation", "code"), H.Param("Observation", "status"));
        var before = StoreHarness.Rows(7, H.Token(code, "a"), H.Token(status, "final"));
        var sid = await H.CreateAsync("Observation", "o1", before);

        await H.CommitAsync(H.Write("Observation", "o1", sid, StoreHarness.Rows(7, H.Token(code, "b"), H.Token(status, "final")), expected: 1, before: before));

        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Token(code, H.Hash("a"), null)));
        Assert.Equal(["o1"], await H.IdsAsync("Observation", new SearchExpression.Token(code, H.Hash("b"), null)));
        Assert.Equal(["o1"], await H.IdsAsync("Observation", new SearchExpression.Token(status, H.Hash("final"), null)));
    }

    [Fact]
    public async Task An_update_that_changes_the_patient_moves_every_row()
    {
        var (code, subject) = (H.Param("Observation", "code"), H.Param("Observation", "subject"));
        var (one, two) = (await H.CreateAsync("Patient", "one"), await H.CreateAsync("Patient", "two"));
        var before = StoreHarness.Rows(one, H.Token(code, "a"), new FhirServer.Search.Indexing.ReferenceRow(subject.Number, one));
        var sid = await H.CreateAsync("Observation", "o1", before);
        await H.CommitAsync(H.Write(
            "Observation", "o1", sid, StoreHarness.Rows(two, H.Token(code, "a"), new FhirServer.Search.Indexing.ReferenceRow(subject.Number, two)), expected: 1, before: before));

        Assert.Empty(await H.IdsAsync("Observation", Of(one)));
        Assert.Equal(["o1"], await H.IdsAsync("Observation", Of(two)));

        SearchExpression.And Of(long patient) =>
            new([new SearchExpression.Reference(subject, [patient]) { Owner = patient }, new SearchExpression.Token(code, H.Hash("a"), null)]);
    }

    [Fact]
    public async Task One_stale_plan_among_many_waiting_ones_fails_alone()
    {
        await H.CreateAsync("Patient", "taken");
        var plans = Enumerable.Range(0, 40).Select(i =>
            H.CommitAsync(H.Write("Patient", i % 10 == 3 ? "taken" : $"p{i}", Store.ReserveSids(1), StoreHarness.Rows()))).ToArray();
        var results = await Task.WhenAll(plans);

        Assert.All(results.Index(), r => Assert.Equal(r.Index % 10 == 3, r.Item is CommitResult.Stale));
        Assert.Equal(37, (await H.IdsAsync(new("Patient", new SearchExpression.And([])) { Count = 100 })).Length);
    }

    [Fact]
    public async Task Parallel_updates_each_get_their_own_version_without_gaps()
    {
        var sid = await H.CreateAsync("Patient", "p1");
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var current = (await Store.LookUpAsync([new ResourceKey("Patient", "p1")], withBodies: false, SystemPlans.Work, Ct))[0];
                if (await H.CommitAsync(H.Write("Patient", "p1", sid, StoreHarness.Rows(), current.Version, StoreHarness.Rows())) is CommitResult.Committed)
                    return;
            }
        }, Ct)));

        var history = await Store.HistoryAsync(new("Patient", "p1", 100, null, null, null), SystemPlans.Work, Ct);
        Assert.Equal(Enumerable.Range(1, 33), history.Versions.Select(v => v.Version).Order());
    }

    [Fact]
    public async Task Equal_conditional_creates_at_once_give_one_resource()
    {
        var identifier = H.Param("Patient", "identifier");
        var search = new SearchQuery("Patient", new SearchExpression.Token(identifier, H.Hash("mrn-1"), null));
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
        {
            var plan = new CommitPlan();
            plan.Writes.Add(H.Write("Patient", $"c{i}", Store.ReserveSids(1), StoreHarness.Rows(null, H.Token(identifier, "mrn-1"))));
            plan.Preconditions.Add(new(search, SystemPlans.Work, []));
            return Store.CommitAsync(plan, Ct);
        }, Ct)));

        Assert.Single(results, r => r is CommitResult.Committed);
        Assert.Single(await H.IdsAsync(search));
    }

    [Fact]
    public async Task A_reserved_key_is_invisible_until_it_is_written()
    {
        var key = new ResourceKey("Practitioner", "later");
        var sid = Store.ReserveSids(1);
        var plan = new CommitPlan();
        plan.Anchors.Add((sid, key));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct)); // the same again is no conflict

        Assert.Null(await H.ReadAsync("Practitioner", "later"));
        Assert.Empty(await H.IdsAsync("Practitioner", new SearchExpression.And([])));
        Assert.Empty((await Store.HistoryAsync(new("Practitioner", null, 10, null, null, null), SystemPlans.Work, Ct)).Versions);
        var state = (await Store.LookUpAsync([key], withBodies: false, SystemPlans.Work, Ct))[0];
        Assert.Equal((sid, 0, true, false), (state.Sid, state.Version, state.IsKnown, state.Exists));

        await H.CreateAsync("Practitioner", "later", sid: sid);
        Assert.Equal(1, (await H.ReadAsync("Practitioner", "later"))!.Version);
    }

    [Fact]
    public async Task Reserving_a_key_that_someone_else_reserved_is_stale()
    {
        await H.CreateAsync("Practitioner", "dr");
        var plan = new CommitPlan();
        plan.Anchors.Add((Store.ReserveSids(1), new("Practitioner", "dr")));
        Assert.IsType<CommitResult.Stale>(await Store.CommitAsync(plan, Ct));
    }

    [Fact]
    public async Task Lookup_answers_in_order_and_brings_bodies_when_asked()
    {
        await H.CreateAsync("Patient", "a");
        await H.CreateAsync("Patient", "b");
        var states = await Store.LookUpAsync([new("Patient", "b"), new("Patient", "none"), new("Patient", "a")], withBodies: true, SystemPlans.Work, Ct);

        Assert.Equal([true, false, true], states.Select(s => s.Exists));
        Assert.Equal(StoreHarness.Json("Patient", "b", 1), states[0].Json.ToArray());
        Assert.Equal(CurrentState.None, states[1]);
    }

    [Fact]
    public async Task Changes_come_in_commit_order_and_resume_behind_a_position()
    {
        var sid = await H.CreateAsync("Patient", "p1");
        await H.CreateAsync("Patient", "p2");
        await H.CommitAsync(H.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows(), delete: true));

        var all = await H.ChangesAsync(3);
        Assert.Equal([("p1", 1, "POST"), ("p2", 1, "POST"), ("p1", 2, "DELETE")], all.Select(c => (c.Key.Id, c.Version, c.Method)));
        Assert.Equal(all.Skip(1), await Store.ChangesAsync(all[0].Sequence, 10, SystemPlans.Work, Ct));
        Assert.Single(await Store.ChangesAsync(0, 1, SystemPlans.Work, Ct));
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        var identifier = H.Param("Patient", "identifier");
        var system = Store.Symbols.Intern("urn:system");
        var sid = await H.CreateAsync("Patient", "p1", null, H.Token(identifier, "x", "urn:system"));
        var hash = H.Hash("x");

        await RestartAsync();

        Assert.Equal(hash, H.Hash("x"));
        Assert.Equal(system, Store.Symbols.Find("urn:system"));
        Assert.Null(Store.Symbols.Find("urn:other"));
        Assert.Equal(identifier.Number, Store.Symbols.ParameterNumber("Patient", "identifier"));
        Assert.True(Store.ReserveSids(1) > sid);
        Assert.Equal(["p1"], await H.IdsAsync("Patient", new SearchExpression.Token(identifier, hash, system)));
    }

    [Fact]
    public async Task A_large_plan_is_one_transaction()
    {
        var code = H.Param("Observation", "code");
        var first = Store.ReserveSids(300);
        var writes = Enumerable.Range(0, 300).Select(i => H.Write("Observation", $"o{i}", first + i, StoreHarness.Rows(5, H.Token(code, $"c{i % 3}")))).ToArray();
        Assert.IsType<CommitResult.Committed>(await H.CommitAsync(writes));
        Assert.Equal(100, (await H.IdsAsync(new("Observation", new SearchExpression.Token(code, H.Hash("c1"), null)) { Count = 500 })).Length);

        var again = Store.ReserveSids(300);
        var clash = Enumerable.Range(0, 300).Select(i => H.Write("Observation", i == 299 ? "o7" : $"n{i}", again + i, StoreHarness.Rows(5, H.Token(code, "c1")))).ToArray();
        Assert.IsType<CommitResult.Stale>(await H.CommitAsync(clash));
        Assert.Equal(300, (await H.IdsAsync(new("Observation", new SearchExpression.And([])) { Count = 1000 })).Length);
    }

    [Fact]
    public async Task A_ready_store_says_so_and_has_a_size()
    {
        await H.CreateAsync("Patient", "p1");
        Assert.True(await Store.IsReadyAsync(Ct));
        Assert.InRange(await Store.SizeInBytesAsync(Ct), 10_000, 100_000_000);
    }
}
