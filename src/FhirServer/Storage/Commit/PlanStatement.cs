using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>One statement that runs inside the transaction of a plan.</summary>
/// <param name="Compose">The statement in the engine's words.</param>
/// <param name="MustChange">Why the plan is stale when the statement changes no row; null when that is fine.</param>
internal sealed record PlanStatement(Func<SqlDialect, SqlStatement> Compose, string? MustChange)
{
    /// <summary>A statement already in the engine's words.</summary>
    public static PlanStatement Of(SqlStatement statement, string? mustChange = null) => new(_ => statement, mustChange);
}
