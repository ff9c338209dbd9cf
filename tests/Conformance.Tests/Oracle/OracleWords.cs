using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>A full-text search as a tree that writes itself and says what it means (search.html#content).</summary>
internal abstract record OracleWords
{
    /// <summary>Words are compared by so many characters.</summary>
    private const int MostCharacters = 60;

    private static readonly HashSet<string> WithinLine = ["a", "abbr", "b", "big", "code", "em", "i", "q", "small", "span", "strong", "sub", "sup", "tt", "u"];

    public abstract string Written { get; }

    public sealed override string ToString() => Written;

    /// <param name="texts">The words of each text of a resource.</param>
    public abstract bool Holds(IReadOnlyList<string[]> texts);

    /// <summary>Words that follow each other; the last one may only begin so.</summary>
    public sealed record Phrase(string Text, bool IsQuoted, bool Begins) : OracleWords
    {
        public override string Written => IsQuoted ? $"\"{Text}\"" : Begins ? Text + "*" : Text;

        public override bool Holds(IReadOnlyList<string[]> texts)
        {
            var wanted = Split(Text);
            return texts.Any(words => Enumerable.Range(0, Math.Max(0, words.Length - wanted.Length + 1)).Any(at =>
                wanted.Select((w, i) => Begins && i == wanted.Length - 1 ? words[at + i].StartsWith(w, StringComparison.Ordinal) : words[at + i] == w).All(holds => holds)));
        }
    }

    public sealed record Both(OracleWords Left, OracleWords Right, string Between) : OracleWords
    {
        public override string Written => $"{Part(Left)}{Between}{Part(Right)}";

        public override bool Holds(IReadOnlyList<string[]> texts) => Left.Holds(texts) && Right.Holds(texts);

        private static string Part(OracleWords term) => term is Either ? $"({term})" : term.Written;
    }

    public sealed record Either(OracleWords Left, OracleWords Right) : OracleWords
    {
        public override string Written => $"{Left} OR {Right}";

        public override bool Holds(IReadOnlyList<string[]> texts) => Left.Holds(texts) || Right.Holds(texts);
    }

    public sealed record None(OracleWords Term) : OracleWords
    {
        public override string Written => Term is Phrase ? $"NOT {Term}" : $"NOT ({Term})";

        public override bool Holds(IReadOnlyList<string[]> texts) => !Term.Holds(texts);
    }

    public static string[] Split(string text) => [.. OracleText.Fold(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Length > MostCharacters ? w[..MostCharacters] : w)];

    /// <summary>The text of the narrative as it reads; null when there is none.</summary>
    public static string? Narrative(OracleRecord record) =>
        record.Body["text"]?["div"]?.GetValue<string>() is { } div ? Plain(XElement.Parse(div, LoadOptions.PreserveWhitespace)) : null;

    /// <summary>What <c>_text</c> looks into.</summary>
    public static IReadOnlyList<string[]> Told(OracleRecord record) => Narrative(record) is { } text ? [Split(text)] : [];

    /// <summary>What <c>_content</c> looks into: every text and number, those that the server adds too.</summary>
    public static IReadOnlyList<string[]> All(OracleRecord record) =>
        [.. Leaves(record.Body).Append("1").Append(DateTimeOffset.FromUnixTimeMilliseconds(record.LastUpdated).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)).Select(Split)];

    private static IEnumerable<string> Leaves(JsonObject item)
    {
        foreach (var (name, value) in item)
        {
            // Attachments and signatures: bytes are no words. SampledData has data too, which is text.
            if (name == "resourceType" || (name == "data" && !item.ContainsKey("origin")) || name is "hash" or "carrierAIDC" || value?.ToString() == RandomRecords.Bytes)
                continue;
            foreach (var text in name == "div" ? [Plain(XElement.Parse(value!.GetValue<string>(), LoadOptions.PreserveWhitespace))] : Leaves(value))
                yield return text;
        }
    }

    private static IEnumerable<string> Leaves(JsonNode? node) => node switch
    {
        JsonObject item => Leaves(item),
        JsonArray list => list.SelectMany(Leaves),
        JsonValue value when value.GetValueKind() is JsonValueKind.String => [value.GetValue<string>()],
        JsonValue value when value.GetValueKind() is JsonValueKind.Number => [value.ToJsonString()],
        _ => [],
    };

    private static string Plain(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement inner when WithinLine.Contains(inner.Name.LocalName) => Plain(inner),
        XElement inner => $" {Plain(inner)} ",
        _ => "",
    }));
}
