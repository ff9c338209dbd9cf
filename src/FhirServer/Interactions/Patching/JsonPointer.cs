using System.Globalization;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>A place in a JSON document: RFC 6901, <c>/name/0/given</c>, with <c>~0</c> for '~' and <c>~1</c> for '/'.</summary>
internal sealed record JsonPointer(string Text, IReadOnlyList<string> Tokens)
{
    /// <summary>Null when the text is no pointer; <paramref name="why"/> then says what is wrong.</summary>
    public static JsonPointer? Parse(string text, out string? why)
    {
        why = null;
        if (text.Length == 0)
            return new(text, []);
        if (text[0] != '/')
        {
            why = $"'{text}' is no JSON Pointer: it begins with '/', e.g. /name/0/family.";
            return null;
        }

        for (var i = text.IndexOf('~', StringComparison.Ordinal); i >= 0; i = text.IndexOf('~', i + 1))
            if (i + 1 == text.Length || text[i + 1] is not ('0' or '1'))
            {
                why = $"'{text}' is no JSON Pointer: '~' is written ~0 and '/' inside a name ~1.";
                return null;
            }

        return new(text, [.. text[1..].Split('/').Select(t => t.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);
    }

    /// <summary>Whether <paramref name="other"/> lies inside this place.</summary>
    public bool Encloses(JsonPointer other) => other.Tokens.Count > Tokens.Count && other.Tokens.Take(Tokens.Count).SequenceEqual(Tokens);

    /// <summary>The value at this place; null when there is none, and <paramref name="why"/> says from where on.</summary>
    public JsonValue? Find(JsonValue root, out string? why) => Find(root, Tokens.Count, out why);

    /// <summary>What holds this place; null as for <see cref="Find(JsonValue, out string?)"/>.</summary>
    public JsonValue? FindParent(JsonValue root, out string? why) => Find(root, Tokens.Count - 1, out why);

    /// <summary>Position in a list: digits without leading zeros, at most <paramref name="most"/>.</summary>
    public static bool TryIndex(string token, int most, out int index) =>
        int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out index) && (token.Length == 1 || token[0] != '0') && index <= most;

    public override string ToString() => Text;

    private JsonValue? Find(JsonValue root, int depth, out string? why)
    {
        var value = root;
        for (var i = 0; i < depth; i++)
        {
            var token = Tokens[i];
            var next = value switch
            {
                JsonMembers members => members[token],
                JsonItems list when TryIndex(token, list.Items.Count - 1, out var index) => list.Items[index],
                _ => null,
            };
            if (next is null)
            {
                why = Missing(value, token, i);
                return null;
            }

            value = next;
        }

        why = null;
        return value;
    }

    internal string Missing(JsonValue parent, string token, int at)
    {
        var before = at == 0 ? "The resource" : "/" + string.Join('/', Tokens.Take(at));
        return parent switch
        {
            JsonMembers members => $"{before} has no '{token}'{(Resources.NearestName.Of(token, members.Items.Select(m => m.Key)) is { } near ? $"; did you mean '{near}'?" : ".")}",
            JsonItems list => $"{before} is a list of {list.Items.Count}: '{token}' is no position in it.",
            _ => $"{before} is a single value: it has no '{token}'.",
        };
    }
}
