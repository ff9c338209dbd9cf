using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.FhirPath;
using FhirEmr.FhirServer.Validation.Schemas;

namespace FhirEmr.FhirServer.Validation;

/// <summary>One walk over one resource, all its schemas at once: at each element the rules that apply are a run on one stack.</summary>
internal sealed class Walk
{
    private static readonly int Contained = FhirNames.Id("contained");
    private static readonly int Url = FhirNames.Id("url");
    private static readonly int IdName = FhirNames.Id("id");

    private readonly List<ElementRule> rules = [];
    private readonly List<ElementItem> items = [];
    private readonly List<ElementGroup> groups = [];
    private readonly Dictionary<(int Node, Schema Schema), bool> conformance = [];
    private readonly CancellationToken ct;
    private readonly Slices slices;
    private readonly Bindings bindings;
    private readonly References references;
    private readonly Extensions extensions;
    private IssueSink sink;
    private FhirNode resource;
    private FhirNode root;
    private PathContext? paths;
    private int visited;

    public Walk(SchemaSet schemas, Bindings bindings, ValidationOptions options, FhirNode input, TimeProvider clock, CancellationToken ct)
    {
        (Schemas, Options, this.bindings, this.ct, Clock) = (schemas, options, bindings, ct, clock);
        Bundle = input.Type.Name == "Bundle" ? new BundleEntries(input) : null;
        sink = new(options.MaxIssues, stopsAtError: false);
        (slices, references, extensions) = (new(this), new(this), new(this));
        (resource, root) = (input, input);
    }

    public SchemaSet Schemas { get; }

    public ValidationOptions Options { get; }

    public TimeProvider Clock { get; }

    public ElementPath Path { get; } = new();

    /// <summary>Null when the input is no Bundle.</summary>
    public BundleEntries? Bundle { get; }

    public IssueSink Sink => sink;

    /// <summary>What stands in the store where the input refers to; null when it was not asked.</summary>
    public IReadOnlyDictionary<ResourceKey, FhirNode>? Targets { get; init; }

    /// <summary>What references out of the input name.</summary>
    public HashSet<ResourceKey> Outward { get; } = [];

    /// <summary>Profiles that were checked against, in order.</summary>
    public List<string> Checked { get; } = [];

    public FhirNode Resource => resource;

    /// <summary>The container of a contained resource, else the resource itself.</summary>
    public FhirNode Root => root;

    public void Run(FhirNode input, IReadOnlyList<(Schema Schema, bool IsAsked)> profiles)
    {
        Path.Push(0, -1, false, input);
        CheckResource(input, profiles.Select(p => p.Schema), isContained: false);
        Path.Pop();
    }

    public void Report(Severity severity, Message message, string text, ElementRule? rule = null, string? key = null, string? child = null)
    {
        if (sink.IsTrial)
        {
            if (severity == Severity.Error)
                sink.AddError();
            return;
        }

        ReportAt(severity, message, text, rule?.Schema.Canonical, key, Path.Write(child), Path.Node(0));
    }

    public void ReportAt(Severity severity, Message message, string text, string? profile, string? key, string path, FhirNode node)
    {
        var (line, column) = node.Exists ? Place(node) : (0, 0);
        sink.Add(new(severity, message, key, path, text, profile, line, column));
    }

    /// <summary>The contained resource of that id, in the container.</summary>
    public FhirNode? FindContained(string id)
    {
        foreach (var child in root.Children)
            if (child.NameId == Contained && child.HasValue && child.TextOf(IdName) == id)
                return child;
        return null;
    }

    /// <summary>What a reference leads to inside the input: contained, or in the Bundle around it.</summary>
    public FhirNode? Resolve(string reference) =>
        reference == "#" ? root : reference.StartsWith('#') ? FindContained(reference[1..]) : Bundle?.Find(reference, root);

    /// <summary>Whether a node would pass as an instance of a profile; one that is being checked already counts as passing.</summary>
    public bool Conforms(FhirNode node, Schema schema)
    {
        if (conformance.TryGetValue((node.Index, schema), out var known))
            return known;

        conformance[(node.Index, schema)] = true;
        var (outer, outerResource, outerRoot, outerPaths) = (sink, resource, root, paths);
        sink = new(Options.MaxIssues, stopsAtError: true);
        var start = rules.Count;
        rules.Add(schema.Root);
        if (node.Type.IsResource)
        {
            var isInside = node.Index != root.Index && IsContained(node);
            (resource, root, paths) = (node, isInside ? root : node, null);
        }

        if (node.Type.IsResource && schema.Type != node.Type.Name && schema.Type is not ("Resource" or "DomainResource"))
            sink.AddError();
        else
            Element(new(node, default), start);
        rules.RemoveRange(start, rules.Count - start);
        var conforms = !sink.HasError;
        (sink, resource, root, paths) = (outer, outerResource, outerRoot, outerPaths);
        return conformance[(node.Index, schema)] = conforms;
    }

