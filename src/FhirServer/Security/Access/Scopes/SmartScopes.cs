namespace FhirEmr.FhirServer.Security.Access.Scopes;

/// <summary>The scopes of one token, told apart.</summary>
/// <param name="Resources">Scopes on FHIR resources.</param>
/// <param name="Others">The rest: <c>openid</c>, <c>fhirUser</c>, <c>launch/patient</c>, <c>offline_access</c>, <see cref="Rights"/>.</param>
internal sealed record SmartScopes(IReadOnlyList<SmartScope> Resources, IReadOnlyList<string> Others)
{
    /// <summary>
    /// Our own: beside records, whatever the user's or client's roles allow (administration, audit, money). An app that was given records only can
    /// thereby not use the rights of the administrator who happens to use it.
    /// </summary>
    public const string Rights = "fhiremr/rights";

    private const int MostScopes = 200;

    public bool HoldsRights => Others.Contains(Rights);

    /// <summary>Whether a token with these scopes may use rights that are not on records.</summary>
    public static bool MayUseRights(string scopes) => Parse(scopes) is { HoldsRights: true };

    /// <summary>Reads what a token carries; null when something in it cannot be meant, so that the request is refused (S-35).</summary>
    public static SmartScopes? Parse(string scopes)
    {
        var (resources, others) = (new List<SmartScope>(), new List<string>());
        foreach (var text in scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (resources.Count + others.Count == MostScopes)
                return null;
            if (!SmartScope.IsMeant(text))
                others.Add(text);
            else if (SmartScope.Parse(text) is { } scope)
                resources.Add(scope);
            else
                return null;
        }

        // What a back-end client may and what somebody's patient or user may never meet in one token.
        return resources.Exists(s => s.Context == ScopeContext.System) && resources.Exists(s => s.Context != ScopeContext.System) ? null : new(resources, others);
    }
}
