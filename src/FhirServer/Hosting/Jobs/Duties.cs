using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Security.Smart.Tokens;

namespace FhirEmr.FhirServer.Hosting.Jobs;

/// <summary>What this server does by the clock.</summary>
internal sealed class Duties
{
    public Duties(NightlyBilling billing, AbandonedContent contents, TokenSweep tokens, JobSweep jobs, AuditVerification audit)
        : this(
        [
            new("audit-verify", "17 2 * * *", TimeSpan.FromDays(1), "Reads the whole audit and compares its chain and checkpoints.", audit.RunAsync),
            new("billing-rounds", "*/5 * * * *", TimeSpan.FromMinutes(5), "After Billing:NightlyAt, once a day: asks about the coverages of those who come, and looks for payers that are silent.", billing.RunDueAsync),
            new("jobs-kept", "*/30 * * * *", TimeSpan.FromMinutes(30), "Forgets answers of background requests after a day and of repeated requests after two.", jobs.RunAsync),
            new("tokens-over", "7 * * * *", TimeSpan.FromHours(1), "Removes tokens, launches and assertions that have been over for a week.", tokens.RunAsync),
            new("uploads-abandoned", "*/10 * * * *", TimeSpan.FromMinutes(10), "Removes what uploads left behind that broke off.", contents.RunAsync),
        ])
    {
    }

    internal Duties(IReadOnlyList<Duty> all) => All = all;

    public IReadOnlyList<Duty> All { get; }
}
