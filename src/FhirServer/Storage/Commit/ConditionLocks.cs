using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>What conditional writes lock on engines with many writers, so that two whose conditions overlap run one after the other.</summary>
/// <remarks>
/// Reliability R-12. A condition with a token (identifier, code) takes the lock of that one value, and a conditional write takes those of all
/// tokens of what it stores: if what one stores is what the other looks for, they share a lock. A condition without a token (name, date) takes its
/// whole type; all others only share it. Writes without a condition take none: they promise no uniqueness, and come before or after.
/// </remarks>
internal sealed class ConditionLocks
{
    /// <summary>A plan with more values than this takes whole types instead.</summary>
    private const int MostKeys = 500;

    public ConditionLocks(CommitPlan plan)
    {
        if (plan.Preconditions.Count == 0)
            return;

        var (exclusive, shared, keys) = (new SortedSet<int>(), new SortedSet<int>(), new SortedSet<long>());
        foreach (var condition in plan.Preconditions)
        {
            var type = ResourceTypes.NumberOf(condition.Query.Type);
            shared.Add(type);
            if (TokenOf(condition.Asked) is { Hash: { } hash } token)
                keys.Add(KeyOf(token.Param.Number, hash));
            else
                exclusive.Add(type);
        }

        foreach (var write in plan.Writes)
            if (write.IsConditional)
            {
                shared.Add(ResourceTypes.NumberOf(write.Key.Type));
                foreach (var token in write.Add.Tokens)
                    keys.Add(KeyOf(token.Param, token.Hash));
            }

        if (keys.Count > MostKeys)
        {
            exclusive.UnionWith(shared);
            keys.Clear();
        }

        shared.ExceptWith(exclusive);
        (ExclusiveTypes, SharedTypes, Keys) = ([.. exclusive], [.. shared], [.. keys]);
    }

    /// <summary>Type numbers, ascending, as all of these: two plans never wait for each other crosswise within one of them.</summary>
    public int[] ExclusiveTypes { get; } = [];

    public int[] SharedTypes { get; } = [];

    public long[] Keys { get; } = [];

    /// <summary>A token that every match has.</summary>
    private static SearchExpression.Token? TokenOf(SearchExpression where) => where switch
    {
        SearchExpression.Token { Hash: not null } token => token,
        SearchExpression.And and => and.Terms.Select(TokenOf).FirstOrDefault(t => t is not null),
        SearchExpression.Or { Terms: [var only] } => TokenOf(only),
        _ => null,
    };

    private static long KeyOf(int param, long hash) => unchecked(hash ^ (param * (long)0x9E3779B97F4A7C15));
}
