using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>ValueSet/$expand</c> of all codes of a system with a <c>filter</c>: the ranked code search, by words or code prefix.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/valueset-operation-expand.html. Takes the implicit value set <c>[system]?fhir_vs</c>; stored value sets are
/// not expanded yet.
/// </remarks>
internal sealed class Expand(ITerminology terminology, TimeProvider clock)
{
    private const int MaxCount = 200;

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => Task.FromResult(Answer(request));

    private FhirReply Answer(FhirRequest request)
    {
        var (input, fault) = OperationInput.Read(request, "url", "filter", "count", "date", "activeOnly", "includeDesignations");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (date, wrong) = input.Date("date");
        if (wrong is not null)
            return FhirReply.Refuse(wrong);
        if (input["url"] is not { } url || !url.EndsWith("?fhir_vs", StringComparison.Ordinal))
            return Refuse("Give url as the implicit value set of a code system, e.g. url=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs (stored value sets are not expanded yet).");
        if (string.IsNullOrWhiteSpace(input["filter"]))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.TooCostly, "A whole code system is too large to expand: give filter=words or the beginning of a code."));

        var count = 20;
        if (input["count"] is { } text && (!int.TryParse(text, out count) || count is < 1 or > MaxCount))
            return Refuse($"count={text} must be a number from 1 to {MaxCount}.");
        var system = CodeSystemUrls.Canonical(url[..^"?fhir_vs".Length]);
        var on = date ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (terminology.StateOf(system, on) == TableState.None)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"No edition of {system} is loaded for {on:O}; load one with 'fhir-emr import codes'."));

        var hits = terminology.Search(system, input["filter"]!, on, count);
        var set = new ValueSet
        {
            Url = url,
            Status = PublicationStatus.Active,
            Expansion = new()
            {
                Identifier = "urn:uuid:" + Guid.NewGuid(),
                TimestampElement = new FhirDateTime(clock.GetUtcNow()),
                Parameter = [new() { Name = "filter", Value = new FhirString(input["filter"]) }, new() { Name = "count", Value = new Integer(count) }],
                Contains = [.. hits.Select(h => new ValueSet.ContainsComponent
                {
                    System = h.Concept.System,
                    Code = h.Concept.Code,
                    Display = h.Concept.Display,
                    Version = h.Concept.Edition,
                    Abstract = h.Concept.IsBillable ? null : true,
                })],
            },
        };
        return FhirReply.Of(set);
    }

    private static FhirReply Refuse(string text) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text));
}
