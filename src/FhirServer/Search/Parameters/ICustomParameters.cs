using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>The custom parameters as reading and writing see them: always as new as answers need.</summary>
internal interface ICustomParameters
{
    /// <summary>
    /// Counts a write in from before it looks at any definition until it has committed or given up. Definitions known longer than a write
    /// may trust them are read again first, so that no node writes by definitions that others replaced a while ago.
    /// </summary>
    ValueTask<IDisposable> BeginWriteAsync(CancellationToken ct);

    /// <summary>Why a SearchParameter cannot be stored as it is; null when it can.</summary>
    (string Text, string Expression)? Check(FhirNode searchParameter, string id);

    /// <summary>Adds to a commit that writes (or, without a body, deletes) a SearchParameter what makes every node look again.</summary>
    void Announce(FhirNode searchParameter, string id, long sid, int version, Action<string, IReadOnlyList<object>> statement);

    /// <summary>Takes in what others defined, if anything changed; true when it did.</summary>
    ValueTask<bool> RefreshAsync(CancellationToken ct);
}
