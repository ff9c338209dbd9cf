using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Decides how a page of a search over the whole store is found.</summary>
/// <remarks>
/// Within one patient, or by an identifier or reference, the kind of the conditions says enough. Otherwise estimates tell which condition
/// leaves the fewest resources, and whether so many match that going through all in the order wanted meets a page of them sooner than
/// collecting and sorting the matches would. Conditions may hinder each other, so a walk ends well before it costs as much as collecting: a wrong
/// guess at most doubles the cost.
/// </remarks>
internal sealed class PagePlanner(SqlDialect dialect)
{
    /// <summary>A probe of one resource costs about so many rows read in a row.</summary>
    private const double ProbeCost = 6;

    /// <summary>How far beyond the expected end a walk goes on before collecting is tried after all: what matches stands in clusters.</summary>
    private const double Slack = 20;

    private const double LeastWalk = 2_000;

    private readonly RowCounts counts = new(dialect);

    public async ValueTask<PagePlan> PlanAsync(IReadSession session, SearchQuery query, CancellationToken ct)
    {
        if (query.Types.Count != 1 || ConditionSql.OwnerOf(query.Where) is not null)
            return PagePlan.ByKind;
        var terms = ConditionSql.Terms(query.Where);
        if (query.Total != TotalMode.Estimate && terms.Exists(t => Selectivity.Of(t, false) <= Selectivity.Single))
            return PagePlan.ByKind;

        var (all, share) = ((double)await counts.OfTypeAsync(session, query.Type, ct), 1.0);
        var (known, isComplete) = (new Dictionary<SearchExpression, long>(ReferenceEqualityComparer.Instance), true);
        foreach (var term in terms)
        {
            if (await ShareAsync(session, term, all, known, ct) is { } part)
                share *= part;
            else
                isComplete = false;
        }

        var matches = all * share;
        var plan = new PagePlan(known, null, isComplete ? (long)Math.Round(matches) : null);
        if (!WalkSql.CanWalk(query) || !isComplete)
            return plan;

        // Collecting reads the driver's rows (all, when there is none), and each once more to sort.
        var collected = known.Count > 0 ? known.Values.Min() : all;
        var sorts = query.Sort.Count > 0 ? 3 : 1;
        var budget = collected * sorts / (Math.Max(1, terms.Count) * ProbeCost);
        var walked = (query.Count + 1) * (all / Math.Max(matches, 1));
        return walked < budget ? plan with { Walk = terms.Count == 0 ? long.MaxValue : (long)Math.Min(budget, (walked * Slack) + LeastWalk) } : plan;
    }

    /// <summary>The part of all resources that satisfies the term; null when nothing cheap tells.</summary>
    private async ValueTask<double?> ShareAsync(
        IReadSession session, SearchExpression term, double all, Dictionary<SearchExpression, long> known, CancellationToken ct)
    {
        switch (term)
        {
            case var _ when LeafSql.Table(term) is not null:
                known[term] = await counts.OfAsync(session, term, ct);
                return Math.Min(1, known[term] / Math.Max(1, all));
            case SearchExpression.Or { Terms: var any } when any.All(t => LeafSql.Table(t) is not null):
                var sum = 0L;
                foreach (var t in any)
                    sum += await counts.OfAsync(session, t, ct);
                known[term] = sum;
                return Math.Min(1, sum / Math.Max(1, all));
            case SearchExpression.Not { Term: var inner } when LeafSql.Table(inner) is not null:
                return 1 - Math.Min(1, await counts.OfAsync(session, inner, ct) / Math.Max(1, all));
            case SearchExpression.UnchangedSince:
                return 1;
            default:
                return null;
        }
    }
}

/// <param name="Counts">Resources that conditions leave, as far as known; null when their kinds decide.</param>
/// <param name="Walk">Go through so many resources of the type in the order wanted and probe each (all: the greatest number); null to collect the matches.</param>
/// <param name="Matches">About how many match; null when unknown.</param>
internal sealed record PagePlan(IReadOnlyDictionary<SearchExpression, long>? Counts, long? Walk, long? Matches)
{
    public static PagePlan ByKind { get; } = new(null, null, null);
}
