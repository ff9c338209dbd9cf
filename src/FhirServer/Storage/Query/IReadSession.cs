namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements that see one and the same state of the database.</summary>
internal interface IReadSession : IAsyncDisposable
{
    ValueTask<List<T>> QueryAsync<T>(SqlStatement statement, Func<IRow, T> map, CancellationToken ct);
}
