using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access.Scopes;

/// <summary>One scope for FHIR resources, in the syntax of SMART v2 (<c>patient/Observation.rs?category=laboratory</c>) or v1 (<c>patient/Observation.read</c>).</summary>
/// <param name="Type">Resource type; null for <c>*</c>.</param>
/// <param name="Constraint">What the resources must match: plain search parameters; empty for all.</param>
internal sealed record SmartScope(ScopeContext Context, string? Type, Interaction Interactions, IReadOnlyList<KeyValuePair<string, string>> Constraint)
{
    private const int MaxLength = 500;

    // S-35: reading does not imply searching. Version reads and the history of one resource go with reading it.
    private const Interaction R = Interaction.Read | Interaction.Vread | Interaction.History;
    private const Interaction U = Interaction.Update | Interaction.Patch;

    /// <summary>True for what claims to be a scope on resources (it has a slash behind a context); such a text must parse or is no scope at all.</summary>
    public static bool IsMeant(string text) =>
        text.StartsWith("patient/", StringComparison.Ordinal) || text.StartsWith("user/", StringComparison.Ordinal) || text.StartsWith("system/", StringComparison.Ordinal);

    /// <summary>Reads one scope from left to right without looking back; null when it is malformed or names what R4 does not have.</summary>
    public static SmartScope? Parse(string text)
    {
        if (text.Length > MaxLength)
            return null;

        var slash = text.IndexOf('/');
        if (slash < 0 || ContextOf(text.AsSpan(0, slash)) is not { } context)
            return null;

        var rest = text.AsSpan(slash + 1);
        var mark = rest.IndexOf('?');
        var head = mark < 0 ? rest : rest[..mark];
        var dot = head.IndexOf('.');
        if (dot < 0)
            return null;

        var type = head[..dot].ToString();
        if (type != "*" && !ResourceTypes.Exists(type))
            return null;
        if (InteractionsOf(head[(dot + 1)..]) is not { } interactions)
            return null;
        if (mark < 0)
            return new(context, type == "*" ? null : type, interactions, []);

        var constraint = QueryString.Parse("?" + rest[(mark + 1)..].ToString());
        return constraint.Count == 0 || !constraint.All(p => IsPlain(p.Key) && p.Value.Length > 0) ? null : new(context, type == "*" ? null : type, interactions, constraint);
    }

    private static ScopeContext? ContextOf(ReadOnlySpan<char> text) => text switch
    {
        "patient" => ScopeContext.Patient,
        "user" => ScopeContext.User,
        "system" => ScopeContext.System,
        _ => null,
    };

    private static Interaction? InteractionsOf(ReadOnlySpan<char> text)
    {
        switch (text)
        {
            case "read":
                return R | Interaction.Search;
            case "write":
                return Interaction.Create | U | Interaction.Delete;
            case "*":
                return R | Interaction.Search | Interaction.Create | U | Interaction.Delete;
        }

        // v2: letters of "cruds", each once and in this order
        const string Order = "cruds";
        var (all, last) = (Interaction.None, -1);
        foreach (var letter in text)
        {
            var place = Order.IndexOf(letter);
            if (place <= last)
                return null;
            last = place;
            all |= letter switch
            {
                'c' => Interaction.Create,
                'r' => R,
                'u' => U,
                'd' => Interaction.Delete,
                _ => Interaction.Search,
            };
        }

        return all == Interaction.None ? null : all;
    }

    /// <summary>No modifier, no chain, no reverse chain, nothing that shapes a result: S-35.</summary>
    private static bool IsPlain(string name) => name.Length is > 0 and <= 64
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && (name[0] != '_' || name is "_tag" or "_security" or "_profile" or "_source" or "_id" or "_lastUpdated");
}
