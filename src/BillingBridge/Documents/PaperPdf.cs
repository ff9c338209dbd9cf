using System.Globalization;
using System.Text;
using PdfSharp.Drawing;
using PdfSharp.Pdf;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>A paper as PDF, US Letter: text that can be selected and searched, title and language in the file, page numbers.</summary>
/// <remarks>
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

    /// <summary>Held by whoever writes a PDF.</summary>
    internal static readonly Lock Writing = new();

    private readonly PdfDocument document = new();
    private readonly Paper paper;
    private readonly HashSet<int> missing = [];
    private readonly List<XGraphics> pages = [];
    private readonly XFont regular = new(PaperFont.Family, Size, XFontStyleEx.Regular);
    private readonly XFont bold = new(PaperFont.Family, Size, XFontStyleEx.Bold);
    private XGraphics graphics = null!;
    private double width;
    private double height;
    private double y;

    private PaperPdf(Paper paper)
    {
        this.paper = paper;
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
            using var writer = new PaperPdf(paper);
            return writer.Write();
        }
    }

    public void Dispose() => document.Dispose();

    private byte[] Write()
    {
        NewPage();
        Lines(paper.Title, new XFont(PaperFont.Family, 15, XFontStyleEx.Bold), 0, width);
        y += 6;
        foreach (var block in paper.Blocks)
            Write(block);
        if (missing.Count > 0)
        {
            var named = string.Join(", ", missing.Order().Select(c => $"U+{c:X4}"));
            Write(new PaperBlock.Paragraph($"Some characters cannot be printed here and stand as □: {named}. The HTML form of this paper shows them."));
        }

        var footer = new XFont(PaperFont.Family, 7.5, XFontStyleEx.Regular);
        foreach (var (i, page) in pages.Index())
        {
            page.DrawString(Shown(paper.Footer), footer, XBrushes.Black, new XPoint(Left, height + Top + 24));
            var number = string.Create(CultureInfo.InvariantCulture, $"Page {i + 1} of {pages.Count}");
            page.DrawString(number, footer, XBrushes.Black, new XPoint(Left + width - page.MeasureString(number, footer).Width, height + Top + 24));
            page.Dispose();
        }

        using var stream = new MemoryStream();
        document.Save(stream, closeStream: false);
        return stream.ToArray();
    }

    private void NewPage()
    {
        var page = document.AddPage();
        page.Size = PdfSharp.PageSize.Letter;
        graphics = XGraphics.FromPdfPage(page);
        pages.Add(graphics);
        width = page.Width.Point - Left - Right;
        height = page.Height.Point - Top - Bottom;
        y = 0;
    }

    private void Write(PaperBlock block)
    {
        switch (block)
        {
            case PaperBlock.Heading heading:
                var font = new XFont(PaperFont.Family, heading.Level <= 2 ? 11.5 : 10, XFontStyleEx.Bold);
                Need(font.GetHeight() * 4); // a heading does not stay alone at the foot of a page
                y += 8;
                Lines(heading.Text, font, 0, width);
                y += 3;
                break;
            case PaperBlock.Paragraph paragraph:
                Lines(paragraph.Text, regular, 0, width);
                y += 6;
                break;
            case PaperBlock.Facts facts:
                Write(facts);
                break;
            case PaperBlock.Table table:
                Write(table);
                break;
            case PaperBlock.PageBreak:
                if (y > 0)
                    NewPage();
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"{block.GetType().Name} has no PDF.");
        }
    }

    private void Write(PaperBlock.Facts facts)
    {
        var names = facts.Items.Select(i => graphics.MeasureString(Shown(i.Name), bold).Width).DefaultIfEmpty(0).Max() + 12;
        names = Math.Min(names, width / 2);
        foreach (var (name, value) in facts.Items)
        {
            var (left, right) = (Wrap(name, bold, names - 6), Wrap(value, regular, width - names));
            var rows = Math.Max(left.Count, right.Count);
            Need(rows * regular.GetHeight());
            Draw(left, bold, 0, names, isRight: false);
            Draw(right, regular, names, width - names, isRight: false);
            y += (rows * regular.GetHeight()) + 1.5;
        }

        y += 6;
    }

    private void Write(PaperBlock.Table table)
    {
        var total = table.Columns.Sum(c => c.Weight);
        var widths = table.Columns.Select(c => width * c.Weight / total).ToArray();
        Need(regular.GetHeight() * 5);
        Lines(table.Caption, bold, 0, width);
        y += 2;
        Row(table, widths, [.. table.Columns.Select(c => c.Title)], bold, isHeader: true);
        foreach (var row in table.Rows)
            Row(table, widths, row, regular, isHeader: false);
        if (table.Totals is { } totals)
            Row(table, widths, totals, bold, isHeader: false);
        y += 8;
    }

    private void Row(PaperBlock.Table table, double[] widths, IReadOnlyList<string> row, XFont font, bool isHeader)
    {
        const double Pad = 3;
        var cells = row.Select((cell, i) => Wrap(cell, font, widths[i] - (2 * Pad))).ToList();
        var rows = (cells.Max(c => c.Count) * font.GetHeight()) + (2 * Pad);
        if (y + rows > height && y > 0)
        {
            NewPage();
            if (!isHeader)
                Row(table, widths, [.. table.Columns.Select(c => c.Title)], bold, isHeader: true);
        }

        var x = 0.0;
        if (isHeader)
            graphics.DrawRectangle(new XSolidBrush(XColor.FromArgb(0xEE, 0xEE, 0xEE)), Left, Top + y, width, rows);
        foreach (var (i, cell) in cells.Index())
        {
            y += Pad;
            Draw(cell, font, x + Pad, widths[i] - (2 * Pad), table.Columns[i].IsNumber);
            y -= Pad;
            x += widths[i];
        }

        y += rows;
        graphics.DrawLine(new XPen(XColor.FromArgb(0x76, 0x76, 0x76), 0.5), Left, Top + y, Left + width, Top + y);
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
