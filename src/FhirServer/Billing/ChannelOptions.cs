using FhirEmr.BillingBridge.Channels;

namespace FhirEmr.FhirServer.Billing;

/// <summary>How files reach payers. Bound from <c>Billing:Channel</c>.</summary>
public sealed class ChannelOptions
{
    public PayerChannelKind Kind { get; set; }

    public SftpSettings Sftp { get; set; } = new();

    public HttpsSettings Https { get; set; } = new();
}

/// <summary>What is at the other end.</summary>
public enum PayerChannelKind
{
    /// <summary><c>Billing:ChannelFolder</c>; none when that is empty.</summary>
    Folder,

    /// <summary>A clearinghouse's SFTP mailbox.</summary>
    Sftp,

    /// <summary>A clearinghouse's web address.</summary>
    Https,
}
