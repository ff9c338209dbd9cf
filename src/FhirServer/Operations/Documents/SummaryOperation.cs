using FhirEmr.FhirServer.Documents.Ips;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary><c>Patient/[id]/$summary</c>, and <c>Patient/$summary?identifier=</c>: the International Patient Summary of what the caller may see.</summary>
/// <remarks>
/// hl7.org/fhir/uv/ips/OperationDefinition-summary.html. <c>profile</c> may name the IPS Bundle or Composition; another is refused. A summary under
/// narrow rights is of what those rights show: it says nothing of the rest. Answers 200, 400, 404, 410, 412, 422.
/// </remarks>
internal sealed class SummaryOperation(IResourceStore store, RecordReader records, SearchParser parser, TimeProvider clock)
{
    private const string Definition = "http://hl7.org/fhir/uv/ips/OperationDefinition/summary";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new("summary", Definition, ["Patient"], true, true, false, (r, ct) => services.GetRequiredService<SummaryOperation>().HandleAsync(r, ct)) { Right = null };
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "identifier", "profile");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (input["profile"] is { } profile && profile.Split('|')[0] is not (IpsDocument.BundleProfile or IpsDocument.CompositionProfile))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotSupported, $"$summary writes the International Patient Summary, {IpsDocument.BundleProfile}, and no other profile."));
        if (request.Target.Id is not null && input["identifier"] is not null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "The address names the patient already: leave identifier out, or ask Patient/$summary?identifier=system|value."));

        var (key, unknown) = request.Target.Id is not null ? (request.Target.Key, null) : await FindAsync(request, input["identifier"], ct);
        if (unknown is not null)
            return FhirReply.Refuse(unknown);
        var (record, absent) = await records.ReadAsync(key, IpsSections.Types, request.Caller.Access, ct);
        if (record is null)
            return FhirReply.Refuse(absent!);

        var now = clock.GetUtcNow();
        return new FhirReply(200) { Body = DocumentBundle.Write(IpsDocument.Build(record, request.BaseUrl, now), now, IpsDocument.BundleProfile) };
    }

    private async Task<(ResourceKey Key, FhirFault? Fault)> FindAsync(FhirRequest request, string? identifier, CancellationToken ct)
    {
        if (identifier is not { Length: > 0 })
            return (default, FhirFault.Of(FaultKind.Invalid, "Say whose summary: Patient/[id]/$summary, or Patient/$summary?identifier=system|value.", code: "required"));
        if (await parser.ParseAsync("Patient", [new("identifier", identifier)], SearchHandling.Strict, request.BaseUrl, ct) is not SearchParse.Parsed parsed)
            return (default, FhirFault.Of(FaultKind.Invalid, "The identifier cannot be read: write system|value.", code: "value"));
        var page = await store.SearchAsync(parsed.Query with { Count = 2 }, request.Caller.Access, ct);
        return page.Matches switch
        {
            [] => (default, FhirFault.Of(FaultKind.NotFound, "No patient here has this identifier.")),
            [var one] => (one.Key, null),
            _ => (default, FhirFault.Of(FaultKind.PreconditionFailed, "More than one patient has this identifier: ask by id, Patient/[id]/$summary.", code: "multiple-matches")),
        };
    }
}
