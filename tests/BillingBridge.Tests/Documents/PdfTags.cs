using System.Globalization;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokens;

namespace FhirEmr.BillingBridge.Tests.Documents;

/// <summary>The structure tree of a PDF as whoever reads by ear gets it: an element a line, indented, with its scope and its words.</summary>
internal sealed class PdfTags
{
    private readonly PdfDocument document;
    private readonly Dictionary<(int Page, int Mcid), string> words = [];
    private readonly Dictionary<IndirectReference, int> pages = [];
    private readonly List<string> lines = [];

    private PdfTags(PdfDocument document)
    {
        this.document = document;
        foreach (var page in document.GetPages())
        {
            foreach (var content in page.GetMarkedContents().Where(c => !c.IsArtifact))
                words[(page.Number, content.MarkedContentIdentifier)] = string.Concat(content.Letters.Select(l => l.Value));
        }
    }

    /// <summary>Whether the file says that it is tagged.</summary>
    public bool IsMarked { get; private set; }

    public IReadOnlyList<string> Lines => lines;

    /// <summary>All text that is drawn outside of any tag and is no artifact either: nobody hears it.</summary>
    public string Unheard { get; private set; } = "";

    public static PdfTags Read(byte[] pdf)
    {
        using var document = PdfDocument.Open(pdf);
        var tags = new PdfTags(document);
        tags.Walk();
        return tags;
    }

    private void Walk()
    {
        var catalog = document.Structure.Catalog.CatalogDictionary;
        IsMarked = Find<DictionaryToken>(catalog, "MarkInfo")?.Data.TryGetValue("Marked", out var marked) == true && marked is BooleanToken { Data: true };
        Number(Find<DictionaryToken>(catalog, "Pages")!);
        if (Find<DictionaryToken>(catalog, "StructTreeRoot") is { } root)
            Kids(root, -1, page: 0); // the root itself is no element
        var heard = words.Values.Sum(w => w.Length);
        var drawn = document.GetPages().Sum(p => p.Letters.Count);
        var artifacts = document.GetPages().SelectMany(p => p.GetMarkedContents()).Where(c => c.IsArtifact).Sum(c => c.Letters.Count);
        Unheard = heard + artifacts == drawn ? "" : string.Create(CultureInfo.InvariantCulture, $"{drawn - heard - artifacts} of {drawn} letters");
    }

    /// <summary>Page objects in their order.</summary>
    private void Number(DictionaryToken node)
    {
        foreach (var kid in Find<ArrayToken>(node, "Kids")?.Data ?? [])
        {
            var reference = (IndirectReferenceToken)kid;
            var page = (DictionaryToken)Deref(kid)!;
            if (page.Data.ContainsKey("Kids"))
                Number(page);
            else
                pages[reference.Data] = pages.Count + 1;
        }
    }

    private void Kids(DictionaryToken element, int depth, int page)
    {
        page = element.Data.TryGetValue("Pg", out var at) && at is IndirectReferenceToken own ? pages[own.Data] : page;
        if (element.Data.TryGetValue("S", out var type))
            lines.Add($"{new string(' ', Math.Max(depth, 0))}{((NameToken)Deref(type)!).Data}{Scope(element)}");
        if (!element.Data.TryGetValue("K", out var kids))
            return;
        foreach (var kid in Deref(kids) is ArrayToken array ? array.Data : [kids])
        {
            switch (Deref(kid))
            {
                case NumericToken mcid:
                    Say(page, mcid.Int);
                    break;
                case DictionaryToken reference when reference.Data.TryGetValue("MCID", out var mcid):
                    Say(reference.Data.TryGetValue("Pg", out var other) ? pages[((IndirectReferenceToken)other).Data] : page, ((NumericToken)Deref(mcid)!).Int);
                    break;
                case DictionaryToken child:
                    Kids(child, depth + 1, page);
                    break;
            }
        }
    }

    private void Say(int page, int mcid) => lines[^1] += $" {words[(page, mcid)].Trim()}";

    private string Scope(DictionaryToken element) =>
        Find<DictionaryToken>(element, "A") is { } attributes && attributes.Data.TryGetValue("Scope", out var scope) ? $"({((NameToken)Deref(scope)!).Data})" : "";

    private T? Find<T>(DictionaryToken dictionary, string key)
        where T : class, IToken => dictionary.Data.TryGetValue(key, out var token) ? Deref(token) as T : null;

    private IToken? Deref(IToken token) => token is IndirectReferenceToken reference ? document.Structure.GetObject(reference.Data).Data : token;
}
