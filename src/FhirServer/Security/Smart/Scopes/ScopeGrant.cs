using System.Collections.Frozen;
using FhirEmr.FhirServer.Security.Access.Scopes;

namespace FhirEmr.FhirServer.Security.Smart.Scopes;

/// <summary>What of the scopes that an app asks for it can be given at all: known, well-formed, fitting its kind, and registered (security S-19, S-35).</summary>
/// <remarks>What does not fit is left out, not refused: the token response says what was granted.</remarks>
internal static class ScopeGrant
{
    public const string OpenId = "openid";
    public const string FhirUser = "fhirUser";
    public const string Profile = "profile";
    public const string Launch = "launch";
    public const string LaunchPatient = "launch/patient";
    public const string LaunchEncounter = "launch/encounter";
    public const string Online = "online_access";
    public const string Offline = "offline_access";

    private static readonly FrozenSet<string> OfUsers = FrozenSet.Create(
        OpenId, FhirUser, Profile, Launch, LaunchPatient, LaunchEncounter, Online, Offline, SmartScopes.Rights);

    /// <summary>Scopes that are not about records, in the order they are told.</summary>
    public static IReadOnlyList<string> Plain { get; } = [OpenId, FhirUser, Profile, Launch, LaunchPatient, LaunchEncounter, Online, Offline];

    public static IReadOnlyList<string> ForUser(IEnumerable<string> requested, string registered)
    {
        var limits = Registered(registered);
        return [.. requested.Distinct(StringComparer.Ordinal).Where(text => SmartScope.IsMeant(text)
            ? SmartScope.Parse(text) is { Context: not ScopeContext.System } scope && limits.Resources.Any(l => Covers(l, scope))
            : OfUsers.Contains(text) && limits.Others.Contains(text))];
    }

    public static IReadOnlyList<string> ForSystem(IEnumerable<string> requested, string registered)
    {
        var limits = Registered(registered);
        return [.. requested.Distinct(StringComparer.Ordinal).Where(text => SmartScope.IsMeant(text)
            ? SmartScope.Parse(text) is { Context: ScopeContext.System } scope && limits.Resources.Any(l => Covers(l, scope))
            : text == SmartScopes.Rights && limits.Others.Contains(text))];
    }

    /// <summary>Sentences on what is wrong with the scopes a client is to be registered with; empty when nothing is.</summary>
    public static IReadOnlyList<string> Faults(IEnumerable<string> scopes, bool isSystem)
    {
        var faults = new List<string>();
        foreach (var text in scopes)
            if (SmartScope.IsMeant(text))
            {
                if (SmartScope.Parse(text) is not { } scope)
                    faults.Add($"'{text}' is no scope: as in patient/Observation.rs, user/*.cruds, system/Patient.rs?active=true, patient/*.read.");
                else if (isSystem != (scope.Context == ScopeContext.System))
                    faults.Add(isSystem ? $"'{text}' needs a user; a back-end client has system/ scopes." : $"'{text}' is for back-end clients; an app with users has patient/ and user/ scopes.");
            }
            else if (isSystem ? text != SmartScopes.Rights : !OfUsers.Contains(text))
                faults.Add($"'{text}' is no scope that {(isSystem ? "a back-end client" : "an app")} can have here.");
        return faults;
    }

    public static bool NeedsPatient(IEnumerable<string> scopes) =>
        scopes.Any(s => s is LaunchPatient or LaunchEncounter || s.StartsWith("patient/", StringComparison.Ordinal));

    private static (IReadOnlyList<SmartScope> Resources, HashSet<string> Others) Registered(string registered)
    {
        var texts = registered.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return ([.. texts.Where(SmartScope.IsMeant).Select(SmartScope.Parse).OfType<SmartScope>()], texts.Where(t => !SmartScope.IsMeant(t)).ToHashSet(StringComparer.Ordinal));
    }

    private static bool Covers(SmartScope limit, SmartScope wanted) =>
        limit.Context == wanted.Context && (limit.Type is null || limit.Type == wanted.Type) && (limit.Interactions & wanted.Interactions) == wanted.Interactions
        && (limit.Constraint.Count == 0 || limit.Constraint.SequenceEqual(wanted.Constraint));
}
