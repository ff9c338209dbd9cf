using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>What an export takes of each type.</summary>
/// <param name="Types">Effective types: asked for, within the level, and open to the caller.</param>
/// <param name="Access">The plan it reads under.</param>
/// <param name="IsOwned">Only what belongs to some patient.</param>
internal sealed record ExportSelection(IReadOnlyList<string> Types, AccessPlan Access, bool IsOwned)
{
    /// <summary>By type, what a resource must satisfy beside the caller's rights.</summary>
    public required IReadOnlyDictionary<string, SearchExpression> Where { get; init; }

    /// <summary>The conditions name patients, by whom the resources are found.</summary>
    public required bool IsOfNamed { get; init; }

    public required ExportInput Input { get; init; }

    /// <summary>What lenient handling left out.</summary>
    public required IReadOnlyList<FaultIssue> Ignored { get; init; }

    public SubsetChoice? SubsetOf(string type) => Input.ElementsOf(type) is { Count: > 0 } elements ? new(null, elements) : null;
}

/// <summary>Reads what is asked for into what is taken: at the kick-off, where it may be refused, and again by whoever goes on with the job.</summary>
/// <remarks>
/// All of it is read as of the export's instant, members of the Group and hierarchies in filters included, so that every reading comes to the same.
/// </remarks>
internal sealed class ExportSelector(IPast past, SearchParameters parameters, IReferenceLookup references, ExportMembers groups)
{
    private const string ProvenanceType = "Provenance";

    public async Task<(ExportSelection? Selection, FhirFault? Fault)> ReadAsync(FhirRequest request, DateTimeOffset instant, CancellationToken ct)
    {
        var (target, access) = (request.Target, request.Caller.Access);
        var (input, fault) = ExportInput.Read(request, isOfSystem: target.Type is null);
        if (input is null)
            return (null, fault);
        if (target.Type is { } route && !ExportAccess.Allows(access, route))
            return (null, FhirFault.Of(FaultKind.Forbidden, $"You may not export {route}."));
        if (input.Since > instant.ToUnixTimeMilliseconds())
            return (null, FhirFault.Of(FaultKind.Invalid, "_since lies in the future: nothing can have changed since.", code: "value"));

        var ignored = input.Ignored.ToList();
        var (types, refused) = Types(target, input, access, request.Prefer.Lenient, ignored);
        if (types is null)
            return (null, refused);
        var (patients, unknown) = await PatientsAsync(request, input, instant, ct);
        if (unknown is not null)
            return (null, unknown);

        var under = ExportAccess.Of(access);
        var (filters, unread) = await FiltersAsync(request, input, types, instant, under, ignored, ct);
        if (filters is null)
            return (null, unread);
        var targets = patients is null ? null : await TargetsAsync(patients, ct);
        var where = new Dictionary<string, SearchExpression>(StringComparer.Ordinal);
        foreach (var type in types)
        {
            SearchExpression?[] both = [targets is null ? null : QueryBounds.Within(Of(type, targets), under), filters.GetValueOrDefault(type)];
            if (both.OfType<SearchExpression>().ToArray() is { Length: > 0 } all)
                where[type] = all is [var only] ? only : new SearchExpression.And(all);
        }

        var isOwned = target.Type is not null && targets is null;
        if (input.HasAssociated)
            types = Associate(types, where, access, under, isOfSystem: target.Type is null);
        return (new(types, under, isOwned) { Where = where, IsOfNamed = targets is not null, Input = input, Ignored = ignored }, null);
    }

    /// <summary>With the Provenance of what is exported, whatever else was asked for.</summary>
    private IReadOnlyList<string> Associate(IReadOnlyList<string> types, Dictionary<string, SearchExpression> where, AccessPlan access, AccessPlan under, bool isOfSystem)
    {
        if (!ExportAccess.Allows(access, ProvenanceType) || (isOfSystem && types.Contains(ProvenanceType) && !where.ContainsKey(ProvenanceType)))
            return types; // none may be exported, or all of them are in it
        var target = parameters.Find(ProvenanceType, "target")!;
        var about = QueryBounds.Within(new SearchExpression.Or([.. types.Where(t => t != ProvenanceType)
            .Select(t => new SearchExpression.Chain(target, t, where.GetValueOrDefault(t) ?? new SearchExpression.And([])))]), under);
        where[ProvenanceType] = where.TryGetValue(ProvenanceType, out var own) ? new SearchExpression.Or([own, about]) : about;
        return types.Contains(ProvenanceType) ? types : [.. types, ProvenanceType];
    }

    /// <summary>Types of the level that are asked for and open.</summary>
    private (IReadOnlyList<string>? Types, FhirFault? Fault) Types(FhirTarget target, ExportInput input, AccessPlan access, bool isLenient, List<FaultIssue> ignored)
    {
        var level = target.Type is null ? ResourceTypes.All : Compartments.TypesIn(parameters, "Patient");
        if (!input.IsNamed)
            return level.Where(t => ExportAccess.Allows(access, t)).ToList() is { Count: > 0 } open ? (open, null)
                : (null, FhirFault.Of(FaultKind.Forbidden, "You may not export anything: it takes a system scope to read and search, and the permission export."));

        foreach (var outside in input.Types.Where(t => !level.Contains(t)))
            ignored.Add(new("not-supported", $"_type={outside}: no {outside} belongs to a patient. Export it with [base]/$export."));
        if (ignored.Count > input.Ignored.Count && !isLenient)
            return (null, new(FaultKind.Invalid, [.. ignored.Skip(input.Ignored.Count)]));
        var closed = input.Types.Where(t => level.Contains(t) && !ExportAccess.Allows(access, t)).ToList();
        if (closed.Count > 0 && !isLenient)
            return (null, new(FaultKind.Forbidden, closed.ConvertAll(t => new FaultIssue(null, $"You may not export {t}."))));
        ignored.AddRange(closed.Select(t => new FaultIssue("forbidden", $"You may not export {t}.")));
        return input.Types.Where(t => level.Contains(t) && !closed.Contains(t)).ToList() is { Count: > 0 } left ? (left, null)
            : (null, closed.Count > 0 ? FhirFault.Of(FaultKind.Forbidden, "You may not export any of these types.") : new(FaultKind.Invalid, ignored));
    }

