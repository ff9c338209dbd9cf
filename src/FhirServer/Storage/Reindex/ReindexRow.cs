namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Work that outlives its request, as the table Job keeps it; instants in milliseconds since 1970 UTC.</summary>
/// <param name="Updated">Also the row's version: a change names the one it saw, and changes nothing when someone else was faster.</param>
/// <param name="Progress">JSON in the kind's own shape.</param>
internal sealed record ReindexRow(string Id, string State, string LeaseOwner, long LeaseUntil, long Created, long Updated, string Progress);
