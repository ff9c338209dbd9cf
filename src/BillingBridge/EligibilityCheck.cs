using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Somebody at the desk asks about a coverage: the answer kept from today, else the payer's now, else word that it is on its way.</summary>
/// <remarks>
/// Answers are kept a day for each question (billing spec 1.5). A question once written stays in the outbox until the payer's channel has it, so that a
/// payer who is down is asked again by itself, and nobody loses the last answer meanwhile.
/// </remarks>
/// <param name="records">Where requests and answers are.</param>
/// <param name="pipeline">Writes the 270.</param>
/// <param name="exchange">One turn of the exchange with payers: files out, answers in. It may end without an answer.</param>
/// <param name="time">Now.</param>
public sealed class EligibilityCheck(IFhirRecords records, EligibilityPipeline pipeline, Func<CancellationToken, Task> exchange, TimeProvider time)
{
    /// <summary>How long an answer is good.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromHours(24);

    /// <summary>A channel of files may take a while: the same question is not written again before.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly Outbox _outbox = new(records, time);

    /// <summary>Asks with a request that is stored.</summary>
    /// <param name="requestId">Id of the CoverageEligibilityRequest.</param>
    /// <param name="refresh">Ask the payer even when there is an answer of today.</param>
    public async Task<EligibilityCheckResult> SubmitAsync(string requestId, bool refresh, CancellationToken ct) =>
        await records.ReadAsync<CoverageEligibilityRequest>(requestId, ct) is { } request
            ? await KeptAsync(request, refresh, ct) ?? await AskAsync(request, refresh, ct)
            : new EligibilityCheckResult.NoSuchRequest(requestId);

    /// <summary>Asks with a request that is not stored yet: it is, unless there is an answer of today. The same question is one request.</summary>
    public async Task<EligibilityCheckResult> SubmitAsync(CoverageEligibilityRequest request, bool refresh, CancellationToken ct)
    {
        if (await KeptAsync(request, refresh, ct) is { } kept)
            return kept;

        var key = EligibilityQuestion.KeyOf(request);
        if (await StoredAsync(key, ct) is not { } stored)
        {
            var transaction = new FhirTransaction();
            var copy = (CoverageEligibilityRequest)request.DeepCopy();
            (copy.Id, copy.Meta) = (null, null);
            copy.Identifier.RemoveAll(i => i.System == EligibilityUrls.Question);
            copy.Identifier.Add(new Identifier(EligibilityUrls.Question, key));
            transaction.CreateOnce(copy, EligibilityUrls.Question, key);
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Refused refused:
                    return new EligibilityCheckResult.Refused(refused.Outcome);
                case CommitOutcome.Conflict conflict:
                    return new EligibilityCheckResult.Refused(conflict.Outcome);
                default:
                    stored = await StoredAsync(key, ct) ?? throw new InvalidOperationException("The request was stored, but is not found by its question.");
                    break;
            }
        }

