using System.Globalization;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.Interchange.Status;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Questions to payers as FHIR operations: is the coverage good, what will the patient pay, what became of the claim.</summary>
internal sealed class EligibilityOperations(
    EligibilityCheck eligibility, ClaimStatusCheck status, EstimatePipeline estimates, BillingCycle cycle, IFhirRecords records, IResourceStore store, TimeZoneInfo zone, TimeProvider clock)
{
    private const string Definitions = "urn:fhiremr:OperationDefinition:";
    private const string Request = "CoverageEligibilityRequest";
    private const string Response = "CoverageEligibilityResponse";
    private const string AgeUrl = "urn:fhiremr:answer-age";
    private const string TaskUrl = "urn:fhiremr:waiting-task";
    private const string LastUrl = "urn:fhiremr:last-answer";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        EligibilityOperations Questions() => services.GetRequiredService<EligibilityOperations>();

        // $submit is also what others may call sending a claim: asking about a coverage is a right of its own.
        yield return new("submit", Definitions + "CoverageEligibilityRequest-submit", [Request], true, true, true, (r, ct) => Questions().SubmitAsync(r, ct)) { Right = "operation:eligibility" };
        yield return new("estimate", Definitions + "estimate", ["Appointment", "Encounter"], false, true, false, (r, ct) => Questions().EstimateAsync(r, ct));
        yield return new("status", Definitions + "Claim-status", ["Claim"], false, true, true, (r, ct) => Questions().StatusAsync(r, ct));
    }

    /// <summary><c>POST CoverageEligibilityRequest/[id]/$submit</c>, or of the type with the request as the body or as parameter <c>resource</c>.</summary>
    /// <remarks>
    /// 200 with the CoverageEligibilityResponse, from the payer or kept since less than a day (header Age; <c>refresh=true</c> asks again); 202 with one of
    /// outcome <c>queued</c> when the payer has not answered, naming the Task and the last answer.
    /// </remarks>
    private async Task<FhirReply> SubmitAsync(FhirRequest request, CancellationToken ct)
    {
        var sent = Sent(request);
        var (input, fault) = OperationInput.Read(sent is null || request.Body.Type.Name == "Parameters" ? request : request with { Body = default }, "refresh");
        var (refresh, wrong) = Flag(input, "refresh");
        fault ??= wrong ?? Closed(request, request.Target.Id is null ? Interaction.Create : Interaction.Update);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (request.Target.Id is { } id)
        {
            return await store.ClosedAsync(request, request.Target.Key, ct) is { } absent
                ? FhirReply.Refuse(absent)
                : await AnswerAsync(await eligibility.SubmitAsync(id, refresh, ct), request, ct);
        }

        if (sent is null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "$submit of the type needs a CoverageEligibilityRequest as the body, or as the parameter 'resource' of Parameters."));
        foreach (var (reference, type) in ((string?, string)[])[(sent.Patient?.Reference, "Patient"), (sent.Insurance.Find(i => i.Focal == true)?.Coverage?.Reference ?? sent.Insurance.FirstOrDefault()?.Coverage?.Reference, "Coverage")])
        {
            if (reference is null || !ResourceKey.TryParseRelative(reference, out var key, out _) || key.Type != type)
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"The request names no {type}: a payer is asked about one coverage of one patient.", $"{Request}.{(type == "Patient" ? "patient" : "insurance.coverage")}"));
            if (await store.ClosedAsync(request, key, ct) is { } absent)
                return FhirReply.Refuse(absent with { Kind = FaultKind.Unprocessable });
        }

        return await AnswerAsync(await eligibility.SubmitAsync(sent, refresh, ct), request, ct);
    }

    /// <summary><c>Appointment|Encounter/[id]/$estimate</c>: what the patient will probably pay; nothing is stored.</summary>
    /// <remarks>Parameters <c>code</c> (procedures, comma between), <c>allowed</c> (what the payer allows for the one code) and <c>serviceType</c> (X12).</remarks>
    private async Task<FhirReply> EstimateAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "code", "allowed", "serviceType");
        var codes = (input["code"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(c => c.ToUpperInvariant()).ToList();
        decimal? allowed = null;
        if (fault is null && input["allowed"] is { } text)
        {
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var usd) || codes.Count != 1)
                fault = FhirFault.Of(FaultKind.Invalid, $"allowed={text} cannot be used: it is the dollars, as in 120.50, that the payer allows for one code.", code: "value");
            allowed = usd;
        }

        var access = request.Caller.Access;
        if (fault is null && !access.Of(Response).Allows(Interaction.Read))
            fault = FhirFault.Of(FaultKind.Forbidden, $"You may not read {Response}.");
        if (fault is null && codes.Count == 0 && !access.Of("Claim").Allows(Interaction.Read))
            fault = FhirFault.Of(FaultKind.Invalid, "Name the codes, as in code=99213,85025: what the visit was charged with is not open to you.", code: "required");
        fault ??= await store.ClosedAsync(request, request.Target.Key, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        if (await store.ReadAsync(request.Target.Key, access, ct) is not { IsDeleted: false })
            return FhirReply.Refuse(FhirFault.NotFound(request.Target.Key));

        var (patient, start) = request.Target.Type == "Encounter"
            ? await records.ReadAsync<Encounter>(request.Target.Id!, ct) is { } encounter ? (encounter.Subject?.Reference, DateOfService.From(encounter.Period?.Start, zone)) : default
            : await records.ReadAsync<Appointment>(request.Target.Id!, ct) is { } appointment
                ? (appointment.Participant.Select(p => p.Actor?.Reference).FirstOrDefault(r => r?.StartsWith("Patient/", StringComparison.Ordinal) == true), appointment.Start is { } at ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime) : (DateOnly?)null)
                : default;
        if (patient is null || !ResourceKey.TryParseRelative(patient, out var key, out _) || key.Type != "Patient")
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"{request.Target.Key} names no patient of this server."));

        var day = start ?? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).DateTime);
        return await estimates.RunAsync(new(key.Id, day, codes, allowed, input["serviceType"], request.Target.Type == "Encounter" ? request.Target.Id : null), ct) switch
        {
            EstimateResult.Estimated e when await store.ShowsAsync(new ResourceKey(Response, e.Answer.Id!), request.Caller.Access, ct) => FhirReply.Of(Estimate(e)),
            EstimateResult.Estimated => FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, "The payer's answer about this coverage is not open to you.")),
            EstimateResult.NotPossible no => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, no.Why)),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }

    /// <summary><c>POST Claim/[id]/$status</c>: asks the payer what became of a claim (276) and tells its answer (277) with the stage. 202 when it has not answered.</summary>
    private async Task<FhirReply> StatusAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "refresh");
        var (refresh, wrong) = Flag(input, "refresh");
        fault ??= wrong ?? Closed(request, Interaction.Update) ?? await store.ClosedAsync(request, request.Target.Key, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        return await status.RunAsync(request.Target.Id!, refresh, ct) switch
        {
            ClaimStatusResult.Answered a => FhirReply.Of(Status(request, a.Stage, StatusWords.Of(a.Response.Disposition), a.Response)),
            ClaimStatusResult.Waiting w => FhirReply.Of(Status(request, w.Stage, w.Why, w.Last), 202),
            ClaimStatusResult.NotSent n => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"The claim is in stage '{n.Stage}': no payer has it, so none can be asked about it.")),
            ClaimStatusResult.NotAsked n => FhirReply.Refuse(Fault(n.Problems)),
            ClaimStatusResult.NoSuchClaim => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }

    private async Task<FhirReply> AnswerAsync(EligibilityCheckResult result, FhirRequest request, CancellationToken ct) => result switch
    {
        EligibilityCheckResult.Answered a when await store.ShowsAsync(new ResourceKey(Response, a.Response.Id!), request.Caller.Access, ct) => Answered(a),
        EligibilityCheckResult.Answered => FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, "The payer has answered, but the answer is not open to you.")),
        EligibilityCheckResult.Waiting w => FhirReply.Of(Queued(w, w.Last is { } last && await store.ShowsAsync(new ResourceKey(Response, last.Id!), request.Caller.Access, ct)), 202),
        EligibilityCheckResult.NotAsked n => FhirReply.Refuse(Fault(n.Problems)),
        EligibilityCheckResult.NoSuchRequest n => FhirReply.Refuse(FhirFault.NotFound(new(Request, n.Id))),
        EligibilityCheckResult.Refused r => new FhirReply(422) { Json = FhirFormats.ToJson(r.Outcome), Fault = FhirFault.Of(FaultKind.Unprocessable, "Refused.") },
        _ => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
    };

    private static FhirReply Answered(EligibilityCheckResult.Answered answered)
    {
        var response = (CoverageEligibilityResponse)answered.Response.DeepCopy();
        response.AddExtension(AgeUrl, new FhirString(EligibilityWords.Age(answered.Age)));
        return FhirReply.Of(response) with { Headers = answered.IsKept ? [("Age", ((long)answered.Age.TotalSeconds).ToString(CultureInfo.InvariantCulture))] : [] };
    }

    private CoverageEligibilityResponse Queued(EligibilityCheckResult.Waiting waiting, bool showLast)
    {
        var now = clock.GetUtcNow();
        var response = new CoverageEligibilityResponse
        {
            Status = FinancialResourceStatusCodes.Active,
            PurposeElement = [new(CoverageEligibilityResponse.EligibilityResponsePurpose.Validation)],
            Patient = waiting.Request.Patient,
            Serviced = waiting.Request.Serviced,
            Created = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Request = new ResourceReference($"{Request}/{waiting.Request.Id}"),
            Outcome = ClaimProcessingCodes.Queued,
            Insurer = waiting.Request.Insurer ?? new ResourceReference { Display = "unknown" },
            Disposition = waiting.Why,
        };
        if (waiting.TaskId is { } task)
            response.AddExtension(TaskUrl, new ResourceReference($"Task/{task}"));
        if (showLast && waiting.Last is { } last)
        {
            response.AddExtension(LastUrl, new ResourceReference($"{Response}/{last.Id}"));
            response.Disposition += $" The last answer is of {last.Created}: {last.Disposition}";
        }

        return response;
    }

    private static Parameters Estimate(EstimateResult.Estimated estimated)
    {
        var answer = new Parameters();
        answer.Add("total", Usd(estimated.Estimate.TotalUsd));
        answer.Add("allowed", Usd(estimated.Estimate.AllowedUsd));
        answer.Add("coverage", new ResourceReference($"Coverage/{estimated.CoverageId}"));
        answer.Add("answer", new ResourceReference($"{Response}/{estimated.Answer.Id}"));
        answer.Add("answered", new FhirString(estimated.Answer.Created));
        foreach (var service in estimated.Estimate.Services)
        {
            var part = new Parameters.ParameterComponent { Name = "service" };
            part.Part.Add(new() { Name = "code", Value = new Code(service.Code) });
            part.Part.Add(new() { Name = "serviceType", Value = new Coding(EligibilityUrls.ServiceType, service.ServiceType) });
            foreach (var (name, usd) in ((string, decimal)[])[("allowed", service.Share.AllowedUsd), ("copay", service.Share.CopayUsd), ("deductible", service.Share.DeductibleUsd), ("coinsurance", service.Share.CoinsuranceUsd), ("total", service.Share.TotalUsd)])
                part.Part.Add(new() { Name = name, Value = Usd(usd) });
            answer.Parameter.Add(part);
        }

        foreach (var note in estimated.Estimate.Notes)
            answer.Add("note", new FhirString(note));
        if (estimated.IsByFee)
            answer.Add("note", new FhirString("By the practice's own prices: the payer may allow less, and then the share is less."));
        return answer;
    }

    private static Parameters Status(FhirRequest request, string stage, string words, ClaimResponse? response)
    {
        var answer = new Parameters();
        answer.Add("claim", new ResourceReference(request.Target.Key.ToString()));
        answer.Add("stage", new Code(stage));
        if (words.Length > 0)
            answer.Add("words", new FhirString(words));
        if (response is not null && request.Caller.Access.Of("ClaimResponse").Allows(Interaction.Read))
            answer.Parameter.Add(new() { Name = "response", Resource = response });
        return answer;
    }

    private static Money Usd(decimal amount) => new() { Value = amount, Currency = Money.Currencies.USD };

    private static FhirFault Fault(IReadOnlyList<MappingProblem> problems) => new(FaultKind.Unprocessable, [.. problems.Select(p => new FaultIssue(null, p.Message, p.Expression))]);

    private static (bool Value, FhirFault? Fault) Flag(OperationInput input, string name) => input[name] switch
    {
        null or "false" => (false, null),
        "true" => (true, null),
        var other => (false, FhirFault.Of(FaultKind.Invalid, $"{name}={other} cannot be read: write true or false.", code: "value")),
    };

    private static CoverageEligibilityRequest? Sent(FhirRequest request)
    {
        var body = request.Body;
        if (!body.Exists || request.Target.Id is not null)
            return null;
        if (body.Type.Name == Request)
            return FhirFormats.Parse<CoverageEligibilityRequest>(body.Tree.Source[body.Start..body.End].Span);
        foreach (var parameter in body.Children)
            if (FhirNames.Name(parameter.NameId) == "parameter" && parameter.TextOf("name") == "resource" && parameter.Child("resource") is { Exists: true } resource && resource.Type.Name == Request)
                return FhirFormats.Parse<CoverageEligibilityRequest>(body.Tree.Source[resource.Start..resource.End].Span);
        return null;
    }

    /// <summary>What the question writes and shows must be what the caller may write and see; and there must be somebody to ask.</summary>
    private FhirFault? Closed(FhirRequest request, Interaction interaction)
    {
        var type = request.Target.Type!;
        if ((request.MayNot(interaction, type) ?? (type == Request ? request.MayNot(Interaction.Read, Response) : null)) is { } fault)
            return fault;
        return cycle.IsOpen ? null : FhirFault.Of(FaultKind.Unprocessable, "No way to payers is set up here (Billing:Channel, docs/channels.md), so none can be asked.");
    }
}
