using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.Schemas;

namespace FhirEmr.FhirServer.Validation;

/// <summary>Tells which slice an occurrence belongs to (profiling.html#discriminator).</summary>
internal sealed class Slices(Walk walk)
{
    private static readonly int Url = FhirNames.Id("url");

    /// <summary>The counts of one element's occurrences; null when none of its rules slices it.</summary>
    public SliceCounts? Begin(List<ElementRule> rules, int first, int last)
    {
        SliceCounts? counts = null;
        for (var i = first; i < last; i++)
            if (rules[i].Slicing is { Slices.Count: > 0 } slicing)
                (counts ??= new(walk, this)).Add(slicing);
        return counts;
    }

    /// <summary>The first slice an occurrence fits; null for none.</summary>
    public ElementRule? Find(ElementItem item, SlicingRule slicing)
    {
        if (slicing.ByUrl is { } byUrl)
            return item.Value.Exists && item.Value.TextOf(Url) is { } url ? byUrl.GetValueOrDefault(url) : null;
        foreach (var slice in slicing.Slices)
            if (slice.SliceName != "@default" && Fits(item, slicing, slice))
                return slice;
        return null;
    }

    private bool Fits(ElementItem item, SlicingRule slicing, ElementRule slice)
    {
        foreach (var discriminator in slicing.Discriminators)
            if (!Fits(item, discriminator, slice))
                return false;
        return slicing.Discriminators.Length > 0;
    }

    private bool Fits(ElementItem item, Discriminator discriminator, ElementRule slice)
    {
        var targets = Targets(slice, discriminator.Path);
        switch (discriminator.Kind)
        {
            case "exists":
                var isThere = Instances(item, discriminator.Path).Count > 0;
                return targets.Count == 0 || targets.TrueForAll(t => t.Max == 0 ? !isThere : t.Min == 0 || isThere);
            case "type":
                return discriminator.Path is [.., { Kind: "resolve" }]
                    ? TypeOfTarget(item, discriminator.Path) is { } type && targets.Exists(t => t.Schema.Type == type)
                    : Instances(item, discriminator.Path).Exists(n => n.Value.Exists && targets.Exists(t => t.Types.Length > 0 && Values.Type(t, n.Value) is not null));
            case "profile":
                var profiles = targets.SelectMany(t => t.Id.Contains('.', StringComparison.Ordinal) ? t.Types.SelectMany(x => x.Profiles).Select(walk.Schemas.Find) : [t.Schema]).OfType<Schema>().ToArray();
                return Instances(item, discriminator.Path).Exists(n => n.Value.Exists && Array.Exists(profiles, p => p.Fault is null && walk.Conforms(n.Value, p)));
            case "value" or "pattern":
                var instances = Instances(item, discriminator.Path);
                bool? all = null;
                foreach (var target in targets)
                {
                    var (isTold, isMet) = (false, false);
                    if (instances.Count == 0)
                        isTold = Told(target);
                    foreach (var instance in instances)
                        if (Satisfies(instance, target) is { } satisfies)
                            (isTold, isMet) = (true, isMet || satisfies);
                    if (isTold)
                        all = (all ?? true) && isMet;
                }

                return all == true;
            default:
                return false; // position is R5's
        }
    }

    private string? TypeOfTarget(ElementItem item, DiscriminatorStep[] path)
    {
        foreach (var reference in Instances(item, path[..^1]))
            if (reference.Value.Exists && References.TypeOf(walk, reference.Value) is { } type)
                return type;
        return null;
    }

