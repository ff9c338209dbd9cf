using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Access.Roles;

/// <summary>The words of permissions. A role that uses others does not load: what is misread must not widen anything (S-26).</summary>
internal static class RoleInteractions
{
    private static readonly Dictionary<string, Interaction> OnResources = new(StringComparer.Ordinal)
    {
        ["create"] = Interaction.Create,
        ["read"] = Interaction.Read,
        ["vread"] = Interaction.Vread,
        ["update"] = Interaction.Update,
        ["patch"] = Interaction.Patch,
        ["delete"] = Interaction.Delete,
        ["history"] = Interaction.History,
        ["search"] = Interaction.Search,
        ["export"] = Interaction.Export,
        ["import"] = Interaction.Import,
    };

    private static readonly HashSet<string> Rights = new(StringComparer.Ordinal)
    {
        "admin.users", "admin.roles", "admin.clients", "admin.config", "audit.read", "audit.verify", "label.write", "breakglass", "era.post", "claim.submit", "claim.void",
        "writeoff", "refund", "job.manage", "export.user",
    };

    /// <summary>Rights that name what they are for behind a colon.</summary>
    private static readonly string[] Named = ["operation:", "label.read:"];

    /// <summary>What the words mean on resources; rights among them mean nothing there.</summary>
    public static Interaction Of(IEnumerable<string> words) =>
        words.Aggregate(Interaction.None, (all, word) => all | OnResources.GetValueOrDefault(word));

    public static bool IsRight(string word) => Rights.Contains(word) || Named.Any(n => word.Length > n.Length && word.StartsWith(n, StringComparison.Ordinal));

    /// <summary>Sentences that say what is wrong with a role; empty when it can be used.</summary>
    public static IReadOnlyList<string> FaultsOf(RoleDefinition role)
    {
        var faults = new List<string>();
        if (role.Name.Length is 0 or > 64 || !role.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            faults.Add($"'{role.Name}' is no name of a role: use lower-case letters, digits and hyphens, 64 at most.");
        foreach (var (permission, i) in role.Permissions.Select((p, i) => (p, i)))
        {
            var where = $"permissions[{i}]";
            if (permission.Type != "*" && !ResourceTypes.Exists(permission.Type))
                faults.Add($"{where}.type: R4 has no resource type '{permission.Type}'.");
            if (permission.Interactions.Count == 0)
                faults.Add($"{where}.interactions: name at least one.");
            foreach (var word in permission.Interactions.Where(w => !OnResources.ContainsKey(w) && !IsRight(w)))
                faults.Add($"{where}.interactions: '{word}' is not known. Interactions are {string.Join(' ', OnResources.Keys)}, rights {string.Join(' ', Rights.Order())}, operation:<name>, label.read:<code>.");
            if (permission.Compartment is not (null or "self" or "own-panel" or "organization"))
                faults.Add($"{where}.compartment: '{permission.Compartment}' is not one of self, own-panel, organization.");
            if (permission is { Include: not null, Mask: not null })
                faults.Add($"{where}: give include or mask, not both.");
            if (permission.LimitUsd < 0)
                faults.Add($"{where}.limitUsd: must not be negative.");
            if (permission.Type == "*" && (permission.Include ?? permission.Mask) is not null)
                faults.Add($"{where}: elements can be named for one type only.");
            else if (FhirSchema.Resource(permission.Type) is { } type)
                foreach (var element in (permission.Include ?? permission.Mask ?? []).Where(e => !type.Elements.Contains(e)))
                    faults.Add($"{where}: {permission.Type} has no element '{element}'.");
        }

        return faults;
    }
}
