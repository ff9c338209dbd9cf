using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.FhirPath;

namespace FhirEmr.FhirServer.Validation;

/// <summary>A constraint written in C#: whether it holds for an element.</summary>
internal delegate bool HandCheck(Walk walk, ElementItem item);

/// <summary>Constraints met on nearly every element, where an expression would take most of the time of a validation.</summary>
internal static class HandChecks
{
    private static readonly int Contained = FhirNames.Id("contained");
    private static readonly int Meta = FhirNames.Id("meta");
    private static readonly int Text = FhirNames.Id("text");
    private static readonly int Id = FhirNames.Id("id");

    private static readonly Dictionary<string, HandCheck> All = new(StringComparer.Ordinal)
    {
        ["ele-1"] = (_, _) => true, // the reader refuses empty objects and values
        ["txt-1"] = (_, _) => true, // and elements and attributes that have no place in a narrative
        ["txt-2"] = (_, item) => !item.Value.Exists || NarrativeText.SaysSomething(item.Value.Text),
        ["ext-1"] = (_, item) => item.Value is not { Exists: true } extension || Has(extension, "extension") != Has(extension, "value"),
        ["dom-2"] = (_, item) => AllContained(item.Value, c => !c.Child(Contained).Exists),
        ["dom-3"] = (_, item) => ContainedAreReferred(item.Value),
        ["dom-4"] = (_, item) => AllContained(item.Value, c => c.Child(Meta) is not { Exists: true } meta || (meta.TextOf("versionId") is null && meta.TextOf("lastUpdated") is null)),
        ["dom-5"] = (_, item) => AllContained(item.Value, c => c.Child(Meta) is not { Exists: true } meta || !meta.Child("security").Exists),
        ["dom-6"] = (_, item) => item.Value.Child(Text) is { Exists: true } text && text.Child("div").Exists,
        ["ref-1"] = (walk, item) => item.Value is not { Exists: true } node || node.TextOf("reference") is not ['#', _, ..] local || walk.FindContained(local[1..]) is not null,
        ["per-1"] = (_, item) => PeriodIsInOrder(item.Value),
        ["qty-3"] = (_, item) => !item.Value.Exists || !Has(item.Value, "code") || Has(item.Value, "system"),
        ["cpt-2"] = (_, item) => !item.Value.Exists || !Has(item.Value, "value") || Has(item.Value, "system"),
    };

    public static HandCheck? Find(string key) => All.GetValueOrDefault(key);

    private static bool Has(FhirNode parent, string name)
    {
        var id = FhirNames.Id(name);
        foreach (var child in parent.Children)
            if (child.NameId == id)
                return true;
        return false;
    }

    private static bool AllContained(FhirNode resource, Func<FhirNode, bool> holds)
    {
        foreach (var child in resource.Children)
            if (child.NameId == Contained && child.HasValue && !holds(child))
                return false;
        return true;
    }

    /// <summary>Each contained resource is referred to from elsewhere in its container, or refers to the container.</summary>
    private static bool ContainedAreReferred(FhirNode resource)
    {
        if (!resource.Child(Contained).Exists)
            return true;

        var referred = new HashSet<string>(StringComparer.Ordinal);
        var tree = resource.Tree;
        for (var i = resource.Index; i < tree.Nodes[resource.Index].Next; i++)
            if (LocalReference(new(tree, i)) is { } local)
                referred.Add(local[1..]);
        return AllContained(resource, contained =>
        {
            if (contained.TextOf(Id) is { } id && referred.Contains(id))
                return true;
            for (var i = contained.Index; i < tree.Nodes[contained.Index].Next; i++)
                if (LocalReference(new(tree, i)) == "#")
                    return true;
            return false;
        });
    }

    private static string? LocalReference(FhirNode node) =>
        node.Kind == NodeKind.Text && node.Raw.StartsWith("#"u8) && (node.Type.Primitive is PrimitiveKind.Uri or PrimitiveKind.Url or PrimitiveKind.Canonical || FhirNames.Name(node.NameId) == "reference") ? node.Text : null;

    private static bool PeriodIsInOrder(FhirNode period)
    {
        if (!period.Exists || period.Child("start") is not { Exists: true } start || period.Child("end") is not { Exists: true } end)
            return true;
        return PathValue.Compare(PathValue.Of(start), PathValue.Of(end)) is null or <= 0;
    }
}
