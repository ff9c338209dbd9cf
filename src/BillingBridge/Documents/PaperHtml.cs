using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>A paper as one HTML page that a screen reader can read: language, headings in order, captions, header cells; no script, nothing fetched.</summary>
public static class PaperHtml
{
    private const string Style =
        "body{font-family:system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;line-height:1.45;color:#111;background:#fff}"
        + "table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left;font-weight:600;padding:.3rem 0}"
        + "th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#eee}"
        + ".n{text-align:right;font-variant-numeric:tabular-nums}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}"
        + "dt{font-weight:600}dd{margin:0}tfoot td,tfoot th{font-weight:600;background:#fff}.p{white-space:pre-line}.b{break-before:page}";

    public static string Write(Paper paper)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"{Text(paper.Language)}\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Text(paper.Title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<main>\n<h1>{Text(paper.Title)}</h1>\n");
        foreach (var block in paper.Blocks)
            Write(html, block);
        html.Append("</main>\n");
        if (paper.Footer.Length > 0)
            html.Append(CultureInfo.InvariantCulture, $"<footer><p>{Text(paper.Footer)}</p></footer>\n");
        return html.Append("</body>\n</html>\n").ToString();
    }

    private static void Write(StringBuilder html, PaperBlock block)
    {
        switch (block)
        {
            case PaperBlock.Heading heading:
                var level = Math.Clamp(heading.Level, 2, 6);
                html.Append(CultureInfo.InvariantCulture, $"<h{level}>{Text(heading.Text)}</h{level}>\n");
                break;
            case PaperBlock.Paragraph paragraph:
                html.Append(CultureInfo.InvariantCulture, $"<p class=\"p\">{Text(paragraph.Text)}</p>\n");
                break;
            case PaperBlock.Facts facts:
                html.Append("<dl>\n");
                foreach (var (name, value) in facts.Items)
                    html.Append(CultureInfo.InvariantCulture, $"<dt>{Text(name)}</dt><dd class=\"p\">{Text(value)}</dd>\n");
                html.Append("</dl>\n");
                break;
            case PaperBlock.Table table:
                Write(html, table);
                break;
            case PaperBlock.PageBreak:
                html.Append("<div class=\"b\"></div>\n");
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"{block.GetType().Name} has no HTML.");
        }
    }

    private static void Write(StringBuilder html, PaperBlock.Table table)
    {
        html.Append(CultureInfo.InvariantCulture, $"<table>\n<caption>{Text(table.Caption)}</caption>\n<thead><tr>");
        foreach (var column in table.Columns)
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{(column.IsNumber ? " class=\"n\"" : "")}>{Text(column.Title)}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
            Write(html, table, row);
        html.Append("</tbody>\n");
        if (table.Totals is { } totals)
        {
            html.Append("<tfoot>\n");
            Write(html, table, totals);
            html.Append("</tfoot>\n");
        }

        html.Append("</table>\n");
    }

    /// <summary>The first cell names its row.</summary>
    private static void Write(StringBuilder html, PaperBlock.Table table, IReadOnlyList<string> row)
    {
        html.Append("<tr>");
        foreach (var (i, cell) in row.Index())
        {
            var number = table.Columns[i].IsNumber ? " class=\"n\"" : "";
            html.Append(i == 0
                ? string.Create(CultureInfo.InvariantCulture, $"<th scope=\"row\"{number}>{Text(cell)}</th>")
                : string.Create(CultureInfo.InvariantCulture, $"<td{number}>{Text(cell)}</td>"));
        }

        html.Append("</tr>\n");
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text).Replace("&#xA;", "\n", StringComparison.Ordinal);
}
