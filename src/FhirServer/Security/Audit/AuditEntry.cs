namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>A record and its key.</summary>
internal readonly record struct AuditItem(long Number, AuditRecord Record);

/// <summary>A record that is written: its key, and what it is searched by.</summary>
internal readonly record struct AuditTagged(long Number, long[] Terms);

/// <summary>A row of the audit: one record, or some that are stored together, with the bytes that are stored.</summary>
/// <remarks>Those of a second's reads wait in memory for their seal: they are as small as they can be.</remarks>
/// <param name="number">Key of the row, which is that of its first record.</param>
/// <param name="items">In the order of their keys.</param>
internal sealed class AuditEntry(long number, AuditTagged[] items, byte[] body, AuditSecret secret)
{
    private byte[]? mac;

    public long Number => number;

    public IReadOnlyList<AuditTagged> Items => items;

    /// <summary>Of a request: it may wait in the journal.</summary>
    public bool IsOfRequest { get; init; }

    public byte[] Body => body;

    public AuditSecret Secret => secret;

    /// <summary>The code that proves the row ours; a row that goes through the journal is packed with others and needs none by itself.</summary>
    public byte[] Mac => mac ??= secret.MacOf(number, body);

    /// <summary>Of the journal, where it waits for the seal that puts it into the table; null when it stands there already.</summary>
    public AuditJournal.Part? Part { get; set; }
}
