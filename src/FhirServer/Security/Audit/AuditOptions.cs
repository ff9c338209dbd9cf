namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>How the audit is kept. Bound from <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    /// <summary>False only for a database that began without it (benchmarks, demo): any other refuses to start so.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// True: the row of a read is in the database and on its disk before the answer ends, as that of a write is. False: it is in a file that survives the end of the process, and a
    /// power cut can take the last tenth of a second of it.
    /// </summary>
    public bool ReadsWaitForDisk { get; set; }

    public CheckpointOptions Checkpoints { get; } = new();

    /// <summary>Refused or anonymous requests of one address that get a row of their own in a minute; what comes above is counted in one row.</summary>
    public int RefusalsPerMinute { get; set; } = 60;

    internal sealed class CheckpointOptions
    {
        /// <summary>A file that every checkpoint is appended to, best on another machine's disk; empty for none.</summary>
        public string File { get; set; } = "";
    }
}
