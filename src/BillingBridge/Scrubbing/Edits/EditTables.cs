namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>The CMS edit tables the practice has loaded. None are shipped; a rule without its table says so.</summary>
/// <param name="Ptp">NCCI pairs; their rows are dated one by one.</param>
/// <param name="Mue">One table per quarter.</param>
/// <param name="AddOns">Add-on codes; their rows are dated one by one.</param>
public sealed record EditTables(PtpTable? Ptp = null, IReadOnlyList<MueTable>? Mue = null, AddOnTable? AddOns = null)
{
    public static EditTables None { get; } = new();

    /// <summary>The MUE values in force on a day: the latest quarter that had begun; null when none had.</summary>
    public MueTable? MueOn(DateOnly day) => (Mue ?? []).Where(t => t.Effective <= day).MaxBy(t => t.Effective);
}
