using System.Globalization;
using System.Text;
using System.Xml.Linq;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Graphics.Operations;
using UglyToad.PdfPig.Graphics.Operations.MarkedContent;
using UglyToad.PdfPig.Tokens;

namespace FhirEmr.BillingBridge.Tests.Documents;

/// <summary>What of PDF/UA-1 (ISO 14289-1) a program can see in a file, after the Matterhorn Protocol's checkpoints; docs/papers.md lists the same.</summary>
/// <remarks>That headings, captions and the order say what the page says is for people, and for the tests that compare the tree with its words.</remarks>
internal sealed class PdfUa
{
    private static readonly HashSet<string> Standard = new(StringComparer.Ordinal)
    {
        "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct", "Private", "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody",
        "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link", "Annot", "Figure", "Formula", "Form",
    };

    private static readonly HashSet<string> Painting = new(StringComparer.Ordinal)
    {
        "Tj", "TJ", "'", "\"", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh", "Do", "EI",
    };

    private readonly PdfDocument document;
    private readonly List<string> problems = [];
    private readonly Dictionary<IndirectReference, int> pages = [];

    /// <summary>The element that claims a piece of content: it must be one, and the parent tree must name the same.</summary>
    private readonly Dictionary<(int Page, int Mcid), IndirectReference?> owners = [];

    private PdfUa(PdfDocument document) => this.document = document;

    /// <summary>What is wrong, each in words with its Matterhorn checkpoint; nothing for a file that holds.</summary>
    public static IReadOnlyList<string> Check(byte[] pdf)
    {
        using var document = PdfDocument.Open(pdf);
        var check = new PdfUa(document);
        check.Run();
        return check.problems;
    }

    private void Run()
    {
        var catalog = document.Structure.Catalog.CatalogDictionary;
        Number(Find<DictionaryToken>(catalog, "Pages")!);
        Demand(Find<DictionaryToken>(catalog, "MarkInfo") is { } mark && Find<BooleanToken>(mark, "Marked") is { Data: true }, "06-003", "MarkInfo/Marked is not true");
        Demand(Find<DictionaryToken>(catalog, "MarkInfo") is not { } suspect || Find<BooleanToken>(suspect, "Suspects") is not { Data: true }, "02-001", "MarkInfo/Suspects is true");
        Demand(TextOf(catalog, "Lang") is { Length: >= 2 }, "11-006", "the catalog has no Lang");
        Demand(Find<DictionaryToken>(catalog, "ViewerPreferences") is { } viewer && Find<BooleanToken>(viewer, "DisplayDocTitle") is { Data: true }, "07-002", "DisplayDocTitle is not true");
        Demand(document.Version >= 1.4, "00", "tags need PDF 1.4");
        Demand(!document.IsEncrypted, "26", "the file is encrypted");
        Metadata(catalog);
        foreach (var name in (string[])["OpenAction", "AA"])
            Demand(!catalog.Data.ContainsKey(name), "29", $"the catalog has {name}");

        if (Find<DictionaryToken>(catalog, "StructTreeRoot") is { } root)
        {
            Roles(root);
            Tree(root);
            for (var page = 1; page <= document.NumberOfPages; page++)
                Page(page, root);
        }
        else
        {
            problems.Add("01-005: there is no StructTreeRoot");
        }

        foreach (var (name, font) in Fonts())
            Font(name, font);
    }

    private void Metadata(DictionaryToken catalog)
    {
        if (Find<StreamToken>(catalog, "Metadata") is not { } stream)
        {
            problems.Add("06-001: there is no XMP metadata");
            return;
        }

        var xmp = XDocument.Parse(Encoding.UTF8.GetString(stream.Data.Span).Trim('\uFEFF', '\0', ' ', '\r', '\n'));
        XNamespace ua = "http://www.aiim.org/pdfua/ns/id/", dc = "http://purl.org/dc/elements/1.1/", rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
        var part = xmp.Descendants(ua + "part").Select(e => e.Value).Concat(xmp.Descendants(rdf + "Description").Attributes(ua + "part").Select(a => a.Value)).FirstOrDefault();
        Demand(part == "1", "06-002", "the XMP does not say pdfuaid:part 1");
        var title = xmp.Descendants(dc + "title").Descendants(rdf + "li").FirstOrDefault()?.Value;
        Demand(title is { Length: > 0 } && title == document.Information.Title, "06-004", $"dc:title '{title}' is not the title '{document.Information.Title}'");
    }

