using System.Text;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>Who belongs to a Group at an instant: those it lists, those of Groups it lists, and those its criteria find.</summary>
/// <remarks>
/// Criteria are searches for patients in the modifier extension <see cref="MemberFilter"/> (Bulk Data, Group by criteria); of several a patient must meet each.
/// Groups within Groups may go in a circle: each counts once.
/// </remarks>
internal sealed class ExportMembers(IPast past, LocalAddress address, TimeZoneInfo zone)
{
    public const string MemberFilter = "http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter";

    /// <summary>Groups that one may come to stand for.</summary>
    private const int MostGroups = 1000;

    /// <summary>Patients that one may come to stand for.</summary>
    private const int MostPatients = 500_000;

    private const int PageSize = 1000;

    public async Task<(IReadOnlyList<string>? Patients, FhirFault? Fault)> OfAsync(ResourceKey group, DateTimeOffset instant, AccessPlan access, string baseUrl, CancellationToken ct)
    {
        var (patients, seen, waiting) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<ResourceKey> { group }, new Queue<ResourceKey>([group]));
        while (waiting.TryDequeue(out var next))
        {
            if (await past.ReadAsync(next, instant, access, ct) is not { IsDeleted: false } stored)
                continue; // it was deleted, or it is not the caller's to see: so are its members
            var root = FhirJsonReader.Read(stored.Json, out _)!.Root;
            foreach (var member in Members(root, instant.ToUnixTimeMilliseconds()))
                if (member.Type == "Patient")
                    patients.Add(member.Id);
                else if (member.Type == "Group" && seen.Add(member))
                    waiting.Enqueue(member);
            if (seen.Count > MostGroups)
                return (null, FhirFault.Of(FaultKind.TooCostly, $"{group} stands for more than {MostGroups} Groups: export them one by one."));
            var (found, fault) = await FoundAsync(root, next, instant, access, baseUrl, ct);
            if (fault is not null)
                return (null, fault);
            patients.UnionWith(found);
            if (patients.Count > MostPatients)
                return (null, FhirFault.Of(FaultKind.TooCostly, $"{group} stands for more than {MostPatients} patients: export with Patient/$export and a _typeFilter."));
        }

        return ([.. patients], null);
    }

    /// <summary>Members at the instant: neither inactive nor before or after their period.</summary>
    private List<ResourceKey> Members(FhirNode group, long instant)
    {
        var members = new List<ResourceKey>();
        foreach (var member in group.Children)
            if (FhirNames.Name(member.NameId) == "member" && member.TextOf("inactive") != "true" && IsIn(member.Child("period"), instant)
                && member.Child("entity") is { Exists: true } entity && entity.TextOf("reference") is { } reference && address.TryGetKey(reference, out var key))
                members.Add(key);
        return members;
    }

    private bool IsIn(FhirNode period, long instant) => !period.Exists
        || ((period.TextOf("start") is not { } start || !FhirDate.TryParse(Encoding.UTF8.GetBytes(start), out var from) || DateRange.Covering(from, zone).Lo <= instant)
            && (period.TextOf("end") is not { } end || !FhirDate.TryParse(Encoding.UTF8.GetBytes(end), out var to) || DateRange.Covering(to, zone).Hi > instant));

    private async Task<(IReadOnlyList<string> Patients, FhirFault? Fault)> FoundAsync(FhirNode group, ResourceKey key, DateTimeOffset instant, AccessPlan access, string baseUrl, CancellationToken ct)
    {
        var terms = new List<SearchExpression>();
        foreach (var extension in group.Children)
        {
            if (FhirNames.Name(extension.NameId) != "modifierExtension" || extension.TextOf("url") != MemberFilter)
                continue;
            var expression = extension.Child("value").Exists ? extension.Child("value").TextOf("expression") : null;
            if (expression is null || !expression.StartsWith("Patient?", StringComparison.Ordinal))
                return ([], FhirFault.Of(FaultKind.Unprocessable, $"{key}: a member-filter is a search for patients, such as Patient?_has:Condition:patient:code=44054006 (valueExpression, application/x-fhir-query)."));
            if (!access.Of("Patient").Allows(Interaction.Search))
                return ([], FhirFault.Of(FaultKind.Forbidden, $"{key} has a member-filter, and you may not search for patients."));
            var asked = QueryString.Parse(expression["Patient?".Length..]);
            if (asked.FirstOrDefault(p => ExportSelector.IsOfResult(p.Key)).Key is { } result)
                return ([], FhirFault.Of(FaultKind.Unprocessable, $"{key}: in a member-filter, {result} says how a search is answered, not what matches."));
            var parse = await past.ParserAt(instant, access).ParseAsync(new SearchScope("Patient", null), asked, SearchHandling.Strict, baseUrl, ct);
            if (parse is not SearchParse.Parsed parsed)
                return ([], SearchRefusal.Of(parse));
            if (BodyTerms.In(parsed.Query.Where))
                return ([], FhirFault.Of(FaultKind.NotSupported, $"{key}: the member-filter asks for what is in no index, and an export does not read every patient to answer it."));
            terms.Add(parsed.Query.Where);
        }

        return terms.Count == 0 ? ([], null) : (await SearchAsync(new SearchExpression.And(terms), instant, access, ct), null);
    }

    private async Task<IReadOnlyList<string>> SearchAsync(SearchExpression where, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        var found = new List<string>();
        var query = new SearchQuery("Patient", where) { Count = PageSize };
        while (found.Count <= MostPatients)
        {
            var page = await past.SearchAsync(query, instant, access, ct);
            found.AddRange(page.Matches.Select(m => m.Key.Id));
            if (page.Next is not { } next)
                break;
            query = query with { After = next };
        }

        return found;
    }
}
