using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>The place of a commit in a row of them: while one is stored, the next is decided on what that one will have made, and commits only behind it.</summary>
/// <remarks>Surrogate keys that the one before has given or reserved are taken over. When it did not commit as it was decided, what was decided upon it is stale.</remarks>
internal sealed class CommitTurn(CommitTurn? before)
{
    private readonly Dictionary<ResourceKey, long> keys = [];
    private readonly TaskCompletionSource decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CommitTurn? before = before;

    /// <summary>All is decided, so that the next may be.</summary>
    public Task Decided => decided.Task;

    public bool IsDecided => decided.Task.IsCompleted;

    /// <summary>What a key stands for, with those that the one before will have made.</summary>
    public CurrentState Of(ResourceKey key, CurrentState stored) => !stored.IsKnown && before?.keys.TryGetValue(key, out var sid) == true ? new(sid, 0, IsDeleted: true, 0, 0, default) : stored;

    /// <summary>This one gives a key, or reserves it.</summary>
    public void Make(ResourceKey key, long sid) => keys[key] = sid;

    public void Decide() => decided.TrySetResult();

    /// <summary>Waits for the one before; false when it did not commit as it was decided.</summary>
    public Task<bool> ComesAsync() => before?.ended.Task ?? Task.FromResult(true);

    /// <summary>How it went; only the first answer counts.</summary>
    public void End(bool isCommitted)
    {
        ended.TrySetResult(isCommitted);
        before = null; // a row of them is long
    }
}
