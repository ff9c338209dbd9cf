using FhirEmr.FhirServer.Resources;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Validation.Schemas;

/// <summary>The snapshot of a StructureDefinition → a tree of rules. Types stay names until they are met, so nothing is unrolled.</summary>
internal static class SchemaCompiler
{
    private const string MaxValueSet = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";
    private const string BestPractice = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice";

    public static Schema Compile(ReadOnlyMemory<byte> json, ICanonicalSource definitions)
    {
        var root = Read(json);
        var (snapshot, fault) = (root.Child("snapshot"), default(string));
        if (!snapshot.Exists)
            try
            {
                snapshot = Read(SnapshotMaker.Make(definitions, json)).Child("snapshot");
            }
            catch (FormatException e)
            {
                fault = e.Message;
            }

        var contexts = Children(root, "context").Select(c => new ExtensionContext(c.TextOf("type") ?? "", c.TextOf("expression") ?? "")).ToArray();
        var schema = new Schema
        {
            Url = root.TextOf("url") ?? "",
            Version = root.TextOf("version") ?? "",
            Type = root.TextOf("type") ?? "",
            Status = root.TextOf("status") ?? "",
            IsBase = root.TextOf("derivation") != "constraint",
            Contexts = contexts,
            ContextInvariants = [.. Children(root, "contextInvariant").Select(c => c.Text)],
            Fault = fault,
        };
        if (snapshot.Exists)
            new Build(schema).Run(Children(snapshot, "element"));
        return schema;
    }

    private static FhirNode Read(ReadOnlyMemory<byte> json) =>
        FhirJsonReader.Read(json, out var faults)?.Root ?? throw new FormatException($"it cannot be read: {faults[0].Text} ({faults[0].Expression})");

    private static List<FhirNode> Children(FhirNode parent, string name)
    {
        var found = new List<FhirNode>();
        var id = FhirNames.Id(name);
        foreach (var child in parent.Children)
            if (child.NameId == id && child.HasValue)
                found.Add(child);
        return found;
    }

    /// <summary>One snapshot on its way to a tree.</summary>
    private sealed class Build(Schema schema)
    {
        private readonly Dictionary<string, ElementRule> byId = new(StringComparer.Ordinal);
        private readonly List<(ElementRule Rule, List<ElementRule> Children)> open = [];

        public void Run(List<FhirNode> elements)
        {
            var all = new List<(ElementRule Rule, List<ElementRule> Children)>();
            foreach (var element in elements)
            {
                var path = element.TextOf("path") ?? "";
                var depth = path.Count(c => c == '.');
                var rule = Rule(element, path);
                byId.TryAdd(rule.Id, rule);
                if (open.Count > depth)
                    open.RemoveRange(depth, open.Count - depth);
                if (depth == 0)
                    schema.Root = rule;
                else if (open.Count == depth)
                    Attach(open[^1].Children, rule);
                open.Add((rule, []));
                all.Add(open[^1]);
            }

            foreach (var (rule, children) in all)
            {
                rule.SetChildren(children);
                if (rule.ContentReference is { } reference)
                    rule.Content = byId.GetValueOrDefault(reference[(reference.IndexOf('#', StringComparison.Ordinal) + 1)..]);
            }

            foreach (var (rule, _) in all)
                if (rule.Slicing is { } slicing)
                    IndexByUrl(slicing);
        }

        /// <summary>A slice belongs to the element before it of its name, a slice of a slice (a/b) to that slice.</summary>
        private static void Attach(List<ElementRule> siblings, ElementRule rule)
        {
            var entry = siblings.FindLast(s => s.NameId == rule.NameId);
            if (rule.SliceName is null || entry is null)
            {
                siblings.Add(rule);
                return;
            }

            var slash = rule.SliceName.LastIndexOf('/');
            if (slash > 0 && entry.Slicing?.Slices.Find(s => s.SliceName == rule.SliceName[..slash]) is { } parent)
                entry = parent;
            entry.Slicing ??= Implicit(entry);
            entry.Slicing.Slices.Add(rule);
        }

        /// <summary>Extensions are told apart by URL and choices by type, even where the snapshot does not say so.</summary>
        private static SlicingRule Implicit(ElementRule entry) =>
            entry.Name is "extension" or "modifierExtension" ? new([new("value", DiscriminatorStep.Parse("url"))], false, SlicingRules.Open)
            : entry.IsChoice ? new([new("type", [])], false, SlicingRules.Open)
            : new([], false, SlicingRules.Open);

        private static void IndexByUrl(SlicingRule slicing)
        {
            if (slicing.Discriminators is not [{ Kind: "value", Path: [{ Kind: "child", Name: "url" }] }])
                return;
            var byUrl = new Dictionary<string, ElementRule>(StringComparer.Ordinal);
            foreach (var slice in slicing.Slices)
            {
                var url = slice.Children.FirstOrDefault(c => c.Name == "url") is { Fixed.Exists: true } child ? child.Fixed.Text
                    : slice.Types is [{ Profiles: [var profile, ..] }] ? Url(profile)
                    : null;
                if (url is null || !byUrl.TryAdd(url, slice))
                    return;
            }

            slicing.ByUrl = byUrl;
        }

