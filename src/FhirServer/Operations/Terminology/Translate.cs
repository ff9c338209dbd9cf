using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using FhirEmr.Terminology.ConceptMaps.Fhir;
using FhirEmr.Terminology.Operations;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>ConceptMap/$translate</c>: what a code becomes in another system, by one map or by all that are known.</summary>
/// <remarks>https://hl7.org/fhir/R4/conceptmap-operation-translate.html.</remarks>
internal sealed class Translate(TerminologyService terminology, IResourceStore store, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = TerminologyInput.Read(request, "url", "conceptMap", "conceptMapVersion", "code", "system", "version", "source", "coding", "codeableConcept", "target",
            "targetsystem", "dependency", "reverse", "date");
        var (date, wrong) = input.Date(clock);
        var (reverse, unclear) = input.Flag("reverse");
        var (asked, gone) = await Asked.ReadAsync(store, request, ct);
        if ((fault ?? wrong ?? unclear ?? gone) is { } refused)
            return FhirReply.Refuse(refused);
        var codings = input.Codings("system", "version");
        if (codings.Count == 0)
            return Asked.Missing("Say which code to translate: system=...&code=..., a coding, or a codeableConcept.", input.Warnings);

        var url = input["url"] is { } given && input["conceptMapVersion"] is { } version && !given.Contains('|', StringComparison.Ordinal) ? $"{given}|{version}" : input["url"];
        var (answer, refusal) = terminology.ConceptMaps.Translate(
            new(codings)
            {
                Map = url,
                Inline = input.Resource("conceptMap") ?? asked.Content,
                SourceValueSet = input["source"],
                TargetValueSet = input["target"],
                TargetSystem = input["targetsystem"],
                Reverse = reverse,
                Dependencies = [.. input.Nodes("dependency").SelectMany(Dependencies)],
            }, date);
        return answer is null ? Asked.Refuse(refusal!, input.Warnings) : Answer(answer, input.Warnings);
    }

    private static IEnumerable<MapDependency> Dependencies(Resources.FhirNode parameter)
    {
        var parts = TerminologyInput.Parts(parameter).ToArray();
        return Array.Find(parts, p => p.Name == "element").Value is { Exists: true } element && Array.Find(parts, p => p.Name == "concept").Value is { Exists: true } concept
            ? concept.Type.IsPrimitive ? [new(element.Text, null, concept.Text, null)]
                : TerminologyInput.Codings(concept).Select(c => new MapDependency(element.Text, c.System, c.Code, c.Display))
            : [];
    }

    private static FhirReply Answer(TranslationAnswer found, List<string> warnings)
    {
        using var answer = new ParametersAnswer();
        answer.Add("result", found.Result).Add("message", found.Message);
        foreach (var match in found.Matches)
            answer.Parts("match", part =>
            {
                part.Add("equivalence", match.Equivalence, "valueCode");
                if (match.Code is not null)
                    part.Coding("concept", match.System, null, match.Code, match.Display);
                foreach (var product in match.Products)
                    part.Parts("product", p => p.Add("element", product.Property, "valueUri").Coding("concept", product.System, null, product.Value, product.Display));
                part.Add("source", match.Source, "valueUri");
                part.Add("comment", match.Comment);
            });
        return answer.Issues(warnings).ToReply();
    }
}
