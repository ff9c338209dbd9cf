using System.Globalization;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>How far billing has read the change feed, kept as a Basic resource so that it is backed up and restored with what it is about.</summary>
internal sealed class BillingCursor(IFhirRecords records)
{
    private const string Id = "billing-cursor";
    private const string Position = "urn:fhiremr:change-sequence";
    private long? remembered;

    public async Task<long> ReadAsync(CancellationToken ct)
    {
        if (remembered is { } position)
            return position;

        var stored = await records.ReadAsync<Basic>(Id, ct);
        remembered = long.TryParse(stored?.GetStringExtension(Position), CultureInfo.InvariantCulture, out var value) ? value : 0;
        return remembered.Value;
    }

    public void Remember(long position) => remembered = position;

    /// <summary>Keeps a position over a restart; this run goes on from it too.</summary>
    public async Task WriteAsync(long position, CancellationToken ct)
    {
        var cursor = new Basic { Id = Id, Code = new CodeableConcept { Text = "How far billing has read the change feed" } };
        cursor.SetStringExtension(Position, position.ToString(CultureInfo.InvariantCulture));
        var transaction = new Bundle { Type = Bundle.BundleType.Transaction };
        transaction.Entry.Add(new() { Resource = cursor, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"Basic/{Id}" } });
        await records.CommitAsync(transaction, ct);
        remembered = position;
    }
}
