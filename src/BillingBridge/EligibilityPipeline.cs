using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>CoverageEligibilityRequests → a 270 in the outbox, and 271 files → CoverageEligibilityResponses.</summary>
/// <remarks>The file waits in the same outbox as claims do; <see cref="SubmissionPipeline.DispatchAsync"/> hands it over.</remarks>
public sealed class EligibilityPipeline(IFhirRecords records, InterchangeOptions options, TimeProvider time)
{
    private const int Attempts = 5;

    private readonly QuestionRenderer _renderer = new(options);

    /// <summary>Asks the payers: one file for all requests, a set for each. Requests that cannot be asked are named with their reasons.</summary>
    public async Task<EligibilityAsked> AskAsync(IReadOnlyList<string> requestIds, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await ControlNumbers.ReadAsync(records, options.SenderId, ct) is not { } current)
                throw new InvalidOperationException("The control numbers cannot be kept in this FHIR server.");
            var (counters, numbers) = ControlNumbers.Next(current);
            var (asked, notAsked) = await MapAsync(requestIds, numbers, ct);
            if (asked.Count == 0)
                return new EligibilityAsked(null, [], notAsked);

            var file = _renderer.Render(
                HierarchyGuide.Eligibility270, numbers, time.GetUtcNow().ToOffset(options.UtcOffset), asked.Select(a => (a.Trace, a.Levels)), new X12Findings());
            switch (await records.CommitAsync(Transaction(counters, numbers, file, asked), ct))
            {
                case CommitOutcome.Committed:
                    return new EligibilityAsked(FileName(numbers), [.. asked.Select(a => a.Request.Id!)], notAsked);
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the 270: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    break;
            }
        }

        throw new TimeoutException("The 270 could not be written: other changes to the same requests kept getting in between. Repeat it.");
    }

    /// <summary>Applies a 271. Applying it again changes nothing; a set with a refusal changes nothing either.</summary>
    public async Task<EligibilityAnswered> ApplyAsync(Stream x12, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(x12, new X12Findings());
        string? sender = null;
        var items = new List<HierarchyItem>(); // a 271 answers the few requests of one of our files
        var set = new List<HierarchyItem>();
        await foreach (var item in HierarchyReader.ReadAsync(envelope, HierarchyGuide.Eligibility271, ct))
        {
            sender ??= envelope.Interchange?.SenderId;
            set.Add(item);
            if (item is not HierarchyItem.End end)
                continue;
            if (!end.IsRefused)
                items.AddRange(set);
            set.Clear();
        }

        var findings = envelope.Findings.Items;
        if (findings.Any(f => f.RefusesEnvelope))
            return new EligibilityAnswered([], [], 0, findings);

        var gatherer = new EligibilityGatherer(records);
        var transaction = new FhirTransaction();
        var (answered, unmatched, ignored) = (new List<string>(), new List<string>(), 0);
        foreach (var answer in EligibilityAnswer.Of(items))
        {
            if (await RequestAsync(answer.Trace, ct) is not { } request)
            {
                unmatched.Add($"trace {answer.Trace}");
                continue;
            }

            var key = BillingKey.Of("271", sender, answer.Trace);
            if (await IsKnownAsync(key, ct))
            {
                ignored++;
                continue;
            }

            transaction.CreateOnce(EligibilityResponseMapping.Map(answer, request, key, time.GetUtcNow()), key);
            foreach (var task in EligibilityTasks.Of(answer, await gatherer.GatherAsync(request, ct), key))
                transaction.Add(task, time.GetUtcNow());
            await EndWaitingAsync(request, transaction, ct);
            answered.Add(request.Id!);
        }

        if (transaction.Count > 0 && await records.CommitAsync(transaction.Bundle, ct) is not CommitOutcome.Committed)
            throw new InvalidOperationException("The FHIR server does not take the answers of the 271. Repeat it.");
        return new EligibilityAnswered(answered, unmatched, ignored, findings);
    }

    private static string FileName(FileNumbers numbers) => $"270-{numbers.Interchange}.x12";

    private async Task<(List<Question> Asked, List<EligibilityNotAsked> NotAsked)> MapAsync(
        IReadOnlyList<string> requestIds, FileNumbers numbers, CancellationToken ct)
    {
        var gatherer = new EligibilityGatherer(records);
        var (asked, notAsked) = (new List<Question>(), new List<EligibilityNotAsked>());
        foreach (var id in requestIds.Distinct())
        {
            if (await records.ReadAsync<CoverageEligibilityRequest>(id, ct) is not { } request)
            {
                notAsked.Add(new EligibilityNotAsked(id, [new MappingProblem("CoverageEligibilityRequest", "The request cannot be read.")]));
                continue;
            }

            var trace = $"E{numbers.Interchange}-{asked.Count + 1}";
            var (levels, problems) = EligibilityRequestMapping.Map(await gatherer.GatherAsync(request, ct), trace);
            problems = problems.Count > 0 ? problems : Unwritable(numbers, trace, levels);
            if (problems.Count > 0)
                notAsked.Add(new EligibilityNotAsked(id, problems));
            else
                asked.Add(new Question(request, trace, levels));
        }

        return (asked, notAsked);
    }

    // What has no form in the character set of X12 is told before a number is spent on it.
    private List<MappingProblem> Unwritable(FileNumbers numbers, string trace, IReadOnlyList<HierarchyItem.Level> levels)
    {
        var findings = new X12Findings();
        _renderer.Render(HierarchyGuide.Eligibility270, numbers, DateTimeOffset.UnixEpoch, [(trace, levels)], findings);
        return [.. findings.Items.Where(f => f.Severity is X12Severity.Refusal).Select(f => new MappingProblem("CoverageEligibilityRequest", f.ToString()))];
    }

    private Bundle Transaction(Basic counters, FileNumbers numbers, ReadOnlyMemory<byte> file, List<Question> asked)
    {
        var transaction = new FhirTransaction();
        transaction.Update(counters);
        var binary = transaction.Create(new Binary { ContentType = InterchangeUrls.X12ContentType, Data = file.ToArray() });
        transaction.Create(OutboxDocument.For(
            "270", numbers, options.SenderId, FileName(numbers), binary, asked.Select(a => $"CoverageEligibilityRequest/{a.Request.Id}"), time.GetUtcNow()));
        foreach (var question in asked)
        {
            // An answer that comes to an earlier question about the same request still finds it.
            var request = (CoverageEligibilityRequest)question.Request.DeepCopy();
            request.Identifier.Add(new Identifier(BillingUrls.Trace, question.Trace));
            transaction.Update(request);
        }

        return transaction.Bundle;
    }

    private async Task<CoverageEligibilityRequest?> RequestAsync(string trace, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(trace))
            return null;
        await foreach (var request in records.SearchAsync<CoverageEligibilityRequest>(BillingKey.Query(BillingUrls.Trace, trace), ct))
            return request;
        return null;
    }

    // Who waited for this answer need not any more.
    private async Task EndWaitingAsync(CoverageEligibilityRequest request, FhirTransaction transaction, CancellationToken ct)
    {
        var query = $"focus=CoverageEligibilityRequest/{request.Id}&code={BillingKey.Token(BillingUrls.TaskCode, EligibilityTasks.VerifyEligibility)}";
        await foreach (var task in records.SearchAsync<FhirTask>(query, ct))
        {
            if (!EligibilityTasks.IsWaiting(task) || transaction.Bundle.Entry.Exists(e => e.Request?.Url == $"Task/{task.Id}"))
                continue;
            task.Status = FhirTask.TaskStatus.Completed;
            task.LastModifiedElement = new FhirDateTime(time.GetUtcNow());
            transaction.Update(task);
        }
    }

    private async Task<bool> IsKnownAsync(string key, CancellationToken ct)
    {
        await foreach (var _ in records.SearchAsync<CoverageEligibilityResponse>(BillingKey.Query(key), ct))
            return true;
        return false;
    }

    private sealed record Question(CoverageEligibilityRequest Request, string Trace, IReadOnlyList<HierarchyItem.Level> Levels);
}

/// <summary>What one run of asking did.</summary>
/// <param name="FileName">The 270 in the outbox; null when nothing could be asked.</param>
public sealed record EligibilityAsked(string? FileName, IReadOnlyList<string> RequestIds, IReadOnlyList<EligibilityNotAsked> NotAsked);

/// <summary>A request that is not in the file, and why.</summary>
public sealed record EligibilityNotAsked(string RequestId, IReadOnlyList<MappingProblem> Problems);

/// <summary>What a 271 did.</summary>
/// <param name="RequestIds">Requests answered.</param>
/// <param name="Unmatched">Traces that name no request of ours.</param>
/// <param name="Ignored">Answers applied before.</param>
/// <param name="Findings">What is wrong with the file itself; a set with a refusal was not applied.</param>
public sealed record EligibilityAnswered(
    IReadOnlyList<string> RequestIds, IReadOnlyList<string> Unmatched, int Ignored, IReadOnlyList<X12Finding> Findings)
{
    public bool IsRefused => Findings.Any(f => f.Severity is X12Severity.Refusal);
}
