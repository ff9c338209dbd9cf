using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.FhirPath;
using FhirEmr.FhirServer.Validation.Schemas;

namespace FhirEmr.FhirServer.Validation;

/// <summary>What a rule says of a value by itself: its type, and fixed, pattern, least, greatest and longest.</summary>
internal static class Values
{
    public static void Check(Walk walk, ElementRule rule, FhirNode node)
    {
        if (rule.Fixed.Exists && !NodeEquality.AreEqual(node, rule.Fixed))
            walk.Report(Severity.Error, Messages.FixedMismatch, $"{rule.Name} must be {Shown(rule.Fixed)}, not {Shown(node)}.", rule);
        if (rule.Pattern.Exists && !NodeEquality.Matches(node, rule.Pattern))
            walk.Report(Severity.Error, Messages.PatternMismatch, $"{rule.Name} must have all of {Shown(rule.Pattern)}.", rule);
        if (rule.MaxLength is { } length && node.Kind == NodeKind.Text && node.Text.EnumerateRunes().Count() is var runes && runes > length)
            walk.Report(Severity.Error, Messages.MaxLength, $"{rule.Name} has {runes} characters, and may have {length}.", rule);
        if (rule.MinValue.Exists && PathValue.Compare(PathValue.Of(node), PathValue.Of(rule.MinValue)) < 0)
            walk.Report(Severity.Error, Messages.MinValue, $"{rule.Name} must be at least {Shown(rule.MinValue)}.", rule);
        if (rule.MaxValue.Exists && PathValue.Compare(PathValue.Of(node), PathValue.Of(rule.MaxValue)) > 0)
            walk.Report(Severity.Error, Messages.MaxValue, $"{rule.Name} must be at most {Shown(rule.MaxValue)}.", rule);
    }

    /// <summary>The type of a rule that a value is of; null when it may not stand there.</summary>
    public static TypeRule? Type(ElementRule rule, FhirNode node)
    {
        var name = node.Type.Name;
        foreach (var type in rule.Types)
            if (type.Code == name || type.IsSystem)
                return type;
        foreach (var type in rule.Types)
            if (type.Code is "Resource" ? node.Type.IsResource
                : type.Code is "DomainResource" ? node.Type.IsResource && name is not ("Bundle" or "Binary" or "Parameters")
                : type.Code is "Element" or "BackboneElement" ? !node.Type.IsResource
                : type.Code is "*" || node.Type.IsPrimitive && PathTypes.Parent(name) == type.Code)
                return type;
        return null;
    }

    private static string Shown(FhirNode node) => node.Kind == NodeKind.Object ? Walk.Short(Encoding.UTF8.GetString(node.Raw)) : $"'{Walk.Short(node.Text)}'";
}
