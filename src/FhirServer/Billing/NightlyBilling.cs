using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Ports;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Billing;

/// <summary>What billing does once a night: asks about the coverages of those who come, and looks for payers that are silent.</summary>
internal sealed class NightlyBilling(
    IFhirRecords records, EligibilityPipeline eligibility, ClaimStatusPipeline status, BillingSetup setup, BillingCycle cycle, IOptions<BillingOptions> options,
    TimeProvider clock, TimeZoneInfo zone, ILogger<NightlyBilling> log)
{
    private const string Eligibility = "eligibility";
    private const string ClaimStatus = "claim-status";

    private readonly NightlySchedule schedule = new(records);

    /// <summary>Runs the rounds that are due: those that have not ended today although their time has come.</summary>
    public async Task RunDueAsync(CancellationToken ct)
    {
        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).DateTime;
        if (options.Value.NightlyTime is not { } at || TimeOnly.FromDateTime(now) < at || !cycle.IsOpen)
            return;

        var today = DateOnly.FromDateTime(now);
        if (await schedule.LastAsync(Eligibility, ct) is not { } asked || asked < today)
            await AskAsync(today, ct);
        if (await schedule.LastAsync(ClaimStatus, ct) is not { } looked || looked < today)
        {
            var result = await new ClaimStatusRound(records, status, setup.Payers, clock).RunAsync(ct);
            await schedule.EndedAsync(ClaimStatus, today, ct);
            log.LogInformation("Silent payers: {Silent} of {Claims} claims, {Asked} asked about, {Ended} tasks done by themselves", result.Silent, result.Claims, result.Asked, result.Ended);
            foreach (var claim in result.NotAsked)
                log.LogWarning("Claim {Id} cannot be asked about: {Problem}", claim.ClaimId, claim.Problems is [var first, ..] ? first.Message : "no reason");
        }
    }

    /// <summary>Asks about the coverages of the coming days, whether it is night or not.</summary>
    public async Task AskAsync(DateOnly? today, CancellationToken ct)
    {
        if (!cycle.IsOpen)
            return;
        var result = await new EligibilityRound(records, eligibility, clock, zone).RunAsync(ct);
        if (today is { } day)
            await schedule.EndedAsync(Eligibility, day, ct);
        log.LogInformation("Coverages of {Appointments} coming visits: {Asked} asked about, {Problems} to look at", result.Appointments, result.Asked, result.Problems);
    }
}
