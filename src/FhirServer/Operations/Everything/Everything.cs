using System.Globalization;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Everything;

/// <summary><c>$everything</c> of a Patient, of all Patients, or of an Encounter: the compartment and what it refers to, page by page.</summary>
/// <remarks>
/// patient-operation-everything.html, encounter-operation-everything.html. Parameters <c>start</c>, <c>end</c>, <c>_since</c>, <c>_type</c>,
/// <c>_count</c>, and our own <c>_asOf</c> for the record as it was. Matches are the compartment, includes what it refers to; nothing comes twice and nothing is cut. Answers 200, 400, 404, 410.
/// </remarks>
internal sealed class Everything(
    IResourceStore store, IPast past, CompartmentParameters compartments, PageTokens tokens, SearchLimits limits, TimeProvider clock, TimeZoneInfo zone)
{
    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        Everything Operation() => services.GetRequiredService<Everything>();
        yield return new("everything", "http://hl7.org/fhir/OperationDefinition/Patient-everything", ["Patient"], true, true, false, (r, ct) => Operation().HandleAsync(r, ct)) { Right = null };
        yield return new("everything", "http://hl7.org/fhir/OperationDefinition/Encounter-everything", ["Encounter"], false, true, false, (r, ct) => Operation().HandleAsync(r, ct)) { Right = null };
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = EverythingInput.Read(request, zone);
        if (input is null)
            return FhirReply.Refuse(fault!);

        var target = request.Target;
        if (input.Instant is { } asked)
            input = input.At(await past.SettleAsync(asked, ct));

        var path = target.Id is null ? $"{target.Type}/$everything" : $"{target.Key}/$everything";
        var self = QueryString.Format(input.Applied);
        var scope = $"{request.Caller.Name}\n{path}\n{self}";
        var after = CompartmentPosition.Start;
        if (input.Page is { } token)
        {
            if (tokens.Read(token, scope).Content is not { } content || Position(content) is not { } position)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Expired, "The page token does not belong to this $everything. Follow the next link of the page before it, unchanged, or start again without _page."));
            after = position;
        }

        var page = input.Instant is { } instant
            ? await past.CompartmentAsync(Query(target, input, after, request.Caller.Access), instant, request.Caller.Access, ct)
            : await store.CompartmentAsync(Query(target, input, after, request.Caller.Access), request.Caller.Access, ct);
        if (target.Id is not null && page.Anchor is not { IsDeleted: false })
            return FhirReply.Refuse(page.Anchor is not null ? FhirFault.Gone(target.Key)
                : input.Instant is { } before ? FhirFault.Of(FaultKind.NotFound, $"{target.Key} was not here yet at {FhirInstant.Format(before)}.") : FhirFault.NotFound(target.Key));

        using var bundle = new BundleWriter("searchset", clock.GetUtcNow());
        var url = $"{request.BaseUrl}/{path}";
        bundle.Links(("self", self.Length == 0 ? url : $"{url}?{self}"), ("next", page.Next is not { } next ? null
            : $"{url}?{QueryString.Format([.. input.Applied, new("_page", tokens.Write(Content(next), scope))])}"));
        foreach (var member in page.Members)
            bundle.Entry($"{request.BaseUrl}/{member.Key}", member.Json, "match");
        foreach (var referred in page.Referred)
            bundle.Entry($"{request.BaseUrl}/{referred.Key}", referred.Json, "include");
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private CompartmentQuery Query(FhirTarget target, EverythingInput input, CompartmentPosition after, AccessPlan access) => new(target.Id is null ? null : target.Key)
    {
        Members = target.Id is null ? [] : compartments.Members(target.Type!, input.Types, access),
        AllMembers = target.Id is null ? [] : compartments.Members(target.Type!, [], access),
        AllTypes = target.Id is null ? [] : compartments.TypesIn(target.Type!),
        References = target.Id is null ? compartments.References : [],
        Types = input.Types,
        Dates = input is { From: null, Before: null } ? null : new(input.From, input.Before,
            compartments.Numbers(ClinicalDates.When), compartments.Numbers(ClinicalDates.Begins), compartments.Numbers(ClinicalDates.Ends)),
        Since = input.Since,
        Count = input.Count,
        MaxBytes = limits.MaxPageBytes,
        After = after,
    };

    private static string Content(CompartmentPosition position) =>
        string.Create(CultureInfo.InvariantCulture, $"{(position.IsInReferred ? 'r' : 'm')}{position.Sid}");

    private static CompartmentPosition? Position(string content) =>
        content is [('r' or 'm') and var part, .. var sid] && long.TryParse(sid, CultureInfo.InvariantCulture, out var number) ? new(part == 'r', number) : null;
}
