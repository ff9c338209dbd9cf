using System.Globalization;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Working denials as FHIR operations: appeal, assign, resolve, what comes next, what keeps coming back.</summary>
internal sealed class DenialOperations(DenialPipeline pipeline, IResourceStore store)
{
    private const string Definitions = "urn:fhiremr:OperationDefinition:Task-";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        DenialOperations Denials() => services.GetRequiredService<DenialOperations>();
        yield return new("appeal", Definitions + "appeal", ["Task"], false, true, true, (r, ct) => Denials().AppealAsync(r, ct));
        yield return new("assign", Definitions + "assign", ["Task"], false, true, true, (r, ct) => Denials().AssignAsync(r, ct));
        yield return new("resolve", Definitions + "resolve", ["Task"], false, true, true, (r, ct) => Denials().ResolveAsync(r, ct));
        yield return new("work-next", Definitions + "work-next", ["Task"], true, false, false, (r, ct) => Denials().WorkNextAsync(r, ct));
        yield return new("denial-patterns", Definitions + "denial-patterns", ["Task"], true, false, false, (r, ct) => Denials().PatternsAsync(r, ct));
        yield return new("accept-pattern", Definitions + "accept-pattern", ["Task"], true, false, true, (r, ct) => Denials().AcceptAsync(r, ct));
    }

    /// <summary><c>POST Task/[id]/$appeal</c>: the appeal record with its letter; the claim is then appealed. Twice gives the open appeal.</summary>
    /// <remarks>
    /// Parameters, all optional: <c>basis</c>, <c>goodCause</c> (when the limit has passed), <c>letter</c> (instead of a draft), <c>enclose</c> (references with commas
    /// between them; without it the signed notes of the visit, which only those may send who hold this right).
    /// </remarks>
    private async Task<FhirReply> AppealAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "basis", "goodCause", "letter", "enclose");
        fault ??= request.MayNot(Interaction.Update, "Claim") ?? request.MayNot(Interaction.Update, "Task") ?? await store.ClosedAsync(request, request.Target.Key, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var enclosed = input["enclose"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Answer(await pipeline.AppealAsync(request.Target.Id!, new AppealRequest(input["basis"], input["goodCause"], input["letter"], enclosed), request.Caller.Name, ct), request);
    }

    /// <summary><c>POST Task/[id]/$assign</c>: to a group, a person, or both, with an optional note.</summary>
    private async Task<FhirReply> AssignAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "group", "owner", "note");
        fault ??= request.MayNot(Interaction.Update, "Task") ?? await store.ClosedAsync(request, request.Target.Key, ct);
        return fault is not null
            ? FhirReply.Refuse(fault)
            : Answer(await pipeline.AssignAsync(request.Target.Id!, input["group"], input["owner"], input["note"], request.Caller.Name, ct), request);
    }

    /// <summary><c>POST Task/[id]/$resolve</c>: ends a denial or appeal by hand: <c>outcome</c>, <c>amount</c> when money was won, else <c>reason</c>; optionally <c>step</c>.</summary>
    private async Task<FhirReply> ResolveAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "outcome", "amount", "step", "reason");
        fault ??= request.MayNot(Interaction.Update, "Task") ?? await store.ClosedAsync(request, request.Target.Key, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        decimal? amount = null;
        if (input["amount"] is { } text)
        {
            if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var usd))
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"amount={text} is no amount: write dollars and cents, 120.50.", code: "value"));
            amount = usd;
        }

        return Answer(await pipeline.ResolveAsync(request.Target.Id!, input["outcome"] ?? "", amount, input["step"], input["reason"], request.Caller.Name, ct), request);
    }

    /// <summary><c>Task/$work-next</c>: the open denial or appeal with the most money and the nearest deadline; of one <c>group</c>, not of other owners than <c>owner</c>.</summary>
    private async Task<FhirReply> WorkNextAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "group", "owner");
        if (fault is null && input["group"] is { } group && !DenialTask.Groups.Contains(group))
            fault = FhirFault.Of(FaultKind.Invalid, $"group={group} is not known; it is one of {string.Join(", ", DenialTask.Groups)}.", code: "value");
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var access = request.Caller.Access;
        var next = await pipeline.WorkNextAsync(input["group"], input["owner"], Shown(request), ct);
        var answer = new Parameters();
        answer.Add("waiting", new UnsignedInt(next?.Waiting ?? 0));
        if (next is null)
            return FhirReply.Of(answer);
        if (next.Late is { } late)
            answer.Add("late", new FhirString(late));
        if (next.DaysLeft is { } days)
            answer.Add("daysLeft", new Integer(days));
        if (next.Next is { } step)
        {
            answer.Add("nextStep", new Code(step.Step));
            answer.Add("why", new FhirString(step.Why));
            answer.Add("pastSuccess", new FhirString(step.PastWords));
        }

        // As the caller may see it.
        var shown = access.IsEverything ? next.Task : FhirFormats.Parse<Hl7.Fhir.Model.Task>((await store.ReadAsync(new("Task", next.Task.Id!), access, ct))!.Json.Span);
        answer.Parameter.Add(new() { Name = "task", Resource = shown });
        return FhirReply.Of(answer);
    }

    /// <summary><c>Task/$denial-patterns</c>: what payers keep denying, by payer, reason, kind of service and cause; since <c>since</c> (default 180 days), of one <c>payer</c>.</summary>
    private async Task<FhirReply> PatternsAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "since", "payer");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (since, wrong) = input.Date("since");
        if (wrong is not null)
            return FhirReply.Refuse(wrong);

        var answer = new Parameters();
        foreach (var pattern in await pipeline.PatternsAsync(since, input["payer"], Shown(request), ct))
            answer.Parameter.Add(Parameter(pattern));
        return FhirReply.Of(answer);
    }

    /// <summary><c>POST Task/$accept-pattern</c>: makes a payer rule of <c>pattern</c> (its id); optionally <c>message</c>, <c>severity</c> (warn, reject), <c>reviewOn</c>.</summary>
    private async Task<FhirReply> AcceptAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "pattern", "message", "severity", "reviewOn");
        if (fault is null && input["severity"] is not (null or "warn" or "reject"))
            fault = FhirFault.Of(FaultKind.Invalid, $"severity={input["severity"]} is not known; it is warn or reject.", code: "value");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (review, wrong) = input.Date("reviewOn");
        if (wrong is not null)
            return FhirReply.Refuse(wrong);

        return await pipeline.AcceptAsync(new PatternAcceptance(input["pattern"] ?? "", input["message"], input["severity"] == "reject", review), request.Caller.Name, Shown(request), ct) switch
        {
            PatternResult.Accepted accepted => FhirReply.Of(accepted.Rule),
            PatternResult.Refused refused => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, refused.Why)),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }

    private static Parameters.ParameterComponent Parameter(DenialPattern pattern)
    {
        var parameter = new Parameters.ParameterComponent { Name = "pattern" };
        Add("id", new FhirString(pattern.Id));
        Add("text", new FhirString(pattern.ToString()));
        Add("count", new PositiveInt(pattern.Count));
        Add("denied", new Money { Value = pattern.DeniedUsd, Currency = Money.Currencies.USD });
        Add("carc", new Code(pattern.Carc));
        Add("family", new FhirString(pattern.Family));
        if (pattern.Payer is { } payer)
            Add("payer", new ResourceReference(payer) { Display = pattern.PayerName });
        if (pattern.Cause is { } cause)
            Add("cause", new FhirString(cause));
        if (pattern.ScrubRule is { } rule)
            Add("rule", new Code(rule));
        foreach (var code in pattern.Codes)
            Add("code", new Code(code));
        foreach (var (provider, count) in pattern.Providers)
            Add("provider", new FhirString(string.Create(CultureInfo.InvariantCulture, $"{provider} {count}")));
        foreach (var (place, count) in pattern.Places)
            Add("location", new FhirString(string.Create(CultureInfo.InvariantCulture, $"{place} {count}")));
        Add("closed", new UnsignedInt(pattern.Closed));
        Add("won", new UnsignedInt(pattern.Won));
        return parameter;

        void Add(string name, DataType value) => parameter.Part.Add(new() { Name = name, Value = value });
    }

    /// <summary>Labels and consents keep single Tasks from nearly everybody: what the caller may not read is not counted for them, and the rest still is.</summary>
    private Func<IReadOnlyList<Hl7.Fhir.Model.Task>, CancellationToken, Task<IReadOnlyList<Hl7.Fhir.Model.Task>>> Shown(FhirRequest request) =>
        (tasks, ct) => store.ReadableAsync(tasks, t => new("Task", t.Id!), request.Caller.Access, ct);

    private static FhirReply Answer(DenialResult result, FhirRequest request) => result switch
    {
        DenialResult.Done done => FhirReply.Of(done.Task),
        DenialResult.NoSuchTask => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
        DenialResult.Refused refused => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, refused.Why)),
        _ => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
    };
}
