using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>Who stored a Binary, kept in the commit that makes it: until something refers to it, it is theirs alone (security.md S-38).</summary>
internal static class CreatorStatements
{
    /// <summary>Whoever makes it anew after a deletion takes the place of who made it first.</summary>
    /// <param name="isNew">The key was never used: there is nobody whose place to take.</param>
    public static IEnumerable<PlanStatement> Keep(long binary, long creator, bool isNew)
    {
        if (!isNew)
            yield return Forget(binary);
        if (creator != 0)
            yield return new(dialect => new($"INSERT INTO BinaryCreator (Sid, Creator) VALUES ({dialect.Argument(1)}, {dialect.Argument(2)})", [binary, creator]), null);
    }

    public static PlanStatement Forget(long binary) => new(dialect => new($"DELETE FROM BinaryCreator WHERE Sid = {dialect.Argument(1)}", [binary]), null);
}