    /// <summary>Types of our own must map to the standard's.</summary>
    private void Roles(DictionaryToken root)
    {
        foreach (var (name, target) in Find<DictionaryToken>(root, "RoleMap")?.Data ?? new Dictionary<string, IToken>())
            Demand(Deref(target) is NameToken to && Standard.Contains(to.Data) && !Standard.Contains(name), "02", $"RoleMap maps {name} to no standard type");
    }

    private void Tree(DictionaryToken root)
    {
        var parent = new Element("StructTreeRoot", null, root, null, []);
        Kids(parent, null);
        Demand(parent.Kids.Select(k => k.Type).SequenceEqual(["Document"]), "01", "the tree's root has not exactly one Document");
        var level = 0;
        foreach (var element in Walk(parent).Skip(1))
        {
            Demand(Standard.Contains(element.Type), "02-001", $"{element.Type} is no standard type");
            if (element.Type is ['H', >= '1' and <= '6'])
            {
                var own = element.Type[1] - '0';
                Demand(own <= level + 1, "14-003", $"{element.Type} after H{level}");
                level = own;
            }

            Demand(element.Type is not ("Figure" or "Formula") || TextOf(element.Dictionary, "Alt") is { Length: > 0 } || TextOf(element.Dictionary, "ActualText") is { Length: > 0 }, "13-004", $"a {element.Type} has no Alt");
            switch (element.Type)
            {
                case "Table":
                    Table(element);
                    break;
                case "TR":
                    Demand(element.Parent!.Type is "Table" or "THead" or "TBody" or "TFoot", "09", $"TR in {element.Parent!.Type}");
                    break;
                case "TH" or "TD":
                    Demand(element.Parent!.Type == "TR", "09", $"{element.Type} in {element.Parent!.Type}");
                    break;
                case "L":
                    Demand(element.Kids.Count > 0 && element.Kids.TrueForAll(k => k.Type is "LI" or "L" or "Caption"), "09", "L with something else than LI");
                    break;
                case "LI":
                    Demand(element.Parent!.Type == "L" && element.Kids.TrueForAll(k => k.Type is "Lbl" or "LBody"), "09", "LI with something else than Lbl and LBody, or in no L");
                    break;
                case "Caption":
                    Demand(element.Parent!.Kids is [var first, ..] && (first == element || element.Parent.Kids[^1] == element), "09", "a Caption is neither first nor last");
                    break;
            }
        }
    }

    private void Table(Element table)
    {
        var rows = table.Kids.SelectMany(k => k.Type == "TR" ? [k] : k.Kids).Where(r => r.Type == "TR").ToList();
        Demand(table.Kids.TrueForAll(k => k.Type is "Caption" or "TR" or "THead" or "TBody" or "TFoot"), "09", "Table with something else than rows and a caption");
        Demand(rows.Count > 0, "15", "a Table has no row");
        Demand(rows.Select(r => r.Kids.Sum(c => Span(c))).Distinct().Count() <= 1, "15", $"rows of a Table have {string.Join(", ", rows.Select(r => r.Kids.Count).Distinct())} cells");
        Demand(rows.SelectMany(r => r.Kids).Any(c => c.Type == "TH"), "15-001", "a Table has no TH");
        foreach (var cell in rows.SelectMany(r => r.Kids).Where(c => c.Type == "TH"))
            Demand(Attribute(cell, "Scope") is NameToken { Data: "Row" or "Column" or "Both" }, "15-003", "a TH has no Scope");

        int Span(Element cell) => Attribute(cell, "ColSpan") is NumericToken span ? span.Int : 1;
    }

