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

    public void AddTo<T>(CommitPlan plan, IEnumerable<T> drafts, Func<T, WriteOutcome> outcome)
    {
        plan.Preconditions.AddRange(Preconditions);
        if (Keep is not null)
            plan.Statements.Add(AnswerSql.Keep(Keep([.. drafts.Select(outcome)])));
    }
}