    /// <summary>The same for a resource that is not part of the input.</summary>
    public bool ConformsOutside(FhirNode target, Schema schema) => new Walk(Schemas, bindings, Options, target, Clock, ct).Conforms(target, schema);

    private bool IsContained(FhirNode node)
    {
        foreach (var child in root.Children)
            if (child.Index == node.Index)
                return true;
        return false;
    }

    private void CheckResource(FhirNode node, IEnumerable<Schema> profiles, bool isContained)
    {
        ct.ThrowIfCancellationRequested();
        var (outerResource, outerRoot, outerPaths) = (resource, root, paths);
        (resource, root, paths) = (node, isContained ? root : node, null);
        var start = rules.Count;
        if (Schemas.OfType(node.Type) is { Fault: null } own)
            rules.Add(own.Root);
        foreach (var profile in profiles)
            Add(profile, node, start);
        foreach (var canonical in ClaimedProfiles.Of(node))
            if (Schemas.Find(canonical) is { } claimed)
                Add(claimed, node, start);
            else
                Report(Severity.Warning, Messages.ProfileUnknown, $"The profile {Short(canonical)} is not known here, so nothing was checked against it.", key: canonical, child: "meta.profile");
        Element(new(node, default), start);
        rules.RemoveRange(start, rules.Count - start);
        if (node.Type.Name == "QuestionnaireResponse" && !sink.IsTrial)
            new QuestionnaireAnswers(this).Check(node);
        (resource, root, paths) = (outerResource, outerRoot, outerPaths);
    }

    private void Add(Schema schema, FhirNode node, int start)
    {
        if (schema.Fault is { } fault)
        {
            Report(Severity.Warning, Messages.ProfileUnusable, $"The profile {schema.Canonical} cannot be checked: {fault}.", key: schema.Canonical);
            return;
        }

        if (node.Type.IsResource && schema.Type != node.Type.Name && schema.Type is not ("Resource" or "DomainResource"))
        {
            Report(Severity.Error, Messages.ProfileType, $"The profile {schema.Canonical} is on {schema.Type}, not on {node.Type.Name}.", schema.Root, key: schema.Canonical);
            return;
        }

        Push(schema.Root, start);
        if (!sink.IsTrial && node.Type.IsResource && !Checked.Contains(schema.Canonical))
            Checked.Add(schema.Canonical);
    }

    private void Push(ElementRule rule, int start)
    {
        for (var i = start; i < rules.Count; i++)
            if (ReferenceEquals(rules[i], rule))
                return;
        rules.Add(rule);
    }

    /// <summary>Checks an element against the rules from <paramref name="start"/> to the top of the stack, and all that is below it.</summary>
    private void Element(ElementItem item, int start)
    {
        if (sink.IsDone)
            return;
        if ((++visited & 0xFF) == 0)
            ct.ThrowIfCancellationRequested();

        var node = item.Value;
        var isPrimitive = !node.Exists || node.Type.IsPrimitive;
        AddTypes(node, start, isPrimitive);
        var end = rules.Count;
        for (var i = start; i < end; i++)
        {
            var rule = rules[i];
            if (node.Exists)
                Values.Check(this, rule, node);
            if (rule.Binding is { } binding && node.Exists && !IsShared(binding, start, i))
                bindings.Check(this, rule, binding, node);
            foreach (var invariant in rule.Invariants)
                if (!IsShared(invariant, start, i))
                    Hold(invariant, item, rule);
        }

        if (!isPrimitive && node.Type.Name == "Reference")
            references.Check(node, rules, start, end);
        Children(isPrimitive ? item.Extras : node, start, end);
        rules.RemoveRange(end, rules.Count - end);
    }

    private bool IsShared(Invariant invariant, int start, int at)
    {
        for (var i = start; i < at; i++)
            if (Array.IndexOf(rules[i].Invariants, invariant) >= 0)
                return true;
        return false;
    }

    private bool IsShared(BindingRule binding, int start, int at)
    {
        for (var i = start; i < at; i++)
            if (rules[i].Binding is { } other && other.Strength == binding.Strength && other.ValueSet == binding.ValueSet)
                return true;
        return false;
    }

