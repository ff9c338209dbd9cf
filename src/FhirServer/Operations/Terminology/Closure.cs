using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Operations;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>$closure</c>: a client's own table of which codes are kinds of which, kept up to date concept by concept.</summary>
/// <remarks>https://hl7.org/fhir/R4/conceptmap-operation-closure.html.</remarks>
internal sealed class Closure(TerminologyService terminology, TimeProvider clock)
{
    private const int MaxName = 200;

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => System.Threading.Tasks.Task.FromResult(Answer(request));

    private FhirReply Answer(FhirRequest request)
    {
        var (input, fault) = TerminologyInput.Read(request, "name", "concept", "version");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (input["name"] is not { Length: > 0 and <= MaxName } name)
            return Asked.Missing($"Name the closure table: name=..., at most {MaxName} characters.", input.Warnings);

        // Tables of different clients do not meet.
        var concepts = input.Nodes("concept").Select(c => c.Child("value")).Where(v => v.Exists).SelectMany(TerminologyInput.Codings).ToArray();
        var (answer, refusal) = terminology.Closures.Run($"{request.Caller.Access.Key}/{name}", concepts, input["version"], DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        if (answer is null)
            return Asked.Refuse(refusal!, input.Warnings);

        return FhirReply.Of(new ConceptMap
        {
            Version = answer.Version,
            Name = name,
            Status = PublicationStatus.Active,
            Experimental = true,
            DateElement = new FhirDateTime(clock.GetUtcNow()),
            Group = [.. answer.Relations.GroupBy(r => r.System).Select(g => new ConceptMap.GroupComponent
            {
                Source = g.Key,
                Target = g.Key,
                Element = [.. g.GroupBy(r => r.Narrower).Select(e => new ConceptMap.SourceElementComponent
                {
                    Code = e.Key,
                    Target = [.. e.Select(r => new ConceptMap.TargetElementComponent { Code = r.Wider, Equivalence = ConceptMapEquivalence.Subsumes })],
                })],
            })],
        });
    }
}
