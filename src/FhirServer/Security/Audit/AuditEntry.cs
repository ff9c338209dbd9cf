namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>A record with its place in the audit: its key, the bytes that are stored, and the code that proves them ours.</summary>
internal sealed record AuditEntry(long Number, AuditRecord Record, byte[] Body, byte[] Mac, AuditSecret Secret)
{
    /// <summary>Of the journal, where it waits for the seal that puts it into the table; null when it stands there already.</summary>
    public AuditJournal.Part? Part { get; init; }
}
