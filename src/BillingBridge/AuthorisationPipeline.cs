using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Authorisation;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Requests for authorisation (Claim of use preauthorization) → a 278 in the outbox, and the 278 that answers → their ClaimResponse.</summary>
/// <remarks>
/// Billing spec 2.8. A request has one ClaimResponse from the moment it is sent: queued, then what the payer decided. The file waits in the
/// same outbox as claims do; <see cref="SubmissionPipeline.DispatchAsync"/> hands it over.
/// </remarks>
public sealed class AuthorisationPipeline(IFhirRecords records, InterchangeOptions options, TimeProvider time)
{
    private const int Attempts = 5;
    private const string Query = "28";

    /// <summary>An inquiry that nobody answers may be repeated after this time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly QuestionRenderer _renderer = new(options);

    /// <summary>Asks the payer for an authorisation. Asked again it answers with what there is; a request the payer could not take is sent anew.</summary>
    public Task<AuthorisationResult> SubmitAsync(string claimId, CancellationToken ct) => AskAsync(claimId, isInquiry: false, ct);

    /// <summary>Asks what became of a request that the payer has pended. Any other is answered with what is known.</summary>
    public Task<AuthorisationResult> InquireAsync(string claimId, CancellationToken ct) => AskAsync(claimId, isInquiry: true, ct);

    /// <summary>Applies a 278 response. Applying it again changes nothing; a file with a refusal changes nothing either.</summary>
    public async Task<AuthorisationAnswered> ApplyAsync(Stream x12, CancellationToken ct)
    {
        using var file = new MemoryStream();
        await x12.CopyToAsync(file, ct);
        var isInquiry = await IsInquiryAsync(new MemoryStream(file.ToArray(), writable: false), ct);
        file.Position = 0;
        var envelope = new EnvelopeReader(file, new X12Findings());
        Isa? interchange = null;
        var items = new List<HierarchyItem>(); // a 278 answers the few requests of one of our files
        await foreach (var item in HierarchyReader.ReadAsync(envelope, isInquiry ? HierarchyGuide.ReviewInquiryAnswer278 : HierarchyGuide.ReviewAnswer278, ct))
        {
            interchange ??= envelope.Interchange;
            items.Add(item);
        }

        var findings = envelope.Findings.Items;
        if (envelope.Findings.HasRefusal)
            return new AuthorisationAnswered([], [], 0, findings);
        var (answered, unmatched, ignored) = (new List<string>(), new List<string>(), 0);
        foreach (var answer in ReviewAnswer.Of(items))
        {
            var key = BillingKey.Of("278", interchange?.SenderId, interchange?.ControlNumber, answer.Trace);
            switch (await ApplyAsync(answer, key, ct))
            {
                case null:
                    unmatched.Add($"trace {answer.Trace}");
                    break;
                case { IsNew: true, ClaimId: var id }:
                    answered.Add(id);
                    break;
                default:
                    ignored++;
                    break;
            }
        }

        return new AuthorisationAnswered(answered, unmatched, ignored, findings);
    }

    private async Task<AuthorisationResult> AskAsync(string claimId, bool isInquiry, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim)
                return new AuthorisationResult.NoSuchClaim(claimId);
            var response = await ResponseAsync(claimId, ct);
            if (isInquiry && response is null)
                return new AuthorisationResult.NotAsked([new MappingProblem("Claim", "Nothing was asked of the payer yet: $submit the request first.")]);
            if (response is not null && !(isInquiry ? IsOpen(response) : response.Outcome is ClaimProcessingCodes.Error))
                return new AuthorisationResult.Known(response);
            if (await ControlNumbers.ReadAsync(records, options.SenderId, ct) is not { } current)
                throw new InvalidOperationException("The control numbers cannot be kept in this FHIR server.");

