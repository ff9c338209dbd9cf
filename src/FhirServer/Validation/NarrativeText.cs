namespace FhirEmr.FhirServer.Validation;

/// <summary>txt-2: a narrative says something. Its elements and attributes (txt-1) are the reader's to check.</summary>
internal static class NarrativeText
{
    /// <summary>Whether there is text that is not blank, or an image.</summary>
    public static bool SaysSomething(ReadOnlySpan<char> html)
    {
        for (var at = 0; at < html.Length; at++)
        {
            if (html[at] == '<')
            {
                if (html[at..].StartsWith("<img", StringComparison.Ordinal))
                    return true;
                var isComment = html[at..].StartsWith("<!--", StringComparison.Ordinal);
                var end = isComment ? html[at..].IndexOf("-->") : html[at..].IndexOf('>');
                if (end < 0)
                    return false;
                at += isComment ? end + 2 : end;
            }
            else if (!char.IsWhiteSpace(html[at]))
            {
                return true;
            }
        }

        return false;
    }
}
