using System.Collections.Concurrent;
using System.Globalization;

namespace FhirEmr.FhirServer.Storage.Symbols;

/// <summary>The dictionaries in memory; each engine decides how a new number becomes durable.</summary>
internal abstract class SymbolTable : ISymbols
{
    /// <summary>So long a parameter that nobody had numbered is taken to have none: another node's very first value of a kind shows after that.</summary>
    private const long AbsentMs = 1_000;

    private const int MostAbsent = 10_000;

    private readonly ConcurrentDictionary<string, int> symbols = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Type, string Code), int> parameters = new();
    private readonly ConcurrentDictionary<(int Type, long Hash), IReadOnlyList<int>> shapes = new();
    private readonly ConcurrentDictionary<(string Type, string Code), long> absent = new();
    private readonly KnownHashes texts = new();
    private readonly KnownHashes displays = new();
    private KeyedHash? hash;

    protected Lock Gate { get; } = new();

    public int Intern(string text)
    {
        if (symbols.TryGetValue(text, out var number))
            return number;

        lock (Gate)
            return symbols.TryGetValue(text, out number) ? number : symbols[text] = CreateSymbol(text);
    }

    public int? Find(string text) => symbols.TryGetValue(text, out var number) ? number : FindElsewhere(text);

    public IReadOnlyList<int> Where(Func<string, bool> predicate)
    {
        CatchUp();
        return [.. symbols.Where(s => predicate(s.Key)).Select(s => s.Value).Order()];
    }

    public long Hash(ReadOnlySpan<byte> text) => (hash ?? throw new InvalidOperationException("The store is not started.")).Of(text);

    public bool IsTextStored(long hash) => texts.Contains(hash);

    public bool IsDisplayStored(long key) => displays.Contains(key);

    public bool IsShapeStored(int type, long hash) => shapes.ContainsKey((type, hash));

    public IReadOnlyList<(long Hash, IReadOnlyList<int> Params)> ShapesOf(int type)
    {
        CatchUp();
        return [.. shapes.Where(s => s.Key.Type == type).Select(s => (s.Key.Hash, s.Value))];
    }

    public int ParameterNumber(string type, string code)
    {
        if (parameters.TryGetValue((type, code), out var number))
            return number;

        lock (Gate)
            return parameters.TryGetValue((type, code), out number) ? number : parameters[(type, code)] = CreateParameter(type, code);
    }

    public int? FindParameter(string type, string code)
    {
        if (parameters.TryGetValue((type, code), out var number))
            return number;
        if (absent.TryGetValue((type, code), out var until) && Environment.TickCount64 < until)
            return null;
        if (FindParameterElsewhere(type, code) is { } known)
            return parameters[(type, code)] = known;

        if (absent.Count >= MostAbsent)
            absent.Clear();
        absent[(type, code)] = Environment.TickCount64 + AbsentMs;
        return null;
    }

    public void UseKey(string key) => hash = KeyedHash.Parse(key);

    public void LoadSymbol(string text, int number) => symbols[text] = number;

    public void LoadParameter(string type, string code, int number) => parameters[(type, code)] = number;

    public void LoadShape(int type, long hash, string parameters) => shapes[(type, hash)] =
        [.. parameters.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture))];

    /// <summary>What a plan brought is on disk now.</summary>
    public void Remember(Commit.CommitPlan plan)
    {
        foreach (var (hash, _) in plan.Texts)
            texts.Add(hash);
        foreach (var (type, hash, set) in plan.Shapes)
            LoadShape(type, hash, set);
        foreach (var display in plan.Displays)
            displays.Add(display.Key);
    }

    /// <summary>Called once per new text, under <see cref="Gate"/>.</summary>
    protected abstract int CreateSymbol(string text);

    /// <summary>Called once per new parameter, under <see cref="Gate"/>.</summary>
    protected abstract int CreateParameter(string type, string code);

    /// <summary>Asks the database for a symbol another node may have made.</summary>
    protected virtual int? FindElsewhere(string text) => null;

    /// <summary>Asks the database for a parameter another node may have made.</summary>
    protected virtual int? FindParameterElsewhere(string type, string code) => null;

    /// <summary>Loads what other nodes made.</summary>
    protected virtual void CatchUp()
    {
    }
}
