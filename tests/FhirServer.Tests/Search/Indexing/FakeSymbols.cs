using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

/// <summary>Dictionaries in memory: numbers in order of first use, so that rows can be read back into words.</summary>
internal sealed class FakeSymbols : IIndexContext, ISearchSymbols, IReferenceLookup
{
    private readonly List<string> symbols = [];
    private readonly List<string> tokens = [];
    private readonly List<string> targets = [];
    private readonly List<int[]> shapes = [];

    public string SymbolText(int number) => number == 0 ? "" : symbols[number - 1];

    public string TokenText(long hash) => tokens[(int)hash - 1];

    public string TargetText(long target) => targets[(int)Math.Abs(target) - 1];

    public int[] ShapeOf(long hash) => shapes[(int)hash - 1];

    public int Symbol(ReadOnlySpan<byte> text) => text.IsEmpty ? 0 : Number(symbols, Encoding.UTF8.GetString(text));

    public long Token(ReadOnlySpan<byte> text) => Number(tokens, Encoding.UTF8.GetString(text));

    public long Hash(ReadOnlySpan<byte> text) => Token(text);

    public int? Find(string text) => symbols.IndexOf(text) is >= 0 and var at ? at + 1 : null;

    public IReadOnlyList<int> Where(Func<string, bool> predicate) => [.. symbols.Index().Where(s => predicate(s.Item)).Select(s => s.Index + 1)];

    /// <summary>Local references are positive, absolute ones negative, as in the store.</summary>
    public long Target(string reference) =>
        reference.Contains(':', StringComparison.Ordinal) ? -Number(targets, reference) : Number(targets, reference);

    public ValueTask<IReadOnlyList<long>> TargetsAsync(string? type, string idOrUrl, CancellationToken ct)
    {
        IReadOnlyList<long> found = type is not null || idOrUrl.Contains(':', StringComparison.Ordinal)
            ? [Target(type is null ? idOrUrl : $"{type}/{idOrUrl}")]
            : [.. targets.Index().Where(t => t.Item.EndsWith("/" + idOrUrl, StringComparison.Ordinal) && !t.Item.Contains(':', StringComparison.Ordinal)).Select(t => t.Index + 1L)];
        return ValueTask.FromResult(found);
    }

    /// <summary>Texts beside tokens: parameter number, text, token.</summary>
    public List<(int Param, string Text, long Hash, int System)> Displays { get; } = [];

    public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
    {
        foreach (var param in parameters)
            Displays.Add((param.Number, Encoding.UTF8.GetString(text), hash, system));
    }

    /// <summary>The hierarchy of tests: the target number above the last one given, or below it.</summary>
    public ValueTask<IReadOnlyList<long>?> ClosureAsync(SearchParam partOf, IReadOnlyList<long> sids, bool above, CancellationToken ct) =>
        ValueTask.FromResult<IReadOnlyList<long>?>([.. sids, Target(above ? $"{partOf.Type}/above" : $"{partOf.Type}/below")]);

    public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams)
    {
        var shape = sortedParams.ToArray();
        Assert.Equal(shape.Order(), shape);
        shapes.Add(shape);
        return shapes.Count;
    }

    private static int Number(List<string> known, string text)
    {
        if (known.IndexOf(text) is >= 0 and var at)
            return at + 1;
        known.Add(text);
        return known.Count;
    }
}
