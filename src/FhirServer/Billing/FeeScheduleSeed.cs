using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Stores the default fee schedule of a demo practice; a second time changes nothing.</summary>
internal static class FeeScheduleSeed
{
    public static async Task StoreAsync(IFhirRecords records, DateOnly from, CancellationToken ct)
    {
        var transaction = new Bundle { Type = Bundle.BundleType.Transaction };
        foreach (var definition in DefaultFeeSchedule.Build(from))
            transaction.Entry.Add(new() { Resource = definition, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"ChargeItemDefinition/{definition.Id}" } });
        await CommitAsync(records, transaction, ct);
    }

    public static async Task CommitAsync(IFhirRecords records, Bundle transaction, CancellationToken ct)
    {
        switch (await records.CommitAsync(transaction, ct))
        {
            case CommitOutcome.Refused refused:
                throw new InvalidOperationException($"The demo's own records were refused: {refused.Outcome.Issue[0].Diagnostics}");
            case CommitOutcome.Conflict conflict:
                throw new InvalidOperationException($"The demo's own records met a conflict: {conflict.Outcome.Issue[0].Diagnostics}");
        }
    }
}
