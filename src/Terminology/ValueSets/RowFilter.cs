using System.Text.RegularExpressions;
using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>The filters of an include, made ready for the rows of one code system (valueset-filter-operator).</summary>
internal sealed class RowFilter
{
    private static readonly TimeSpan RegexTimeout = TimeSpan.FromMilliseconds(200);
    private readonly Func<int, bool>[] tests;

    private RowFilter(Func<int, bool>[] tests, string? fault)
    {
        this.tests = tests;
        Fault = fault;
    }

    /// <summary>Why it cannot be evaluated; null when it can.</summary>
    public string? Fault { get; private set; }

    public static RowFilter Compile(CodeSystemContent content, IReadOnlyList<ValueSetFilter> filters)
    {
        var tests = new Func<int, bool>[filters.Count];
        for (var i = 0; i < tests.Length; i++)
        {
            var (test, fault) = Compile(content, filters[i]);
            if (test is null)
                return new([], fault);
            tests[i] = test;
        }

        return new(tests, null);
    }

    /// <summary>False, and <see cref="Fault"/> set for good, when a pattern takes too long on a row.</summary>
    public bool Test(int row)
    {
        try
        {
            foreach (var test in tests)
            {
                if (!test(row))
                    return false;
            }

            return true;
        }
        catch (RegexMatchTimeoutException slow)
        {
            Fault = $"The pattern '{slow.Pattern}' takes too long.";
            return false;
        }
    }

    private static (Func<int, bool>? Test, string? Fault) Compile(CodeSystemContent content, ValueSetFilter filter)
    {
        var (property, value) = (filter.Property, filter.Value);
        var isCode = property is "code" or "concept";
        switch (filter.Op)
        {
            case "is-a" or "descendent-of" or "is-not-a" or "generalizes":
                var anchor = content.FindAnyDay(value);
                if (anchor < 0)
                {
                    // What does not exist has nothing below it; a part of a system cannot tell.
                    return content.Content == ContentMode.Complete ? (_ => filter.Op == "is-not-a", null) : (null, $"{content.Url} as it is here has no code '{value}' to filter by.");
                }

                if (filter.Op == "generalizes")
                {
                    var above = content.Ancestors(anchor).ToHashSet();
                    return (row => row == anchor || above.Contains(row), null);
                }

                var below = content.BelowTest(anchor);
                var key = content.Key(value);
                bool IsSelf(int row) => row == anchor || content.Key(content.Code(row)) == key;
                return filter.Op switch
                {
                    "descendent-of" => (below, null),
                    "is-a" => (row => below(row) || IsSelf(row), null),
                    _ => (row => !below(row) && !IsSelf(row), null),
                };
            case "=" when isCode:
                return (row => content.Key(content.Code(row)) == content.Key(value), null);
            case "=":
                return (row => content.Values(row, property).Contains(value), null);
            case "in" or "not-in":
                var wanted = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(v => isCode ? content.Key(v) : v).ToHashSet(StringComparer.Ordinal);
                var isIn = filter.Op == "in";
                return (row => content.Values(row, property).Any(v => wanted.Contains(isCode ? content.Key(v) : v)) == isIn, null);
            case "exists":
                return (row => content.Values(row, property).Any() == (value == "true"), null);
            case "regex":
                try
                {
                    // A pattern matches the whole value (valueset.html#regex).
                    var pattern = new Regex($"^(?:{value})\\z", RegexOptions.CultureInvariant, RegexTimeout);
                    return (row => content.Values(row, property).Any(pattern.IsMatch), null);
                }
                catch (ArgumentException)
                {
                    return (null, $"'{value}' is no regular expression.");
                }

            default:
                return (null, $"'{filter.Op}' is no operator of a filter that is known here.");
        }
    }
}
