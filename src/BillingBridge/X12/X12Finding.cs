namespace FhirEmr.BillingBridge.X12;

/// <summary>How bad a finding is.</summary>
public enum X12Severity
{
    /// <summary>Read on: the money still adds up.</summary>
    Warning,

    /// <summary>The set (or the file, when it lies in the envelope) must not be used.</summary>
    Refusal,
}

/// <summary>Something wrong in an X12 file: what, where, and how bad.</summary>
/// <param name="Severity">Whether the content may still be used.</param>
/// <param name="Code">
/// The standard's own code with the segment that would carry it (<c>IK3-3</c>, <c>IK4-7</c>, <c>IK5-4</c>, <c>TA1-006</c>), or
/// <c>BAL-*</c> for money that does not add up, or <c>SYN-*</c> for bytes that are not X12.
/// </param>
/// <param name="Message">One sentence for a person; it names the value expected, never a patient.</param>
/// <param name="Place">Where; null only when the file has no segment at all.</param>
public sealed record X12Finding(X12Severity Severity, string Code, string Message, X12Place? Place)
{
    /// <summary>A refusal of the envelope: nobody knows what is missing, and no set may be used.</summary>
    internal bool RefusesEnvelope =>
        Severity is X12Severity.Refusal && (Place?.SetControlNumber is null || Code.StartsWith("SYN-", StringComparison.Ordinal));

    /// <inheritdoc/>
    public override string ToString() => Place is null ? $"{Code}: {Message}" : $"{Code} at {Place}: {Message}";
}

/// <summary>A place in an X12 file, exact to the component.</summary>
/// <param name="SegmentId">The segment, for a missing one the segment that should be there.</param>
/// <param name="Segment">Ordinal in the file, ISA = 1.</param>
/// <param name="Offset">Byte offset of the segment's first character.</param>
public sealed record X12Place(string SegmentId, long Segment, long Offset)
{
    /// <summary>Position in the transaction set, ST = 1 (what IK302 counts); null outside a set.</summary>
    public int? SetPosition { get; init; }

    /// <summary>ST02 of the set; null outside a set.</summary>
    public string? SetControlNumber { get; init; }

    /// <summary>The loop of the guide, when known (<c>2010AA</c>).</summary>
    public string? Loop { get; init; }

    /// <summary>Element, 1-based.</summary>
    public int? Element { get; init; }

    /// <summary>Component of a composite element, 1-based.</summary>
    public int? Component { get; init; }

    /// <summary>Repetition of a repeated element, 1-based.</summary>
    public int? Repetition { get; init; }

    /// <summary>What stands there, for IK404: it may name a patient, so it goes to the sender of the file and into no message or log.</summary>
    public string? Value { get; init; }

    /// <summary>The element whose value makes a missing segment required; null when nothing else does.</summary>
    public X12Place? Trigger { get; init; }

    /// <summary>The business object it belongs to, as CTX names it: <c>CLM01:PCN10184</c>, <c>TRN02:E77</c>; null above all of them.</summary>
    public string? BusinessUnit { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var name = Element is { } e ? $"{SegmentId}{e:00}" : SegmentId;
        if (Component is { } c)
            name += $"-{c}";
        if (Repetition is { } r)
            name += $" repetition {r}";
        var set = SetPosition is { } p ? $", {p} in set {SetControlNumber}" : "";
        var loop = Loop is null ? "" : $", loop {Loop}";
        return $"{name} (segment {Segment}{set}{loop}, byte {Offset})";
    }
}
