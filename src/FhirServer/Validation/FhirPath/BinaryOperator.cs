using System.Globalization;

namespace FhirEmr.FhirServer.Validation.FhirPath;

/// <summary>Operators between two collections, with FHIRPath's three-valued logic.</summary>
internal sealed class BinaryOperator(string name, PathNode left, PathNode right) : PathNode
{
    private static readonly List<PathValue> True = [PathValue.Of(true)];
    private static readonly List<PathValue> False = [PathValue.Of(false)];

    public override List<PathValue> Evaluate(PathContext context, PathValue focus, int index)
    {
        context.Step();
        switch (name)
        {
            case "and" or "or" or "xor" or "implies":
                return Logic(context, focus, index);
            case "|":
                var union = new List<PathValue>();
                Functions.AddDistinct(union, left.Evaluate(context, focus, index));
                Functions.AddDistinct(union, right.Evaluate(context, focus, index));
                return union;
        }

        var (x, y) = (left.Evaluate(context, focus, index), right.Evaluate(context, focus, index));
        switch (name)
        {
            case "=":
                return Answer(Same(x, y));
            case "!=":
                return Answer(!Same(x, y));
            case "~" or "!~":
                var alike = x.Count == y.Count && x.TrueForAll(a => y.Exists(b => Alike(a, b)));
                return Answer(alike == (name == "~"));
            case "in":
                return x is [var member] ? Answer(y.Exists(v => PathValue.AreEqual(v, member) == true)) : Empty;
            case "contains":
                return y is [var item] ? Answer(x.Exists(v => PathValue.AreEqual(v, item) == true)) : Empty;
            case "&":
                return [PathValue.Of(Text(x) + Text(y))];
            case "<" or ">" or "<=" or ">=":
                if (x.Count == 0 || y.Count == 0)
                    return Empty;
                if (x.Count > 1 || y.Count > 1)
                    throw new PathException("values are compared with several at once");
                return PathValue.Compare(x[0], y[0]) is not { } order ? Empty : Answer(name switch { "<" => order < 0, ">" => order > 0, "<=" => order <= 0, _ => order >= 0 });
            default:
                return x is [var a1] && y is [var b1] ? Arithmetic(a1.Value, b1.Value) : Empty;
        }
    }

    private List<PathValue> Logic(PathContext context, PathValue focus, int index)
    {
        var x = left.Test(context, focus, index);
        if ((name == "and" && x == false) || (name == "or" && x == true) || (name == "implies" && x == false))
            return name == "and" ? False : True;
        var y = right.Test(context, focus, index);
        return Answer(name switch
        {
            "and" => y == false ? false : x & y,
            "or" => y == true ? true : x | y,
            "xor" => x ^ y,
            _ => y == true ? true : x is null ? null : y,
        });
    }

    private static List<PathValue> Answer(bool? value) => value switch { null => Empty, true => True, _ => False };

    private static bool? Same(List<PathValue> x, List<PathValue> y)
    {
        if (x.Count == 0 || y.Count == 0)
            return null;
        if (x.Count != y.Count)
            return false;
        bool? all = true;
        for (var i = 0; i < x.Count; i++)
            switch (PathValue.AreEqual(x[i], y[i]))
            {
                case false:
                    return false;
                case null:
                    all = null;
                    break;
            }

        return all;
    }

    private static bool Alike(PathValue x, PathValue y) => x.Value is string a && y.Value is string b
        ? string.Equals(a.Trim(), b.Trim(), StringComparison.OrdinalIgnoreCase) : PathValue.AreEqual(x, y) == true;

    private static string Text(List<PathValue> values) => values switch
    {
        [] => "",
        [var only] => only.Text ?? "",
        _ => throw new PathException("& joins single values"),
    };

    private List<PathValue> Arithmetic(object? x, object? y) => (name, x, y) switch
    {
        ("+", string a, string b) => [PathValue.Of(a + b)],
        ("+", decimal a, decimal b) => [PathValue.Of(a + b)],
        ("-", decimal a, decimal b) => [PathValue.Of(a - b)],
        ("*", decimal a, decimal b) => [PathValue.Of(a * b)],
        ("/", decimal a, decimal b) => b == 0 ? Empty : [PathValue.Of(a / b)],
        ("div", decimal a, decimal b) => b == 0 ? Empty : [PathValue.Of(decimal.Truncate(a / b))],
        ("mod", decimal a, decimal b) => b == 0 ? Empty : [PathValue.Of(a % b)],
        ("-" or "+", PathQuantity a, PathQuantity b) when a.Unit == b.Unit => [PathValue.Of(new PathQuantity(name == "+" ? a.Value + b.Value : a.Value - b.Value, a.Unit))],
        (_, null, _) or (_, _, null) => Empty,
        _ => throw new PathException(string.Create(CultureInfo.InvariantCulture, $"'{name}' is not known between these types")),
    };
}
