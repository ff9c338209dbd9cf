using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Whatever way a page is found, it is the same page.</summary>
public abstract partial class StoreSuite
{
    [Fact]
    public async Task A_walk_and_a_collection_find_the_same_pages_in_the_same_order()
    {
        var (status, category) = (H.Param("Observation", "status"), H.Param("Observation", "category"));
        var date = H.Param("Observation", "date", SearchParamType.Date);
        SortKey[] valued = [.. new[] { SearchParamType.String, SearchParamType.Number, SearchParamType.Uri }.Select(k => new SortKey(H.Param("Observation", "by-" + k, k), false))];
        var first = Store.ReserveSids(600);
        var random = new Random(7);
        await H.CommitAsync([.. Enumerable.Range(0, 600).Select(i => H.Write("Observation", $"o{random.Next(1000):D3}-{i}", first + i, StoreHarness.Rows(1 + (i / 100), [
            H.Token(status, i % 50 == 0 ? "registered" : "final"),
            H.Token(category, i % 3 == 0 ? "vital-signs" : "laboratory"),
            .. valued.SelectMany(v => Enumerable.Range(0, (i + 1) % 4).Select(n => Value(v, random.Next(30), n))),
            .. Enumerable.Range(0, i % 4).Select(n => (random.Next(40) * Day) is var at ? (object)new DateRow(date.Number, at, at + Day, (int)(at / Day), (int)(at / Day) + 1) : at),
        ])))]);

        SearchExpression final = new SearchExpression.Token(status, H.Hash("final"), null), laboratory = new SearchExpression.Token(category, H.Hash("laboratory"), null);
        SearchExpression.Date early = new(date, [new(DateColumn.Lo, ComparisonOperator.Less, 20 * Day)]);
        foreach (var where in new SearchExpression[]
        {
            Anything, final, new SearchExpression.And([final, laboratory]), new SearchExpression.And([final, new SearchExpression.Not(laboratory)]),
            new SearchExpression.And([new SearchExpression.Or([final, laboratory]), early]), new SearchExpression.And([final, new SearchExpression.LastUpdated(0, null)]),
        })
            foreach (var sort in (SortKey[][])
            [
                [], [new(H.Param("Observation", "_lastUpdated", SearchParamType.Date) with { Number = 0 }, true)],
                [new(H.Param("Observation", "_id") with { Number = 0 }, false)], [new(date, false)], [new(date, true)],
                .. valued.SelectMany(v => (SortKey[][])[[v], [v with { Descending = true }]]),
            ])
            {
                var query = new SearchQuery("Observation", where) { Sort = sort, Count = 1000 };
                Assert.True(WalkSql.CanWalk(query));
                var collected = await H.IdsAsync(query);
                Assert.Equal(collected, await H.WalkAsync(query with { Count = 23 }));
                Assert.True(collected.Length > 100);
            }

        static object Value(SortKey key, int at, int n) => key.Param.Kind switch
        {
            SearchParamType.String => new StringRow(key.Param.Number, $"t{at:D2}", $"T{at:D2}{n}"),
            SearchParamType.Number => new NumberRow(key.Param.Number, DecimalKey.Encode(at)),
            _ => new UriRow(key.Param.Number, $"http://x/{at:D2}"),
        };
    }

    [Fact]
    public async Task Everything_by_last_update_is_merged_from_the_index_of_each_type()
    {
        foreach (var i in Enumerable.Range(0, 40))
            await H.CreateAsync(i % 3 == 0 ? "Patient" : i % 3 == 1 ? "Device" : "Flag", $"m{i:D2}", null);
        SortKey[] newest = [new(H.Param("Resource", "_lastUpdated", SearchParamType.Date) with { Number = 0 }, true)];
        SortKey[] oldest = [newest[0] with { Descending = false }];

        foreach (var types in new string[][] { [], ["Device", "Flag"] })
        {
            var all = (await Store.SearchAsync(new SearchQuery(SearchQuery.EveryType, Anything) { Types = types, Count = 1000 }, SystemPlans.Work, Ct)).Matches;
            Assert.True(all.Count >= 26);
            string[] expected = [.. all.OrderBy(m => m.LastUpdated).ThenBy(m => m.Sid).Select(m => m.Key.Id)];
            var query = new SearchQuery(SearchQuery.EveryType, Anything) { Types = types, Count = 7 };

            Assert.True(MergeSql.Applies(query with { Sort = newest }));
            Assert.Equal(expected, await H.WalkAsync(query with { Sort = oldest }));
            Assert.Equal(expected.Reverse(), await H.WalkAsync(query with { Sort = newest }));
        }

        if (Store is not ResourceStore { Dialect: var dialect } store || dialect != SqlDialect.Sqlite)
            return; // the other engines' plans follow the size of the table
        var page = SearchSql.Page(dialect, new SearchQuery(SearchQuery.EveryType, Anything) { Sort = newest });
        var plan = await store.QueryAsync(page with { Text = "EXPLAIN QUERY PLAN " + page.Text }, r => r.Text(3), Ct);
        Assert.Contains(plan, l => l.Contains("LastUpdated", StringComparison.Ordinal) || l.Contains("Type=?", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, l => l.StartsWith("SCAN r", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_estimate_is_right_for_few_and_near_for_many_and_never_below_what_was_seen()
    {
        var (status, category) = (H.Param("Task", "status"), H.Param("Task", "intent"));
        var first = Store.ReserveSids(300);
        await H.CommitAsync([.. Enumerable.Range(0, 300).Select(i => H.Write("Task", $"t{i}", first + i, StoreHarness.Rows(null,
            H.Token(status, i % 2 == 0 ? "draft" : "ready"), H.Token(category, i % 2 == 0 ? "order" : "plan"))))]);
        SearchExpression draft = new SearchExpression.Token(status, H.Hash("draft"), null), plan = new SearchExpression.Token(category, H.Hash("plan"), null);

        Assert.Equal(150, await TotalAsync(draft, 10));
        Assert.Equal(0, await TotalAsync(new SearchExpression.And([draft, plan]), 10)); // one page shows all there is
        Assert.Equal(150, await TotalAsync(new SearchExpression.Not(draft), 10));
        Assert.Equal(300, await TotalAsync(Anything, 10));
        Assert.Equal(150, await TotalAsync(draft, 200));

        async Task<long?> TotalAsync(SearchExpression where, int count) =>
            (await Store.SearchAsync(new SearchQuery("Task", where) { Count = count, Total = TotalMode.Estimate }, SystemPlans.Work, Ct)).Total;
    }
}
