using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using SearchParamType = Hl7.Fhir.Model.SearchParamType;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>The plan inside the statements of each engine; what it means over whole requests is for the tests of the server.</summary>
[Trait("Requirement", "S-31")]
public abstract partial class StoreSuite
{
    [Fact]
    public async Task A_search_counts_pages_chains_and_includes_what_the_plan_opens_and_nothing_else()
    {
        var (subject, member, status, gender) = (Reference("subject"), Reference("has-member"), H.Param("Observation", "status"), H.Param("Patient", "gender"));
        var (mine, other) = (Store.ReserveSids(1), Store.ReserveSids(1));
        await H.CreateAsync("Patient", "mine", StoreHarness.Rows(mine, H.Token(gender, "female")), mine);
        await H.CreateAsync("Patient", "other", StoreHarness.Rows(other, H.Token(gender, "female")), other);
        var hidden = await ObservationAsync("hidden", other);
        var seen = await ObservationAsync("seen", mine, new ReferenceRow(member.Number, hidden));
        await ObservationAsync("seen2", mine, new ReferenceRow(member.Number, seen));
        var plan = Plan(mine, subject, gender, status);

        var all = new SearchQuery("Observation", new SearchExpression.And([])) { Total = TotalMode.Accurate };
        Assert.Equal("seen, seen2 of 2", await AskAsync(all));
        Assert.Equal("seen of 2", await AskAsync(all with { Count = 1 }));
        Assert.Equal(" of 2", await AskAsync(all with { Count = 0 }));
        Assert.Equal("seen, seen2 of 2", await AskAsync(all with { Total = TotalMode.Estimate }));
        Assert.Equal("seen of 1", await AskAsync(all with { Where = new SearchExpression.ReverseChain(member, new SearchExpression.And([])) }));
        Assert.Equal("seen2 of 1", await AskAsync(all with { Where = new SearchExpression.Chain(member, "Observation", new SearchExpression.And([])) }));
        Assert.Equal("seen, seen2 of 2", await AskAsync(all with { Where = new SearchExpression.Chain(subject, "Patient", new SearchExpression.Token(gender, H.Hash("female"), null)) }));
        Assert.Equal("mine, seen, seen2 of 3", await AskAsync(all with { Type = SearchQuery.EveryType, Types = [] }));

        var page = await Store.SearchAsync(
            all with { Where = new SearchExpression.Ids(["seen"]), Includes = [new("Observation", member, null, true, false), new("*", null, null, true, false)] }, plan, Ct);
        Assert.Equal(["seen2"], page.Included.Select(r => r.Key.Id));

        async Task<string> AskAsync(SearchQuery query)
        {
            var found = await Store.SearchAsync(query, plan, Ct);
            return $"{string.Join(", ", found.Matches.Select(m => m.Key.Id))} of {found.Total}";
        }

        async Task<long> ObservationAsync(string id, long patient, params object[] more) =>
            await H.CreateAsync("Observation", id, patient, [new ReferenceRow(subject.Number, patient), H.Token(status, "final"), .. more]);
    }

