using System.Text;

namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>A segment while it is being written: whatever is put in stays data, escaped where it looks like a separator.</summary>
internal sealed class SegmentDraft(string id, Separators separators)
{
    private readonly SortedDictionary<int, string> fields = [];

    /// <summary>Sets a field to components; those that are null are empty.</summary>
    public SegmentDraft Set(int field, params ReadOnlySpan<string?> components)
    {
        fields[field] = Join(components);
        return this;
    }

    /// <summary>Adds a repetition to a field.</summary>
    public SegmentDraft Add(int field, params ReadOnlySpan<string?> components)
    {
        var one = Join(components);
        if (one.Length > 0)
            fields[field] = fields.TryGetValue(field, out var before) && before.Length > 0 ? before + separators.Repetition + one : one;
        return this;
    }

    /// <summary>Adds an identifier (CX) whose fourth component has subcomponents.</summary>
    public SegmentDraft AddWithAuthority(int field, string? id, ReadOnlySpan<string?> authority, string? type)
    {
        var parts = new List<string>();
        foreach (var part in authority)
            parts.Add(EscapedText.Write(part ?? "", separators));
        var one = string.Join(separators.Component, [EscapedText.Write(id ?? "", separators), "", "", string.Join(separators.Subcomponent, parts).TrimEnd(separators.Subcomponent), EscapedText.Write(type ?? "", separators)])
            .TrimEnd(separators.Component);
        fields[field] = fields.TryGetValue(field, out var before) && before.Length > 0 ? before + separators.Repetition + one : one;
        return this;
    }

    /// <summary>The segment without empty fields at its end.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(id);
        var last = fields.Where(f => f.Value.Length > 0).Select(f => f.Key).DefaultIfEmpty(0).Max();
        for (var i = id == "MSH" ? 2 : 1; i <= last; i++)
            text.Append(separators.Field).Append(id == "MSH" && i == 2 ? separators.EncodingCharacters : fields.GetValueOrDefault(i, ""));
        return text.ToString();
    }

    private string Join(ReadOnlySpan<string?> components)
    {
        var text = new StringBuilder();
        foreach (var (i, component) in components.ToArray().Index())
            text.Append(i == 0 ? "" : separators.Component.ToString()).Append(EscapedText.Write(component ?? "", separators));
        return text.ToString().TrimEnd(separators.Component);
    }
}
