using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The few values a finding saw, by name, in the order they were seen.</summary>
/// <remarks>A claim of fifty lines has hundreds of findings with three values or four: a hash table for each cost more than the rules.</remarks>
internal sealed class SeenValues : IReadOnlyDictionary<string, string>
{
    public static readonly SeenValues None = new([]);

    private readonly KeyValuePair<string, string>[] values;

    private SeenValues(KeyValuePair<string, string>[] values) => this.values = values;

    public int Count => values.Length;

    public IEnumerable<string> Keys => values.Select(v => v.Key);

    public IEnumerable<string> Values => values.Select(v => v.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"No value '{key}' was seen.");

    public static SeenValues Of(IEnumerable<KeyValuePair<string, string>> values) => values as SeenValues ?? new([.. values]);

    /// <summary>These and one more, which takes the place of one of the same name.</summary>
    public SeenValues With(string name, string value) => IndexOf(name) is >= 0 and var at
        ? new([.. values[..at], new(name, value), .. values[(at + 1)..]])
        : new([.. values, new(name, value)]);

    /// <summary>These, and of the others what was not seen yet.</summary>
    public SeenValues Or(SeenValues others) => values.Length == 0 ? others : new([.. values, .. others.values.Where(o => IndexOf(o.Key) < 0)]);

    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var at = IndexOf(key);
        value = at >= 0 ? values[at].Value : null;
        return at >= 0;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => values.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => values.GetEnumerator();

    private int IndexOf(string name)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Key == name)
                return i;
        }

        return -1;
    }
}