    private IToken? Attribute(Element cell, string name)
    {
        var own = cell.Dictionary.Data.TryGetValue("A", out var a) ? Deref(a) : null;
        return (own is ArrayToken several ? several.Data.Select(Deref) : [own]).OfType<DictionaryToken>()
            .Where(d => Find<NameToken>(d, "O") is { Data: "Table" }) // attributes of no owner say nothing
            .Select(d => d.Data.TryGetValue(name, out var value) ? Deref(value) : null).FirstOrDefault(v => v is not null);
    }

    private void Kids(Element element, int? page)
    {
        page = element.Dictionary.Data.TryGetValue("Pg", out var at) && at is IndirectReferenceToken own ? pages[own.Data] : page;
        if (!element.Dictionary.Data.TryGetValue("K", out var kids))
            return;
        foreach (var kid in Deref(kids) is ArrayToken array ? array.Data : [kids])
        {
            switch (Deref(kid))
            {
                case NumericToken mcid:
                    Own(page, mcid.Int, element);
                    break;
                case DictionaryToken reference when reference.Data.TryGetValue("MCID", out var mcid):
                    Own(reference.Data.TryGetValue("Pg", out var other) ? pages[((IndirectReferenceToken)other).Data] : page, ((NumericToken)Deref(mcid)!).Int, element);
                    break;
                case DictionaryToken child when Find<NameToken>(child, "S") is { } type:
                    Demand(child.Data.TryGetValue("P", out var parent) && parent is IndirectReferenceToken up && (element.Reference is null || up.Data == element.Reference), "01", $"{type.Data} does not name its parent");
                    var next = new Element(type.Data, element, child, kid is IndirectReferenceToken r ? r.Data : null, []);
                    element.Kids.Add(next);
                    Kids(next, page);
                    break;
                default:
                    problems.Add($"01: {element.Type} has a kid that is neither content nor an element");
                    break;
            }
        }
    }

    private void Own(int? page, int mcid, Element element)
    {
        Demand(page is not null, "01", $"content {mcid} of {element.Type} is on no page");
        Demand(owners.TryAdd((page ?? 0, mcid), element.Reference), "01", $"content {mcid} of page {page} has two elements");
    }

    private void Page(int number, DictionaryToken root)
    {
        var page = document.GetPage(number);
        Demand(Find<NameToken>(page.Dictionary, "Tabs") is { Data: "S" }, "28-004", $"page {number} has not tab order S");
        var inTree = Find<NumericToken>(page.Dictionary, "StructParents") is { } key ? ParentsOf(root, key.Int) : null;
        Demand(inTree is not null, "01", $"page {number} is not in the ParentTree");

        var (depth, open, seen) = (0, new Stack<bool>(), new HashSet<int>());
        foreach (var operation in page.Operations)
        {
            switch (operation)
            {
                case BeginMarkedContent begin:
                    Begin(begin.Name.Data, null);
                    break;
                case BeginMarkedContentWithProperties begin:
                    Begin(begin.Name.Data, begin.Properties is { } own && own.Data.TryGetValue("MCID", out var mcid) ? ((NumericToken)mcid).Int : null);
                    break;
                case EndMarkedContent:
                    Demand(open.TryPop(out _), "01", $"page {number} ends content that did not begin");
                    break;
                default:
                    if (Painting.Contains(operation.Operator) && !open.Contains(true))
                        depth++;
                    break;
            }
        }

        Demand(open.Count == 0, "01", $"page {number} does not end its content");
        Demand(depth == 0, "01-005", $"page {number} paints {depth} times outside of tags and artifacts");
        foreach (var mcid in owners.Keys.Where(k => k.Page == number).Select(k => k.Mcid))
            Demand(seen.Contains(mcid), "01", $"the tree names content {mcid} that page {number} does not have");

        void Begin(string tag, int? mcid)
        {
            // Only an artifact, or content with a number, tells what it is; they must not hold each other (01-001, 01-002).
            var tells = tag == "Artifact" || mcid is not null;
            Demand(!tells || !open.Contains(true), "01-001", $"page {number} has {tag} within other content");
            open.Push(tells);
            if (mcid is not { } id)
                return;
            Demand(seen.Add(id), "01", $"page {number} has content {id} twice");
            Demand(owners.TryGetValue((number, id), out var owner), "01-003", $"content {id} of page {number} is in no element");
            Demand(inTree is not null && id < inTree.Count && inTree[id] is IndirectReferenceToken named && named.Data == owner, "01", $"the ParentTree names another element for content {id} of page {number}");
        }
    }

