using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Answers;

/// <summary>Statements on the table of kept answers.</summary>
internal static class AnswerSql
{
    private const string Taken = "A request with the same Idempotency-Key came first.";

    public static SqlStatement Find(SqlDialect dialect, string client, string name) => new(
        $"SELECT a.Digest, a.Status, a.Created, a.Answer FROM Idempotency a WHERE a.Client = {dialect.Argument(1)} AND a.Name = {dialect.Argument(2)}", [client, name]);

    /// <summary>Keeps an answer in the transaction of its work; the plan is stale when the key is taken.</summary>
    public static PlanStatement Keep(KeptAnswer answer) => new(dialect => Insert(dialect, answer), Taken);

    /// <summary>Keeps an answer unless the work itself has kept one.</summary>
    public static PlanStatement KeepIfNone(KeptAnswer answer) => new(dialect => Insert(dialect, answer), null);

    public static PlanStatement Sweep(long before) => new(dialect => new($"DELETE FROM Idempotency WHERE Created < {dialect.Argument(1)}", [before]), null);

    private static SqlStatement Insert(SqlDialect dialect, KeptAnswer answer) => new(
        "INSERT INTO Idempotency (Client, Name, Digest, Status, Created, Answer) "
        + $"VALUES ({string.Join(", ", Enumerable.Range(1, 6).Select(dialect.Argument))}){dialect.KeepsExisting}",
        [answer.Client, answer.Name, answer.Digest, answer.Status, answer.Created, answer.Answer]);
}
