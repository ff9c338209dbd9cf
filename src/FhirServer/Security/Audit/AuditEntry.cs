namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>A record and its key.</summary>
internal readonly record struct AuditItem(long Number, AuditRecord Record);

/// <summary>A row of the audit: one record, or some that are stored together, with the bytes that are stored.</summary>
/// <param name="number">Key of the row, which is that of its first record.</param>
/// <param name="items">In the order of their keys.</param>
internal sealed class AuditEntry(long number, IReadOnlyList<AuditItem> items, byte[] body, AuditSecret secret)
{
    private byte[]? mac;

    /// <summary>A row of one record.</summary>
    public AuditEntry(long number, AuditRecord record, byte[] body, AuditSecret secret)
        : this(number, [new(number, record)], body, secret)
    {
    }

    public long Number => number;

    public IReadOnlyList<AuditItem> Items => items;

    public byte[] Body => body;

    public AuditSecret Secret => secret;

    /// <summary>The code that proves the row ours; a row that goes through the journal is packed with others and needs none by itself.</summary>
    public byte[] Mac => mac ??= secret.MacOf(number, body);

    /// <summary>Of the journal, where it waits for the seal that puts it into the table; null when it stands there already.</summary>
    public AuditJournal.Part? Part { get; set; }
}
