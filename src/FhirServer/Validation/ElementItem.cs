using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

/// <summary>One occurrence of an element: its value, and for a primitive also its id and extensions (<c>_birthDate</c>), which JSON keeps apart.</summary>
/// <param name="Value">Does not exist where a primitive has extensions only.</param>
/// <param name="Extras">Does not exist for anything but a primitive with id or extensions.</param>
internal readonly record struct ElementItem(FhirNode Value, FhirNode Extras)
{
    /// <summary>The one node that stands for the element when a place has to be named.</summary>
    public FhirNode Any => Value.Exists ? Value : Extras;

    /// <summary>Appends the occurrences of all child elements, those of one name together and in order.</summary>
    public static void Collect(FhirNode parent, List<ElementItem> items, List<ElementGroup> groups)
    {
        if (HasExtras(parent))
        {
            foreach (var (nameId, occurrences) in Merged(parent))
            {
                groups.Add(new(nameId, items.Count, occurrences.Count));
                items.AddRange(occurrences);
            }

            return;
        }

        var name = 0;
        foreach (var child in parent.Children)
        {
            if (child.NameId == name)
            {
                var last = groups[^1];
                groups[^1] = last with { Count = last.Count + 1 };
            }
            else
            {
                groups.Add(new(name = child.NameId, items.Count, 1));
            }

            items.Add(new(child, default));
        }
    }

    /// <summary>Appends the occurrences of one child element.</summary>
    public static void Collect(FhirNode parent, int nameId, List<ElementItem> items)
    {
        var first = items.Count;
        foreach (var child in parent.Children)
        {
            if (child.NameId != nameId)
                continue;
            if (!child.HasValue)
            {
                items.RemoveRange(first, items.Count - first);
                foreach (var (name, occurrences) in Merged(parent))
                    if (name == nameId)
                        items.AddRange(occurrences);
                return;
            }

            items.Add(new(child, default));
        }
    }

    private static bool HasExtras(FhirNode parent)
    {
        foreach (var child in parent.Children)
            if (!child.HasValue)
                return true;
        return false;
    }

    private static List<(int NameId, List<ElementItem> Items)> Merged(FhirNode parent)
    {
        var groups = new List<(int NameId, List<ElementItem> Items)>();
        var previous = default(FhirNode);
        var position = 0;
        foreach (var child in parent.Children)
        {
            position = previous.Exists && previous.NameId == child.NameId && !BeginsProperty(previous, child) ? position + 1 : 0;
            previous = child;
            var group = groups.FindIndex(g => g.NameId == child.NameId);
            if (group < 0)
            {
                groups.Add((child.NameId, []));
                group = groups.Count - 1;
            }

            var items = groups[group].Items;
            var item = position < items.Count ? items[position] : default;
            item = child.Kind switch
            {
                NodeKind.Null => item,
                NodeKind.PrimitiveElement => item with { Extras = child },
                _ => item with { Value = child },
            };
            if (position < items.Count)
                items[position] = item;
            else
                items.Add(item);
        }

        foreach (var (_, items) in groups)
            items.RemoveAll(i => !i.Any.Exists); // null on both sides: the reader has said so
        return groups;
    }

    /// <summary>Whether two neighbours of one name are of two properties: only then something closes between them.</summary>
    private static bool BeginsProperty(FhirNode previous, FhirNode next) =>
        previous.Tree.Source.Span[previous.End..next.Start].ContainsAny((byte)']', (byte)':');
}

/// <summary>The occurrences of one element among all that were collected.</summary>
internal readonly record struct ElementGroup(int NameId, int Start, int Count);
