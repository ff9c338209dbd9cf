using System.ComponentModel.DataAnnotations;
using System.Globalization;
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

    /// <summary>The way to payers; the folder above unless it says otherwise.</summary>
    public ChannelOptions Channel { get; set; } = new();

    /// <summary>When, in the practice's time, coverages of coming visits are asked about and silent payers looked for; empty: never.</summary>
    public string NightlyAt { get; set; } = "02:00";

    /// <summary>Folder of the practice's own scrub tables, see docs/scrub-rules.md; empty: none, and the rules that need them say so.</summary>
    public string TablesFolder { get; set; } = "";

    /// <summary>Folder of the CMS-HCC tables (docs/kpis.md); empty: RECAPTURE is not counted.</summary>
    public string RiskTablesFolder { get; set; } = "";

    /// <summary>What becomes of an active Claim that a client writes and a scrub rule rejects.</summary>
    public ClaimsOnWrite ClaimsOnWrite { get; set; } = ClaimsOnWrite.Accept;

    /// <summary>Who we are on the wire.</summary>
    public InterchangeOptions Interchange { get; set; } = new();

    /// <summary>Whether payers can be reached at all.</summary>
    public bool HasChannel => Channel.Kind is not PayerChannelKind.Folder || ChannelFolder.Length > 0;

    /// <summary>The time of the nightly rounds; null for never.</summary>
    public TimeOnly? NightlyTime => TimeOnly.TryParseExact(NightlyAt, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null;

    /// <summary>What keeps billing from running as it is set up, in sentences with the settings' names.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (NightlyAt.Length > 0 && NightlyTime is null)
            faults.Add($"Billing:NightlyAt is '{NightlyAt}': write a time as in 02:00, or leave it empty for never.");
        if (!HasChannel)
            return faults;
        faults.AddRange(Channel.Kind switch
        {
            PayerChannelKind.Sftp => Channel.Sftp.Faults(),
            PayerChannelKind.Https => Channel.Https.Faults(),
            _ => [],
        });
        var missing = new List<ValidationResult>();
        if (!Validator.TryValidateObject(Interchange, new ValidationContext(Interchange), missing, validateAllProperties: true))
            faults.AddRange(missing.Select(f => $"Billing:Interchange is not complete, so claims cannot be sent: {f.ErrorMessage}"));
        return faults;
    }
}

/// <summary>Whether the scrub rules are a check of what clients write.</summary>
public enum ClaimsOnWrite
{
    /// <summary>Stored as sent; <c>$scrub</c> tells.</summary>
    Accept,

    /// <summary>422 with the findings.</summary>
    Refuse,
}
