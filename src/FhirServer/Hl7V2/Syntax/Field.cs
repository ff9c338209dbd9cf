namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>One field of a segment.</summary>
/// <param name="Raw">As it stands.</param>
internal readonly record struct Field(Segment Segment, int Number, string Raw)
{
    /// <summary>Nothing was sent: what is known stays.</summary>
    public bool IsEmpty => Raw.Length == 0;

    /// <summary><c>""</c>: what is known is to be removed (chapter 2.5.3).</summary>
    public bool IsNull => Raw == "\"\"";

    public bool HasValue => Raw.Length > 0 && !IsNull;

    public ErrorLocation At => Segment.At(Number);

    /// <summary>The first repetition.</summary>
    public Repetition First => new(this, 1, Raw.IndexOf(Segment.Separators.Repetition, StringComparison.Ordinal) is >= 0 and var end ? Raw[..end] : Raw);

    /// <summary>Those that say something.</summary>
    public IEnumerable<Repetition> Repetitions
    {
        get
        {
            if (!HasValue)
                yield break;
            var number = 0;
            foreach (var raw in Raw.Split(Segment.Separators.Repetition))
            {
                number++;
                if (raw.Length > 0 && raw != "\"\"")
                    yield return new(this, number, raw);
            }
        }
    }

    /// <summary>The first component of the first repetition; null when there is none.</summary>
    public string? Text => First[1];

    /// <summary>All of the field as text, with separators in it: for free text, whose senders forget to escape.</summary>
    public string? Whole => HasValue ? EscapedText.Read(Raw, Segment.Separators, Segment.Encoding) : null;
}

/// <summary>One repetition of a field.</summary>
internal readonly record struct Repetition(Field Field, int Number, string Raw)
{
    public ErrorLocation At => Field.Segment.At(Field.Number, Number);

    /// <summary>A component's first subcomponent as text; null when it is empty or to be removed.</summary>
    public string? this[int component] => this[component, 1];

    /// <summary>A subcomponent as text; null when it is empty or to be removed.</summary>
    public string? this[int component, int subcomponent]
    {
        get
        {
            var separators = Field.Segment.Separators;
            var raw = Part(Part(Raw, separators.Component, component), separators.Subcomponent, subcomponent);
            return raw.IsEmpty || raw is "\"\"" ? null : EscapedText.Read(raw.ToString(), separators, Field.Segment.Encoding).Trim() is { Length: > 0 } text ? text : null;
        }
    }

    public ErrorLocation Component(int number) => Field.Segment.At(Field.Number, Number, number);

    /// <summary>All of it as text.</summary>
    public string? Whole => Raw.Length == 0 || Raw == "\"\"" ? null : EscapedText.Read(Raw, Field.Segment.Separators, Field.Segment.Encoding);

    private static ReadOnlySpan<char> Part(ReadOnlySpan<char> raw, char separator, int number)
    {
        for (; number > 1; number--)
        {
            var end = raw.IndexOf(separator);
            if (end < 0)
                return [];
            raw = raw[(end + 1)..];
        }

        var stop = raw.IndexOf(separator);
        return stop < 0 ? raw : raw[..stop];
    }
}