    /// <summary>Whether an instance is what a slice's element says; null when it says nothing that tells.</summary>
    private bool? Satisfies(ElementItem item, ElementRule rule, int depth = 0)
    {
        if (rule.Fixed.Exists)
            return item.Value.Exists && NodeEquality.AreEqual(item.Value, rule.Fixed);
        if (rule.Pattern.Exists)
            return item.Value.Exists && NodeEquality.Matches(item.Value, rule.Pattern);
        if (rule.Binding is { Strength: BindingStrength.Required } binding && item.Value.Exists)
            return walk.IsMember(item.Value, binding.ValueSet) == true;
        if (depth > 8)
            return null;

        bool? all = null;
        foreach (var source in Sources(rule))
            foreach (var child in source.Children)
            {
                if (!Told(child, depth))
                    continue;
                var found = new List<ElementItem>();
                if (item.Value is { Exists: true, Kind: NodeKind.Object })
                    ElementItem.Collect(item.Value, child.NameId, found);
                if (child.Min == 0 && found.Count == 0)
                    continue;
                all = (all ?? true) && found.Exists(i => Satisfies(i, child, depth + 1) == true || (child.Slicing?.Slices.Exists(s => s.Min > 0 && Satisfies(i, s, depth + 1) == true) ?? false));
            }

        return all;
    }

    private bool Told(ElementRule rule, int depth = 0) => rule.IsTelling
        || (depth < 8 && (Sources(rule).Any(s => s.Children.Any(c => c.Min > 0 && Told(c, depth + 1))) || (rule.Slicing?.Slices.Exists(s => s.Min > 0 && Told(s, depth + 1)) ?? false)));

    /// <summary>Where the children of a rule are: in itself, in what it refers to, or in the profile of its type.</summary>
    private IEnumerable<ElementRule> Sources(ElementRule rule)
    {
        if (rule.Children.Length > 0)
            yield return rule;
        else if (rule.Content is { } content)
            yield return content;
        if (rule.Types is [{ Profiles: [var profile] }] && walk.Schemas.Find(profile) is { Fault: null } schema)
            yield return schema.Root;
    }

    private List<ElementRule> Targets(ElementRule slice, DiscriminatorStep[] path)
    {
        List<ElementRule> current = [slice];
        foreach (var step in path)
        {
            current = step.Kind switch
            {
                "child" => [.. current.SelectMany(Sources).Select(s => s.Child(step.NameId)).OfType<ElementRule>()],
                "extension" => [.. current.SelectMany(Sources).Select(s => s.Child(step.NameId)).OfType<ElementRule>().SelectMany(e => e.Slicing?.Slices ?? []).Where(e => IsExtension(e, step.Name))],
                "resolve" => [.. current.SelectMany(r => r.Types).SelectMany(t => t.TargetProfiles).Select(Target).OfType<ElementRule>()],
                _ => current,
            };
        }

        // What the slice says nothing of may be said by the profile of its type.
        return current;
    }

    private ElementRule? Target(string profile) => walk.Schemas.Find(profile) is { Fault: null } schema ? schema.Root : null;

    private static bool IsExtension(ElementRule slice, string url) =>
        slice.Types is [{ Profiles: [var profile, ..] }] ? profile == url : slice.Child(Url) is { Fixed.Exists: true } fixedUrl && fixedUrl.Fixed.Text == url;

    private List<ElementItem> Instances(ElementItem item, DiscriminatorStep[] path)
    {
        List<ElementItem> current = [item];
        foreach (var step in path)
        {
            var next = new List<ElementItem>();
            foreach (var at in current)
                switch (step.Kind)
                {
                    case "child":
                        if (at.Value is { Exists: true, Kind: NodeKind.Object })
                            ElementItem.Collect(at.Value, step.NameId, next);
                        break;
                    case "extension":
                        foreach (var holder in (FhirNode[])[at.Value, at.Extras])
                            if (holder is { Exists: true, Kind: NodeKind.Object or NodeKind.PrimitiveElement })
                                foreach (var child in holder.Children)
                                    if (child.NameId == step.NameId && child.TextOf(Url) == step.Name)
                                        next.Add(new(child, default));
                        break;
                    case "resolve":
                        if (at.Value.Exists && (at.Value.Kind == NodeKind.Text ? at.Value.Text : at.Value.TextOf("reference")) is { } reference && walk.Resolve(reference) is { } target)
                            next.Add(new(target, default));
                        break;
                    default:
                        if (at.Any.Type.Name == step.Name)
                            next.Add(at);
                        break;
                }

            current = next;
        }

        return current;
    }
}
