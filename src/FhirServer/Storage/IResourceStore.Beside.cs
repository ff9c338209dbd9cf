using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Reading what stands beside the resources; it is written by <see cref="Commit.CommitPlan.Statements"/>. A client finds its own only.</summary>
internal partial interface IResourceStore
{
    /// <summary>The answer kept for that client under that key; null when there is none.</summary>
    Task<KeptAnswer?> AnswerAsync(string client, string name, CancellationToken ct);

    /// <summary>Profiles, tags and security labels that current resources of these types have, each once, in ordinal order.</summary>
    Task<IReadOnlyList<MetaInUse>> MetaInUseAsync(IReadOnlyList<string> types, AccessPlan access, CancellationToken ct);

    /// <summary>A job of that client; null when it has none of that id.</summary>
    Task<JobRow?> JobAsync(string id, string client, CancellationToken ct);

    /// <summary>For workers: the request of a job and whose it is; null when it is gone.</summary>
    Task<(byte[] Request, string Client)?> JobRequestAsync(string id, CancellationToken ct);

    /// <summary>For workers: jobs of a kind whose results are to go, cancelled ones and those done by an instant (milliseconds since 1970 UTC).</summary>
    Task<IReadOnlyList<(string Id, string Client, string Progress)>> OverJobsAsync(string kind, long before, int limit, CancellationToken ct);

    /// <summary>For operators: a job whoever asked for it, without what came of it, and until when somebody works on it (milliseconds since 1970 UTC); null when it is gone.</summary>
    Task<(JobRow Job, long LeaseUntil)?> AnyJobAsync(string id, CancellationToken ct);

    /// <summary>For operators: the newest jobs of all clients, but not those of one kind, as <see cref="AnyJobAsync"/> tells them.</summary>
    Task<IReadOnlyList<(JobRow Job, long LeaseUntil)>> NewestJobsAsync(string besides, int limit, CancellationToken ct);

    /// <summary>How many jobs of a kind the client has under way.</summary>
    Task<int> UnfinishedJobsAsync(string kind, string client, CancellationToken ct);

    /// <summary>For workers: ids of jobs nobody works on, oldest first.</summary>
    /// <param name="now">Milliseconds since 1970 UTC: leases up to it have ended.</param>
    Task<IReadOnlyList<string>> DueJobsAsync(string kind, long now, int limit, CancellationToken ct);
}
