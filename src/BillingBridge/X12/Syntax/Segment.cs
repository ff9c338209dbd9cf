namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>One segment as it stood in the file: raw elements and the place they came from.</summary>
/// <param name="elements">Element 0 is the segment id.</param>
/// <param name="separators">Of its interchange.</param>
/// <param name="ordinal">In the file, 1-based.</param>
/// <param name="offset">Byte offset of the first character.</param>
internal sealed class Segment(string[] elements, Separators separators, long ordinal, long offset)
{
    public string Id => elements[0];

    /// <summary>Number of elements after the id.</summary>
    public int Count => elements.Length - 1;

    public Separators Separators => separators;

    public long Ordinal => ordinal;

    public long Offset => offset;

    /// <summary>Position in its set, ST = 1; set by the envelope.</summary>
    public int? SetPosition { get; set; }

    /// <summary>ST02 of its set; set by the envelope.</summary>
    public string? SetControlNumber { get; set; }

    /// <summary>Element n (1-based) without the blanks around it, which mean nothing in X12; "" when absent.</summary>
    public string this[int n] => n < elements.Length ? elements[n].Trim(' ') : "";

    /// <summary>Element n, null when absent or blank.</summary>
    public string? Text(int n) => this[n] is { Length: > 0 } text ? text : null;

    /// <summary>The components of element n; one component when it is simple, none when it is empty.</summary>
    public string[] Components(int n) => this[n] is { Length: > 0 } text ? text.Split(separators.Component, StringSplitOptions.TrimEntries) : [];

    /// <summary>The repetitions of element n; none when it is empty.</summary>
    public string[] Repetitions(int n) =>
        this[n] is not { Length: > 0 } text ? [] : separators.Repetition is { } r ? text.Split(r) : [text];

    /// <summary>A number (type R, N0). Malformed text is a refusal and reads as null.</summary>
    public decimal? Number(int n, X12Findings findings)
    {
        if (Text(n) is not { } text)
            return null;
        if (X12Text.TryAmount(text, out var value))
            return value;
        findings.Refuse("IK4-6", $"{Id}{n:00} is not a number.", At(n));
        return null;
    }

    /// <summary>A required number; absent is a refusal and reads as zero.</summary>
    public decimal RequiredNumber(int n, X12Findings findings)
    {
        if (Text(n) is null)
            findings.Refuse("IK4-1", $"{Id}{n:00} is required.", At(n));
        return Number(n, findings) ?? 0m;
    }

    /// <summary>A count (type N0). Malformed text is a warning and reads as null.</summary>
    public int? Integer(int n, X12Findings findings)
    {
        if (Text(n) is not { } text)
            return null;
        if (int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var value))
            return value;
        findings.Warn("IK4-6", $"{Id}{n:00} is not a whole number.", At(n));
        return null;
    }

    /// <summary>A date CCYYMMDD. Malformed text is a warning and reads as null.</summary>
    public DateOnly? Date(int n, X12Findings findings)
    {
        if (Text(n) is not { } text)
            return null;
        if (X12Text.TryDate(text, out var value))
            return value;
        findings.Warn("IK4-8", $"{Id}{n:00} is not a date CCYYMMDD.", At(n));
        return null;
    }

    public X12Place At(int? element = null, int? component = null, string? loop = null) =>
        new(Id, ordinal, offset)
        {
            SetPosition = SetPosition,
            SetControlNumber = SetControlNumber,
            Loop = loop,
            Element = element,
            Component = component,
            Value = element is { } n ? (component is { } c ? Components(n).ElementAtOrDefault(c - 1) : this[n]) is { Length: > 0 } text ? text : null : null,
        };

    /// <summary>The place where a missing segment should stand: here.</summary>
    public X12Place AtMissing(string segmentId, string? loop = null) => At(loop: loop) with { SegmentId = segmentId };

    /// <summary>The segment as text, without its terminator.</summary>
    public override string ToString() => string.Join(separators.Element, elements);
}
