using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Storage;

public abstract partial class StoreSuite
{
    private static readonly SearchParam LastUpdated = new(0, "Patient", "_lastUpdated", SearchParamType.Date, "", [], "");
    private static readonly SearchParam Id = new(0, "Patient", "_id", SearchParamType.Token, "", [], "");

    [Fact]
    public async Task Sorting_takes_the_least_ascending_the_greatest_descending_and_missing_last()
    {
        var name = H.Param("Patient", "name", SearchParamType.String);
        await H.CreateAsync("Patient", "none");
        await H.CreateAsync("Patient", "az", null, new StringRow(name.Number, "a", "a"), new StringRow(name.Number, "z", "z"));
        await H.CreateAsync("Patient", "m", null, new StringRow(name.Number, "m", "m"));
        await H.CreateAsync("Patient", "m2", null, new StringRow(name.Number, "m", "m"));

        Assert.Equal(["az", "m", "m2", "none"], await H.WalkAsync(new("Patient", Anything) { Sort = [new(name, false)], Count = 1 }));
        Assert.Equal(["az", "m2", "m", "none"], await H.WalkAsync(new("Patient", Anything) { Sort = [new(name, true)], Count = 1 }));
        Assert.Equal(["az", "m2", "m", "none"], await H.WalkAsync(new("Patient", Anything) { Sort = [new(name, false), new(LastUpdated, true)], Count = 1 }));
        Assert.Equal(["none", "m2", "m", "az"], await H.WalkAsync(new("Patient", Anything) { Sort = [new(Id, true)], Count = 3 }));
    }

    [Fact]
    public async Task Tokens_sort_by_their_text()
    {
        var gender = H.Param("Patient", "gender");
        foreach (var (id, code) in ((string, string)[])[("1", "other"), ("2", "female"), ("3", "male")])
        {
            var plan = new FhirServer.Storage.Commit.CommitPlan();
            plan.Writes.Add(H.Write("Patient", id, Store.ReserveSids(1), StoreHarness.Rows(null, H.Token(gender, code))));
            plan.Texts.Add(new(H.Hash(code), code));
            await Store.CommitAsync(plan, Ct);
        }

        Assert.Equal(["2", "3", "1"], await H.IdsAsync(new("Patient", Anything) { Sort = [new(gender, false)] }));
        Assert.True(Store.Symbols.IsTextStored(H.Hash("male")));
    }

    [Fact]
    public async Task Pages_neither_repeat_nor_skip_while_others_write()
    {
        var date = H.Param("Encounter", "date", SearchParamType.Date);
        var before = Enumerable.Range(0, 20).Select(i => $"e{i:00}").ToArray();
        var sids = new List<long>();
        foreach (var (i, id) in before.Index())
            sids.Add(await H.CreateAsync("Encounter", id, 1, new DateRow(date.Number, i * 10, (i * 10) + 1, 0, 1)));
        var query = new SearchQuery("Encounter", Anything) { Sort = [new(date, true)], Count = 3 };

        var seen = await H.WalkAsync(query, async page =>
        {
            await H.CreateAsync("Encounter", $"front{page}", 1, new DateRow(date.Number, 1000 + page, 1001 + page, 0, 1));
            await H.CreateAsync("Encounter", $"behind{page}", 1, new DateRow(date.Number, -5 - page, -4, 0, 1));
            if (page == 1)
                await H.CommitAsync(H.Write("Encounter", "e19", sids[19], StoreHarness.Rows(), 1, StoreHarness.Rows(1, new DateRow(date.Number, 190, 191, 0, 1)), delete: true));
        });

        Assert.Equal(before.Reverse(), seen.Where(id => id.StartsWith('e')));
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Contains("behind0", seen);
        Assert.DoesNotContain("front0", seen);
    }

