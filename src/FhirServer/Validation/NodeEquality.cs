using System.Globalization;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

/// <summary>Deep equality of elements, and whether an element has all that a pattern has (elementdefinition-definitions.html#ElementDefinition.pattern_x_).</summary>
internal static class NodeEquality
{
    private static readonly int Id = FhirNames.Id("id");

    /// <summary>Equal to the last child; ids of elements do not count.</summary>
    public static bool AreEqual(FhirNode x, FhirNode y)
    {
        if (x.Kind == NodeKind.Object != (y.Kind == NodeKind.Object))
            return false;
        if (x.Kind != NodeKind.Object)
            return SameValue(x, y);

        var (left, right) = (Occurrences(x), Occurrences(y));
        if (left.Count != right.Count)
            return false;
        foreach (var (key, items) in left)
        {
            if (!right.TryGetValue(key, out var others) || others.Count != items.Count)
                return false;
            for (var i = 0; i < items.Count; i++)
                if (!AreEqual(items[i], others[i]))
                    return false;
        }

        return true;
    }

    /// <summary>Whether all that the pattern says is found in the element; of repeating elements each in any order.</summary>
    public static bool Matches(FhirNode value, FhirNode pattern)
    {
        if (pattern.Kind != NodeKind.Object)
            return value.Kind != NodeKind.Object && SameValue(value, pattern);
        if (value.Kind != NodeKind.Object)
            return false;

        foreach (var wanted in pattern.Children)
        {
            if (wanted.NameId == Id || !wanted.HasValue)
                continue;
            var isFound = false;
            foreach (var child in value.Children)
                if (child.NameId == wanted.NameId && child.HasValue && SameType(child, wanted) && Matches(child, wanted))
                {
                    isFound = true;
                    break;
                }

            if (!isFound)
                return false;
        }

        return true;
    }

    private static bool SameType(FhirNode x, FhirNode y) => x.Type.IsPrimitive || x.Type.Name == y.Type.Name;

    private static bool SameValue(FhirNode x, FhirNode y)
    {
        var left = x.Utf8;
        var right = y.Utf8;
        if (left.SequenceEqual(right))
            return true;
        return x.Kind == NodeKind.Number && y.Kind == NodeKind.Number
            && decimal.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var a)
            && decimal.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var b) && a == b;
    }

    private static Dictionary<(int, bool), List<FhirNode>> Occurrences(FhirNode node)
    {
        var all = new Dictionary<(int, bool), List<FhirNode>>();
        foreach (var child in node.Children)
        {
            if (child.NameId == Id || child.Kind == NodeKind.Null)
                continue;
            var key = (child.NameId, child.Kind == NodeKind.PrimitiveElement);
            if (!all.TryGetValue(key, out var items))
                all[key] = items = [];
            items.Add(child);
        }

        return all;
    }
}
