using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary><c>$import-ccda</c>, and <c>Patient/[id]/$import-ccda</c>: C-CDA documents, or an XDM package of them, into the record.</summary>
/// <remarks>
/// Our own. Each document is one transaction with the caller's rights, and the answer has one <c>result</c> for each. <c>dryRun=true</c> tells what
/// would be done and writes nothing. When the only document is refused the answer is the refusal; among several it is a <c>result</c> with an OperationOutcome.
/// Answers 200, 400, 403, 404, 413, 422.
/// </remarks>
internal sealed class ImportCcdaOperation(CcdaSourceReader sources, CcdaImport import)
{
    private const string Definition = "urn:fhiremr:OperationDefinition:import-ccda";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        ImportCcdaOperation Import() => services.GetRequiredService<ImportCcdaOperation>();
        yield return new("import-ccda", Definition, [], false, false, true, (r, ct) => Import().HandleAsync(r, ct));
        yield return new("import-ccda", Definition, ["Patient"], false, true, true, (r, ct) => Import().HandleAsync(r, ct));
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (source, fault) = await sources.ReadAsync(request, ct);
        if (source is null)
            return FhirReply.Refuse(fault!);
        if (source.Documents.FirstOrDefault(d => d.Xml.Length > CdaDocument.MaxBytes) is { Name: not null } large)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.TooLarge, $"{large.Name} has {large.Xml.Length} bytes; a document has at most {CdaDocument.MaxBytes / (1024 * 1024)} MiB."));

        var answer = new Parameters();
        foreach (var (name, xml) in source.Documents)
        {
            var (report, refused) = await import.RunAsync(name, xml, source, request, ct);
            if (refused is not null && source.Documents.Count == 1)
                return FhirReply.Refuse(refused);
            answer.Parameter.Add(refused is null ? report!.ToParameter()
                : new() { Name = "result", Part = [new() { Name = "name", Value = new FhirString(name) }, new() { Name = "refused", Resource = refused.ToOutcome() }] });
        }

        foreach (var name in source.Passed)
            answer.Parameter.Add(new() { Name = "passed", Value = new FhirString(name) });
        return FhirReply.Of(answer);
    }
}
