using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What a subscription asks for as conditions on versions.</summary>
/// <param name="IsLasting">It says the same tomorrow; what names somebody who is not here yet has to be read again.</param>
internal sealed record Interest(IReadOnlyList<InterestedTrigger> Triggers, bool IsLasting)
{
    /// <summary>What is written from then on is no event.</summary>
    public DateTimeOffset End { get; init; } = DateTimeOffset.MaxValue;
}

/// <param name="Previous">On the version before; null for anything.</param>
/// <param name="Current">On the version, filters included; null for anything.</param>
/// <param name="Changed">Parameter whose values must be others than before.</param>
internal sealed record InterestedTrigger(Trigger Trigger, SearchExpression? Previous, SearchExpression? Current, SearchParam? Changed);

/// <summary>Reads what a subscription asks for, within what its owner may: what could not be searched cannot be subscribed to (security.md S-40).</summary>
internal sealed class Interests(IResourceStore store, SearchParser parser, SearchParameters parameters)
{
    private readonly SearchParser parser = parser.With(new InterningSymbols(store.Symbols)); // what has no number yet has one when the first resource comes

    /// <param name="baseUrl">This server's FHIR base: references below it are local.</param>
    public async Task<(Interest? Interest, FhirFault? Fault)> ReadAsync(SubscriptionRequest request, AccessPlan access, string? baseUrl, CancellationToken ct)
    {
        var (read, isLasting) = (new List<InterestedTrigger>(), true);
        var (triggers, fault) = request.Topic is { } topic ? (topic.Triggers, null) : OfSearch(request.Criteria);
        if (fault is not null)
            return (null, fault);
        var filters = new List<(string? Type, IReadOnlyList<KeyValuePair<string, string>> Query)>();
        foreach (var filter in request.Filters)
        {
            var mark = filter.IndexOf('?', StringComparison.Ordinal);
            var type = mark <= 0 ? null : filter[..mark];
            if (type is not null && !triggers!.Any(t => t.Type == type))
                return Refuse($"The filter {Cut(filter)} is on {Cut(type)}, which the topic is not about: it is about {string.Join(", ", triggers!.Select(t => t.Type).Distinct())}.");
            var query = QueryString.Parse(filter[(mark + 1)..]);
            if (query.Count == 0)
                return Refuse("A filter is a search, as in Encounter?patient=Patient/123.");
            if (query.FirstOrDefault(p => !request.Topic!.Filters.Contains(p.Key.Split(':', '.')[0])).Key is { } unknown)
                return Refuse($"The topic cannot be filtered by '{Cut(unknown)}': it can by {string.Join(", ", request.Topic!.Filters)}.");
            filters.Add((type, query));
        }

        foreach (var trigger in triggers!)
        {
            if (!access.CanSearch(trigger.Type) || !access.Of(trigger.Type).Allows(Interaction.Read))
            {
                if (request.Topic is not null && triggers!.Count > 1)
                    continue; // of several types those that are open
                return (null, FhirFault.Of(FaultKind.Forbidden, $"You may not search and read {trigger.Type}, so you cannot subscribe to it.", "Subscription.criteria"));
            }

            var current = QueryString.Parse(trigger.Current).Concat(filters.Where(f => f.Type is null || f.Type == trigger.Type).SelectMany(f => f.Query)).ToList();
            var (now, refused) = await ConditionAsync(trigger.Type, current, access, baseUrl, ct);
            if (refused is not null)
                return (null, refused);
            var (before, unread) = await ConditionAsync(trigger.Type, QueryString.Parse(trigger.Previous), null, baseUrl, ct);
            if (unread is not null)
                return (null, unread);
            isLasting &= !NamesNobody(now);
            read.Add(new(trigger, before, now, trigger.Changed is null ? null : parameters.Find(trigger.Type, trigger.Changed)));
        }

        return read.Count > 0 ? (new(read, isLasting) { End = request.End ?? DateTimeOffset.MaxValue }, null)
            : (null, FhirFault.Of(FaultKind.Forbidden, "You may search and read none of the types that the topic is about.", "Subscription.criteria"));
    }

    /// <summary>R4's own way: whatever is created or updated and then found by the search.</summary>
    private static (IReadOnlyList<Trigger>? Triggers, FhirFault? Fault) OfSearch(string criteria)
    {
        var mark = criteria.IndexOf('?', StringComparison.Ordinal);
        var type = (mark < 0 ? criteria : criteria[..mark]).TrimStart('/');
        if (!ResourceTypes.Exists(type))
            return (null, FhirFault.Of(FaultKind.Unprocessable,
                $"criteria begins with a resource type, as in Observation?code=http://loinc.org|4548-4{(NearestName.Of(type, ResourceTypes.All) is { } near ? $"; did you mean {near}?" : ".")}", "Subscription.criteria"));
        return ([new(type, "is found by the search") { Current = mark < 0 ? null : criteria[(mark + 1)..] }], null);
    }

    /// <param name="access">Bounds what is gone through on the way; null for the topic's own words.</param>
    private async Task<(SearchExpression? Where, FhirFault? Fault)> ConditionAsync(
        string type, IReadOnlyList<KeyValuePair<string, string>> query, AccessPlan? access, string? baseUrl, CancellationToken ct)
    {
        if (query.Count == 0)
            return (null, null);
        if (query.FirstOrDefault(p => IsOfResult(p.Key)).Key is { } result)
            return (null, FhirFault.Of(FaultKind.Unprocessable, $"{Cut(result)} says how a search is answered, not what matches: leave it out.", "Subscription.criteria"));
        var parse = await parser.ParseAsync(new SearchScope(type, null), query, SearchHandling.Strict, baseUrl, ct);
        if (parse is not SearchParse.Parsed parsed)
            return (null, SearchRefusal.Of(parse) with { Kind = FaultKind.Unprocessable });
        var where = parsed.Query.Where;
        if (BodyTerms.In(where) || !VersionState.CanTell(where))
            return (null, FhirFault.Of(FaultKind.Unprocessable, "The criteria ask for something that cannot be told from one resource by its index (_content, a parameter that is still being indexed): leave it out.", "Subscription.criteria"));
        if (access is null)
            return (where, null);
        try
        {
            return (QueryBounds.Within(where, access), null);
        }
        catch (AccessRefusedException refused)
        {
            return (null, FhirFault.Of(FaultKind.Forbidden, refused.Message, "Subscription.criteria"));
        }
    }

    private static bool NamesNobody(SearchExpression? where) => where switch
    {
        SearchExpression.And and => and.Terms.Any(NamesNobody),
        SearchExpression.Or or => or.Terms.Count == 0 || or.Terms.Any(NamesNobody),
        SearchExpression.Not not => NamesNobody(not.Term),
        SearchExpression.Reference reference => reference.Targets.Count == 0,
        SearchExpression.Chain chain => NamesNobody(chain.Target),
        _ => false,
    };

    private static bool IsOfResult(string name) =>
        name is "_sort" or "_count" or "_total" or "_summary" or "_elements" or "_contained" or "_containedType" or "_page" or "_type" or "_format" or "_asOf" or "_list" or "_query"
        || name.StartsWith("_include", StringComparison.Ordinal) || name.StartsWith("_revinclude", StringComparison.Ordinal);

    private static string Cut(string text) => text.Length > 100 ? text[..100] : text;

    private static (Interest?, FhirFault?) Refuse(string text) => (null, FhirFault.Of(FaultKind.Unprocessable, text, "Subscription.criteria"));
}
