namespace FhirEmr.BillingBridge;

/// <summary>How a paper is wanted.</summary>
public enum PaperForm
{
    Pdf,
    Html,
}

/// <summary>A paper, or why there is none.</summary>
public abstract record PaperResult
{
    private PaperResult()
    {
    }

    /// <param name="ContentType">Media type of <paramref name="Content"/>.</param>
    public sealed record Written(string ContentType, byte[] Content) : PaperResult;

    /// <summary>What the paper was asked of is not here.</summary>
    public sealed record NotFound : PaperResult;

    /// <summary>It cannot be written, and why.</summary>
    public sealed record Refused(string Why) : PaperResult;
}
