using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

/// <summary>A resource run through the indexer, its rows readable by parameter code.</summary>
internal sealed class IndexedResource
{
    private static readonly SearchParameters Parameters = SearchSamples.Parameters();
    private readonly string type;

    private IndexedResource(string json, TimeZoneInfo zone, long ownSid)
    {
        var root = SearchSamples.Read(json);
        type = root.Type.Name;
        Rows = new ResourceIndexer(Parameters, zone).Index(root, Symbols, ownSid);
    }

    public FakeSymbols Symbols { get; } = new();

    public IndexRows Rows { get; }

    public static IndexedResource Of(string json, TimeZoneInfo? zone = null, long ownSid = 999) => new(json, zone ?? TimeZoneInfo.Utc, ownSid);

    public string[] Tokens(string code) =>
        [.. Rows.Tokens.Where(r => r.Param == Number(code) && r.System >= 0).Select(r => $"{Symbols.SymbolText(r.System)}|{Symbols.TokenText(r.Hash)}")];

    public string[] References(string code) => [.. Rows.References.Where(r => r.Param == Number(code)).Select(r => Symbols.TargetText(r.Target))];

    public DateRow[] Dates(string code) => [.. Rows.Dates.Where(r => r.Param == Number(code))];

    public string[] Strings(string code) => [.. Rows.Strings.Where(r => r.Param == Number(code)).Select(r => r.Folded)];

    public string[] Numbers(string code) => [.. Rows.Numbers.Where(r => r.Param == Number(code)).Select(r => r.Value)];

    public string[] Quantities(string code) =>
        [.. Rows.Quantities.Where(r => r.Param == Number(code)).Select(r => $"{r.Value} {Symbols.SymbolText(r.Unit)}")];

    public string[] Uris(string code) => [.. Rows.Uris.Where(r => r.Param == Number(code)).Select(r => r.Value)];

    /// <summary>Composite rows as <c>system|code $ unit value</c>; a value that is a hash or a target stays in hexadecimal.</summary>
    public string[] Composites(string code) => [.. Rows.Composites.Where(r => r.Param == Number(code))
        .Select(r => $"{Symbols.SymbolText(r.System)}|{Symbols.TokenText(r.Hash)} $ {Symbols.SymbolText(r.Unit)} {r.Value}")];

    /// <summary>Texts kept beside tokens, as <c>text: system|code</c>.</summary>
    public string[] Displays(string code) => [.. Symbols.Displays.Where(d => d.Param == Number(code))
        .Select(d => $"{d.Text}: {(d.System < 0 ? d.System.ToString(CultureInfo.InvariantCulture) : Symbols.SymbolText(d.System))}|{Symbols.TokenText(d.Hash)}")];

    /// <summary>Rows of a contained resource's own parameter, kept under a parameter of this one.</summary>
    public SearchParam Contained(string reference, string target, string code) =>
        Parameters.Contained(Parameters.Find(type, reference)!, Parameters.Find(target, code)!);

    public SearchParam Pieces(string code) => Parameters.Pieces(Parameters.Find(type, code)!);

    public string[] Owners => [.. Rows.Owners.Select(o => o == 999 ? "self" : Symbols.TargetText(o))];

    /// <summary>Codes of the parameters that the shape says have a value.</summary>
    public string[] Present
    {
        get
        {
            var shape = Rows.Tokens.Single(r => r.Param == Parameters.Shape(type).Number);
            var numbers = Symbols.ShapeOf(shape.Hash);
            return [.. Parameters.Of(type).Where(p => numbers.Contains(p.Number)).Select(p => p.Code)];
        }
    }

    public static string Key(string value) => DecimalKey.Encode(decimal.Parse(value, CultureInfo.InvariantCulture));

    private int Number(string code) => Parameters.Find(type, code)?.Number ?? throw new ArgumentException($"{type} has no parameter {code}.");
}
