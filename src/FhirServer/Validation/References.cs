using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.Schemas;

namespace FhirEmr.FhirServer.Validation;

/// <summary>What a reference may lead to (references.html): type, profile, and whether it is contained, bundled or elsewhere.</summary>
internal sealed class References(Walk walk)
{
    public void Check(FhirNode node, List<ElementRule> rules, int start, int end)
    {
        if (node.TextOf("reference") is not { } reference)
            return; // an identifier or a display: nothing to follow

        var target = walk.Resolve(reference);
        var written = target is { } found ? found.Type.Name : TypeOfAddress(reference);
        var type = written ?? node.TextOf("type");
        if (written is not null && node.TextOf("type") is { } said && said != written && ResourceTypes.Exists(said))
            walk.Report(Severity.Error, Messages.ReferenceTypeConflict, $"type says {said}, and the reference leads to a {written}.", child: "type");
        if (!IsAddress(reference))
            walk.Report(Severity.Error, Messages.ReferenceLiteral, $"'{Walk.Short(reference)}' is no address of a resource: write Type/id, an absolute URL, or #id.", child: "reference");
        else if (target is null && walk.Bundle is not null && reference.StartsWith("urn:", StringComparison.Ordinal))
            walk.Report(Severity.Error, Messages.ReferenceUnresolved, $"No entry of the Bundle has the fullUrl {Walk.Short(reference)}.", child: "reference");

        var stored = target is null ? Stored(reference) : null;
        for (var i = start; i < end; i++)
            foreach (var rule in rules[i].Types)
                if (rule.Code == "Reference")
                    Check(rules[i], rule, reference, type, target, stored);
    }

    /// <summary>What the store holds at a relative address; says so when that is nothing. Null where nobody asked the store.</summary>
    private FhirNode? Stored(string reference)
    {
        if (!ResourceKey.TryParseRelative(reference, out var key, out _))
            return null;
        walk.Outward.Add(key);
        if (walk.Targets is null || !walk.Targets.TryGetValue(key, out var found))
            return null;
        if (found.Exists)
            return found;
        walk.Report(Severity.Error, Messages.ReferenceUnresolved, $"{Walk.Short(reference)} is not here.", child: "reference");
        return null;
    }

    private void Check(ElementRule rule, TypeRule asked, string reference, string? type, FhirNode? target, FhirNode? stored)
    {
        if (asked.TargetProfiles.Length > 0 && type is not null)
        {
            var types = Array.ConvertAll(asked.TargetProfiles, walk.Schemas.TypeOf);
            if (!Array.Exists(types, t => t is null or "Resource" || t == type))
                walk.Report(Severity.Error, Messages.ReferenceTargetType, $"A reference to a {type} may not stand here: {string.Join(", ", types.Distinct())} may.", rule);
            else if (!walk.Sink.IsTrial && (target ?? stored) is { } node)
                CheckProfiles(rule, asked, node, isInside: target is not null);
        }

        if (asked.Aggregation.Length > 0)
        {
            var kind = reference.StartsWith('#') ? "contained" : target is not null ? "bundled" : "referenced";
            if (!asked.Aggregation.Contains(kind) && !(kind == "bundled" && asked.Aggregation.Contains("referenced")))
                walk.Report(Severity.Error, Messages.ReferenceAggregation, $"The reference is {kind}, and must be {string.Join(" or ", asked.Aggregation)}.", rule);
        }

        if (asked.Versioning is "specific" or "independent" && reference.Contains("/_history/", StringComparison.Ordinal) != (asked.Versioning == "specific"))
            walk.Report(Severity.Error, Messages.ReferenceVersioning, asked.Versioning == "specific" ? "The reference must name a version." : "The reference must not name a version.", rule);
    }

    /// <param name="isInside">What is elsewhere is believed the profiles that it claims, and else judged by itself: nothing it refers to is followed.</param>
    private void CheckProfiles(ElementRule rule, TypeRule asked, FhirNode target, bool isInside)
    {
        var fitting = Array.FindAll(asked.TargetProfiles, p => walk.Schemas.TypeOf(p) is null or "Resource" || walk.Schemas.TypeOf(p) == target.Type.Name);
        foreach (var profile in fitting)
            if (walk.Schemas.Find(profile) is not { Fault: null, IsBase: false } schema
                || (isInside ? walk.Conforms(target, schema) : ClaimedProfiles.Of(target).Contains(profile) || walk.ConformsOutside(target, schema)))
                return; // R4's own type is checked where the target stands
        walk.Report(Severity.Error, Messages.ReferenceTargetProfile, $"The target fits none of {string.Join(", ", fitting)}.", rule);
    }

    /// <summary>The type of what a Reference leads to, as far as it can be told without asking anyone.</summary>
    public static string? TypeOf(Walk walk, FhirNode reference) => reference.TextOf("reference") is { } text
        ? walk.Resolve(text)?.Type.Name ?? TypeOfAddress(text) ?? reference.TextOf("type")
        : reference.TextOf("type");

    private static string? TypeOfAddress(string reference)
    {
        var path = reference.IndexOf("/_history/", StringComparison.Ordinal) is > 0 and var history ? reference[..history] : reference;
        var condition = path.IndexOf('?', StringComparison.Ordinal);
        if (condition > 0)
            return ResourceTypes.Exists(path[..condition]) ? path[..condition] : null;
        var slash = path.LastIndexOf('/');
        if (slash <= 0)
            return null;
        var type = path[(path.LastIndexOf('/', slash - 1) + 1)..slash];
        return ResourceTypes.Exists(type) ? type : null;
    }

    private static bool IsAddress(string reference)
    {
        if (reference.StartsWith('#') || TypeOfAddress(reference) is not null)
            return true;
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && reference.AsSpan(0, colon).IndexOfAny("/?#") < 0;
    }
}