    /// <summary>The type of an element brings rules of its own, and so do the profiles that a rule asks of the type.</summary>
    private void AddTypes(FhirNode node, int start, bool isPrimitive)
    {
        if (!isPrimitive && !node.Type.IsResource && Schemas.OfType(node.Type) is { Fault: null } own)
            Push(own.Root, start);
        for (var i = start; i < rules.Count; i++)
        {
            var rule = rules[i];
            if (rule.Types.Length == 0 || !node.Exists)
                continue;
            var type = Values.Type(rule, node);
            if (type is null)
                Report(Severity.Error, Messages.WrongType, $"{node.Type.Name} may not stand here: {string.Join(", ", rule.Types.Select(t => t.Code).Distinct())} may.", rule);
            else if (type.Profiles.Length > 0)
                AddProfiles(type, node, rule, start);
        }

        if (!isPrimitive && node.Type.Name == "Extension" && extensions.Check(node) is { } definition)
            Push(definition.Root, start);
    }

    private void AddProfiles(TypeRule type, FhirNode node, ElementRule rule, int start)
    {
        if (type.Profiles is [var only])
        {
            if (Schemas.Find(only) is { Fault: null } schema)
                Add(schema, node, start);
            else if (node.Type.Name != "Extension" || node.TextOf(Url) != only)
                Report(Severity.Warning, Messages.ProfileUnknown, $"The profile {Short(only)} is not known here, so nothing was checked against it.", rule, key: only);
            return;
        }

        var known = type.Profiles.Select(Schemas.Find).Where(s => s is { Fault: null }).ToArray();
        if (known.Length == type.Profiles.Length && !Array.Exists(known, s => Conforms(node, s!)))
            Report(Severity.Error, Messages.ProfileMismatch, $"It fits none of the profiles it may have: {string.Join(", ", type.Profiles)}.", rule);
    }

    private void Children(FhirNode node, int start, int end)
    {
        var (firstItem, firstGroup) = (items.Count, groups.Count);
        if (node.Exists)
        {
            if (node.Kind == NodeKind.PrimitiveElement && Schemas.OfType(FhirSchema.PrimitiveElement) is { Fault: null } element)
                rules.Add(element.Root);
            ElementItem.Collect(node, items, groups);
        }

        var last = rules.Count;
        for (var g = firstGroup; g < groups.Count && !sink.IsDone; g++)
            Group(groups[g], start, last);
        for (var i = start; i < last; i++)
            foreach (var required in (rules[i].Content ?? rules[i]).Required)
                if (!HasGroup(firstGroup, required.NameId))
                    Missing(required, node);
        groups.RemoveRange(firstGroup, groups.Count - firstGroup);
        items.RemoveRange(firstItem, items.Count - firstItem);
    }

    private bool HasGroup(int first, int nameId)
    {
        for (var i = first; i < groups.Count; i++)
            if (groups[i].NameId == nameId)
                return true;
        return false;
    }

    private void Missing(ElementRule required, FhirNode node)
    {
        if (!node.Exists && required.Name == "value")
            return; // of a primitive: what has extensions only has no value
        if (required.Min > 0)
            Report(Severity.Error, Messages.MinCardinality, $"{required.Name} must be there{(required.Min > 1 ? $" at least {required.Min} times" : "")}.", required, child: required.Name);
        else
            foreach (var slice in required.Slicing?.Slices ?? [])
                if (slice.Min > 0)
                    Report(Severity.Error, Messages.SliceMin, $"{required.Name}:{slice.SliceName} must be there{(slice.Min > 1 ? $" at least {slice.Min} times" : "")}.", slice, slice.SliceName, required.Name);
    }

    /// <summary>All occurrences of one child element.</summary>
    private void Group(ElementGroup group, int start, int end)
    {
        var first = rules.Count;
        for (var i = start; i < end; i++)
            if ((rules[i].Content ?? rules[i]).Child(group.NameId) is { } child)
                Push(child, first);
        var last = rules.Count;
        for (var i = first; i < last; i++)
            Count(rules[i], group);
        var isList = IsListed(items[group.Start].Any);
        var isChoice = last > first && rules[first].IsChoice;
        var sorted = slices.Begin(rules, first, last);
        for (var n = 0; n < group.Count && !sink.IsDone; n++)
        {
            var item = items[group.Start + n];
            Path.Push(group.NameId, isList ? n : -1, isChoice, item.Any);
            var own = rules.Count;
            for (var i = first; i < last; i++)
                rules.Add(rules[i]);
            for (var i = first; i < last; i++)
                if (rules[i].Slicing is { } slicing)
                    sorted?.Place(item, slicing, own);
            if (item.Value is { Exists: true, Type.IsResource: true })
                Inner(item.Value, own, isContained: group.NameId == Contained && resource.Index == root.Index);
            else
                Element(item, own);
            rules.RemoveRange(own, rules.Count - own);
            Path.Pop();
        }

        sorted?.End(group.NameId);
        rules.RemoveRange(first, rules.Count - first);
    }

