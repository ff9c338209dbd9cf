namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>One NCCI procedure-to-procedure edit: column 2 is part of column 1.</summary>
/// <param name="ModifierIndicator">0 no modifier helps, 1 an allowed modifier separates them, 9 not applicable.</param>
public sealed record PtpEdit(string Column1, string Column2, DateOnly Effective, DateOnly? Deletion, char ModifierIndicator)
{
    /// <summary>In force when effective ≤ day ≤ deletion; an edit deleted on its first day never was (NCCI-004).</summary>
    public bool IsInForce(DateOnly day) => Effective != Deletion && Effective <= day && (Deletion is not { } end || day <= end);
}
