using System.Text;

namespace FhirEmr.FhirServer.Documents;

/// <summary>A table for people as XHTML; every word in it is escaped.</summary>
internal sealed class NarrativeTable(params string[] columns)
{
    private readonly List<string?[]> rows = [];

    public bool IsEmpty => rows.Count == 0;

    public void Add(params string?[] cells) => rows.Add(cells);

    /// <summary>As a <c>&lt;div&gt;</c>; columns in which no row says anything are left out.</summary>
    public string ToXhtml()
    {
        var html = new StringBuilder("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
        Append(html);
        return html.Append("</div>").ToString();
    }

    private void Append(StringBuilder html)
    {
        var shown = Enumerable.Range(0, columns.Length).Where(i => rows.Exists(r => !string.IsNullOrWhiteSpace(r[i]))).ToArray();
        html.Append("<table border=\"1\"><thead><tr>");
        foreach (var i in shown)
            Cell(html, "th", columns[i]);
        html.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            html.Append("<tr>");
            foreach (var i in shown)
                Cell(html, "td", row[i]);
            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
    }

    private static void Cell(StringBuilder html, string name, string? words)
    {
        html.Append('<').Append(name).Append('>');
        Ccda.Import.NarrativeText.Escape(words ?? "", html);
        html.Append("</").Append(name).Append('>');
    }
}
