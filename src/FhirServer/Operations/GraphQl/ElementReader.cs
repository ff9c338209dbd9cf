using System.Globalization;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>The values of one element field: filtered, cut to a part of the list, named by slice.</summary>
/// <remarks>graphql.html#list: <c>fhirpath</c>, <c>[field]</c>, then <c>_offset</c> and <c>_count</c> of what is left, then @first.</remarks>
internal sealed class ElementReader(Selection selection, ElementPaths paths)
{
    public (OutField Out, List<FhirNode> Items) Read(FhirNode node, SelectedField field, FieldMeaning.Element meaning)
    {
        var items = Filtered(Children(node, meaning), field).ToList();
        if (field.IsFirst && items.Count > 1)
            items.RemoveRange(1, items.Count - 1);
        var type = meaning.IsElementOfPrimitive ? "Element" : meaning.Property.Type?.Name ?? "Resource";
        return (new OutField(field.Key, meaning.Property.IsList, type)
        {
            IsFlat = field.IsFlat,
            IsSingleton = field.IsSingleton,
            Slices = field.Slice is { } slice ? [.. items.Select((item, i) => SliceName(item, i, slice))] : null,
        }, items);
    }

    private static List<FhirNode> Children(FhirNode node, FieldMeaning.Element meaning)
    {
        var found = new List<FhirNode>();
        foreach (var child in node.Children)
        {
            if (child.NameId != meaning.Property.NameId || child.Kind == NodeKind.Null || child.Kind == NodeKind.PrimitiveElement != meaning.IsElementOfPrimitive)
                continue;
            if (meaning.IsElementOfPrimitive || meaning.Property.Type is not { } type || child.Type == type)
                found.Add(child);
        }

        return found;
    }

    private IEnumerable<FhirNode> Filtered(IEnumerable<FhirNode> items, SelectedField field)
    {
        var (offset, count) = (0, int.MaxValue);
        foreach (var argument in field.Field.Arguments?.Items ?? [])
        {
            var name = argument.Name.StringValue;
            if (selection.Variables.Of(argument.Value) is not { Count: > 0 } values)
                continue;
            switch (name)
            {
                case "fhirpath":
                    items = items.Where(i => paths.Holds(i, values[0], argument));
                    break;
                case "_offset":
                    offset = Number(name, values[0]);
                    break;
                case "_count":
                    count = Number(name, values[0]);
                    break;
                default:
                    items = items.Where(i => Has(i, name, values));
                    break;
            }

            int Number(string which, string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= 0
                ? number
                : throw new GraphQlException($"{which}: {text} cannot be read: write a number from 0.", argument, "value");

            bool Has(FhirNode item, string child, IReadOnlyList<string> wanted)
            {
                if (item.Type.Properties.Find(System.Text.Encoding.UTF8.GetBytes(child)) is not { Type.IsPrimitive: true } property)
                    throw new GraphQlException($"'{field.Name}' has no argument '{child}': it takes fhirpath, _offset, _count and the single values of {item.Type.Name}."
                        + (NearestName.Of(child, item.Type.Properties.Entries.Where(e => e.Value.Type is { IsPrimitive: true }).Select(e => e.Key)) is { } near ? $" Did you mean '{near}'?" : ""), argument);
                foreach (var value in item.Children)
                    if (value.NameId == property.NameId && value.HasValue && value.Type == property.Type && wanted.Contains(value.Text))
                        return true;
                return false;
            }
        }

        return items.Skip(offset).Take(count);
    }

    private string SliceName(FhirNode item, int index, GraphQLParser.AST.GraphQLDirective slice)
    {
        var path = (selection.Argument(slice.Arguments, "path") ?? selection.Argument(slice.Arguments, "fhirpath")) is [var text, ..]
            ? text
            : throw new GraphQlException("@slice needs the argument path.", slice);
        return path == "$index" ? index.ToString(CultureInfo.InvariantCulture) : item.Kind == NodeKind.Object ? paths.Text(item, path, slice) : "";
    }
}
