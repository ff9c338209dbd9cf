namespace FhirEmr.BillingBridge.FhirRest;

/// <summary>The other server could not be asked, or gave an answer that cannot be used: a sentence, without what is in the records.</summary>
public sealed class FhirRestException : IOException
{
    public FhirRestException(string message)
        : base(message)
    {
    }

    public FhirRestException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
