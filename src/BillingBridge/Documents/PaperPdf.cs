using System.Globalization;
using System.Text;
using PdfSharp.Drawing;
using PdfSharp.Pdf;
using PdfSharp.UniversalAccessibility;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>A paper as tagged PDF, US Letter: title and language in the file, headings, paragraphs, lists and tables for who reads by ear, page numbers.</summary>
/// <remarks>
/// The tags follow the drawing, page after page, so a first copy without them is laid out to know how many pages there are.
/// A character that the font cannot show is printed as □ and named in words at the end, so that nothing is lost unsaid; the HTML form has it.
/// The writer's fonts are shared in the process, so papers are written one after the other.
/// </remarks>
public sealed class PaperPdf : IDisposable
{
    private const double Left = 54;
    private const double Right = 54;
    private const double Top = 54;
    private const double Bottom = 60;
    private const double Size = 9;
    private const double Pad = 3;

    /// <summary>Held by whoever writes a PDF.</summary>
    internal static readonly Lock Writing = new();

    private readonly PdfDocument document = new();
    private readonly Paper paper;
    private readonly HashSet<int> missing = [];
    private readonly List<XGraphics> pages = [];
    private readonly int? pageCount;
    private readonly StructureBuilder? tags;
    private readonly XFont small = PaperFont.Of(7.5);
    private readonly XFont regular = PaperFont.Of(Size);
    private readonly XFont bold = PaperFont.Of(Size, isBold: true);
    private XGraphics graphics = null!;
    private double width;
    private double height;
    private double y;

    /// <param name="pageCount">Null for the copy that only counts its pages.</param>
    private PaperPdf(Paper paper, int? pageCount)
    {
        (this.paper, this.pageCount) = (paper, pageCount);
        if (pageCount is not null)
            tags = UAManager.ForDocument(document).StructureBuilder;
        document.Info.Title = paper.Title;
        document.Info.Creator = "FhirEmr";
        document.Language = paper.Language;
        document.ViewerPreferences.DisplayDocTitle = true;
    }

    public static byte[] Write(Paper paper)
    {
        lock (Writing)
        {
            PaperFont.Register();
            using var draft = new PaperPdf(paper, null);
            draft.LayOut();
            using var writer = new PaperPdf(paper, draft.pages.Count);
            writer.LayOut();
            return PaperFile.Save(writer.document);
        }
    }

    public void Dispose() => document.Dispose();

    private void LayOut()
    {
        NewPage();
        Tagged(PdfBlockLevelElementTag.Heading1, () => Lines(paper.Title, PaperFont.Of(15, isBold: true), 0, width));
        y += 6;
        foreach (var (i, block) in paper.Blocks.Index())
            Write(block, i + 1 < paper.Blocks.Count ? paper.Blocks[i + 1] : null);
        if (missing.Count > 0)
        {
            var named = string.Join(", ", missing.Order().Select(c => $"U+{c:X4}"));
            Write(new PaperBlock.Paragraph($"Some characters cannot be printed here and stand as □: {named}. The HTML form of this paper shows them."), null);
        }

        Foot();
        foreach (var page in pages)
            page.Dispose();
    }

    /// <summary>Whose paper it is and which page: no part of what is read.</summary>
    private void Foot() => Untagged(() =>
    {
        graphics.DrawString(Shown(paper.Footer), small, XBrushes.Black, new XPoint(Left, height + Top + 24));
        var number = string.Create(CultureInfo.InvariantCulture, $"Page {pages.Count} of {pageCount}");
        graphics.DrawString(number, small, XBrushes.Black, new XPoint(Left + width - graphics.MeasureString(number, small).Width, height + Top + 24));
    });

    private void Tagged(PdfBlockLevelElementTag tag, Action draw)
    {
        tags?.BeginElement(tag);
        draw();
        tags?.End();
    }

    /// <summary>Lines, shades and what is repeated: drawn, and passed over by who reads by ear.</summary>
    private void Untagged(Action draw)
    {
        tags?.BeginArtifact();
        draw();
        tags?.End();
    }

    private void NewPage()
    {
        if (pages.Count > 0)
            Foot();
        var page = document.AddPage();
        page.Size = PdfSharp.PageSize.Letter;
        page.Elements.SetName("/Tabs", "/S");
        graphics = XGraphics.FromPdfPage(page);
        pages.Add(graphics);
        width = page.Width.Point - Left - Right;
        height = page.Height.Point - Top - Bottom;
        y = 0;
    }

