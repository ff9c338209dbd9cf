namespace FhirEmr.BillingBridge.Channels;

/// <summary>The other side could not be reached, or did not do what was asked: worth another try later. The message is a sentence without personal data.</summary>
public sealed class ChannelException : IOException
{
    public ChannelException(string message)
        : base(message)
    {
    }

    public ChannelException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
