using System.Buffers;

namespace FhirEmr.FhirServer.Resources;

/// <summary>Checks the XHTML of a narrative in one pass over its bytes: well-formed, and nothing in it but what a narrative may have.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/narrative.html, txt-1 (elements and attributes); security S-79 (links and styles that run
/// or fetch nothing). That it says something (txt-2) is the validator's: R4's own examples have empty ones. What passes is stored as it came.
/// </remarks>
internal static class Narrative
{
    private const int MaxDepth = 64;
    private const string Xhtml = "http://www.w3.org/1999/xhtml";
    private static readonly SearchValues<byte> Markup = SearchValues.Create("<&"u8);
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:."u8);
    private static readonly SearchValues<byte> Blank = SearchValues.Create(" \t\r\n"u8);

    /// <summary>Null when the narrative may be stored, else a sentence that says where and why not.</summary>
    public static string? Fault(ReadOnlySpan<byte> html)
    {
        Span<(int Start, int Length)> open = stackalloc (int, int)[MaxDepth];
        var (depth, at) = (0, html.IndexOfAnyExcept(Blank));
        if (at < 0 || !html[at..].StartsWith("<div"u8))
            return "A narrative is one XHTML <div>.";

        while (true)
        {
            // html[at] is '<'
            var rest = html[at..];
            if (rest.StartsWith("<!--"u8))
            {
                // HTML ends a comment at <!--> and <!--->, XML does not: what to us is inside it would be markup to a page that reads the narrative as HTML.
                if (rest[4..].StartsWith(">"u8) || rest[4..].StartsWith("->"u8))
                    return Wrong(html, at, "A comment does not begin with '>' or '->'.");
                var end = rest[4..].IndexOf("--"u8);
                if (end < 0 || !rest[(4 + end)..].StartsWith("-->"u8))
                    return Wrong(html, at, "A comment does not end.");
                at += end + 7;
            }
            else if (rest.StartsWith("</"u8))
            {
                var name = Name(rest[2..]);
                if (depth == 0 || !name.SequenceEqual(html.Slice(open[depth - 1].Start, open[depth - 1].Length)))
                    return Wrong(html, at, "A closing tag does not match the one that is open.");
                var close = 2 + name.Length;
                while (close < rest.Length && Blank.Contains(rest[close]))
                    close++;
                if (close >= rest.Length || rest[close] != '>')
                    return Wrong(html, at, "A closing tag does not end.");
                at += close + 1;
                depth--;
            }
            else
            {
                var name = Name(rest[1..]);
                if (NarrativeElements.All.Find(name) is not { } element)
                    return Wrong(html, at, name.IsEmpty ? "'<' begins no tag: write &lt;." : $"The element <{Text(name)}> has no place in a narrative.");
                if (depth == MaxDepth)
                    return Wrong(html, at, $"Elements are nested more than {MaxDepth} deep.");

                var tag = at;
                open[depth++] = (at + 1, name.Length);
                at += 1 + name.Length;
                if (Attributes(html, ref at, element, isRoot: depth == 1) is { } fault)
                    return Wrong(html, tag, fault);
                if (html[at] == '/')
                {
                    depth--;
                    at++;
                }

                at++; // the '>' that Attributes has seen
            }

            if (depth == 0)
                return html[at..].ContainsAnyExcept(Blank) ? "A narrative is one XHTML <div>, and nothing follows it."
                    : null;

            // Text up to the next tag
            while (true)
            {
                var next = html[at..].IndexOfAny(Markup);
                if (next < 0)
                    return "The narrative is not well-formed: an element is not closed.";
                var text = html.Slice(at, next);
                if (text.IndexOf("]]>"u8) >= 0)
                    return Wrong(html, at, "']]>' cannot stand in text: write ]]&gt;.");
                at += next;
                if (html[at] == '<')
                    break;
                if (Entity(html[at..], out var length) is { } fault)
                    return Wrong(html, at, fault);
                at += length;
            }
        }
    }