    /// <summary>Whether it stands in an array: R4 writes every element that may repeat as one, even when it is there once.</summary>
    private static bool IsListed(FhirNode first)
    {
        var before = first.Tree.Source.Span[..(first.Kind == NodeKind.Text ? first.Start - 1 : first.Start)].TrimEnd(" \t\r\n"u8);
        return !before.EndsWith(":"u8);
    }

    internal bool? IsMember(FhirNode node, string valueSet) => bindings.IsMember(node, valueSet);

    internal void PushSlice(ElementRule slice, int start) => Push(slice, start);

    private void Count(ElementRule rule, ElementGroup group)
    {
        if (group.Count > rule.Max)
            Report(Severity.Error, Messages.MaxCardinality, rule.Max == 0 ? $"{rule.Name} may not be there." : $"{rule.Name} may be there {rule.Max} times, and is {group.Count} times.", rule, child: rule.Name);
        if (group.Count < rule.Min)
            Report(Severity.Error, Messages.MinCardinality, $"{rule.Name} must be there at least {rule.Min} times, and is {group.Count} times.", rule, child: rule.Name);
    }

    /// <summary>A resource inside a resource: contained, or in an entry. The profiles that the place asks for are checked with its own.</summary>
    private void Inner(FhirNode node, int start, bool isContained)
    {
        var profiles = new List<Schema>();
        for (var i = start; i < rules.Count; i++)
        {
            var rule = rules[i];
            if (rule.Types.Length == 0)
                continue;
            var type = Values.Type(rule, node);
            if (type is null)
                Report(Severity.Error, Messages.WrongType, $"A {node.Type.Name} may not stand here: {string.Join(", ", rule.Types.Select(t => t.Code).Distinct())} may.", rule);
            else if (type.Profiles is [var only] && Schemas.Find(only) is { } schema)
                profiles.Add(schema);
            else if (type.Profiles.Length > 1 && type.Profiles.Select(Schemas.Find).ToArray() is var all && Array.TrueForAll(all, s => s is { Fault: null }) && !Array.Exists(all, s => Conforms(node, s!)))
                Report(Severity.Error, Messages.ProfileMismatch, $"It fits none of the profiles it may have: {string.Join(", ", type.Profiles)}.", rule);
        }

        if (isContained && node.TextOf(IdName) is null)
            Report(Severity.Error, Messages.ContainedId, "A contained resource needs an id, by which it is referred to.", child: "id");
        else if (isContained && FindContained(node.TextOf(IdName)!) is { } earlier && earlier.Index != node.Index)
            Report(Severity.Error, Messages.ContainedId, $"Two contained resources have the id {Short(node.TextOf(IdName)!)}.", child: "id");
        CheckResource(node, profiles, isContained);
    }

    private void Hold(Invariant invariant, ElementItem item, ElementRule rule)
    {
        if (invariant.IsBestPractice && Options.BestPractice == Leniency.Ignore)
            return;
        bool? holds;
        try
        {
            holds = invariant.ByHand is { } check ? check(this, item)
                : invariant.Tree is { } tree ? Evaluate(tree, item)
                : throw new PathException(invariant.Fault!);
        }
        catch (Exception e) when (e is PathException or OverflowException or FormatException or ArgumentException)
        {
            ValidationMeter.Unsupported();
            Report(Severity.Information, Messages.FhirPathUnsupported, $"{invariant.Key} could not be evaluated: {e.Message}.", rule, invariant.Key);
            return;
        }

        if (holds == false)
            Report(invariant.IsBestPractice ? (Options.BestPractice == Leniency.Error ? Severity.Error : Severity.Warning) : invariant.IsError ? Severity.Error : Severity.Warning,
                Messages.Invariant, $"{invariant.Key}: {invariant.Human}", rule, invariant.Key);
    }

    internal bool? Evaluate(PathNode tree, ElementItem item) => EvaluateAll(tree, item) switch
    {
        [] => null,
        [var only] => only.Value is bool b ? b : true,
        _ => true,
    };

    internal List<PathValue> EvaluateAll(PathNode tree, ElementItem item)
    {
        paths ??= new PathContext
        {
            Resource = PathValue.Of(resource),
            Root = PathValue.Of(root),
            Resolve = Resolve,
            MemberOf = bindings.IsMember,
            ConformsTo = (node, profile) => Schemas.Find(profile) is { Fault: null } schema ? Conforms(node, schema) : null,
            Now = Clock.GetUtcNow(),
        };
        paths.Restart();
        paths.Context = PathValue.Of(item);
        return tree.Evaluate(paths, paths.Context, -1);
    }

    internal static string Short(string value) => value.Length <= 80 ? value : string.Concat(value.AsSpan(0, 79), "…");

    private static (int Line, int Column) Place(FhirNode node)
    {
        var before = node.Tree.Source.Span[..node.Start];
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }
}
