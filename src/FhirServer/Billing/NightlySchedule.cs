using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>When a nightly round last ended, kept as a Basic resource: it is backed up with what it is about, and a server that was down at night catches up (reliability R-31).</summary>
internal sealed class NightlySchedule(IFhirRecords records)
{
    private const string LastRun = "urn:fhiremr:last-run";

    /// <summary>The last day a round went to its end; null for never.</summary>
    public async Task<DateOnly?> LastAsync(string round, CancellationToken ct) =>
        DateOfService.From((await records.ReadAsync<Basic>(Id(round), ct))?.GetExtensionValue<Date>(LastRun)?.Value);

    /// <summary>A round is over. Cut short before this it runs again, which changes nothing it did.</summary>
    public async Task EndedAsync(string round, DateOnly day, CancellationToken ct)
    {
        var schedule = new Basic { Id = Id(round), Code = new CodeableConcept { Text = $"When the nightly round '{round}' last ended" } };
        schedule.AddExtension(LastRun, new Date(DateOfService.Text(day)));
        var transaction = new Bundle { Type = Bundle.BundleType.Transaction };
        transaction.Entry.Add(new() { Resource = schedule, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"Basic/{schedule.Id}" } });
        await records.CommitAsync(transaction, ct);
    }

    private static string Id(string round) => $"billing-nightly-{round}";
}
