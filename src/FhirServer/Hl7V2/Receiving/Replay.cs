using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary><c>Basic/[id]/$hl7v2-replay</c>: a message that was parked or refused is taken in again, with what a person has decided.</summary>
/// <remarks>
/// Parameters <c>patient</c> (a reference) or <c>createPatient</c>; neither looks again, as after a patient was made. It is stored under the rights of who asks.
/// A message that was applied is 422; one that still cannot be applied stays what it was. Answers 200 with an OperationOutcome, 400, 404, 422.
/// </remarks>
internal sealed class Replay(Reception reception, PatientFinder patients, SenderBook senders, IResourceStore store)
{
    public const string Name = "hl7v2-replay";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new(Name, "urn:fhiremr:OperationDefinition:hl7v2-replay", ["Basic"], false, true, true, (r, ct) => services.GetRequiredService<Replay>().HandleAsync(r, ct));
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (patient, creates, fault) = Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (await store.ReadAsync(request.Target.Key, request.Caller.Access, ct) is not { } stored)
            return FhirReply.Refuse(FhirFault.NotFound(request.Target.Key));
        if (stored.IsDeleted)
            return FhirReply.Refuse(FhirFault.Gone(request.Target.Key));
        var basic = FhirFormats.Parse<Basic>(stored.Json.Span);
        if (StoredMessage.SenderOf(basic) is not { } sender || StoredMessage.OriginalOf(basic) is not { } original)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"{request.Target.Key} is no received message: search Basic?code={Hl7V2Urls.Kind}|{Hl7V2Urls.Received}."));
        if (StoredMessage.StateOf(basic) is Hl7V2Urls.Applied)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, StoredMessage.AppliedAlready));
        if (patient is { } key)
        {
            const string at = "Parameters.parameter.where(name = 'patient')";
            if (await store.ReadAsync(key, request.Caller.Access, ct) is not { IsDeleted: false })
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"{key} is not known here.", at));
            if (await patients.SurvivorAsync(key.ToString(), request.Caller.Access, ct) is var survivor && survivor != key)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, PatientCandidates.MergedAway(key, survivor), at));
        }

        var bytes = original.Data ?? await reception.ContentAsync(original.Url, request.Caller, ct);
        if (bytes is null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "The original of the message is not here any more."));
        var received = await reception.ReceiveAsync(bytes, senders.Named(sender), request.Caller, new ReplayDecision(patient, creates, StoredMessage.ReceivedAtOf(basic), StoredMessage.ReasonOf(basic)), ct);
        if (received.Code != Acknowledgement.Accepted)
            return FhirReply.Refuse(FhirFault.Of(received.IsTransient ? FaultKind.Unavailable : FaultKind.Unprocessable, received.Why ?? "The message cannot be applied."));
        var outcome = new OperationOutcome();
        outcome.Issue.Add(new OperationOutcome.IssueComponent
        {
            Severity = OperationOutcome.IssueSeverity.Information,
            Code = OperationOutcome.IssueType.Informational,
            Diagnostics = received.IsParked ? $"Still parked: {received.Why}" : "Applied.",
        });
        return FhirReply.Of(outcome);
    }

    private static (ResourceKey? Patient, bool Creates, FhirFault? Fault) Read(FhirRequest request)
    {
        if (!request.Body.Exists)
            return (null, false, null);
        if (request.Body.Type.Name != "Parameters")
            return (null, false, FhirFault.Of(FaultKind.Invalid, $"${Name} takes a Parameters resource, not a {request.Body.Type.Name}."));
        var (patient, creates) = ((ResourceKey?)null, false);
        foreach (var parameter in request.Body.Children)
        {
            if (FhirNames.Name(parameter.NameId) != "parameter")
                continue;
            var value = parameter.Child("value");
            switch (parameter.TextOf("name"))
            {
                case "patient" when value.Exists && ResourceKey.TryParseRelative(value.Type.IsPrimitive ? value.Text : value.TextOf("reference") ?? "", out var key, out _) && key.Type == "Patient":
                    patient = key;
                    break;
                case "patient":
                    return (null, false, FhirFault.Of(FaultKind.Invalid, "patient is a reference such as Patient/1.", "Parameters.parameter.where(name = 'patient')", "value"));
                case "createPatient" when value.Exists && value.Type.IsPrimitive && value.Text is "true" or "false":
                    creates = value.Text == "true";
                    break;
                case var other:
                    return (null, false, FhirFault.Of(FaultKind.Invalid, $"${Name} has no parameter '{other}' of this type; it takes patient (a reference) or createPatient (true or false)."));
            }
        }

        return patient is not null && creates ? (null, false, FhirFault.Of(FaultKind.Invalid, "Give patient or createPatient, not both.")) : (patient, creates, null);
    }
}
