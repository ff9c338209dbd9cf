using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Storage.Explain;

/// <summary>Tells how a search is worked out: the same decisions that <see cref="SearchSql"/> takes, with counts and the engine's plan.</summary>
internal sealed partial class SearchExplainer(ResourceStore store)
{
    private SqlDialect Dialect => store.Dialect;

    public async Task<SearchExplanation> ExplainAsync(SearchQuery query, AccessPlan access, CancellationToken ct)
    {
        // Counts are of what the caller may see: each condition is asked together with the plan's filter.
        query = QueryBounds.Apply(query, access);
        var filter = access.IsEverything || query.Types.Count == 0 ? null : TypeFilters.Of(query.Types, Interaction.Search, access);
        var owner = ConditionSql.OwnerOf(query.Where);
        var ranked = ConditionSql.Terms(query.Where)
            .Select(t => (Term: t, Rank: Selectivity.Of(BodyTerms.In(t) ? BodyTerms.Necessary(t) : t, owner is not null))).OrderBy(t => t.Rank).ToList();
        var terms = new List<TermExplanation>();
        foreach (var (term, rank) in ranked)
        {
            var indexed = BodyTerms.Necessary(term);
            var statement = SearchSql.Sids(Dialect, query with { Where = filter is null ? indexed : new SearchExpression.And([indexed, filter]) }, TermExplanation.Limit + 1);
            var rows = await store.QueryAsync(statement, r => r.Int64(0), ct);
            var role = BodyTerms.In(term) ? "scan" : terms.Count == 0 && rank < Selectivity.None ? "driver" : rank == Selectivity.None ? "filter" : "probe";
            terms.Add(new(term, TableOf(indexed), role, terms.Count + 1, Math.Min(rows.Count, TermExplanation.Limit), await EstimateAsync(statement, ct)));
        }

        var page = SearchSql.Page(Dialect, query with { Where = BodyTerms.Necessary(query.Where), Includes = [] });
        return new(terms, page.Text, await PlanAsync(page, ct), EngineName, owner, query.MaxScanned);
    }

    private string EngineName => Dialect == SqlDialect.Sqlite ? "SQLite" : Dialect == SqlDialect.Postgres ? "PostgreSQL" : "SQL Server";

    private async Task<IReadOnlyList<string>> PlanAsync(SqlStatement statement, CancellationToken ct)
    {
        if (Dialect == SqlDialect.Sqlite)
            return await store.QueryAsync(statement with { Text = "EXPLAIN QUERY PLAN " + statement.Text }, r => r.Text(3), ct);
        if (Dialect == SqlDialect.Postgres)
            return [.. (await store.QueryAsync(statement with { Text = "EXPLAIN (FORMAT TEXT) " + statement.Text }, r => r.Text(0), ct)).Select(l => Literal().Replace(l, "'…'"))];
        return [];
    }

    /// <summary>PostgreSQL keeps statistics and says them in the first line under the limit; SQLite plans by the shape of the query alone.</summary>
    private async Task<long?> EstimateAsync(SqlStatement statement, CancellationToken ct)
    {
        if (Dialect != SqlDialect.Postgres)
            return null;
        var lines = await PlanAsync(statement, ct);
        return lines.Select(l => Estimated().Match(l)).Where(m => m.Success).Skip(1).Select(m => (long?)long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).FirstOrDefault();
    }

    private static string? TableOf(SearchExpression term) => term switch
    {
        SearchExpression.Or { Terms: [var first, ..] } => TableOf(first),
        SearchExpression.Not not => TableOf(not.Term),
        SearchExpression.Missing => "Token",
        SearchExpression.Chain or SearchExpression.ReverseChain => "Reference",
        SearchExpression.Ids or SearchExpression.LastUpdated => "Resource",
        _ => LeafSql.Table(term),
    };

    [GeneratedRegex(@"rows=(\d+)")]
    private static partial Regex Estimated();

    // Planning with values shows them; what was searched for may be about a patient.
    [GeneratedRegex("'(?:[^']|'')*'")]
    private static partial Regex Literal();
}