            var (counters, numbers) = ControlNumbers.Next(current);
            var trace = $"A{numbers.Interchange}-1";
            var sources = await new ClaimGatherer(records).GatherAsync(claim, ct);
            var (levels, problems) = isInquiry ? AuthorisationRequestMapping.Inquiry(sources, response!, trace) : AuthorisationRequestMapping.Request(sources, trace);
            var unwritable = new X12Findings();
            var file = problems.Count > 0 ? default : _renderer.Render(
                isInquiry ? HierarchyGuide.ReviewInquiry278 : HierarchyGuide.Review278, numbers, time.GetUtcNow().ToOffset(options.UtcOffset), [(trace, levels)], unwritable,
                isInquiry ? Query : "13");
            problems = [.. problems, .. unwritable.Items.Where(f => f.Severity is X12Severity.Refusal).Select(f => new MappingProblem("Claim", f.ToString()))];
            if (problems.Count > 0)
                return new AuthorisationResult.NotAsked(problems);

            var queued = Waiting(claim, response, trace);
            switch (await records.CommitAsync(Transaction(counters, numbers, file, claim, trace, response, queued), ct))
            {
                case CommitOutcome.Committed:
                    return new AuthorisationResult.Sent(FileName(numbers), await ResponseAsync(claimId, ct) ?? queued);
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the 278: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    break;
            }
        }

        throw new TimeoutException("The 278 could not be written: other changes to the same request kept getting in between. Repeat it.");
    }

    /// <summary>The response while the payer is asked: it names the question by its trace, so that the same is not asked twice.</summary>
    private ClaimResponse Waiting(Claim claim, ClaimResponse? response, string trace)
    {
        if (response is null)
        {
            var queued = AuthorisationResponseMapping.Queued(claim, Key(claim.Id!), time.GetUtcNow());
            queued.Identifier.Add(Question(trace));
            return queued;
        }

        var waiting = (ClaimResponse)response.DeepCopy();
        waiting.Identifier.RemoveAll(i => i.System == BillingUrls.Trace);
        waiting.Identifier.Add(Question(trace));
        if (waiting.Outcome is ClaimProcessingCodes.Error)
        {
            waiting.Outcome = ClaimProcessingCodes.Queued;
            waiting.Disposition = "Sent to the payer again, not answered yet";
            waiting.Error = [];
        }

        return waiting;
    }

    /// <summary>Pended, and not asked about since; or asked so long ago that the question must be lost.</summary>
    private bool IsOpen(ClaimResponse response) =>
        response.Outcome is ClaimProcessingCodes.Queued or ClaimProcessingCodes.Partial
        && response.Identifier.TrueForAll(i => i.System != BillingUrls.Trace || (i.Period?.StartElement?.TryToDateTimeOffset(out var asked) == true && asked + Patience < time.GetUtcNow()));

    private Identifier Question(string trace) => new(BillingUrls.Trace, trace) { Period = new Period { StartElement = new FhirDateTime(time.GetUtcNow()) } };

    private Bundle Transaction(
        Basic counters, FileNumbers numbers, ReadOnlyMemory<byte> file, Claim claim, string trace, ClaimResponse? before, ClaimResponse waiting)
    {
        var transaction = new FhirTransaction();
        transaction.Update(counters);
        var binary = transaction.Create(new Binary { ContentType = InterchangeUrls.X12ContentType, Data = file.ToArray() });
        transaction.Create(OutboxDocument.For("278", numbers, options.SenderId, FileName(numbers), binary, [$"Claim/{claim.Id}"], time.GetUtcNow()));
        var request = (Claim)claim.DeepCopy();
        request.Identifier.Add(new Identifier(BillingUrls.Trace, trace));
        if (request.Status is FinancialResourceStatusCodes.Draft)
            request.Status = FinancialResourceStatusCodes.Active;
        transaction.Update(request);
        if (before is null)
            transaction.CreateOnce(waiting, Key(claim.Id!));
        else
            transaction.Update(waiting);
        return transaction.Bundle;
    }

    /// <summary>Null when no request of ours has the trace.</summary>
    private async Task<Applied?> ApplyAsync(ReviewAnswer answer, string key, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await RequestAsync(answer.Trace, ct) is not { } request || await ResponseAsync(request.Id!, ct) is not { } current)
                return null;
            if (current.Identifier.Exists(i => i.System == BillingUrls.IdempotencyKey && i.Value == key))
                return new Applied(request.Id!, IsNew: false);
            var response = AuthorisationResponseMapping.Apply(current, answer, request);
            // Files may overtake each other: what was decided is not undone by an older "pended".
            if (AuthorisationResponseMapping.IsFinal(current) && response.Outcome is ClaimProcessingCodes.Queued)
                return new Applied(request.Id!, IsNew: false);
            response.Identifier.RemoveAll(i => i.System == BillingUrls.Trace);
            response.Identifier.Add(new Identifier(BillingUrls.IdempotencyKey, key));
            var transaction = new FhirTransaction();
            transaction.Update(response);
            if (AuthorisationTasks.Of(answer, response, request, key) is { } task)
                transaction.Add(task, time.GetUtcNow());
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    return new Applied(request.Id!, IsNew: true);
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the answer of the 278: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    break;
            }
        }

        throw new TimeoutException("The 278 could not be applied: other changes to the same request kept getting in between. Repeat it.");
    }

    private async Task<Claim?> RequestAsync(string trace, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(trace))
            return null;
        await foreach (var claim in records.SearchAsync<Claim>(BillingKey.Query(BillingUrls.Trace, trace), ct))
        {
            if (claim.Use is ClaimUseCode.Preauthorization)
                return claim;
        }

        return null;
    }

    private async Task<ClaimResponse?> ResponseAsync(string claimId, CancellationToken ct)
    {
        await foreach (var response in records.SearchAsync<ClaimResponse>(BillingKey.Query(Key(claimId)), ct))
            return response;
        return null;
    }

    private static async Task<bool> IsInquiryAsync(Stream x12, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(x12, new X12Findings());
        while (await envelope.ReadAsync(ct) is { } next)
        {
            if (next.Part is EnvelopePart.GroupStart)
                return envelope.Group?.Guide == Guides.ReviewInquiry;
        }

        return false;
    }

    private static string Key(string claimId) => BillingKey.Of("278", claimId);

    private static string FileName(FileNumbers numbers) => $"278-{numbers.Interchange}.x12";

    private sealed record Applied(string ClaimId, bool IsNew);
}

