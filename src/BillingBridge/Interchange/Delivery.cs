using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>What is known of a file that could not be handed over: kept with it, so that a restart forgets nothing (reliability R-24).</summary>
/// <param name="Attempts">Failed so far.</param>
/// <param name="First">The first failure.</param>
/// <param name="Next">Not tried again before.</param>
/// <param name="Problem">The last failure, in a sentence.</param>
public sealed record Delivery(int Attempts, DateTimeOffset First, DateTimeOffset Next, string? Problem)
{
    /// <summary>Null when nothing has failed.</summary>
    public static Delivery? Of(DocumentReference document) => document.GetExtension(InterchangeUrls.Delivery) is not { } kept ? null : new Delivery(
        kept.GetExtensionValue<Integer>("attempts")?.Value ?? 0,
        kept.GetExtensionValue<Instant>("first")?.Value ?? DateTimeOffset.MinValue,
        kept.GetExtensionValue<Instant>("next")?.Value ?? DateTimeOffset.MinValue,
        kept.GetExtensionValue<FhirString>("problem")?.Value);

    public void Write(DocumentReference document)
    {
        Clear(document);
        var kept = new Extension { Url = InterchangeUrls.Delivery };
        kept.AddExtension("attempts", new Integer(Attempts));
        kept.AddExtension("first", new Instant(First));
        kept.AddExtension("next", new Instant(Next));
        if (Problem is not null)
            kept.AddExtension("problem", new FhirString(Problem));
        document.Extension.Add(kept);
    }

    public static void Clear(DocumentReference document) => document.RemoveExtension(InterchangeUrls.Delivery);
}