    /// <summary>Reads a tag's attributes; stops at its '&gt;' or at the '/' before it.</summary>
    private static string? Attributes(ReadOnlySpan<byte> html, ref int at, string element, bool isRoot)
    {
        var (seen, hasNamespace) = (0UL, false);
        while (true)
        {
            var blank = at;
            while (at < html.Length && Blank.Contains(html[at]))
                at++;
            if (at >= html.Length)
                return "The tag does not end.";
            if (html[at] == '>' || (html[at] == '/' && at + 1 < html.Length && html[at + 1] == '>'))
                return isRoot && !hasNamespace ? $"The <div> must be XHTML: <div xmlns=\"{Xhtml}\">." : null;
            if (blank == at)
                return "The tag is not well-formed.";

            var name = Name(html[at..]);
            if (name.IsEmpty)
                return "The tag is not well-formed.";
            at += name.Length;
            while (at < html.Length && Blank.Contains(html[at]))
                at++;
            if (at >= html.Length || html[at] != '=')
                return $"The attribute {Text(name)} has no value.";
            at++;
            while (at < html.Length && Blank.Contains(html[at]))
                at++;
            if (at >= html.Length || html[at] is not ((byte)'"' or (byte)'\''))
                return $"The value of {Text(name)} is not in quotes.";
            var length = html[(at + 1)..].IndexOf(html[at]);
            if (length < 0)
                return $"The value of {Text(name)} does not end.";
            var value = html.Slice(at + 1, length);
            at += length + 2;

            if (NarrativeElements.Attributes.Find(name) is not { } attribute || !attribute.IsOn(element))
                return $"The attribute {Text(name)} has no place on <{element}> in a narrative.";
            if ((seen & (1UL << attribute.Ordinal)) != 0)
                return $"The attribute {Text(name)} may be given once only.";
            seen |= 1UL << attribute.Ordinal;
            if (value.Contains((byte)'<'))
                return $"'<' cannot stand in the value of {Text(name)}: write &lt;.";
            for (var i = value.IndexOf((byte)'&'); i >= 0;)
            {
                if (Entity(value[i..], out var entity) is { } fault)
                    return fault;
                var next = value[(i + entity)..].IndexOf((byte)'&');
                i = next < 0 ? -1 : i + entity + next;
            }

            if (attribute.Name == "xmlns")
            {
                if (!value.SequenceEqual("http://www.w3.org/1999/xhtml"u8))
                    return $"The namespace of a narrative is {Xhtml}.";
                hasNamespace = true;
            }
            else if (attribute.Check?.Invoke(NarrativeValue.Plain(value)) is { } fault)
            {
                return fault;
            }
        }
    }

    /// <summary>XML's own five entities and character references; HTML's are not known in XML (narrative.html: write the character itself).</summary>
    private static string? Entity(ReadOnlySpan<byte> text, out int length)
    {
        length = text.IndexOf((byte)';') + 1;
        if (length is < 3 or > 10)
            return "'&' begins no entity: write &amp;.";
        var name = text[1..(length - 1)];
        if (name.SequenceEqual("amp"u8) || name.SequenceEqual("lt"u8) || name.SequenceEqual("gt"u8) || name.SequenceEqual("quot"u8) || name.SequenceEqual("apos"u8))
            return null;
        if (name[0] == '#')
            return NarrativeValue.Character(name[1..]) is null ? $"&{Text(name)}; is no character." : null;
        return $"The entity &{Text(name)}; is not known in XHTML inside XML: write the character itself, or its number as in &#160;.";
    }

    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> text)
    {
        var length = text.IndexOfAnyExcept(NameBytes);
        return length < 0 ? text : text[..length];
    }

    private static string Wrong(ReadOnlySpan<byte> html, int at, string why)
    {
        var before = html[..at];
        return $"{why} (line {before.Count((byte)'\n') + 1}, column {at - (before.LastIndexOf((byte)'\n') + 1) + 1} of the narrative, at '{Text(html.Slice(at, Math.Min(40, html.Length - at)))}')";
    }

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 60)]);
}
