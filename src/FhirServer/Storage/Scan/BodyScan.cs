using System.Diagnostics;
using System.Runtime.CompilerServices;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Scan;

/// <summary>Answers the terms of one search that no index decides: reads candidates in page order and tests their bodies.</summary>
/// <remarks>
/// All within the snapshot of the session, and within one allowance of bodies for the whole request, chains included, a bounded
/// number of bytes at a time. Terms that stand beside a body in an OR or a NOT are asked of the database for each batch, so that every kind of
/// term keeps its one meaning.
/// </remarks>
internal sealed class BodyScan(SqlDialect dialect, BodyCodec codec, IReadSession session, string searched, int allowance)
{
    private const int FirstBatch = 64, MaxBatch = 1024;
    private const long BatchBytes = 32 * 1024 * 1024;

    /// <summary>Bodies read so far.</summary>
    public int Scanned { get; private set; }

    /// <summary>The same search with every chain that ends in a body replaced by the resources found at its end.</summary>
    public async Task<SearchExpression> ResolveAsync(SearchExpression term, CancellationToken ct)
    {
        switch (term)
        {
            case SearchExpression.And all when BodyTerms.In(all):
                return new SearchExpression.And(await ResolveAsync(all.Terms, ct));
            case SearchExpression.Or any when BodyTerms.In(any):
                return new SearchExpression.Or(await ResolveAsync(any.Terms, ct));
            case SearchExpression.Not none when BodyTerms.In(none):
                return new SearchExpression.Not(await ResolveAsync(none.Term, ct));
            case SearchExpression.Chain chain when BodyTerms.In(chain):
                return chain with { Target = await SidsAsync(chain.TargetType, chain.Target, ct) };
            case SearchExpression.ReverseChain reverse when BodyTerms.In(reverse):
                return reverse with { Source = await SidsAsync(reverse.Param.Type, reverse.Source, ct) };
            default:
                return term;
        }
    }

    /// <summary>Matches in page order, from behind <see cref="SearchQuery.After"/>. Chains must be resolved.</summary>
    public async IAsyncEnumerable<PageRow> MatchesAsync(SearchQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var undecided = BodyTerms.Undecided(query.Where);
        var answerable = undecided.SelectMany(BodyTerms.Answerable).ToArray();
        var candidates = query with { Where = BodyTerms.Necessary(query.Where), Includes = [] };
        for (var size = FirstBatch; ; size = Math.Min(size * 2, MaxBatch))
        {
            var limit = Math.Min(size, allowance - Scanned + 1);
            var (rows, found) = await new PageBudget(BatchBytes).QueryAsync(
                session, SearchSql.Page(dialect, candidates with { Count = limit - 1 }), r => PageRow.Read(r, query.Sort, codec), r => r.Resource, ct);
            var answers = await AnswersAsync(query.Type, answerable, rows, ct);
            foreach (var row in rows)
            {
                ct.ThrowIfCancellationRequested();
                if (++Scanned > allowance)
                    throw TooCostly(query);
                if (Matches(undecided, row.Resource, answers))
                    yield return row;
            }

            if (found < limit && found == rows.Count)
                yield break;
            candidates = candidates with { After = rows[^1].Position };
        }
    }

    /// <summary>How many match in all.</summary>
    public async Task<long> CountAsync(SearchQuery query, CancellationToken ct)
    {
        var count = 0L;
        await foreach (var _ in MatchesAsync(query with { After = null, Sort = [] }, ct))
            count++;
        return count;
    }

    private async Task<SearchExpression.Sids> SidsAsync(string type, SearchExpression where, CancellationToken ct)
    {
        var query = new SearchQuery(type, await ResolveAsync(where, ct));
        if (!BodyTerms.In(query.Where))
            return new(await session.QueryAsync(SearchSql.Sids(dialect, query, int.MaxValue), r => r.Int64(0), ct));

        var sids = new List<long>();
        await foreach (var row in MatchesAsync(query, ct))
            sids.Add(row.Resource.Sid);
        return new(sids);
    }

    private async Task<SearchExpression[]> ResolveAsync(IReadOnlyList<SearchExpression> terms, CancellationToken ct)
    {
        var resolved = new SearchExpression[terms.Count];
        for (var i = 0; i < resolved.Length; i++)
            resolved[i] = await ResolveAsync(terms[i], ct);
        return resolved;
    }

    private async Task<Dictionary<SearchExpression, HashSet<long>>> AnswersAsync(
        string type, SearchExpression[] terms, List<PageRow> rows, CancellationToken ct)
    {
        var answers = new Dictionary<SearchExpression, HashSet<long>>(ReferenceEqualityComparer.Instance);
        if (terms.Length == 0 || rows.Count == 0)
            return answers;

        var among = new SearchExpression.Sids(rows.ConvertAll(r => r.Resource.Sid));
        foreach (var term in terms)
            if (!answers.ContainsKey(term))
                answers[term] = [.. await session.QueryAsync(
                    SearchSql.Sids(dialect, new SearchQuery(type, new SearchExpression.And([among, term])), rows.Count), r => r.Int64(0), ct)];
        return answers;
    }

    private static bool Matches(List<SearchExpression> undecided, StoredResource resource, Dictionary<SearchExpression, HashSet<long>> answers)
    {
        var tree = FhirJsonReader.Read(resource.Json, out _)
            ?? throw new InvalidDataException($"The stored body of {resource.Key} cannot be read; run the doctor.");
        var root = tree.Root;
        foreach (var term in undecided)
            if (!Holds(term, root, resource.Sid, answers))
                return false;
        return true;
    }

    private static bool Holds(SearchExpression term, FhirNode root, long sid, Dictionary<SearchExpression, HashSet<long>> answers) =>
        answers.TryGetValue(term, out var sids) ? sids.Contains(sid) : term switch
        {
            SearchExpression.Body body => body.Test.Matches(root),
            SearchExpression.And and => and.Terms.All(t => Holds(t, root, sid, answers)),
            SearchExpression.Or or => or.Terms.Any(t => Holds(t, root, sid, answers)),
            SearchExpression.Not not => !Holds(not.Term, root, sid, answers),
            _ => throw new UnreachableException($"{term.GetType().Name} is answered by the database."),
        };

    private SearchTooCostlyException TooCostly(SearchQuery query)
    {
        var what = BodyTerms.NameIn(query.Where) is { } name ? $"'{name}'" : "This search";
        var patient = PatientCompartment.CodesOf(query.Type) is [var code, ..] ? $"a patient ({code}=...), " : "";
        return new($"{what} can only be answered by reading each {query.Type}, and more than {allowance} would have to be read for this search of {searched}. "
            + $"Name what narrows it: {patient}an identifier, a code, or a period such as _lastUpdated=ge2024-01-01.");
    }
}
