namespace FhirEmr.FhirServer.Storage.Jobs;

/// <summary>Work that outlives its request, as it stands in the table: no fact about it lives anywhere else (reliability R-31).</summary>
/// <param name="State">One of <see cref="JobState"/>.</param>
/// <param name="Progress">Of a purge or an export, how far it is; of a request, the key of the access plan it was accepted under.</param>
/// <param name="Answer">What came of it, compressed; empty until it is done.</param>
internal sealed record JobRow(string Id, string Kind, string State, string Client, long Created, long Updated, string Progress, byte[] Answer);

internal static class JobState
{
    public const string Queued = "queued";

    /// <summary>Somebody works on it while the lease lasts; after that it is as good as queued.</summary>
    public const string Running = "running";
    public const string Done = "done";

    /// <summary>Its client gave it up; what it left is still to be cleared away.</summary>
    public const string Cancelled = "cancelled";
}
