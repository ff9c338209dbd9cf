namespace FhirEmr.FhirServer.Resources;

/// <summary>An attribute a narrative may have: where, and what its value must not be.</summary>
/// <param name="Elements">Elements it may stand on; empty for all.</param>
/// <param name="Check">Null when the value (entities resolved) is harmless, else a sentence.</param>
internal sealed record NarrativeAttribute(string Name, int Ordinal, string[] Elements, Func<string, string?>? Check)
{
    public bool IsOn(string element) => Elements.Length == 0 || Array.IndexOf(Elements, element) >= 0;
}

/// <summary>What narrative.html allows: HTML 4.0 chapters 7 to 11 (but section 4 of chapter 9) and 15, links and images.</summary>
internal static class NarrativeElements
{
    public static Utf8Table<string> All { get; } = Table(
        """
        a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li
        map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var
        """);

    public static Utf8Table<NarrativeAttribute> Attributes { get; } = AttributeTable();

    private static Utf8Table<string> Table(string names)
    {
        var table = new Utf8Table<string>();
        foreach (var name in Words(names))
            table.Add(name, name);
        return table;
    }

    private static Utf8Table<NarrativeAttribute> AttributeTable()
    {
        var table = new Utf8Table<NarrativeAttribute>();
        var ordinal = 0;
        foreach (var name in Words("abbr accesskey align axis char charoff class colspan dir headers id lang rowspan scope space span summary tabindex title valign width height xml:lang xml:space xmlns"))
            table.Add(name, new(name, ordinal++, [], null));
        foreach (var name in Words("border cellpadding cellspacing frame rules"))
            table.Add(name, new(name, ordinal++, ["table", "img"], null));
        foreach (var name in Words("charset hreflang rel rev type"))
            table.Add(name, new(name, ordinal++, ["a"], null));
        foreach (var name in Words("shape coords nohref"))
            table.Add(name, new(name, ordinal++, ["a", "area"], null));
        foreach (var name in Words("alt ismap"))
            table.Add(name, new(name, ordinal++, ["img", "area"], null));
        foreach (var name in Words("start compact value"))
            table.Add(name, new(name, ordinal++, ["ol", "ul", "li", "dl"], null));
        table.Add("nowrap", new("nowrap", ordinal++, ["td", "th"], null));
        table.Add("name", new("name", ordinal++, ["a", "map"], null));
        table.Add("style", new("style", ordinal++, [], NarrativeValue.Style));
        table.Add("href", new("href", ordinal++, ["a", "area"], NarrativeValue.Link));
        table.Add("usemap", new("usemap", ordinal++, ["img"], NarrativeValue.Link));
        table.Add("longdesc", new("longdesc", ordinal++, ["img"], NarrativeValue.Link));
        table.Add("cite", new("cite", ordinal++, ["blockquote", "q", "ins", "del"], NarrativeValue.Link));
        table.Add("datetime", new("datetime", ordinal++, ["ins", "del"], null));
        table.Add("src", new("src", ordinal, ["img"], NarrativeValue.Image));
        return table;
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
