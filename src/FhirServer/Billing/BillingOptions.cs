using FhirEmr.BillingBridge.Interchange;

namespace FhirEmr.FhirServer.Billing;

/// <summary>How billing runs here. Bound from <c>Billing</c>.</summary>
public sealed class BillingOptions
{
    /// <summary>Bill each encounter when it becomes finished.</summary>
    public bool Automatic { get; set; } = true;

    /// <summary>Seconds between looks at the change feed, the outbox and the inbound files.</summary>
    public int CycleSeconds { get; set; } = 30;

    /// <summary>
    /// Folder shared with the clearinghouse's transfer program: <c>outbound</c>, <c>inbound</c>, <c>archive</c>, <c>rejected</c>. Empty:
    /// claims are made and scrubbed, but nothing is sent.
    /// </summary>
    public string ChannelFolder { get; set; } = "";

    /// <summary>Whether somebody outside reads the folder. Production files (ISA15=P) need it.</summary>
    public bool ChannelIsLive { get; set; }

    /// <summary>Folder of the practice's own scrub tables, see docs/scrub-rules.md; empty: none, and the rules that need them say so.</summary>
    public string TablesFolder { get; set; } = "";

    /// <summary>Folder of the CMS-HCC tables (docs/kpis.md); empty: RECAPTURE is not counted.</summary>
    public string RiskTablesFolder { get; set; } = "";

    /// <summary>What becomes of an active Claim that a client writes and a scrub rule rejects.</summary>
    public ClaimsOnWrite ClaimsOnWrite { get; set; } = ClaimsOnWrite.Accept;

    /// <summary>Who we are on the wire.</summary>
    public InterchangeOptions Interchange { get; set; } = new();
}

/// <summary>Whether the scrub rules are a check of what clients write.</summary>
public enum ClaimsOnWrite
{
    /// <summary>Stored as sent; <c>$scrub</c> tells.</summary>
    Accept,

    /// <summary>422 with the findings.</summary>
    Refuse,
}
