using System.Text.RegularExpressions;

namespace FhirEmr.Architecture.Tests.Deploy;

/// <summary>The instructions of a Dockerfile in order, continued lines joined and comments left out.</summary>
internal sealed partial record Dockerfile(IReadOnlyList<(string Verb, string Arguments)> Instructions)
{
    public static Dockerfile Parse(string text) => new(
    [
        .. Continuation().Replace(text, " ").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', 2)).Select(words => (words[0], words.Length > 1 ? words[1].Trim() : "")),
    ]);

    public IEnumerable<string> All(string verb) => Instructions.Where(i => i.Verb == verb).Select(i => i.Arguments);

    public string Last(string verb) => All(verb).Last();

    /// <summary>What is copied from the build context: each source with its target.</summary>
    public IEnumerable<(string Source, string Target)> Copies => All("COPY").Where(text => !text.StartsWith("--from", StringComparison.Ordinal))
        .Select(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).SelectMany(words => words[..^1].Select(source => (source, words[^1])));

    [GeneratedRegex(@"\\\r?\n")]
    private static partial Regex Continuation();
}
