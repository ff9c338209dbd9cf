using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>CodeSystem/$subsumes</c> and <c>$find-matches</c>: how two codes stand to each other, and which codes have given properties.</summary>
/// <remarks>https://hl7.org/fhir/R4/codesystem-operation-subsumes.html, codesystem-operation-find-matches.html.</remarks>
internal sealed class Subsumes(TerminologyService terminology, IResourceStore store, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = TerminologyInput.Read(request, "system", "version", "codeA", "codeB", "codingA", "codingB", "date");
        var (date, wrong) = input.Date(clock);
        var (asked, gone) = await Asked.ReadAsync(store, request, ct);
        if ((fault ?? wrong ?? gone) is { } refused)
            return FhirReply.Refuse(refused);
        if (input.Codings("system", "version", "codeA", "codingA") is not [var a, ..] || input.Codings("system", "version", "codeB", "codingB") is not [var b, ..]
            || (a.System ?? b.System ?? asked.Url) is not { } system)
            return Asked.Missing("Say which two codes of which system: system=...&codeA=...&codeB=..., or codingA and codingB.", input.Warnings);
        if (a.System is not null && b.System is not null && a.System != b.System)
            return Asked.Refuse(new("invalid", $"Codes of {a.System} and {b.System} stand in no hierarchy together."), input.Warnings);

        var (outcome, refusal) = terminology.CodeSystems.Subsumes(system, a.Version ?? input["version"] ?? asked.Version, a.Code, b.Code, date);
        if (outcome is null)
            return Asked.Refuse(refusal!, input.Warnings);
        using var answer = new ParametersAnswer();
        return answer.Add("outcome", outcome, "valueCode").Issues(input.Warnings).ToReply();
    }

    public async Task<FhirReply> FindMatchesAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = TerminologyInput.Read(request, "system", "version", "property", "exact", "compositional", "date");
        var (date, wrong) = input.Date(clock);
        var (exact, unclear) = input.Flag("exact");
        var (asked, gone) = await Asked.ReadAsync(store, request, ct);
        if ((fault ?? wrong ?? unclear ?? gone) is { } refused)
            return FhirReply.Refuse(refused);

        var properties = new List<ConceptProperty>();
        foreach (var parameter in input.Nodes("property"))
        {
            var parts = TerminologyInput.Parts(parameter).ToArray();
            var (name, value) = (Array.Find(parts, p => p.Name == "code").Value, Array.Find(parts, p => p.Name == "value").Value);
            if (name.Exists && value.Exists)
                properties.Add(new(name.Text, value.Type.Name, value.Type.Name == "Coding" ? value.TextOf("code") ?? "" : value.Text));
        }

        if ((input["system"] ?? asked.Url) is not { } system || properties.Count == 0)
            return Asked.Missing("Say the system and at least one property with its parts code and value, in a Parameters body.", input.Warnings);

        var (matches, refusal) = terminology.CodeSystems.FindMatches(system, input["version"] ?? asked.Version, properties, exact, date);
        if (matches is null)
            return Asked.Refuse(refusal!, input.Warnings);
        using var answer = new ParametersAnswer();
        foreach (var match in matches)
            answer.Parts("match", part =>
            {
                part.Coding("code", match.System, match.Version, match.Code, match.Display);
                foreach (var rest in match.Unmatched)
                    part.Parts("unmatched", p => p.Add("code", rest.Code, "valueCode").Value("value", rest.Type, rest.Value, rest.System));
            });
        return answer.Issues(input.Warnings).ToReply();
    }
}
