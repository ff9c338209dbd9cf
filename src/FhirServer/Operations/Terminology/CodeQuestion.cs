using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary>Which code, of which system, on which date: what $lookup and $validate-code have in common.</summary>
internal sealed record CodeQuestion(string System, string Code, DateOnly On, string? Display)
{
    public static (CodeQuestion? Question, FhirFault? Fault) Read(FhirRequest request, TimeProvider clock, string systemParameter)
    {
        var (input, fault) = OperationInput.Read(request, systemParameter, "system", "code", "coding", "codeableConcept", "version", "display", "date", "property", "displayLanguage");
        if (fault is not null)
            return (null, fault);
        var (date, wrong) = input.Date("date");
        if (wrong is not null)
            return (null, wrong);

        var coding = input.Codings.GetValueOrDefault("coding", input.Codings.GetValueOrDefault("codeableConcept"));
        var (system, code) = (input[systemParameter] ?? input["system"] ?? coding.System, input["code"] ?? coding.Code);
        if (system is null || code is null)
            return (null, FhirFault.Of(FaultKind.Invalid, $"Say which code of which system: {systemParameter}=...&code=..., or a coding.", code: "required"));
        return (new(CodeSystemUrls.Canonical(system), code.Trim(), date ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), input["display"]), null);
    }
}