    [Fact]
    public async Task The_total_is_the_number_of_entries_that_paging_delivers()
    {
        var (code, status) = (H.Param("Observation", "code"), H.Param("Observation", "status"));
        for (var i = 0; i < 25; i++)
            await H.CreateAsync("Observation", $"o{i}", i % 4, H.Token(code, $"c{i % 2}"), H.Token(code, "all"), H.Token(status, i % 3 == 0 ? "draft" : "final"));
        SearchExpression all = new SearchExpression.Token(code, H.Hash("all"), null), draft = new SearchExpression.Token(status, H.Hash("draft"), null);

        foreach (var where in (SearchExpression[])[all, Anything, new SearchExpression.And([all, draft]), new SearchExpression.Not(draft), new SearchExpression.Token(code, null, 0)])
        {
            var query = new SearchQuery("Observation", where) { Count = 4, Total = TotalMode.Accurate };
            var page = await Store.SearchAsync(query, SystemPlans.Work, Ct);
            Assert.Equal(page.Total, (await H.WalkAsync(query)).Count);
            var counted = await Store.SearchAsync(query with { Count = 0, Total = TotalMode.None }, SystemPlans.Work, Ct);
            Assert.Equal((page.Total, 0), (counted.Total, counted.Matches.Count));
        }
    }

    [Fact]
    public async Task Includes_follow_references_both_ways_each_resource_once()
    {
        var subject = H.Param("Observation", "subject", SearchParamType.Reference);
        var p1 = await H.CreateAsync("Patient", "p1", null, more: ""","refs":"Organization/org" """);
        await H.CreateAsync("Organization", "org");
        for (var i = 0; i < 3; i++)
            await H.CreateAsync("Observation", $"o{i}", StoreHarness.Rows(p1, new ReferenceRow(subject.Number, p1)), more: ""","refs":"Patient/p1 Practitioner/absent" """);

        var forward = await SearchAsync("Observation", new Include("Observation", subject, null, IsReverse: false, Iterate: false));
        Assert.Equal((3, "p1"), (forward.Matches.Count, string.Join(' ', forward.Included.Select(r => r.Key.Id))));
        var iterated = await SearchAsync("Observation", new("Observation", null, null, false, false), new("Patient", null, "Organization", false, Iterate: true));
        Assert.Equal(["p1", "org"], iterated.Included.Select(r => r.Key.Id));
        var back = await SearchAsync("Patient", new Include("Observation", subject, "Patient", IsReverse: true, Iterate: false));
        Assert.Equal(["o0", "o1", "o2"], back.Included.Select(r => r.Key.Id));
        Assert.Null(back.Rest);
        Assert.Equal(3, (await SearchAsync("Patient", new Include("Observation", null, null, IsReverse: true, Iterate: false))).Included.Count);
        Assert.Empty((await SearchAsync("Observation", new Include("Observation", subject, "Group", false, false))).Included);

        Task<SearchPage> SearchAsync(string type, params Include[] includes) =>
            Store.SearchAsync(new SearchQuery(type, Anything) { Includes = includes }, SystemPlans.Work, Ct);
    }

