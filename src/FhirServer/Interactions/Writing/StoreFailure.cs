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
        StorageFullException => FhirFault.Of(FaultKind.StorageFull, "The disk of the server is full: nothing was stored. Reading still works."),
        StorageTimeoutException => FhirFault.Of(FaultKind.Unavailable, "The database took too long over this request and was stopped. Narrow it, or repeat it later.", code: "timeout"),
        DbException or TimeoutException or SocketException or StorageUnavailableException or StorageFailedException =>
            FhirFault.Of(FaultKind.Unavailable, "The database does not answer just now. Repeat the request in a moment."),
        _ => new FhirFault(FaultKind.Bug, [new FaultIssue("exception", "The server failed at this request through a fault of its own. Tell its operator the id of this outcome.")]),
    };
}