    [Fact]
    public async Task What_is_hidden_is_unknown_to_every_read()
    {
        var (subject, status, gender, profile) = (Reference("subject"), H.Param("Observation", "status"), H.Param("Patient", "gender"), H.Param("Observation", "_profile", SearchParamType.Uri));
        var (mine, other) = (Store.ReserveSids(1), Store.ReserveSids(1));
        await H.CreateAsync("Patient", "m", StoreHarness.Rows(mine), mine);
        await H.CreateAsync("Patient", "o", StoreHarness.Rows(other), other);
        foreach (var (id, patient) in new[] { ("a", mine), ("b", other) })
            await H.CreateAsync("Observation", id, patient, new ReferenceRow(subject.Number, patient), new UriRow(profile.Number, "urn:" + id));
        var plan = Plan(mine, subject, gender, status);

        Assert.Equal(["Patient/m", "Observation/a"], await KnownAsync(async key => await Store.ReadAsync(key, plan, Ct) is not null));
        Assert.Equal(["Patient/m", "Observation/a"], await KnownAsync(async key => await Store.ReadVersionAsync(key, 1, plan, Ct) is not null));
        Assert.Equal(["Patient/m", "Observation/a"], await KnownAsync(async key => (await Store.LookUpAsync([key], withBodies: true, plan, Ct))[0].IsKnown));
        Assert.Equal(["Patient/m", "Observation/a"], await KnownAsync(async key => (await Store.HistoryAsync(new(key.Type, key.Id, 10, null, null, null), plan, Ct)).Versions.Count > 0));
        Assert.Equal(["Observation/a"], (await Store.HistoryAsync(new("Observation", null, 10, null, null, null), plan, Ct)).Versions.Select(v => v.Key.ToString()));
        Assert.Equal(["Observation/a", "Patient/m"], (await Store.HistoryAsync(new(null, null, 10, null, null, null), plan, Ct)).Versions.Select(v => v.Key.ToString()));
        await SettledAsync(4);
        var followed = new List<string>();
        for (var page = (await Store.FollowAsync(FeedPosition.Start, 1, long.MaxValue, plan, Ct))!; page.Versions.Count > 0; page = (await Store.FollowAsync(page.End, 1, long.MaxValue, plan, Ct))!)
            followed.Add(Assert.Single(page.Versions).Key.ToString());
        Assert.Equal(["Patient/m", "Observation/a"], followed);
        Assert.Empty((await Store.FollowAsync(FeedPosition.Start, 10, long.MaxValue, AccessPlan.Nothing, Ct))!.Versions);
        Assert.Equal(await Store.FeedHeadAsync(AccessPlan.Nothing, Ct), (await Store.FollowAsync(FeedPosition.Start, 10, long.MaxValue, AccessPlan.Nothing, Ct))!.End); // passed over, and not looked at again
        Assert.Equal(0, (await Store.ReferrersAsync([other], [], 10, plan, Ct)).Total);
        Assert.Equal(1, (await Store.ReferrersAsync([mine], [], 10, plan, Ct)).Total);
        Assert.Equal(["urn:a"], (await Store.MetaInUseAsync(["Observation", "Patient"], plan, Ct)).Select(m => m.Value));
        var everything = new CompartmentQuery(new("Patient", "m")) { Members = [subject.Number], AllMembers = [subject.Number], Count = 10 };
        Assert.Equal(["m", "a"], (await Store.CompartmentAsync(everything, plan, Ct)).Members.Select(r => r.Key.Id));
        Assert.Null((await Store.CompartmentAsync(everything with { Anchor = new("Patient", "o") }, plan, Ct)).Anchor);
        Assert.Equal(["m", "a"], (await Store.CompartmentAsync(everything with { Anchor = null, References = [subject.Number] }, plan, Ct)).Members.Select(r => r.Key.Id));

        async Task<List<string>> KnownAsync(Func<ResourceKey, Task<bool>> isKnown)
        {
            var known = new List<string>();
            foreach (var key in new ResourceKey[] { new("Patient", "m"), new("Patient", "o"), new("Observation", "a"), new("Observation", "b"), new("Observation", "absent") })
                if (await isKnown(key))
                    known.Add(key.ToString());
            return known;
        }
    }

    [Fact]
    public async Task A_plan_that_opens_a_type_whole_asks_the_very_same_query()
    {
        var query = new SearchQuery("Observation", new SearchExpression.Token(H.Param("Observation", "status"), H.Hash("final"), null)) { Total = TotalMode.Estimate };
        var whole = new AccessPlan("whole", new Dictionary<string, TypeAccess> { ["Observation"] = TypeAccess.All }, []);
        Assert.Same(query, QueryBounds.Apply(query, whole));
        Assert.Same(query, QueryBounds.Apply(query, SystemPlans.Work));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Store.SearchAsync(query with { Type = "Patient", Types = ["Patient"] }, whole, Ct));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Store.SearchAsync(query, AccessPlan.Nothing, Ct));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Store.SearchAsync(query with { Where = new SearchExpression.Chain(Reference("subject"), "Patient", new SearchExpression.And([])) }, whole, Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Store.SnapshotAsync(whole, Ct));
    }

    private SearchParam Reference(string code) => H.Param("Observation", code, SearchParamType.Reference);

    /// <summary>One patient and what is about them, but for what is labelled by its status; and every Practitioner.</summary>
    private AccessPlan Plan(long patient, SearchParam subject, SearchParam gender, SearchParam status) => new("mine", new Dictionary<string, TypeAccess>
    {
        ["Patient"] = new([new Grant(Interaction.Reading, new SearchExpression.And([new SearchExpression.Sids([patient]), new SearchExpression.Not(new SearchExpression.Token(gender, H.Hash("other"), null))]))]),
        ["Observation"] = new([new Grant(Interaction.Reading, new SearchExpression.And(
            [new SearchExpression.Reference(subject, [patient]) { Owner = patient }, new SearchExpression.Not(new SearchExpression.Tokens(status, [H.Hash("r"), H.Hash("v")], null))]))]),
        ["Practitioner"] = TypeAccess.All,
    }, []);
}
