using FhirEmr.BillingBridge.Scrubbing;

namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary>What a family of payers is called in figures.</summary>
internal static class PayerClass
{
    public static string Of(PayerFamily family) => family switch
    {
        PayerFamily.BlueCross => "blue-cross",
        PayerFamily.WorkersCompensation => "workers-compensation",
        _ => family.ToString().ToLowerInvariant(),
    };
}
