using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>What billing asks of a FHIR R4 server: ours in process, or anybody's over REST.</summary>
/// <remarks>
/// Every implementation passes the same contract test. Billing never holds a lock and never writes outside
/// <see cref="CommitAsync"/>: gather, decide, commit.
/// </remarks>
public interface IFhirRecords
{
    /// <summary>Everything billing needs about one encounter, in one call; null when there is no such encounter.</summary>
    Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct);

    /// <summary>The current version of one resource; null when unknown or deleted. <c>Meta.VersionId</c> is set.</summary>
    Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource;

    /// <summary>All matches of a type-level search, paged behind the scenes, e.g. <c>identifier=urn:fhiremr:pcn|A1</c>.</summary>
    IAsyncEnumerable<T> SearchAsync<T>(string query, CancellationToken ct)
        where T : Resource;

    /// <summary>One FHIR transaction, all or nothing. Entries may carry <c>ifNoneExist</c>, <c>ifMatch</c> and <c>urn:uuid</c> references.</summary>
    Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct);
}

/// <summary>How a transaction ended.</summary>
public abstract record CommitOutcome
{
    private CommitOutcome()
    {
    }

    /// <summary>Durable. Entries answer in request order; each carries <c>response.location</c> and, when asked, the resource.</summary>
    public sealed record Committed(Bundle Response) : CommitOutcome;

    /// <summary>Someone else changed a resource first (412, 409): read again and decide again.</summary>
    public sealed record Conflict(OperationOutcome Outcome) : CommitOutcome;

    /// <summary>The server refuses the content (400, 403, 422): repeating will not help.</summary>
    public sealed record Refused(OperationOutcome Outcome) : CommitOutcome;
}
