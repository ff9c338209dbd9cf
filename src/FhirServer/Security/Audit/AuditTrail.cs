using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>The audit of one request: where it came from, whose data it has shown, and the rows it has still to write.</summary>
/// <remarks>An entry of a Bundle has a trail of its own below that of the Bundle; their rows are written together before the answer ends.</remarks>
internal sealed class AuditTrail : RequestTrail
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly AuditLog log;
    private readonly AuditTrail? outer;
    private readonly Lock gate = new();
    private List<AuditRecord>? waiting; // of the outermost; most trails need neither
    private HashSet<int>? covered;

    private AuditTrail(AuditLog log, AuditAgent agent, string? address, string? requestId, AuditTrail? outer, bool isInner) =>
        (this.log, Agent, Address, RequestId, this.outer, IsInner) = (log, agent, address, requestId, outer, isInner);

    public AuditAgent Agent { get; }

    public string? Address { get; }

    public string? RequestId { get; }

    /// <summary>Why the caller says it is done (v3-ActReason); set by who granted it, such as break-the-glass.</summary>
    public string? Purpose { get; set; }

    /// <summary>The server's own work inside a request or a job that has its row: what it only reads is part of that.</summary>
    public bool IsInner { get; }

    /// <summary>The request itself has been taken up; what comes through the door after it came from inside.</summary>
    public bool IsBegun { get; set; }

    public PatientSet Patients { get; } = new();

    /// <summary>The request as a record, before its outcome is known; a write takes it into its commit.</summary>
    public AuditRecord? Request { get; set; }

    public static AuditTrail Of(AuditLog log, Caller caller, string? address, string? requestId) =>
        new(log, AgentOf(caller), address, requestId, null, isInner: caller.Principal is null && caller.Name == Caller.System.Name);

    /// <summary>For an entry, or what else a request causes.</summary>
    public AuditTrail Below() => new(log, Agent, Address, RequestId, this, IsInner) { Purpose = Purpose };

    public static AuditAgent AgentOf(Caller caller) => caller.Principal is { } principal
        ? new() { UserId = principal.UserId, FhirUser = principal.FhirUser, ClientId = principal.ClientId, TokenId = principal.TokenId, Roles = caller.Access.Roles }
        : new() { Name = caller.Name };

    public override void Saw(ResourceKey key, ReadOnlySpan<byte> json)
    {
        if (key.Type == "Patient")
            Patients.Add(key.Id);
        PatientReferences.Find(json, Patients);
    }

    /// <summary>Rows that go into a commit: whoever commits tells the log what became of them.</summary>
    public IReadOnlyList<AuditEntry> Enter(IEnumerable<AuditRecord> records) => log.Enter([.. records.Select(Signed)]);

    public void Committed(IReadOnlyList<AuditEntry> entries) => log.Committed(entries);

    public void Dropped(IReadOnlyList<AuditEntry> entries) => log.Dropped(entries);

    public void Doubtful(IReadOnlyList<AuditEntry> entries) => log.Doubtful(entries);

    /// <summary>The row of this entry (null: of the request itself) is durable already.</summary>
    public void Cover(int? entry) => (covered ??= []).Add(entry ?? -1);

    public bool IsCovered(int? entry) => covered?.Contains(entry ?? -1) == true;

    /// <summary>Keeps a row to be written with the request's own.</summary>
    public void Wait(AuditRecord record)
    {
        var at = this;
        while (at.outer is not null)
            at = at.outer;
        lock (at.gate)
            (at.waiting ??= []).Add(Signed(record));
    }

    /// <summary>Writes what waits, when this is the outermost trail; below it that is left to the outer one. Returns when it is durable.</summary>
    public Task WriteAsync()
    {
        if (outer is not null)
            return Task.CompletedTask;
        lock (gate)
        {
            if (waiting is null)
                return Task.CompletedTask;
            var entries = waiting.ConvertAll(log.Enter);
            waiting = null;
            return log.WriteAsync(entries);
        }
    }

    /// <summary>
    /// Writes what waits of a request that is refused or has failed: it is waited for a moment only, because who waits for the store already must not wait for it twice. The row stays
    /// on its way.
    /// </summary>
    public async Task WriteOrLeaveAsync()
    {
        try
        {
            await WriteAsync().WaitAsync(Moment);
        }
        catch (TimeoutException)
        {
            // It is stored when the store goes on, or the log says that it could not be.
        }
    }

    private AuditRecord Signed(AuditRecord record) => ReferenceEquals(record.Agent, Agent) && (record.Purpose ?? Purpose) == record.Purpose ? record : record with { Agent = Agent, Address = Address, RequestId = RequestId, Purpose = record.Purpose ?? Purpose };
}
