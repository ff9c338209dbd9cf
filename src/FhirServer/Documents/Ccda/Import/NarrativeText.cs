using System.Text;
using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>The narrative block of a section as XHTML, rebuilt from a list of what may stand there (security S-79).</summary>
/// <remarks>
/// Nothing of the source's markup is copied: each element is written anew from its meaning, text is escaped, links keep http, https, mailto, tel
/// and local targets, and what is not known gives its words. What comes out passes the check of every narrative that is stored.
/// </remarks>
internal static class NarrativeText
{
    private const int MaxDepth = 40;

    /// <summary>A <c>&lt;div&gt;</c>; null when there is nothing to read in it.</summary>
    public static string? ToXhtml(XElement? text)
    {
        if (text is null || text.Words() is not { } words)
            return null;
        var html = new StringBuilder("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
        Content(text, html, 1);
        html.Append("</div>");
        var whole = html.ToString();
        return Resources.Narrative.Fault(Encoding.UTF8.GetBytes(whole)) is null ? whole : Plain(words);
    }

    /// <summary>Words alone, as a <c>&lt;div&gt;</c>.</summary>
    public static string Plain(string words)
    {
        var html = new StringBuilder("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>");
        Escape(words, html);
        return html.Append("</p></div>").ToString();
    }

    public static void Escape(string text, StringBuilder html)
    {
        foreach (var c in text)
            switch (c)
            {
                case '<':
                    html.Append("&lt;");
                    break;
                case '>':
                    html.Append("&gt;");
                    break;
                case '&':
                    html.Append("&amp;");
                    break;
                case '"':
                    html.Append("&quot;");
                    break;
                default:
                    html.Append(c < ' ' && c is not ('\t' or '\n' or '\r') ? ' ' : c);
                    break;
            }
    }

    private static void Content(XElement element, StringBuilder html, int depth)
    {
        if (depth > MaxDepth)
        {
            Escape(element.Value, html);
            return;
        }

        foreach (var node in element.Nodes())
            if (node is XText text)
                Escape(text.Value, html);
            else if (node is XElement child)
                Element(child, html, depth);
    }

    private static void Element(XElement element, StringBuilder html, int depth)
    {
        switch (element.Name.LocalName)
        {
            case "br":
                html.Append("<br/>");
                return;
            case "linkHtml":
                Link(element, html, depth);
                return;
            case "renderMultiMedia":
                html.Append("[image]");
                Caption(element, html, depth);
                return;
            case "list":
                Caption(element, html, depth);
                Wrap(element.Attr("listType") == "ordered" ? "ol" : "ul", element, html, depth, e => e.Name.LocalName == "item");
                return;
            case "table":
                Caption(element, html, depth);
                Wrap("table", element, html, depth, e => e.Name.LocalName is "thead" or "tbody" or "tfoot" or "tr");
                return;
            case "tr":
                Wrap("tr", element, html, depth, e => e.Name.LocalName is "td" or "th");
                return;
            case "thead" or "tbody" or "tfoot":
                Wrap(element.Name.LocalName, element, html, depth, e => e.Name.LocalName == "tr");
                return;
        }

        var name = element.Name.LocalName switch
        {
            "paragraph" => "p",
            "item" => "li",
            "td" => "td",
            "th" => "th",
            "caption" => "b",
            "sub" => "sub",
            "sup" => "sup",
            "content" or "footnote" => (element.Attr("styleCode") ?? "") switch
            {
                var s when s.Contains("Bold", StringComparison.OrdinalIgnoreCase) => "b",
                var s when s.Contains("Italic", StringComparison.OrdinalIgnoreCase) => "i",
                _ => "span",
            },
            _ => null,
        };
        if (name is null)
            Content(element, html, depth + 1);
        else
            Wrap(name, element, html, depth, null);
    }

    private static void Wrap(string name, XElement element, StringBuilder html, int depth, Func<XElement, bool>? may)
    {
        html.Append('<').Append(name);
        if (name is "td" or "th")
            foreach (var span in (string[])["colspan", "rowspan"])
                if (element.Attr(span) is { Length: < 4 } count && count.All(char.IsAsciiDigit))
                    html.Append(' ').Append(span).Append("=\"").Append(count).Append('"');
        html.Append('>');
        if (may is null || depth > MaxDepth)
            Content(element, html, depth + 1);
        else
            foreach (var node in element.Nodes())
                if (node is XElement child && may(child))
                    Element(child, html, depth + 1);
                else if (node is not XElement { Name.LocalName: "caption" })
                    Stray(name, node, html, depth + 1);
        html.Append("</").Append(name).Append('>');
    }

    /// <summary>Words that stand where a list or a table has none get a place of their own: none are lost.</summary>
    private static void Stray(string parent, XNode node, StringBuilder html, int depth)
    {
        if (string.IsNullOrWhiteSpace(node is XText text ? text.Value : (node as XElement)?.Value))
            return;
        var (open, close) = parent switch
        {
            "ul" or "ol" => ("<li>", "</li>"),
            "tr" => ("<td>", "</td>"),
            _ => ("<tr><td>", "</td></tr>"),
        };
        html.Append(open);
        if (node is XText words)
            Escape(words.Value, html);
        else if (node is XElement { Name.LocalName: "item" or "tr" or "td" or "th" } part)
            Content(part, html, depth);
        else
            Element((XElement)node, html, depth);
        html.Append(close);
    }

    private static void Caption(XElement table, StringBuilder html, int depth)
    {
        if (table.One("caption") is { } caption)
        {
            html.Append("<p>");
            Content(caption, html, depth + 1);
            html.Append("</p>");
        }
    }

    private static void Link(XElement element, StringBuilder html, int depth)
    {
        // Browsers drop control characters and blanks before they read an address, so they go before it is judged.
        var href = string.Concat((element.Attr("href") ?? "").Where(c => c > ' ' && !char.IsControl(c)));
        if (href.StartsWith('#') || (Uri.TryCreate(href, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "mailto" or "tel"))
        {
            html.Append("<a href=\"");
            Escape(href, html);
            html.Append("\">");
            Content(element, html, depth + 1);
            html.Append("</a>");
            return;
        }

        Content(element, html, depth + 1);
    }
}