    [Fact]
    public async Task What_a_page_includes_comes_in_pages_of_its_own()
    {
        var subject = H.Param("Observation", "subject", SearchParamType.Reference);
        var (p1, p2) = (await H.CreateAsync("Patient", "p1"), await H.CreateAsync("Patient", "p2"));
        var first = Store.ReserveSids(2500);
        await H.CommitAsync([.. Enumerable.Range(0, 2500).Select(i =>
            H.Write("Observation", $"o{i}", first + i, StoreHarness.Rows(i % 2 == 0 ? p1 : p2, new ReferenceRow(subject.Number, i % 2 == 0 ? p1 : p2))))]);
        var query = new SearchQuery("Patient", Anything) { Count = 1, Includes = [new("Observation", subject, null, IsReverse: true, Iterate: false)] };

        var seen = new List<(string Match, int Included)>();
        var included = new HashSet<string>();
        for (var next = query; next is not null;)
        {
            var page = await Store.SearchAsync(next, SystemPlans.Work, Ct);
            seen.Add((string.Join(' ', page.Matches.Select(m => m.Key.Id)), page.Included.Count));
            Assert.All(page.Included, r => Assert.True(included.Add(r.Key.Id)));
            next = page switch
            {
                { Rest: { } rest } => next with { Rest = rest },
                { Next: { } position } => query with { After = position },
                _ => null,
            };
        }

        Assert.Equal([("p1", 1000), ("", 250), ("p2", 1000), ("", 250)], seen);
        Assert.Equal(2500, included.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_of_large_resources_ends_early_and_nothing_is_left_out(bool isSorted)
    {
        var name = H.Param("Patient", "name", SearchParamType.String);
        string[] ids = [.. Enumerable.Range(0, 12).Select(i => $"p{i:00}")];
        foreach (var id in ids)
            await H.CreateAsync("Patient", id, StoreHarness.Rows(null, new StringRow(name.Number, id, id)), more: Large);
        var query = new SearchQuery("Patient", Anything) { Sort = isSorted ? [new(name, true)] : [], Count = 8, MaxBytes = 25_000, Total = TotalMode.Accurate };

        var (seen, sizes) = (new List<string>(), new List<int>());
        for (var next = query; next is not null;)
        {
            var page = await Store.SearchAsync(next, SystemPlans.Work, Ct);
            Assert.Equal(12, page.Total);
            seen.AddRange(page.Matches.Select(m => m.Key.Id));
            sizes.Add(page.Matches.Count);
            next = page.Next is { } position ? query with { After = position } : null;
        }

        Assert.Equal(isSorted ? ids.Reverse() : ids, seen);
        Assert.Equal([3, 3, 3, 3], sizes); // the third resource reaches 25,000 bytes
        Assert.Equal(8, (await Store.SearchAsync(query with { MaxBytes = long.MaxValue }, SystemPlans.Work, Ct)).Matches.Count);
    }

    [Fact]
    public async Task Included_resources_versions_and_a_compartment_end_early_too()
    {
        var subject = H.Param("Observation", "subject", SearchParamType.Reference);
        var patient = Store.ReserveSids(1);
        await H.CreateAsync("Patient", "p", StoreHarness.Rows(patient), patient);
        for (var i = 0; i < 7; i++)
            await H.CreateAsync("Observation", $"o{i}", StoreHarness.Rows(patient, new ReferenceRow(subject.Number, patient)), more: Large);
        string[] all = [.. Enumerable.Range(0, 7).Select(i => $"o{i}")];

        var query = new SearchQuery("Patient", Anything) { Includes = [new("Observation", subject, null, IsReverse: true, Iterate: false)], MaxBytes = 25_000 };
        var included = new List<string>();
        for (var next = query; next is not null;)
        {
            var page = await Store.SearchAsync(next, SystemPlans.Work, Ct);
            Assert.InRange(page.Included.Count, 1, 3);
            included.AddRange(page.Included.Select(r => r.Key.Id));
            next = page.Rest is { } rest ? next with { Rest = rest } : null;
        }

        Assert.Equal(all, included);
        Assert.Equal(all.Reverse().Select(id => id + "/1"), await HistoryAsync(new("Observation", null, 5, null, null, null) { MaxBytes = 25_000 }));
        Assert.Equal(8, (await HistoryAsync(new(null, null, 5, null, null, null) { MaxBytes = 25_000 })).Count);
        Assert.Equal(3, (await Store.HistoryAsync(new("Observation", null, 5, null, null, null) { MaxBytes = 25_000 }, SystemPlans.Work, Ct)).Versions.Count);

        var members = new List<string>();
        var compartment = new CompartmentQuery(new("Patient", "p")) { Members = [subject.Number], AllMembers = [subject.Number], Count = 5, MaxBytes = 25_000 };
        for (CompartmentPosition? after = CompartmentPosition.Start; after is { } position;)
        {
            var page = await Store.CompartmentAsync(compartment with { After = position }, SystemPlans.Work, Ct);
            Assert.InRange(page.Members.Count, 1, 4);
            members.AddRange(page.Members.Select(r => r.Key.Id));
            after = page.Next;
        }

        Assert.Equal(["p", .. all], members);
    }

    /// <summary>Ten thousand bytes that compress to little.</summary>
    private static string Large { get; } = ",\"text\":\"" + new string('x', 10_000) + "\"";

    [Fact]
    public async Task Includes_that_refer_to_each_other_in_a_circle_come_to_an_end()
    {
        var partOf = H.Param("Organization", "partof", SearchParamType.Reference);
        var (a, b, c) = (Store.ReserveSids(1), Store.ReserveSids(1), Store.ReserveSids(1));
        await H.CreateAsync("Organization", "a", StoreHarness.Rows(null, new ReferenceRow(partOf.Number, b)), a, ""","refs":"Organization/b" """);
        await H.CreateAsync("Organization", "b", StoreHarness.Rows(null, new ReferenceRow(partOf.Number, c)), b, ""","refs":"Organization/c" """);
        await H.CreateAsync("Organization", "c", StoreHarness.Rows(null, new ReferenceRow(partOf.Number, a)), c, ""","refs":"Organization/a" """);

        foreach (var isReverse in new[] { false, true })
        {
            var page = await Store.SearchAsync(
                new SearchQuery("Organization", new SearchExpression.Ids(["a"])) { Includes = [new("Organization", partOf, null, isReverse, Iterate: true)] }, SystemPlans.Work, Ct);
            Assert.Equal(["b", "c"], page.Included.Select(r => r.Key.Id));
        }
    }

    [Fact]
    public async Task History_is_newest_first_in_pages()
    {
        var p1 = await H.CreateAsync("Patient", "p1");
        var p2 = await H.CreateAsync("Patient", "p2");
        await H.CreateAsync("Encounter", "e1");
        await H.CommitAsync(H.Write("Patient", "p1", p1, StoreHarness.Rows(), 1, StoreHarness.Rows()));
        await H.CommitAsync(H.Write("Patient", "p2", p2, StoreHarness.Rows(), 1, StoreHarness.Rows(), delete: true));
        await H.CommitAsync(H.Write("Patient", "p1", p1, StoreHarness.Rows(), 2, StoreHarness.Rows()));

        Assert.Equal(["p1/3", "p1/2", "p1/1"], await HistoryAsync(new("Patient", "p1", 2, null, null, null)));
        Assert.Equal(["p1/3", "p2/2", "p1/2", "p2/1", "p1/1"], await HistoryAsync(new("Patient", null, 2, null, null, null)));
        Assert.Equal(["p1/3", "p2/2", "p1/2", "e1/1", "p2/1", "p1/1"], await HistoryAsync(new(null, null, 1, null, null, null)));
        Assert.Empty(await HistoryAsync(new("Patient", "none", 2, null, null, null)));

        var page = await Store.HistoryAsync(new("Patient", null, 2, null, null, null), SystemPlans.Work, Ct);
        Assert.Equal(5, page.Total);
        var bodies = (await Store.HistoryAsync(new("Patient", "p1", 9, null, null, null), SystemPlans.Work, Ct)).Versions.Select(v => v.Json.ToArray());
        Assert.Equal([StoreHarness.Json("Patient", "p1", 3), StoreHarness.Json("Patient", "p1", 2), StoreHarness.Json("Patient", "p1", 1)], bodies);

        var second = (await Store.ReadVersionAsync(new("Patient", "p1"), 2, SystemPlans.Work, Ct))!.LastUpdated;
        Assert.Equal(["p1/3", "p1/2"], await HistoryAsync(new("Patient", "p1", 5, Since: second, null, null)));
        Assert.Equal(["p1/2", "p2/1"], await HistoryAsync(new("Patient", null, 5, null, At: second, null)));
        Assert.Equal(["p1/3", "p2/2"], await HistoryAsync(new("Patient", null, 5, null, At: second.AddDays(1), null)));
        Assert.Empty(await HistoryAsync(new("Patient", null, 5, null, At: second.AddDays(-1), null)));
    }

    private async Task<List<string>> HistoryAsync(HistoryQuery query)
    {
        var versions = new List<string>();
        while (true)
        {
            var page = await Store.HistoryAsync(query, SystemPlans.Work, Ct);
            versions.AddRange(page.Versions.Select(v => $"{v.Key.Id}/{v.Version}"));
            if (page.Next is null)
                return versions;
            query = query with { After = page.Next };
        }
    }
}
