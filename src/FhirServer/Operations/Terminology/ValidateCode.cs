using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Operations;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>$validate-code</c> on code systems and value sets: whether a code is valid on the date of service (<c>date</c>, default today).</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/codesystem-operation-validate-code.html, valueset-operation-validate-code.html. A header that groups others is a code, but
/// the message says it cannot be billed. What cannot be told, as without the content of a system, is not valid either, and the message says why.
/// </remarks>
internal sealed class ValidateCode(TerminologyService terminology, IResourceStore store, TimeProvider clock)
{
    public async Task<FhirReply> InSystemAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = TerminologyInput.Read(request, "url", "system", "codeSystem", "code", "version", "display", "coding", "codeableConcept", "date", "abstract", "displayLanguage");
        var (date, wrong) = input.Date(clock);
        var (asked, gone) = await Asked.ReadAsync(store, request, ct);
        if ((fault ?? wrong ?? gone) is { } refused)
            return FhirReply.Refuse(refused);
        if (input.Resource("codeSystem") is not null)
            return Asked.Refuse(new("not-supported", "A code system that comes with the question is not taken: store it, and name it by url."), input.Warnings);

        var url = input["url"] ?? input["system"] ?? asked.Url;
        CodeVerdict? first = null;
        foreach (var coding in input.Codings(input["url"] is null ? "system" : "url", "version"))
        {
            if ((coding.System ?? url) is not { } system)
                continue;
            var verdict = terminology.CodeSystems.Validate(system, coding.Version ?? input["version"] ?? asked.Version, coding.Code, coding.Display, date);
            first = verdict.Result == true || first is null ? verdict : first;
            if (verdict.Result == true)
                break;
        }

        return first is null
            ? Asked.Missing("Say which code of which system: url=...&code=..., or a coding.", input.Warnings)
            : Answer(first, input.Warnings);
    }

    public async Task<FhirReply> InValueSetAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = TerminologyInput.Read(request, "url", "context", "valueSet", "valueSetVersion", "code", "system", "systemVersion", "display", "coding", "codeableConcept",
            "date", "abstract", "displayLanguage");
        var (date, wrong) = input.Date(clock);
        var (asked, gone) = await Asked.ReadAsync(store, request, ct);
        if ((fault ?? wrong ?? gone) is { } refused)
            return FhirReply.Refuse(refused);

        var codings = input.Codings("system", "systemVersion");
        var inline = input.Resource("valueSet") ?? asked.Content;
        var url = inline is null ? input["url"] : null;
        if (codings.Count == 0 || (url is null && inline is null))
            return Asked.Missing("Say which code and which value set: url=...&system=...&code=..., or a coding and a valueSet.", input.Warnings);
        if (url is not null && input["valueSetVersion"] is { } version && !url.Contains('|', StringComparison.Ordinal))
            url = $"{url}|{version}";
        var (verdict, refusal) = terminology.ValueSetOperations.Validate(url, inline ?? default, codings, date);
        return verdict is null ? Asked.Refuse(refusal!, input.Warnings) : Answer(verdict, input.Warnings);
    }

    private static FhirReply Answer(CodeVerdict verdict, List<string> warnings)
    {
        using var answer = new ParametersAnswer();
        return answer.Add("result", verdict.Result == true).Add("message", verdict.Message).Add("display", verdict.Display)
            .Add("code", verdict.Code, "valueCode").Add("system", verdict.System, "valueUri").Add("version", verdict.Version).Issues(warnings).ToReply();
    }
}
