using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>What a unit of work takes with it into its commit, beside the writes.</summary>
internal sealed record CommitTerms
{
    public static CommitTerms None { get; } = new();

    /// <summary>Searches that decided something without leading to a write: an ifNoneExist that found its resource, a conditional reference.</summary>
    public IReadOnlyList<Precondition> Preconditions { get; init; } = [];

    /// <summary>The answer to keep for a repeat of the request, made from the outcomes; null keeps none.</summary>
    public Func<IReadOnlyList<WriteOutcome>, KeptAnswer>? Keep { get; init; }

    /// <summary>References may name what comes later: its key is reserved, whatever the record insists on otherwise (imports, which tell in the end what never came).</summary>
    public bool TargetsMayCome { get; init; }

    /// <summary>All is decided and nothing is committed.</summary>
    public bool IsRehearsal { get; init; }

    /// <summary>Rows beside the resources that come with them or not at all, such as how far a job is; made from the outcomes.</summary>
    public Func<IReadOnlyList<WriteOutcome>, IReadOnlyList<PlanStatement>>? Also { get; init; }

    /// <summary>Contents that come with them.</summary>
    public IReadOnlyList<ContentWrite> Contents { get; init; } = [];

    public void AddTo<T>(CommitPlan plan, IEnumerable<T> drafts, Func<T, WriteOutcome> outcome)
    {
        plan.Preconditions.AddRange(Preconditions);
        plan.Contents.AddRange(Contents);
        if (Also is not null)
            plan.Statements.AddRange(Also([.. drafts.Select(outcome)]));
        if (Keep is not null)
            plan.Statements.Add(AnswerSql.Keep(Keep([.. drafts.Select(outcome)])));
    }
}
