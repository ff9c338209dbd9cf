using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>Forgets answers that nobody can ask for any more: of background requests, and of those that may be repeated (reliability R-20).</summary>
internal sealed class JobSweep(IResourceStore store, TimeProvider clock)
{
    private static readonly TimeSpan AnswersKeptFor = TimeSpan.FromHours(48);

    public async Task RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var plan = new CommitPlan();
        plan.Statements.Add(JobSql.Sweep(RequestJobs.Kind, (now - RequestJobs.KeptFor).ToUnixTimeMilliseconds()));
        plan.Statements.Add(AnswerSql.Sweep((now - AnswersKeptFor).ToUnixTimeMilliseconds()));
        ct.ThrowIfCancellationRequested();
        await store.CommitAsync(plan, CancellationToken.None);
    }
}
