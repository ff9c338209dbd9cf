namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements that see one and the same state of the database.</summary>
internal interface IReadSession : IAsyncDisposable
{
    /// <summary>From here on statements may run as long as they need: for maintenance, which nobody waits at.</summary>
    void LiftLimit();

    ValueTask<List<T>> QueryAsync<T>(SqlStatement statement, Func<IRow, T> map, CancellationToken ct);
}
