using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;

namespace FhirEmr.BillingBridge.Tests.Documents;

/// <summary>A PDF read back: its pages as lines of text, top to bottom.</summary>
internal sealed class PdfText
{
    public PdfText(byte[] pdf)
    {
        using var document = PdfDocument.Open(pdf);
        Title = document.Information.Title;
        Pages = [.. document.GetPages().Select(Lines)];
        Language = document.Structure.Catalog.CatalogDictionary.Data.TryGetValue("Lang", out var language) ? language.ToString()?.Trim('(', ')') : null;
    }

    public string? Title { get; }

    public string? Language { get; }

    public IReadOnlyList<IReadOnlyList<string>> Pages { get; }

    /// <summary>All pages, a line each.</summary>
    public string Text => string.Join('\n', Pages.SelectMany(p => p));

    private static IReadOnlyList<string> Lines(Page page) =>
    [
        .. page.Letters.GroupBy(l => Math.Round(l.StartBaseLine.Y)).OrderByDescending(g => g.Key)
            .Select(line => string.Concat(line.OrderBy(l => l.StartBaseLine.X).Select(l => l.Value)).Trim()),
    ];
}
