namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>Where something stands in a file, in bytes.</summary>
internal readonly record struct FilePart(long Offset, long Length)
{
    public static FilePart Between(long start, long end) => new(start, end - start);
}