/// <summary>What became of a request for authorisation, or of a question about it.</summary>
public abstract record AuthorisationResult
{
    private AuthorisationResult()
    {
    }

    /// <summary>The 278 is in the outbox; the response is queued.</summary>
    public sealed record Sent(string FileName, ClaimResponse Response) : AuthorisationResult;

    /// <summary>There was nothing to ask: this is what is known.</summary>
    public sealed record Known(ClaimResponse Response) : AuthorisationResult;

    public sealed record NoSuchClaim(string ClaimId) : AuthorisationResult;

    /// <summary>It cannot be asked, and why.</summary>
    public sealed record NotAsked(IReadOnlyList<MappingProblem> Problems) : AuthorisationResult;
}

/// <summary>What a 278 did.</summary>
/// <param name="ClaimIds">Requests answered.</param>
/// <param name="Unmatched">Traces that name no request of ours.</param>
/// <param name="Ignored">Answers applied before, or overtaken.</param>
/// <param name="Findings">What is wrong with the file itself; a refusal among them means nothing was applied.</param>
public sealed record AuthorisationAnswered(IReadOnlyList<string> ClaimIds, IReadOnlyList<string> Unmatched, int Ignored, IReadOnlyList<X12Finding> Findings)
{
    public bool IsRefused => Findings.Any(f => f.Severity is X12Severity.Refusal);
}
