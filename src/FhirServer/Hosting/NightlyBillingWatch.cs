using FhirEmr.FhirServer.Billing;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Looks each minute whether the nightly rounds of billing are due; what is due derives from the records, so a restart loses no night.</summary>
internal sealed class NightlyBillingWatch(NightlyBilling nightly, TimeProvider clock, ILogger<NightlyBillingWatch> log) : Watch(TimeSpan.FromMinutes(1), clock, log)
{
    protected override Task TurnAsync(CancellationToken ct) => nightly.RunDueAsync(ct);
}