    /// <param name="next">What comes after: a heading stays with the beginning of it.</param>
    private void Write(PaperBlock block, PaperBlock? next)
    {
        switch (block)
        {
            case PaperBlock.Heading heading:
                var font = PaperFont.Of(heading.Level <= 2 ? 11.5 : 10, isBold: true);
                Need((Wrap(heading.Text, font, width).Count * font.GetHeight()) + 11 + Beginning(next));
                y += 8;
                Tagged(heading.Level <= 2 ? PdfBlockLevelElementTag.Heading2 : PdfBlockLevelElementTag.Heading3, () => Lines(heading.Text, font, 0, width));
                y += 3;
                break;
            case PaperBlock.Paragraph paragraph:
                Tagged(PdfBlockLevelElementTag.Paragraph, () => Lines(paragraph.Text, regular, 0, width));
                y += 6;
                break;
            case PaperBlock.Facts facts:
                Tagged(PdfBlockLevelElementTag.List, () => Write(facts));
                y += 6;
                break;
            case PaperBlock.Table table:
                Need(Beginning(table));
                Tagged(PdfBlockLevelElementTag.Table, () => Write(table));
                y += 8;
                break;
            case PaperBlock.PageBreak:
                if (y > 0)
                    NewPage();
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"{block.GetType().Name} has no PDF.");
        }
    }

    /// <summary>The height of what of a block must not be torn apart: of a table its caption, header and first row.</summary>
    private double Beginning(PaperBlock? block) => block switch
    {
        PaperBlock.Table table => (Wrap(table.Caption, bold, width).Count * bold.GetHeight()) + 2
            + Height(Cells(table, [.. table.Columns.Select(c => c.Title)], bold), bold)
            + (table.Rows is [var first, ..] ? Height(Cells(table, first, regular), regular) : table.Totals is { } totals ? Height(Cells(table, totals, bold), bold) : 0),
        PaperBlock.Facts or PaperBlock.Paragraph => regular.GetHeight() * 2,
        PaperBlock.Heading => regular.GetHeight() * 4,
        _ => 0,
    };

    private void Write(PaperBlock.Facts facts)
    {
        var names = facts.Items.Select(i => graphics.MeasureString(Shown(i.Name), bold).Width).DefaultIfEmpty(0).Max() + 12;
        names = Math.Min(names, width / 2);
        foreach (var (name, value) in facts.Items)
        {
            var (left, right) = (Wrap(name, bold, names - 6), Wrap(value, regular, width - names));
            var rows = Math.Max(left.Count, right.Count);
            Need(rows * regular.GetHeight());
            Tagged(PdfBlockLevelElementTag.ListItem, () =>
            {
                Tagged(PdfBlockLevelElementTag.Label, () => Draw(left, bold, 0, names, isRight: false));
                Tagged(PdfBlockLevelElementTag.ListBody, () => Draw(right, regular, names, width - names, isRight: false));
            });
            y += (rows * regular.GetHeight()) + 1.5;
        }
    }

    private void Write(PaperBlock.Table table)
    {
        tags?.BeginElement(PdfGroupingElementTag.Caption);
        Tagged(PdfBlockLevelElementTag.Paragraph, () => Lines(table.Caption, bold, 0, width)); // a grouping element has no words of its own
        tags?.End();
        y += 2;
        IReadOnlyList<string> titles = [.. table.Columns.Select(c => c.Title)];
        Tagged(PdfBlockLevelElementTag.TableRow, () => Row(table, titles, bold, isHeader: true));
        foreach (var row in table.Rows)
            Body(row, regular);
        if (table.Totals is { } totals)
            Body(totals, bold);

        void Body(IReadOnlyList<string> row, XFont font)
        {
            if (y + Height(Cells(table, row, font), font) > height && y > 0)
            {
                NewPage();
                Untagged(() => Row(table, titles, bold, isHeader: true, isRepeated: true));
            }

            Tagged(PdfBlockLevelElementTag.TableRow, () => Row(table, row, font, isHeader: false));
        }
    }

    private double[] Widths(PaperBlock.Table table)
    {
        var total = table.Columns.Sum(c => c.Weight);
        return [.. table.Columns.Select(c => width * c.Weight / total)];
    }

    private List<List<string>> Cells(PaperBlock.Table table, IReadOnlyList<string> row, XFont font)
    {
        var widths = Widths(table);
        return [.. row.Select((cell, i) => Wrap(cell, font, widths[i] - (2 * Pad)))];
    }

    private static double Height(List<List<string>> cells, XFont font) => (cells.Max(c => c.Count) * font.GetHeight()) + (2 * Pad);

    /// <summary>A row where there is room for it. The first cell of a row names it, as in the HTML.</summary>
    private void Row(PaperBlock.Table table, IReadOnlyList<string> row, XFont font, bool isHeader, bool isRepeated = false)
    {
        var (widths, cells) = (Widths(table), Cells(table, row, font));
        var (x, rows) = (0.0, Height(cells, font));
        if (isHeader)
            Plain(() => graphics.DrawRectangle(new XSolidBrush(XColor.FromArgb(0xEE, 0xEE, 0xEE)), Left, Top + y, width, rows));
        foreach (var (i, cell) in cells.Index())
        {
            y += Pad;
            if (isRepeated)
                DrawCell();
            else
                Tagged(isHeader || i == 0 ? PdfBlockLevelElementTag.TableHeaderCell : PdfBlockLevelElementTag.TableDataCell, () =>
                {
                    if (isHeader || i == 0)
                        tags?.CurrentStructureElement.TableAttributes.Elements.SetName("/Scope", isHeader ? "/Column" : "/Row");
                    DrawCell();
                });
            y -= Pad;
            x += widths[i];

            void DrawCell() => Draw(cell, font, x + Pad, widths[i] - (2 * Pad), table.Columns[i].IsNumber);
        }

        y += rows;
        Plain(() => graphics.DrawLine(new XPen(XColor.FromArgb(0x76, 0x76, 0x76), 0.5), Left, Top + y, Left + width, Top + y));

        void Plain(Action draw)
        {
            if (isRepeated)
                draw(); // within what is passed over already
            else
                Untagged(draw);
        }
    }

    /// <summary>Text with its line breaks, wrapped, over pages where it must be.</summary>
    private void Lines(string text, XFont font, double x, double within)
    {
        foreach (var line in Wrap(text, font, within))
        {
            Need(font.GetHeight());
            Draw([line], font, x, within, isRight: false);
            y += font.GetHeight();
        }
    }

    private void Draw(IReadOnlyList<string> lines, XFont font, double x, double within, bool isRight)
    {
        var at = y + (font.GetHeight() * 0.8);
        foreach (var line in lines)
        {
            var left = isRight ? x + within - graphics.MeasureString(line, font).Width : x;
            if (line.Length > 0)
                graphics.DrawString(line, font, XBrushes.Black, new XPoint(Left + left, Top + at));
            at += font.GetHeight();
        }
    }

    private void Need(double space)
    {
        if (y + space > height && y > 0)
            NewPage();
    }

    private List<string> Wrap(string text, XFont font, double within)
    {
        var lines = new List<string>();
        foreach (var paragraph in Shown(text).Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' '))
            {
                var longer = line.Length == 0 ? word : $"{line} {word}";
                if (graphics.MeasureString(longer, font).Width <= within)
                {
                    line = longer;
                    continue;
                }

                if (line.Length > 0)
                    lines.Add(line);
                line = Broken(word, font, within, lines);
            }

            lines.Add(line);
        }

        return lines;
    }

    /// <summary>A word wider than its place is broken where it must be; all but its end is added to the lines.</summary>
    private string Broken(string word, XFont font, double within, List<string> lines)
    {
        while (word.Length > 1 && graphics.MeasureString(word, font).Width > within)
        {
            var fits = word.Length - 1;
            while (fits > 1 && graphics.MeasureString(word[..fits], font).Width > within)
                fits--;
            lines.Add(word[..fits]);
            word = word[fits..];
        }

        return word;
    }

    private string Shown(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.ReplaceLineEndings("\n").Normalize().EnumerateRunes())
        {
            if (rune.Value == '\n')
                shown.Append('\n');
            else if (rune.Value == '\t' || Rune.IsControl(rune))
                shown.Append(' ');
            else if (PaperFont.Shows(rune.Value))
                shown.Append(rune.ToString());
            else
            {
                missing.Add(rune.Value);
                shown.Append('□');
            }
        }

        return shown.ToString();
    }
}
