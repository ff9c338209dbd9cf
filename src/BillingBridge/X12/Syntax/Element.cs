namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>What is written into one element: nothing, a text, components, or repetitions.</summary>
internal readonly struct Element
{
    private Element(string? text, string?[]? components, Element[]? repetitions)
    {
        Text = text;
        Components = components;
        Repetitions = repetitions;
    }

    public string? Text { get; }

    public string?[]? Components { get; }

    public Element[]? Repetitions { get; }

    /// <summary>An element the guide does not use here.</summary>
    public static Element NotUsed => default;

    public static implicit operator Element(string? text) => new(text, null, null);

    public static implicit operator Element(decimal? amount) => new(amount is { } a ? X12Text.Amount(a) : null, null, null);

    public static implicit operator Element(decimal amount) => new(X12Text.Amount(amount), null, null);

    public static implicit operator Element(DateOnly date) => new(X12Text.Date(date), null, null);

    public static implicit operator Element(DateOnly? date) => new(date is { } d ? X12Text.Date(d) : null, null, null);

    /// <summary>A composite; empty components at its end are not written.</summary>
    public static Element Composite(params string?[] components) => new(null, components, null);

    /// <summary>A repeated element.</summary>
    public static Element Repeat(params Element[] repetitions) => new(null, null, repetitions);
}
