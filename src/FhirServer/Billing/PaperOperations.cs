using FhirEmr.BillingBridge;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Papers as FHIR operations: superbill, CMS-1500, statement, appeal packet. As PDF or HTML when asked so, else as a Binary with the PDF.</summary>
internal sealed class PaperOperations(PaperPipeline papers, IResourceStore store)
{
    private const string Definitions = "urn:fhiremr:OperationDefinition:";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        PaperOperations Papers() => services.GetRequiredService<PaperOperations>();
        yield return new("superbill", Definitions + "Encounter-superbill", ["Encounter"], false, true, false, (r, ct) => Papers().SuperbillAsync(r, ct));
        yield return new("cms1500", Definitions + "Claim-cms1500", ["Claim"], false, true, false, (r, ct) => Papers().Cms1500Async(r, ct));
        yield return new("statement", Definitions + "Patient-statement", ["Patient"], false, true, false, (r, ct) => Papers().StatementAsync(r, ct));
        yield return new("appeal-packet", Definitions + "Task-appeal-packet", ["Task"], false, true, false, (r, ct) => Papers().AppealPacketAsync(r, ct));
    }

    /// <summary><c>Encounter/[id]/$superbill</c>: what the visit was and what it costs; a draft while nothing is billed.</summary>
    private Task<FhirReply> SuperbillAsync(FhirRequest request, CancellationToken ct) =>
        WriteAsync(request, [], (id, form, _) => papers.SuperbillAsync(id, form, ct), ct);

    /// <summary><c>Claim/[id]/$cms1500</c>: every box's value; with <c>form=true</c> the PDF has only the characters, for a bought form.</summary>
    private Task<FhirReply> Cms1500Async(FhirRequest request, CancellationToken ct) =>
        WriteAsync(request, ["form"], (id, form, input) => papers.Cms1500Async(id, form, input["form"] == "true", ct), ct);

    /// <summary><c>Patient/[id]/$statement</c>: the patient's account, every line explained.</summary>
    private Task<FhirReply> StatementAsync(FhirRequest request, CancellationToken ct) =>
        WriteAsync(request, [], (id, form, _) => papers.StatementAsync(id, form, ct), ct);

    /// <summary><c>Task/[id]/$appeal-packet</c>: letter, decision and enclosed records of an appeal.</summary>
    private Task<FhirReply> AppealPacketAsync(FhirRequest request, CancellationToken ct) =>
        WriteAsync(request, [], (id, form, _) => papers.AppealPacketAsync(id, form, ct), ct);

    /// <summary>The paper is written for the practice; what it is about must be within the caller's reach.</summary>
    private async Task<FhirReply> WriteAsync(
        FhirRequest request, string[] parameters, Func<string, PaperForm, OperationInput, Task<PaperResult>> write, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, parameters);
        var (mediaType, unknown) = PaperFormat.Choose(request);
        fault ??= unknown;
        if (fault is null && input["form"] is not (null or "true" or "false"))
            fault = FhirFault.Of(FaultKind.Invalid, $"form={input["form"]} is neither true nor false.", code: "value");
        fault ??= await store.ClosedAsync(request, request.Target.Key, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        return await write(request.Target.Id!, mediaType == "text/html" ? PaperForm.Html : PaperForm.Pdf, input) switch
        {
            PaperResult.Written paper when mediaType is null => FhirReply.Of(new Binary { ContentType = paper.ContentType, Data = paper.Content }),
            PaperResult.Written paper => new FhirReply(200)
            {
                Json = paper.Content,
                ContentType = paper.ContentType,
                Headers = [("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"), ("Cache-Control", "no-store")],
            },
            PaperResult.NotFound => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
            PaperResult.Refused refused => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, refused.Why)),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }
}
