using System.Data.Common;
using System.Net.Sockets;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>An exception as the fault a client gets: none of its text goes out, for it may quote a record.</summary>
internal static class StoreFailure
{
    public static FhirFault Of(Exception e) => e switch
    {
        StorageFullException => FhirFault.Of(FaultKind.StorageFull, "The disk of the server is full: nothing was stored, and nothing can be read either that has to be entered in the audit."),
        StorageTimeoutException => FhirFault.Of(FaultKind.Unavailable, "The database took too long over this request and was stopped. Narrow it, or repeat it later.", code: "timeout"),
        DbException { SqlState: { } state } when IsOfTheStatement(state) => Bug,
        DbException or TimeoutException or SocketException or StorageUnavailableException or StorageFailedException =>
            FhirFault.Of(FaultKind.Unavailable, "The database does not answer just now. Repeat the request in a moment."),
        { InnerException: DbException inner } => Of(inner), // as EF Core wraps what the database says
        _ => Bug,
    };

    private static FhirFault Bug =>
        new(FaultKind.Bug, [new FaultIssue("exception", "The server failed at this request through a fault of its own. Tell its operator the id of this outcome.")]);

    /// <summary>The database runs, but not what it was told: repeating it helps nobody (SQL classes 22 data, 26 statement name, 34 cursor, 42 syntax or name, 0A feature).</summary>
    private static bool IsOfTheStatement(string state) => state.Length == 5 && state[..2] is "0A" or "22" or "26" or "34" or "42";
}
