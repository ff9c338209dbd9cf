using System.Globalization;
using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>CodeSystem/$lookup</c>: what a code means, in the edition in force on <c>date</c> (default today).</summary>
/// <remarks>https://hl7.org/fhir/R4/codesystem-operation-lookup.html. 404 when the code is not known on that date.</remarks>
internal sealed class Lookup(ITerminology terminology, TimeProvider clock)
{
    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => Task.FromResult(Answer(request));

    private FhirReply Answer(FhirRequest request)
    {
        var (question, fault) = CodeQuestion.Read(request, clock, "system");
        if (question is null)
            return FhirReply.Refuse(fault!);
        if (terminology.Find(question.System, question.Code, question.On) is not { } concept)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, CodeVerdict.WhyUnknown(terminology, question)));

        var answer = new Parameters();
        answer.Add("name", new FhirString(concept.System));
        answer.Add("version", new FhirString(concept.Edition));
        answer.Add("display", new FhirString(concept.Display ?? concept.Code));
        Property(answer, "billable", new FhirBoolean(concept.IsBillable));
        if (concept.ValidFrom is { } from)
            Property(answer, "validFrom", new FhirDateTime(from.ToString("O", CultureInfo.InvariantCulture)));
        if (concept.ValidTo is { } to)
            Property(answer, "validTo", new FhirDateTime(to.ToString("O", CultureInfo.InvariantCulture)));
        foreach (var (name, value) in concept.Properties)
            Property(answer, name, name == "parent" ? new Code(value) : new FhirString(value));
        foreach (var child in terminology.Children(question.System, question.Code, question.On))
            Property(answer, "child", new Code(child.Code));
        return FhirReply.Of(answer);
    }

    private static void Property(Parameters answer, string code, DataType value) => answer.Parameter.Add(new()
    {
        Name = "property",
        Part = [new() { Name = "code", Value = new Code(code) }, new() { Name = "value", Value = value }],
    });
}