        return await AskAsync(stored, refresh, ct);
    }

    /// <summary>The newest answer about a coverage, whatever was asked; null when there is none.</summary>
    public async Task<CoverageEligibilityResponse?> LastAsync(string patientId, string coverageId, CancellationToken ct)
    {
        CoverageEligibilityResponse? last = null;
        await foreach (var response in records.SearchAsync<CoverageEligibilityResponse>($"patient=Patient/{patientId}", ct))
        {
            if (response.Insurance.Exists(i => FhirReferences.IdOf(i.Coverage?.Reference, "Coverage") == coverageId) && IsNewer(response, last))
                last = response;
        }

        return last;
    }

    private async Task<EligibilityCheckResult?> KeptAsync(CoverageEligibilityRequest request, bool refresh, CancellationToken ct)
    {
        // A rejection is not kept: what was wrong may be mended by now.
        if (refresh || await AnswerAsync(EligibilityQuestion.KeyOf(request), ct) is not { Outcome: not ClaimProcessingCodes.Error } answer)
            return null;
        var age = AgeOf(answer);
        return age < Keep ? new EligibilityCheckResult.Answered(answer, age, IsKept: true) : null;
    }

    private async Task<EligibilityCheckResult> AskAsync(CoverageEligibilityRequest request, bool refresh, CancellationToken ct)
    {
        var key = EligibilityQuestion.KeyOf(request);
        var before = await AnswerAsync(key, ct);
        var files = await QuestionsAsync(request, ct);
        var isOpen = files.Exists(Outbox.IsPending)
            || (!refresh && files.Exists(f => f.DocStatus is CompositionStatus.Final && time.GetUtcNow() - f.Date < Patience && (before is null || f.Date > Moment(before))));
        if (!isOpen)
        {
            var asked = await pipeline.AskAsync([request.Id!], ct);
            if (asked.NotAsked is [var refused, ..])
                return new EligibilityCheckResult.NotAsked(refused.Problems);
        }

        await exchange(ct);
        return await AnswerAsync(key, ct) is { } answer && answer.Id != before?.Id
            ? new EligibilityCheckResult.Answered(answer, AgeOf(answer), IsKept: false)
            : await WaitAsync(request, before, ct);
    }

    private async Task<EligibilityCheckResult> WaitAsync(CoverageEligibilityRequest request, CoverageEligibilityResponse? before, CancellationToken ct)
    {
        var file = (await QuestionsAsync(request, ct)).MaxBy(f => f.Date);
        var why = file is null ? "The question is not written yet."
            : Delivery.Of(file) is { Problem: { } problem } delivery ? $"{problem} The next try is at {delivery.Next:yyyy-MM-dd HH:mm} UTC."
            : file.DocStatus is CompositionStatus.Final ? "The payer has the question and has not answered yet."
            : "The question waits to be sent.";

        var work = EligibilityTasks.Waiting(request, file?.Id ?? "none", why);
        var transaction = new FhirTransaction();
        transaction.Add(work, time.GetUtcNow());
        var task = await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Committed committed
            ? FhirReferences.IdOf(committed.Response.Entry[0].Response?.Location, "Task")
            : null;
        var last = before ?? (FhirReferences.IdOf(request.Patient?.Reference, "Patient") is { } patient && EligibilityQuestion.CoverageOf(request) is { } coverage
            ? await LastAsync(patient, coverage, ct)
            : null);
        return new EligibilityCheckResult.Waiting(request, why, task, last);
    }

    // Ours that ask about this request, sent or not.
    private async Task<List<DocumentReference>> QuestionsAsync(CoverageEligibilityRequest request, CancellationToken ct) =>
        await _outbox.AboutAsync($"CoverageEligibilityRequest/{request.Id}", "270", ct).ToListAsync(ct);

    private async Task<CoverageEligibilityRequest?> StoredAsync(string key, CancellationToken ct)
    {
        await foreach (var request in records.SearchAsync<CoverageEligibilityRequest>(BillingKey.Query(EligibilityUrls.Question, key), ct))
            return request;
        return null;
    }

    private async Task<CoverageEligibilityResponse?> AnswerAsync(string key, CancellationToken ct)
    {
        CoverageEligibilityResponse? last = null;
        await foreach (var response in records.SearchAsync<CoverageEligibilityResponse>(BillingKey.Query(EligibilityUrls.Question, key), ct))
        {
            if (IsNewer(response, last))
                last = response;
        }

        return last;
    }

    private TimeSpan AgeOf(CoverageEligibilityResponse answer) => Moment(answer) is { } came && time.GetUtcNow() > came ? time.GetUtcNow() - came : TimeSpan.Zero;

    private static DateTimeOffset? Moment(CoverageEligibilityResponse answer) =>
        DateTimeOffset.TryParse(answer.Created, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var came) ? came : null;

    // The id breaks the tie of two answers in one second, so that the choice is the same each time.
    private static bool IsNewer(CoverageEligibilityResponse answer, CoverageEligibilityResponse? than) => than is null
        || (Moment(answer) ?? DateTimeOffset.MinValue, answer.Meta?.LastUpdated ?? DateTimeOffset.MinValue).CompareTo((Moment(than) ?? DateTimeOffset.MinValue, than.Meta?.LastUpdated ?? DateTimeOffset.MinValue)) > 0;
}