    /// <summary>Ids of the patients whose records are asked for; null for those of all.</summary>
    private async Task<(IReadOnlyList<string>? Patients, FhirFault? Fault)> PatientsAsync(FhirRequest request, ExportInput input, DateTimeOffset instant, CancellationToken ct)
    {
        var (target, access) = (request.Target, request.Caller.Access);
        IReadOnlyList<string>? members = null;
        if (target.Type == "Group")
        {
            if (await past.ReadAsync(target.Key, instant, access, ct) is not { } group)
                return (null, FhirFault.NotFound(target.Key));
            if (group.IsDeleted)
                return (null, FhirFault.Gone(target.Key));
            var (known, fault) = await groups.OfAsync(target.Key, instant, access, request.BaseUrl, ct);
            if (known is null)
                return (null, fault);
            members = known;
        }

        foreach (var id in input.Patients ?? [])
        {
            if (members is not null && !members.Contains(id))
                return (null, FhirFault.Of(FaultKind.Invalid, $"Patient/{id} is no member of {target.Key}.", code: "value"));
            if (await past.ReadAsync(new("Patient", id), instant, access, ct) is not { IsDeleted: false })
                return (null, FhirFault.Of(FaultKind.Invalid, $"Patient/{id} is not known here.", code: "value"));
        }

        return (input.Patients ?? members, null);
    }

    private async Task<IReadOnlyList<long>> TargetsAsync(IReadOnlyList<string> patients, CancellationToken ct)
    {
        var targets = new List<long>();
        foreach (var patient in patients)
            targets.AddRange(await references.TargetsAsync("Patient", patient, ct));
        return targets;
    }

    /// <summary>Resources of the type that belong to one of the patients. Of patients only these themselves: who is linked to them is somebody else.</summary>
    private SearchExpression Of(string type, IReadOnlyList<long> patients)
    {
        if (type == "Patient" || patients.Count == 0)
            return new SearchExpression.Sids(patients);
        long? owner = patients is [var one] ? one : null;
        return new SearchExpression.Or([.. Compartments.Admitting(parameters, "Patient", type).Select(p => new SearchExpression.Reference(p, patients) { Owner = owner, IsMembership = true })]);
    }

    /// <summary>By type, what one of its filters must say.</summary>
    private async Task<(IReadOnlyDictionary<string, SearchExpression>? Filters, FhirFault? Fault)> FiltersAsync(
        FhirRequest request, ExportInput input, IReadOnlyList<string> types, DateTimeOffset instant, AccessPlan under, List<FaultIssue> ignored, CancellationToken ct)
    {
        var filters = new Dictionary<string, List<SearchExpression>>(StringComparer.Ordinal);
        var parser = past.ParserAt(instant, under);
        foreach (var (type, query) in input.Filters.Where(f => types.Contains(f.Type)))
        {
            var asked = QueryString.Parse(query);
            if (asked.FirstOrDefault(p => IsOfResult(p.Key)).Key is { } result)
                return (null, FhirFault.Of(FaultKind.Invalid, $"_typeFilter={type}?{query}: {result} says how a search is answered, not what matches. Leave it out.", code: "value"));
            var parse = await parser.ParseAsync(new SearchScope(type, null), asked, request.Prefer.Lenient ? SearchHandling.Lenient : SearchHandling.Strict, request.BaseUrl, ct);
            if (parse is not SearchParse.Parsed parsed)
                return (null, SearchRefusal.Of(parse));
            if (BodyTerms.In(parsed.Query.Where))
                return (null, FhirFault.Of(FaultKind.NotSupported, $"_typeFilter={type}?{query} asks for what is in no index, and an export does not read every resource to answer it."));
            ignored.AddRange(parsed.Warnings.Select(w => new FaultIssue(w.Code, $"_typeFilter={type}?{query}: {w.Text}")));
            if (!filters.TryGetValue(type, out var any))
                filters[type] = any = [];
            any.Add(QueryBounds.Within(parsed.Query.Where, under));
        }

        return (filters.ToDictionary(f => f.Key, f => f.Value is [var only] ? only : new SearchExpression.Or(f.Value)), null);
    }

    /// <summary>Whether a parameter of a search says how it is answered.</summary>
    public static bool IsOfResult(string name) =>
        name is "_sort" or "_count" or "_total" or "_summary" or "_elements" or "_contained" or "_containedType" or "_page" or "_type" or "_format" or "_asOf"
        || name.StartsWith("_include", StringComparison.Ordinal) || name.StartsWith("_revinclude", StringComparison.Ordinal);
}
