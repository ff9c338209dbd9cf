using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>CodeSystem/$validate-code</c>: whether a code is valid on the date of service (<c>date</c>, default today).</summary>
/// <remarks>https://hl7.org/fhir/R4/codesystem-operation-validate-code.html. A header that groups others is a code, but the message says it cannot be billed.</remarks>
internal sealed class ValidateCode(ITerminology terminology, TimeProvider clock)
{
    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => Task.FromResult(Answer(request));

    private FhirReply Answer(FhirRequest request)
    {
        var (question, fault) = CodeQuestion.Read(request, clock, "url");
        if (question is null)
            return FhirReply.Refuse(fault!);

        var answer = new Parameters();
        var concept = terminology.Find(question.System, question.Code, question.On);
        answer.Add("result", new FhirBoolean(concept is not null));
        if (Message(question, concept) is { } message)
            answer.Add("message", new FhirString(message));
        if (concept?.Display is { } display)
            answer.Add("display", new FhirString(display));
        return FhirReply.Of(answer);
    }

    private string? Message(CodeQuestion question, Concept? concept)
    {
        if (concept is null)
            return CodeVerdict.WhyUnknown(terminology, question);
        if (!concept.IsBillable)
        {
            var children = terminology.Children(question.System, question.Code, question.On).Take(3).Select(c => c.Code).ToArray();
            return $"{concept.Code} groups more specific codes and cannot be billed itself{(children.Length == 0 ? "" : $"; choose one such as {string.Join(", ", children)}")}.";
        }

        return question.Display is { } said && concept.Display is { } known && !said.Equals(known, StringComparison.OrdinalIgnoreCase)
            ? $"The title of {concept.Code} is '{known}'."
            : null;
    }
}
