using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation.FhirPath;

/// <summary>A function of FHIRPath: what it is called on, its arguments unevaluated, and the focus around the call.</summary>
internal delegate List<PathValue> PathFunction(PathContext context, List<PathValue> input, PathNode[] arguments, PathValue focus, int index);

/// <summary>The functions of FHIRPath N1 and those that FHIR adds (fhirpath.html#functions).</summary>
internal static class Functions
{
    private static readonly List<PathValue> Empty = [];
    private static readonly List<PathValue> True = [PathValue.Of(true)];
    private static readonly List<PathValue> False = [PathValue.Of(false)];
    private static readonly ConcurrentDictionary<string, Regex> Expressions = new(StringComparer.Ordinal);
    private static readonly int Extension = FhirNames.Id("extension");

    private static readonly FrozenDictionary<string, PathFunction> All = new Dictionary<string, PathFunction>(StringComparer.Ordinal)
    {
        // Existence
        ["exists"] = (c, input, a, _, _) => Answer(a.Length == 0 ? input.Count > 0 : Where(c, input, a[0], stopAtFirst: true).Count > 0),
        ["empty"] = (_, input, _, _, _) => Answer(input.Count == 0),
        ["not"] = (_, input, _, _, _) => PathNode.AsBoolean(input) is { } b ? Answer(!b) : Empty,
        ["count"] = (_, input, _, _, _) => [PathValue.Of((decimal)input.Count)],
        ["all"] = (c, input, a, _, _) => Answer(AllTrue(c, input, a[0])),
        ["allTrue"] = (_, input, _, _, _) => Answer(input.TrueForAll(v => v.Value is true)),
        ["anyTrue"] = (_, input, _, _, _) => Answer(input.Exists(v => v.Value is true)),
        ["allFalse"] = (_, input, _, _, _) => Answer(input.TrueForAll(v => v.Value is false)),
        ["anyFalse"] = (_, input, _, _, _) => Answer(input.Exists(v => v.Value is false)),
        ["hasValue"] = (_, input, _, _, _) => Answer(input is [{ Value: not (null or PathQuantity) }]),
        ["getValue"] = (_, input, _, _, _) => input is [{ Value: { } value }] ? [PathValue.Of(value)] : Empty,
        ["isDistinct"] = (_, input, _, _, _) => Answer(Distinct(input).Count == input.Count),
        ["subsetOf"] = (c, input, a, f, i) => Answer(IsSubset(input, a[0].Evaluate(c, f, i))),
        ["supersetOf"] = (c, input, a, f, i) => Answer(IsSubset(a[0].Evaluate(c, f, i), input)),

        // Filtering and navigation
        ["where"] = (c, input, a, _, _) => Where(c, input, a[0], stopAtFirst: false),
        ["select"] = (c, input, a, _, _) => Select(c, input, a[0]),
        ["repeat"] = (c, input, a, _, _) => Repeat(c, input, a[0]),
        ["children"] = (_, input, _, _, _) => Children(input),
        ["descendants"] = (_, input, _, _, _) => Descendants(input),
        ["extension"] = (c, input, a, f, i) => Extensions(input, a[0].Evaluate(c, f, i) is [{ Text: { } url }] ? url : null),
        ["resolve"] = (c, input, _, _, _) => Resolve(c, input),

        // Subsets and combinations
        ["first"] = (_, input, _, _, _) => input.Count == 0 ? Empty : [input[0]],
        ["last"] = (_, input, _, _, _) => input.Count == 0 ? Empty : [input[^1]],
        ["tail"] = (_, input, _, _, _) => input.Count < 2 ? Empty : input[1..],
        ["single"] = (_, input, _, _, _) => input.Count < 2 ? input : throw new PathException("single() has several values"),
        ["skip"] = (c, input, a, f, i) => [.. input.Skip(Number(c, a[0], f, i))],
        ["take"] = (c, input, a, f, i) => [.. input.Take(Number(c, a[0], f, i))],
        ["distinct"] = (_, input, _, _, _) => Distinct(input),
        ["union"] = (c, input, a, f, i) => Distinct([.. input, .. a[0].Evaluate(c, f, i)]),
        ["combine"] = (c, input, a, f, i) => [.. input, .. a[0].Evaluate(c, f, i)],
        ["intersect"] = (c, input, a, f, i) => Intersect(input, a[0].Evaluate(c, f, i)),
        ["exclude"] = (c, input, a, f, i) => Exclude(input, a[0].Evaluate(c, f, i)),

        // Conversion
        ["iif"] = (c, input, a, _, i) => Iif(c, input, a, i),
        ["toInteger"] = (_, input, _, _, _) => input is [var v] && decimal.TryParse(v.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? [PathValue.Of(n)] : Empty,
        ["toDecimal"] = (_, input, _, _, _) => input is [var v] && decimal.TryParse(v.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? [PathValue.Of(n)] : Empty,
        ["toString"] = (_, input, _, _, _) => input is [{ Text: { } text }] ? [PathValue.Of(text)] : Empty,
        ["toBoolean"] = (_, input, _, _, _) => input is [var v] ? v.Text switch { "true" or "1" => True, "false" or "0" => False, _ => Empty } : Empty,
        ["convertsToInteger"] = (_, input, _, _, _) => input is [var v] ? Answer(int.TryParse(v.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var _)) : Empty,
        ["convertsToDecimal"] = (_, input, _, _, _) => input is [var v] ? Answer(decimal.TryParse(v.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var _)) : Empty,

        // Text
        ["contains"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => Answer(x.Contains(y, StringComparison.Ordinal))),
        ["startsWith"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => Answer(x.StartsWith(y, StringComparison.Ordinal))),
        ["endsWith"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => Answer(x.EndsWith(y, StringComparison.Ordinal))),
        ["indexOf"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => [PathValue.Of((decimal)x.IndexOf(y, StringComparison.Ordinal))]),
        ["matches"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => Answer(Matches(x, y))),
        ["replace"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => a[1].Evaluate(c, f, i) is [{ Text: { } with }] ? [PathValue.Of(y.Length == 0 ? x : x.Replace(y, with, StringComparison.Ordinal))] : Empty),
        ["replaceMatches"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => a[1].Evaluate(c, f, i) is [{ Text: { } with }] ? [PathValue.Of(Expression(y).Replace(x, with))] : Empty),
        ["length"] = (_, input, _, _, _) => input is [{ Text: { } text }] ? [PathValue.Of((decimal)text.Length)] : Empty,
        ["upper"] = (_, input, _, _, _) => input is [{ Text: { } text }] ? [PathValue.Of(text.ToUpperInvariant())] : Empty,
        ["lower"] = (_, input, _, _, _) => input is [{ Text: { } text }] ? [PathValue.Of(text.ToLowerInvariant())] : Empty,
        ["trim"] = (_, input, _, _, _) => input is [{ Text: { } text }] ? [PathValue.Of(text.Trim())] : Empty,
        ["toChars"] = (_, input, _, _, _) => input is [{ Text: { } text }] ? [.. text.Select(ch => PathValue.Of(ch.ToString()))] : Empty,
        ["split"] = (c, input, a, f, i) => Both(c, input, a[0], f, i, (x, y) => [.. x.Split(y).Select(PathValue.Of)]),
        ["join"] = (c, input, a, f, i) => input.Count == 0 ? Empty : [PathValue.Of(string.Join(a.Length == 0 ? "" : a[0].Evaluate(c, f, i) is [{ Text: { } by }] ? by : "", input.Select(v => v.Text)))],
        ["substring"] = Substring,

        // Arithmetic and time
        ["abs"] = (_, input, _, _, _) => input is [{ Value: decimal n }] ? [PathValue.Of(Math.Abs(n))] : Empty,
        ["today"] = (c, _, _, _, _) => PathDate.TryParse(c.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), out var date) ? [PathValue.Of(date)] : Empty,
        ["now"] = (c, _, _, _, _) => PathDate.TryParse(c.Now.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture), out var date) ? [PathValue.Of(date)] : Empty,

        // FHIR
        ["trace"] = (_, input, _, _, _) => input,
        ["memberOf"] = (c, input, a, f, i) => input is [{ IsElement: true } v] && a[0].Evaluate(c, f, i) is [{ Text: { } set }] && c.MemberOf(v.Item.Any, set) is var isMember ? Answer(isMember ?? throw new PathException($"whether codes are in {set} cannot be told here")) : Empty,
        ["conformsTo"] = (c, input, a, f, i) => input is [{ IsElement: true } v] && a[0].Evaluate(c, f, i) is [{ Text: { } profile }] && c.ConformsTo(v.Item.Any, profile) is { } conforms ? Answer(conforms) : Empty,
        ["htmlChecks"] = (_, input, _, _, _) => input is [{ Text: { } html }] ? Answer(NarrativeText.SaysSomething(html)) : Empty,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static PathFunction? Find(string name) => All.GetValueOrDefault(name);

    public static void AddDistinct(List<PathValue> to, List<PathValue> more)
    {
        foreach (var value in more)
            if (!to.Exists(v => PathValue.AreEqual(v, value) == true))
                to.Add(value);
    }

    private static List<PathValue> Answer(bool value) => value ? True : False;

    private static List<PathValue> Where(PathContext context, List<PathValue> input, PathNode condition, bool stopAtFirst)
    {
        List<PathValue>? found = null;
        for (var i = 0; i < input.Count; i++)
            if (condition.Test(context, input[i], i) == true)
            {
                (found ??= []).Add(input[i]);
                if (stopAtFirst)
                    break;
            }

        return found ?? Empty;
    }

    private static bool AllTrue(PathContext context, List<PathValue> input, PathNode condition)
    {
        for (var i = 0; i < input.Count; i++)
            if (condition.Test(context, input[i], i) != true)
                return false;
        return true;
    }

    private static List<PathValue> Select(PathContext context, List<PathValue> input, PathNode projection)
    {
        var found = new List<PathValue>();
        for (var i = 0; i < input.Count; i++)
            found.AddRange(projection.Evaluate(context, input[i], i));
        return found;
    }

    private static List<PathValue> Repeat(PathContext context, List<PathValue> input, PathNode projection)
    {
        var found = new List<PathValue>();
        var next = input;
        while (next.Count > 0)
        {
            next = Select(context, next, projection).FindAll(v => !found.Exists(f => f.Item == v.Item && f.Literal == v.Literal));
            found.AddRange(next);
        }

        return found;
    }

    private static List<PathValue> Children(List<PathValue> input)
    {
        var found = new List<PathValue>();
        foreach (var value in input)
        {
            if (!value.IsElement)
                continue;
            if (value.Item.Value is { Exists: true, Kind: NodeKind.Object } node)
            {
                var items = new List<ElementItem>();
                ElementItem.Collect(node, items, []);
                found.AddRange(items.Select(PathValue.Of));
            }

            if (value.Item.Extras is { Exists: true } extras)
                foreach (var child in extras.Children)
                    found.Add(PathValue.Of(child));
        }

        return found;
    }

    private static List<PathValue> Descendants(List<PathValue> input)
    {
        var (found, next) = (new List<PathValue>(), Children(input));
        while (next.Count > 0)
        {
            found.AddRange(next);
            next = Children(next);
        }

        return found;
    }

    private static List<PathValue> Extensions(List<PathValue> input, string? url)
    {
        var found = new List<PathValue>();
        foreach (var value in input)
        {
            if (!value.IsElement)
                continue;
            foreach (var holder in (FhirNode[])[value.Item.Value, value.Item.Extras])
                if (holder is { Exists: true, Kind: NodeKind.Object or NodeKind.PrimitiveElement })
                    foreach (var child in holder.Children)
                        if (child.NameId == Extension && child.TextOf("url") == url)
                            found.Add(PathValue.Of(child));
        }

        return found;
    }

    private static List<PathValue> Resolve(PathContext context, List<PathValue> input)
    {
        var found = new List<PathValue>();
        foreach (var value in input)
            if ((value.Value as string ?? (value.Node is { Exists: true, Kind: NodeKind.Object } node ? node.TextOf("reference") : null)) is { } reference
                && context.Resolve(reference) is { } target)
                found.Add(PathValue.Of(target));
        return found;
    }

    private static List<PathValue> Distinct(List<PathValue> input)
    {
        if (input.Count < 2)
            return input;
        if (input.TrueForAll(v => v.Value is string))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal); // thousands of entries of a Bundle must stay linear
            return input.FindAll(v => seen.Add((string)v.Value!));
        }

