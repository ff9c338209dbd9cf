using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The NDC of a drug line: extension with <c>code</c> (string) and <c>quantity</c> (Quantity, X12 unit as its code).</summary>
public static class DrugNdc
{
    public static string? Code(ScrubLine line) => (Part(line, "code")?.Value as FhirString)?.Value;

    public static Quantity? Amount(ScrubLine line) => Part(line, "quantity")?.Value as Quantity;

    private static Extension? Part(ScrubLine line, string name) =>
        line.Item.GetExtension(BillingUrls.NdcExtension)?.GetExtension(name);
}
