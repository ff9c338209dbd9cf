namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>What the record insists on. Bound from <c>Records</c>.</summary>
public sealed class RecordRules
{
    /// <summary>
    /// Resources of this server that a reference names must exist when it is written. Off, they may come later (migrations from systems with
    /// dangling references); searches find them all the same.
    /// </summary>
    public bool RequireReferenceTargets { get; set; } = true;

    /// <summary>How many resources one conditional delete may take away; 1 refuses a condition that finds several (http.html#3.1.0.7.1). At most 1000.</summary>
    public int MostConditionalDeletes { get; set; } = 1;
}
