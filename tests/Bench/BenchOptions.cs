using System.Globalization;

namespace FhirEmr.Bench;

/// <summary>Command line: <c>--name value</c> pairs; a name without a value is a switch. What follows <c>--</c> is kept for the server.</summary>
internal sealed class BenchOptions
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Rest { get; private init; } = [];

    public static BenchOptions Parse(IEnumerable<string> args)
    {
        var all = args.ToList();
        var cut = all.IndexOf("--");
        var options = new BenchOptions { Rest = cut < 0 ? [] : all[(cut + 1)..] };
        var own = cut < 0 ? all : all[..cut];
        for (var i = 0; i < own.Count; i++)
        {
            if (!own[i].StartsWith("--", StringComparison.Ordinal))
                throw new BenchException($"'{own[i]}' is not an option; options look like --name value.");
            var name = own[i][2..];
            var hasValue = i + 1 < own.Count && !own[i + 1].StartsWith("--", StringComparison.Ordinal);
            options._values[name] = hasValue ? own[++i] : "true";
        }

        return options;
    }

    public string? Find(string name)
    {
        _asked.Add(name);
        return _values.GetValueOrDefault(name);
    }

    public string Text(string name, string otherwise) => Find(name) ?? otherwise;

    public string Required(string name) => Find(name) ?? throw new BenchException($"--{name} is needed.");

    public bool Switch(string name) => Find(name) is not null;

    public int Number(string name, int otherwise) => OptionalNumber(name) ?? otherwise;

    public int? OptionalNumber(string name)
    {
        if (Find(name) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new BenchException($"--{name} {text}: a whole number is needed.");
    }

    /// <summary>Refuses what nobody asked for, so that a misspelt option is not silently a default.</summary>
    public void RefuseUnknown()
    {
        if (_values.Keys.FirstOrDefault(name => !_asked.Contains(name)) is { } unknown)
            throw new BenchException($"--{unknown} is not an option of this command.");
    }
}
