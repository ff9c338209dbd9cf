using FhirEmr.FhirServer.Search.Indexing.Extraction;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>Which types a reference parameter can really point at from one resource type.</summary>
/// <remarks>
/// R4 defines <c>patient</c> once for many types and lists Group among its targets for those that need it. What the element may refer to,
/// and <c>where(resolve() is Patient)</c>, say more; knowing it keeps chains such as <c>patient.name</c> to the one type meant.
/// </remarks>
internal static class ReferenceTargetTypes
{
    /// <summary>Null when anything may be pointed at, or nothing is known.</summary>
    public static IReadOnlySet<string>? Of(string type, string expression)
    {
        if (PathParser.Parse(expression) is not { } branches)
            return null;

        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var branch in branches.Where(b => b.Root is null || b.Root == type))
        {
            if (Of(type, branch) is not { } some)
                return null;
            targets.UnionWith(some);
        }

        return targets.Count == 0 ? null : targets;
    }

    private static string[]? Of(string type, PathBranch branch)
    {
        if (branch.Steps.OfType<PathStep.WhereResolves>().FirstOrDefault() is { } stated)
            return [stated.Type];

        var mapping = ModelInfo.ModelInspector.FindClassMapping(type);
        ReferencesAttribute? allowed = null;
        foreach (var step in branch.Steps.OfType<PathStep.Child>())
        {
            if (mapping?.FindMappedElementByName(step.Name) is not { } element)
                return null;
            allowed = element.NativeProperty?.GetCustomAttributes(typeof(ReferencesAttribute), inherit: true).OfType<ReferencesAttribute>().FirstOrDefault();
            mapping = element.FhirType is [var only] ? ModelInfo.ModelInspector.FindClassMapping(only) : null; // past a choice nothing is known
        }

        return allowed?.Resources is { Length: > 0 } resources && !resources.Contains("Resource") ? resources : null;
    }
}
