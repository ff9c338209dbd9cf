namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>What the record insists on. Bound from <c>Records</c>.</summary>
public sealed class RecordRules
{
    /// <summary>
    /// Resources of this server that a reference names must exist when it is written. Off, they may come later (migrations from systems with
    /// dangling references); searches find them all the same.
    /// </summary>
    public bool RequireReferenceTargets { get; set; } = true;

    /// <summary>Deleting what other current resources refer to: refuse with 409, delete those too, or let the references dangle.</summary>
    public OnDeleteReferenced OnDeleteReferenced { get; set; } = OnDeleteReferenced.Block;

    /// <summary>A request may ask for a cascade itself: <c>_cascade=delete</c> or the header <c>X-Cascade: delete</c>.</summary>
    public bool AllowCascade { get; set; }

    /// <summary>Most resources that one cascade deletes; a larger one is refused whole.</summary>
    public int MaxCascade { get; set; } = 1000;

    /// <summary>How many resources one conditional delete may take away; 1 refuses a condition that finds several (http.html#3.1.0.7.1). At most 1000.</summary>
    public int MostConditionalDeletes { get; set; } = 1;
}

/// <summary>What becomes of a deletion when current resources still refer to its target.</summary>
public enum OnDeleteReferenced
{
    Block,
    Cascade,
    Ignore,
}
