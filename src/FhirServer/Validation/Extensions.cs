using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.FhirPath;
using FhirEmr.FhirServer.Validation.Schemas;

namespace FhirEmr.FhirServer.Validation;

/// <summary>Extensions by their definitions: known, in a place where they may be, as what they are (extensibility.html).</summary>
internal sealed class Extensions(Walk walk)
{
    private static readonly int Modifier = FhirNames.Id("modifierExtension");
    private static readonly int Url = FhirNames.Id("url");

    /// <summary>R4's own definitions use these everywhere, in spite of the contexts they publish for them.</summary>
    private static readonly string[] Anywhere =
        ["http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type", "http://hl7.org/fhir/StructureDefinition/structuredefinition-normative-version"];

    /// <summary>The definition to check the extension against; null when there is none, or it is part of another extension.</summary>
    public Schema? Check(FhirNode extension)
    {
        if (extension.TextOf(Url) is not { } url || !url.Contains(':', StringComparison.Ordinal))
            return null; // parts of a complex extension have relative URLs, and are in its definition
        var definition = walk.Schemas.Find(url);
        if (walk.Sink.IsTrial)
            return definition is { Fault: null, Type: "Extension" } ? definition : null;

        var isModifier = walk.Path.NameId(0) == Modifier;
        if (definition is null)
        {
            Unknown(url, isModifier);
            return null;
        }

        if (definition.Fault is not null || definition.Type != "Extension")
            return null;
        if (definition.Root.IsModifier != isModifier)
            walk.Report(Severity.Error, Messages.ExtensionModifier, definition.Root.IsModifier
                ? $"{Walk.Short(url)} changes what its element means: it belongs into modifierExtension." : $"{Walk.Short(url)} is no modifier: it belongs into extension.", definition.Root);
        if (definition.Contexts.Length > 0 && !Array.Exists(definition.Contexts, Fits) && !Anywhere.Contains(url))
            walk.Report(Severity.Error, Messages.ExtensionContext, $"{Walk.Short(url)} may not stand here: {string.Join(", ", definition.Contexts.Select(c => c.Expression))} may have it.", definition.Root);
        foreach (var invariant in definition.ContextInvariants)
            if (!Holds(invariant))
                walk.Report(Severity.Error, Messages.ExtensionContext, $"{Walk.Short(url)} may stand here only where {Walk.Short(invariant)}.", definition.Root);
        return definition;
    }

    private void Unknown(string url, bool isModifier)
    {
        if (isModifier)
        {
            walk.Report(walk.Options.UnknownExtensions == Leniency.Error ? Severity.Error : Severity.Warning, Messages.ModifierNotUnderstood,
                $"The modifier extension {Walk.Short(url)} is not known here, and so is not what its element means.", key: url);
            return;
        }

        var leniency = walk.Options.UnknownExtensions;
        if (leniency == Leniency.Ignore && !url.StartsWith("http://hl7.org/", StringComparison.Ordinal))
            return;
        walk.Report(leniency == Leniency.Error ? Severity.Error : Severity.Warning, Messages.ExtensionUnknown, $"The extension {Walk.Short(url)} is not known here.", key: url);
    }

    private bool Fits(ExtensionContext context)
    {
        var expression = context.Expression;
        switch (context.Kind)
        {
            case "extension":
                return walk.Path.Node(1) is { Exists: true, Type.Name: "Extension" } parent && parent.TextOf(Url) == expression;
            case "fhirpath":
                return IsSelected(expression);
            default:
                if (expression.Contains(':', StringComparison.Ordinal) || expression.Contains('#', StringComparison.Ordinal))
                    return true; // an element of a profile
                return IsPath(expression);
        }
    }

    /// <summary><c>Patient.contact</c>, <c>HumanName</c>: the last names of the way here, from an element of the type it begins with.</summary>
    private bool IsPath(string expression)
    {
        if (expression == "Element")
            return true; // R4's own examples have such extensions on resources, too
        var parts = expression.Split('.');
        for (var length = 1; length <= parts.Length; length++)
        {
            // Items in items are of one type (Questionnaire.item), however deep they are: any beginning may be the name of a type.
            var up = parts.Length - length + 1;
            var first = walk.Path.Node(up);
            if (first.Exists && IsNamed(parts, length) && IsOfType(first, string.Join('.', parts[..length]), isWhole: length == parts.Length))
                return true;
        }

        return false;
    }

    /// <summary>Whether the steps behind the first <paramref name="length"/> parts are those of the way here.</summary>
    private bool IsNamed(string[] parts, int length)
    {
        for (var i = length; i < parts.Length; i++)
            if (walk.Path.NameId(parts.Length - i) != FhirNames.Id(parts[i].Replace("[x]", "", StringComparison.Ordinal)))
                return false;
        return true;
    }

    private static bool IsOfType(FhirNode node, string type, bool isWhole) =>
        type is "CanonicalResource" or "MetadataResource" ? node.Type.IsResource
        : PathTypes.Is(PathValue.Of(node), type) || (isWhole && node.Kind == NodeKind.PrimitiveElement && !type.Contains('.', StringComparison.Ordinal));

    private bool IsSelected(string expression)
    {
        try
        {
            var parent = walk.Path.Node(1);
            return walk.EvaluateAll(PathParser.Parse(expression), new(walk.Resource, default)).Exists(v => v.IsElement && v.Item.Any.Index == parent.Index);
        }
        catch (Exception e) when (e is FormatException or PathException)
        {
            return true; // what cannot be told is not held against anyone
        }
    }

    private bool Holds(string invariant)
    {
        try
        {
            return walk.Evaluate(PathParser.Parse(invariant), new(walk.Path.Node(1), default)) != false;
        }
        catch (Exception e) when (e is FormatException or PathException)
        {
            return true;
        }
    }
}
