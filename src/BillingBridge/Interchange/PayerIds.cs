using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>The payer id (NM109 of 2010BB) behind a claim; it names the system of the payer's claim numbers.</summary>
internal sealed class PayerIds(IFhirRecords records)
{
    private readonly FhirReferences _references = new(records);

    /// <summary>Of the focal coverage's payer, else of <c>Claim.insurer</c>; "unknown" when neither can be read.</summary>
    public async Task<string> OfAsync(Claim claim, CancellationToken ct)
    {
        var coverage = await _references.FindAsync<Coverage>(claim.Insurance.Find(i => i.Focal == true)?.Coverage, ct);
        var payor = coverage?.Payor is [var first, ..] ? await _references.FindAsync<Organization>(first, ct) : null;
        return SubscriberMapping.PayerId(payor)
            ?? SubscriberMapping.PayerId(await _references.FindAsync<Organization>(claim.Insurer, ct))
            ?? "unknown";
    }
}
