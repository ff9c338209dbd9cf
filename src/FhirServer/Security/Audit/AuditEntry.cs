namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>A record and its key.</summary>
internal readonly record struct AuditItem(long Number, AuditRecord Record);

/// <summary>A row of the audit: one record, or some that are stored together, with the bytes that are stored and the code that proves them ours.</summary>
/// <param name="Number">Key of the row, which is that of its first record.</param>
/// <param name="Items">In the order of their keys.</param>
internal sealed record AuditEntry(long Number, IReadOnlyList<AuditItem> Items, byte[] Body, byte[] Mac, AuditSecret Secret)
{
    /// <summary>A row of one record.</summary>
    public AuditEntry(long number, AuditRecord record, byte[] body, byte[] mac, AuditSecret secret)
        : this(number, [new(number, record)], body, mac, secret)
    {
    }

    /// <summary>Of the journal, where it waits for the seal that puts it into the table; null when it stands there already.</summary>
    public AuditJournal.Part? Part { get; init; }
}
