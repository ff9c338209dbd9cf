namespace FhirEmr.BillingBridge.Ports;

/// <summary>The way to a clearinghouse or payer and back: files out, files in. What travels is X12; how is the adapter's matter.</summary>
public interface IPayerChannel
{
    /// <summary>For messages and logs.</summary>
    string Name { get; }

    /// <summary>Whether anybody outside reads what is sent.</summary>
    ChannelKind Kind { get; }

    /// <summary>
    /// Hands over one file. Safe to repeat: a file of this name with the same bytes counts as sent, one with other bytes is refused.
    /// </summary>
    Task<SendOutcome> SendAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct);

    /// <summary>The files waiting for us, oldest first.</summary>
    IAsyncEnumerable<InboundFile> ListInboundAsync(CancellationToken ct);

    /// <summary>Opens a waiting file; null when it is no longer there.</summary>
    Task<Stream?> OpenInboundAsync(string fileName, CancellationToken ct);

    /// <summary>Takes a file out of the waiting ones, after its effects are durable. Safe to repeat.</summary>
    Task AcknowledgeAsync(string fileName, InboundDisposition disposition, CancellationToken ct);
}

/// <summary>Live channels reach a payer; mock channels never leave this machine and carry test interchanges only.</summary>
public enum ChannelKind
{
    /// <summary>A mock payer or nobody reads it: ISA15 is always T.</summary>
    Mock,

    /// <summary>A clearinghouse or payer reads it.</summary>
    Live,
}

/// <summary>What became of a file sent.</summary>
public enum SendOutcome
{
    /// <summary>It is there now.</summary>
    Sent,

    /// <summary>The same file was already there: an earlier attempt had succeeded.</summary>
    AlreadySent,

    /// <summary>Another file has this name; nothing was written.</summary>
    NameTaken,
}

/// <summary>Where an inbound file goes when it is done with.</summary>
public enum InboundDisposition
{
    /// <summary>Applied, now or earlier.</summary>
    Archive,

    /// <summary>Not usable; kept for a person.</summary>
    Reject,
}

/// <summary>A file waiting for us.</summary>
public sealed record InboundFile(string Name, long Length);
