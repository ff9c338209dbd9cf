namespace FhirEmr.BillingBridge.Documents;

/// <summary>A document for people, before it is PDF or HTML: both say the same.</summary>
/// <param name="Title">Title of the document, and its first heading.</param>
/// <param name="Blocks">What stands in it, top to bottom.</param>
public sealed record Paper(string Title, IReadOnlyList<PaperBlock> Blocks)
{
    /// <summary>BCP 47.</summary>
    public string Language { get; init; } = "en-US";

    /// <summary>Whose paper it is, at the foot of every page beside the page number.</summary>
    public string Footer { get; init; } = "";
}

/// <summary>One part of a paper.</summary>
public abstract record PaperBlock
{
    private PaperBlock()
    {
    }

    /// <summary>A heading, level 2 or 3; level 1 is the title.</summary>
    public sealed record Heading(int Level, string Text) : PaperBlock;

    /// <summary>Running text; its line breaks are kept.</summary>
    public sealed record Paragraph(string Text) : PaperBlock;

    /// <summary>Names and values, such as whom the paper is about.</summary>
    public sealed record Facts(IReadOnlyList<(string Name, string Value)> Items) : PaperBlock;

    /// <summary>A table with a caption and column headers, repeated on every page it runs over.</summary>
    public sealed record Table(string Caption, IReadOnlyList<PaperColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : PaperBlock
    {
        /// <summary>The last row, set apart; null for none.</summary>
        public IReadOnlyList<string>? Totals { get; init; }
    }

    /// <summary>What follows starts on a new page.</summary>
    public sealed record PageBreak : PaperBlock;
}

/// <summary>A column of a table.</summary>
/// <param name="Weight">Share of the width.</param>
/// <param name="IsNumber">Right-aligned.</param>
public sealed record PaperColumn(string Title, double Weight, bool IsNumber = false);