        var distinct = new List<PathValue>();
        AddDistinct(distinct, input);
        return distinct;
    }

    private static List<PathValue> Intersect(List<PathValue> x, List<PathValue> y) => Distinct(x.FindAll(v => y.Exists(w => PathValue.AreEqual(v, w) == true)));

    private static List<PathValue> Exclude(List<PathValue> x, List<PathValue> y) => x.FindAll(v => !y.Exists(w => PathValue.AreEqual(v, w) == true));

    private static bool IsSubset(List<PathValue> x, List<PathValue> y) => x.TrueForAll(v => y.Exists(w => PathValue.AreEqual(v, w) == true));

    private static List<PathValue> Iif(PathContext context, List<PathValue> input, PathNode[] arguments, int index)
    {
        // What iif is called on is $this inside of it, and nothing is $this when that is empty.
        var at = input.Count == 0 ? default : input[0];
        return arguments[0].Test(context, at, index) == true ? arguments[1].Evaluate(context, at, index) : arguments.Length > 2 ? arguments[2].Evaluate(context, at, index) : Empty;
    }

    private static int Number(PathContext context, PathNode argument, PathValue focus, int index) =>
        argument.Evaluate(context, focus, index) is [{ Value: decimal n }] ? (int)n : 0;

    private static List<PathValue> Both(PathContext context, List<PathValue> input, PathNode argument, PathValue focus, int index, Func<string, string, List<PathValue>> compute)
    {
        if (input.Count > 1)
            throw new PathException("a function of texts has several values");
        return input is [{ Text: { } x }] && argument.Evaluate(context, focus, index) is [{ Text: { } y }] ? compute(x, y) : Empty;
    }

    private static List<PathValue> Substring(PathContext context, List<PathValue> input, PathNode[] arguments, PathValue focus, int index)
    {
        if (input is not [{ Text: { } text }])
            return Empty;
        var start = Number(context, arguments[0], focus, index);
        if (start < 0 || start >= text.Length)
            return Empty;
        var length = arguments.Length > 1 ? Math.Clamp(Number(context, arguments[1], focus, index), 0, text.Length - start) : text.Length - start;
        return [PathValue.Of(text.Substring(start, length))];
    }

    private static bool Matches(string text, string expression)
    {
        try
        {
            return Expression(expression).IsMatch(text);
        }
        catch (Exception e) when (e is RegexMatchTimeoutException or ArgumentException)
        {
            throw new PathException($"the regular expression cannot be evaluated: {e.Message}");
        }
    }

    /// <summary>Without backtracking where that is possible, so that no value can make a profile's expression slow.</summary>
    private static Regex Expression(string expression) => Expressions.GetOrAdd(expression, static e =>
    {
        try
        {
            return new Regex(e, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(e, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
        }
    });
}