        private static string Url(string canonical) => canonical.IndexOf('|', StringComparison.Ordinal) is >= 0 and var bar ? canonical[..bar] : canonical;

        private ElementRule Rule(FhirNode element, string path)
        {
            var last = path[(path.LastIndexOf('.') + 1)..];
            var isChoice = last.EndsWith("[x]", StringComparison.Ordinal);
            var name = isChoice ? last[..^3] : last;
            var max = element.TextOf("max");
            var baseMax = element.Child("base") is { Exists: true } parent ? parent.TextOf("max") : max;
            var values = new Dictionary<string, FhirNode>(StringComparer.Ordinal);
            foreach (var child in element.Children)
                if (child.HasValue && FhirNames.Name(child.NameId) is "fixed" or "pattern" or "minValue" or "maxValue")
                    values[FhirNames.Name(child.NameId)] = child;
            var types = Children(element, "type").Select(Type).ToArray();
            return new ElementRule
            {
                Schema = schema,
                Id = element.TextOf("id") ?? path,
                Name = name,
                NameId = FhirNames.Id(name),
                SliceName = path.Contains('.', StringComparison.Ordinal) ? element.TextOf("sliceName") : null,
                IsChoice = isChoice,
                Min = int.TryParse(element.TextOf("min"), out var min) ? min : 0,
                Max = max is null or "*" ? int.MaxValue : int.TryParse(max, out var most) ? most : int.MaxValue,
                IsList = baseMax is not ("0" or "1"),
                Types = types,
                Invariants = [.. Children(element, "constraint").Select(Constraint).OfType<Invariant>()],
                Fixed = values.GetValueOrDefault("fixed"),
                Pattern = values.GetValueOrDefault("pattern"),
                MinValue = values.GetValueOrDefault("minValue"),
                MaxValue = values.GetValueOrDefault("maxValue"),
                MaxLength = int.TryParse(element.TextOf("maxLength"), out var length) ? length : null,
                Binding = element.Child("binding") is { Exists: true } binding ? Bound(binding, types) : null,
                IsModifier = element.TextOf("isModifier") == "true",
                ContentReference = element.TextOf("contentReference"),
                Slicing = element.Child("slicing") is { Exists: true } slicing ? Sliced(slicing) : null,
            };
        }

        private static TypeRule Type(FhirNode type) => new(
            type.TextOf("code") ?? "",
            [.. Children(type, "profile").Select(p => p.Text)],
            [.. Children(type, "targetProfile").Select(p => p.Text)],
            [.. Children(type, "aggregation").Select(p => p.Text)],
            type.TextOf("versioning"));

        private static Invariant? Constraint(FhirNode constraint) => constraint.TextOf("expression") is not { } expression ? null
            : Invariant.Of(constraint.TextOf("key") ?? "", expression, constraint.TextOf("severity") == "error", constraint.TextOf("human") ?? "",
                constraint.TextOf("key") == "dom-6" || Extension(constraint, BestPractice) is { } best && best.TextOf("value") == "true");

        private static BindingRule? Bound(FhirNode binding, TypeRule[] types)
        {
            if (binding.TextOf("valueSet") is not { } valueSet)
                return null;
            var strength = binding.TextOf("strength") switch
            {
                "required" => BindingStrength.Required,
                "extensible" => BindingStrength.Extensible,
                "preferred" => BindingStrength.Preferred,
                _ => BindingStrength.Example,
            };
            var max = Extension(binding, MaxValueSet)?.TextOf("value");
            if (max is null && strength <= BindingStrength.Preferred)
                return null; // nothing that is said of it would be more than a hint

            // The reader has refused codes outside of R4's own enumerations.
            return strength == BindingStrength.Required && types is [{ Code: "code" }] && Enumerations.Has(valueSet) ? null : new(strength, valueSet, max);
        }

        private static FhirNode? Extension(FhirNode element, string url)
        {
            foreach (var extension in Children(element, "extension"))
                if (extension.TextOf("url") == url)
                    return extension;
            return null;
        }

        private static SlicingRule Sliced(FhirNode slicing)
        {
            var discriminators = Children(slicing, "discriminator").Select(d => new Discriminator(d.TextOf("type") ?? "", DiscriminatorStep.Parse(d.TextOf("path") ?? ""))).ToArray();
            var rules = slicing.TextOf("rules") switch { "closed" => SlicingRules.Closed, "openAtEnd" => SlicingRules.OpenAtEnd, _ => SlicingRules.Open };
            return new(discriminators, slicing.TextOf("ordered") == "true", rules);
        }
    }
}