    private IReadOnlyList<IToken>? ParentsOf(DictionaryToken root, int key)
    {
        return Find<DictionaryToken>(root, "ParentTree") is { } tree ? In(tree) : null;

        IReadOnlyList<IToken>? In(DictionaryToken node)
        {
            var numbers = Find<ArrayToken>(node, "Nums")?.Data ?? [];
            for (var i = 0; i + 1 < numbers.Count; i += 2)
                if (Deref(numbers[i]) is NumericToken { Int: var found } && found == key)
                    return (Deref(numbers[i + 1]) as ArrayToken)?.Data;
            return (Find<ArrayToken>(node, "Kids")?.Data ?? []).Select(Deref).OfType<DictionaryToken>().Select(In).FirstOrDefault(f => f is not null);
        }
    }

    private Dictionary<string, DictionaryToken> Fonts()
    {
        var fonts = new Dictionary<string, DictionaryToken>(StringComparer.Ordinal);
        foreach (var page in document.GetPages())
            foreach (var (name, font) in (Find<DictionaryToken>(page.Dictionary, "Resources") is { } resources ? Find<DictionaryToken>(resources, "Font") : null)?.Data ?? new Dictionary<string, IToken>())
                fonts[$"{name} of page {page.Number}"] = (DictionaryToken)Deref(font)!;
        return fonts;
    }

    private void Font(string name, DictionaryToken font)
    {
        Demand(Find<StreamToken>(font, "ToUnicode") is not null, "10-001", $"font {name} has no ToUnicode");
        var inner = Find<ArrayToken>(font, "DescendantFonts") is { } descendants ? (DictionaryToken)Deref(descendants.Data[0])! : font;
        var descriptor = Find<DictionaryToken>(inner, "FontDescriptor");
        Demand(descriptor is not null && ((string[])["FontFile", "FontFile2", "FontFile3"]).Any(descriptor.Data.ContainsKey), "31-009", $"font {name} is not embedded");
        if (inner != font)
        {
            Demand(Find<NameToken>(font, "Encoding") is { Data: "Identity-H" or "Identity-V" }, "31-006", $"font {name} has an encoding that is not embedded");
            Demand(Find<NameToken>(inner, "Subtype") is not { Data: "CIDFontType2" } || inner.Data.ContainsKey("CIDToGIDMap"), "31-004", $"font {name} has no CIDToGIDMap");
        }
    }

    /// <summary>Page objects in their order.</summary>
    private void Number(DictionaryToken node)
    {
        foreach (var kid in Find<ArrayToken>(node, "Kids")?.Data ?? [])
        {
            var page = (DictionaryToken)Deref(kid)!;
            if (page.Data.ContainsKey("Kids"))
                Number(page);
            else
                pages[((IndirectReferenceToken)kid).Data] = pages.Count + 1;
        }
    }

    private static IEnumerable<Element> Walk(Element element) => element.Kids.SelectMany(Walk).Prepend(element);

    private void Demand(bool holds, string checkpoint, string otherwise)
    {
        if (!holds)
            problems.Add($"{checkpoint}: {otherwise}");
    }

    private string? TextOf(DictionaryToken dictionary, string key) => (dictionary.Data.TryGetValue(key, out var token) ? Deref(token) : null) switch
    {
        StringToken text => text.Data,
        HexToken hex => hex.Data,
        _ => null,
    };

    private T? Find<T>(DictionaryToken dictionary, string key)
        where T : class, IToken => dictionary.Data.TryGetValue(key, out var token) ? Deref(token) as T : null;

    private IToken? Deref(IToken token) => token is IndirectReferenceToken reference ? document.Structure.GetObject(reference.Data).Data : token;

    private sealed record Element(string Type, Element? Parent, DictionaryToken Dictionary, IndirectReference? Reference, List<Element> Kids);
}
