using FhirEmr.BillingBridge.Ledger;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>The journal at the door: an entry that does not sum to zero is not stored, and a stored one is not changed or deleted, whoever asks (reliability R-15).</summary>
internal sealed class JournalDoor : IWriteDoor
{
    public bool WatchesServer => true;

    public bool Watches(string type) => type == "Basic";

    public Task<FhirFault?> CheckAsync(ResourceKey? at, ReadOnlyMemory<byte> json, Caller caller, CancellationToken ct) =>
        Task.FromResult(FhirFormats.Parse<Basic>(json.Span) is { } basic && JournalBasic.IsEntry(basic) && JournalBasic.Fault(basic) is { } fault
            ? FhirFault.Of(FaultKind.Unprocessable, $"This is no journal entry: {fault}")
            : null);

    public FhirFault? CheckChange(ReadOnlyMemory<byte> stored) => JournalBasic.IsEntry(FhirFormats.Parse<Basic>(stored.Span))
        ? FhirFault.Of(FaultKind.Conflict, "A journal entry is never changed or deleted: enter another one that takes it back.")
        : null;
}
