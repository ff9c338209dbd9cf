using System.Collections.Concurrent;
using FhirEmr.FhirServer.Validation.FhirPath;

namespace FhirEmr.FhirServer.Validation.Schemas;

/// <summary>A constraint of an element. Those of equal key, expression and severity are one object, so that what several schemas share runs once.</summary>
internal sealed class Invariant
{
    private static readonly ConcurrentDictionary<(string, string, bool), Invariant> Known = new();


    private readonly Lazy<(PathNode? Tree, string? Fault)> parsed;

    private Invariant(string key, string expression, bool isError, string human, bool isBestPractice)
    {
        (Key, Expression, IsError, Human, IsBestPractice) = (key, expression, isError, human, isBestPractice);
        parsed = new(Parse);
        ByHand = HandChecks.Find(key);
    }

    public string Key { get; }

    public string Expression { get; }

    public bool IsError { get; }

    public string Human { get; }

    public bool IsBestPractice { get; }

    /// <summary>The check written in C#, for those met on nearly every element; null for all others.</summary>
    public HandCheck? ByHand { get; }

    /// <summary>Null when the expression cannot be read; <see cref="Fault"/> says why.</summary>
    public PathNode? Tree => parsed.Value.Tree;

    public string? Fault => parsed.Value.Fault;

    public static Invariant Of(string key, string expression, bool isError, string human, bool isBestPractice) =>
        Known.GetOrAdd((key, expression, isError), k => new(k.Item1, k.Item2, k.Item3, human, isBestPractice));

    private (PathNode?, string?) Parse()
    {
        try
        {
            return (PathParser.Parse(Expression), null);
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
    }
}
