using System.Text.Json;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>A <c>_filter</c> as a tree that writes itself and says what it means (search_filter.html); nothing here reads one.</summary>
internal abstract partial record OracleFilter
{
    public abstract string Written { get; }

    /// <summary>Parts that are filters of the same type, for making a failing one smaller.</summary>
    public abstract IReadOnlyList<OracleFilter> Parts { get; }

    public sealed override string ToString() => Written;

    public abstract bool Holds(OracleSearch search, OracleRecord record, DateTimeOffset now);

    /// <summary><c>and</c> and <c>or</c> bind alike and are taken from left to right: only what stands on the right needs parentheses.</summary>
    public sealed record Two(OracleFilter Left, OracleFilter Right, bool IsAnd) : OracleFilter
    {
        public override string Written => $"{Left} {(IsAnd ? "and" : "or")} {(Right is Two ? $"({Right})" : Right.Written)}";

        public override IReadOnlyList<OracleFilter> Parts => [Left, Right];

        public override bool Holds(OracleSearch search, OracleRecord record, DateTimeOffset now) =>
            IsAnd ? Left.Holds(search, record, now) && Right.Holds(search, record, now) : Left.Holds(search, record, now) || Right.Holds(search, record, now);
    }

    public sealed record None(OracleFilter Term) : OracleFilter
    {
        public override string Written => $"not ({Term})";

        public override IReadOnlyList<OracleFilter> Parts => [Term];

        public override bool Holds(OracleSearch search, OracleRecord record, DateTimeOffset now) => !Term.Holds(search, record, now);
    }

    /// <summary>A reference, and what one and the same target must satisfy: in brackets, behind the dot, or both.</summary>
    public sealed record Step(OracleParam Reference, string Target, OracleFilter? Inner, OracleFilter? Rest) : OracleFilter
    {
        public override string Written => $"{Reference.Code}:{Target}{(Inner is null ? "" : $"[{Inner}]")}{(Rest is null ? "" : $".{Rest}")}";

        public override IReadOnlyList<OracleFilter> Parts => [];

        public override bool Holds(OracleSearch search, OracleRecord record, DateTimeOffset now) => search.Targets(record, Reference)
            .Any(t => t.Type == Target && (Inner is null || Inner.Holds(search, t, now)) && (Rest is null || Rest.Holds(search, t, now)));
    }

    public sealed partial record Leaf(OracleParam Param, string Operator, string Value) : OracleFilter
    {
        public override string Written => $"{Param.Code} {Operator} {(Bare().IsMatch(Value) ? Value : JsonSerializer.Serialize(Value))}";

        public override IReadOnlyList<OracleFilter> Parts => [];

        public override bool Holds(OracleSearch search, OracleRecord record, DateTimeOffset now)
        {
            return (Param.Kind, Operator) switch
            {
                (_, "pr") => Finds("missing", Value == "true" ? "false" : "true"),
                (SearchParamType.Date, "po") => OracleSearch.Values(record, Param).SelectMany(v => OracleDate.Of(v.Poco) ?? []).Any(d => d.Overlaps(OracleDate.Parse(Value)!.Value)),
                (SearchParamType.Date or SearchParamType.Number or SearchParamType.Quantity, _) => Finds("", Operator + Value),
                (SearchParamType.String, "eq") => IsWhole(),
                (SearchParamType.String, "ne") => !IsWhole(),
                (SearchParamType.String, "co") => Finds("contains", OracleText.Escape(Value)),
                (SearchParamType.String, "sw") => Finds("", OracleText.Escape(Value)),
                (SearchParamType.String, "ew") => Texts().Any(s => OracleText.Fold(Value) is { Length: > 0 } end ? OracleText.Fold(s).EndsWith(end, StringComparison.Ordinal) : s.EndsWith(Value, StringComparison.Ordinal)),
                (_, "ss") => Finds("below", Text),
                (_, "sb") => Finds("above", Text),
                (_, "in") => Finds("in", Text),
                (_, "ni") => Finds("not-in", Text),
                (_, "eq" or "re") => Finds("", Text),
                (_, "ne") => !Finds("", Text),
                _ => throw new NotSupportedException($"{Param.Kind} {Operator}"),
            };

            bool Finds(string modifier, string text) => search.Matches(record, modifier.Length == 0 ? Param.Code : $"{Param.Code}:{modifier}", [text], now);

            // The whole text, case and accents aside; punctuation alone as it is written.
            bool IsWhole() => Texts().Any(s => OracleText.Fold(Value) is { Length: > 0 } folded ? OracleText.Fold(s) == folded : s == Value);

            IEnumerable<string> Texts() => OracleSearch.Values(record, Param).SelectMany(v => OracleText.PartsOf(v.Poco) ?? []);
        }

        /// <summary>One value, whatever it contains; <c>|</c> still parts system and code.</summary>
        private string Text => string.Join('|', Value.Split('|').Select(OracleText.Escape));

        [GeneratedRegex(@"^[A-Za-z0-9_\-./:|+]+\z")]
        private static partial Regex Bare();
    }
}
