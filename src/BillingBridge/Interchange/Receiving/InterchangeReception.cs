using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>The front desk for interchanges: who may send, what came before, and the TA1 and 999 that go back, each once (reliability R-21).</summary>
/// <remarks>
/// The receipt of an interchange and its answers are one commit, after everything in it is applied: a crash before it applies the
/// interchange again, which changes nothing, and a crash after it finds the receipt.
/// </remarks>
internal sealed class InterchangeReception(IFhirRecords records, InterchangeOptions options, ChannelKind channel, TimeProvider time)
{
    private const int Attempts = 5;
    private const int MonthsOfNumbers = 24; // control numbers come round again after that (billing spec 1.4)

    public const string RefusedFile = "refused-file";

    /// <summary>Whether an interchange is taken in.</summary>
    public async Task<Admission> AdmitAsync(ReceivedInterchange interchange, CancellationToken ct)
    {
        var admission = Admission.Of(interchange, options, channel);
        if (admission is not Admission.Accepted { Partner: var partner } || await FindReceiptAsync(ReceiptKey(interchange, partner), ct) is not { } receipt)
            return admission;
        if (HashOf(receipt) == interchange.Hash)
            return new Admission.Known($"{interchange.Name} was applied on {receipt.Date:yyyy-MM-dd} and says the same; nothing is done.");
        return IsOld(receipt)
            ? admission
            : new Admission.Refused($"{interchange.Name} has other content than the interchange of this number applied on {receipt.Date:yyyy-MM-dd}.", "025");
    }

    /// <summary>Makes the work item of something refused and, unless the sender is a stranger, the TA1 that says so.</summary>
    /// <param name="fileName">Where a person finds it.</param>
    public Task RefuseAsync(string fileName, ReceivedInterchange interchange, Admission.Refused refusal, CancellationToken ct)
    {
        var answers = refusal.Note is { } note && interchange.Isa.ControlNumber.Length > 0
            ? (List<Answer>)[Ta1Answer(interchange, InterchangeVerdict.Rejected(interchange, note))]
            : [];
        return CommitAsync(interchange, answers, null, Work(fileName, BillingKey.Of(RefusedFile, interchange.Isa.SenderId, interchange.Hash), refusal.Why), ct);
    }

    /// <summary>The work item of a file that cannot be told apart into interchanges, or of a part of one that was not used.</summary>
    public async Task ReportAsync(string fileName, string key, string why, CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        transaction.Add(Work(fileName, key, why), time.GetUtcNow());
        if (await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
            throw Refused(refused);
    }

    /// <summary>Notes that an interchange is applied, and puts its TA1 and its 999 into the outbox.</summary>
    /// <param name="fileName">It came in.</param>
    /// <param name="interchange">Applied.</param>
    /// <param name="partner">Its sender.</param>
    /// <param name="groups">What the readers found in each group.</param>
    /// <param name="ct">Stops before the commit.</param>
    public Task AcknowledgeAsync(
        string fileName,
        ReceivedInterchange interchange,
        TradingPartner partner,
        IReadOnlyList<(ReceivedGroup Group, IReadOnlyList<X12Finding> Findings)> groups,
        CancellationToken ct)
    {
        var answers = new List<Answer>();
        if (InterchangeVerdict.Accepted(interchange) is { } ta1)
            answers.Add(Ta1Answer(interchange, ta1));

        // An acknowledgement is not acknowledged, or the two sides would never stop.
        var told = groups.Where(g => g.Group.Gs.FunctionalId != "FA").ToList();
        if (told.Count > 0)
        {
            var sets = told.Select((g, i) => GroupVerdict.Of(g.Group, g.Findings, (i + 1).ToString("0000", System.Globalization.CultureInfo.InvariantCulture))).ToList();
            answers.Add(new Answer("999", Key("999", interchange), (numbers, renderer) => renderer.Group(numbers, told[0].Group.Gs, sets)));
        }

        return CommitAsync(interchange, answers, Receipt(fileName, interchange, partner), null, ct);
    }

    private async Task CommitAsync(ReceivedInterchange interchange, List<Answer> answers, DocumentReference? receipt, WorklistTask? work, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // Read before anything is looked up: whoever answers meanwhile moves them, and this commit then fails and looks again.
            var counters = answers.Count == 0 ? null
                : await ControlNumbers.ReadAsync(records, CounterKey(interchange.Isa), ct) ?? throw new InvalidOperationException("The control numbers cannot be kept in this FHIR server.");
            var transaction = new FhirTransaction();
            if (receipt is not null)
            {
                if (await FindReceiptAsync(receipt.Identifier[0].Value!, ct) is not { } before)
                {
                    transaction.CreateOnce(receipt, receipt.Identifier[0].Value!);
                }
                else if (HashOf(before) == HashOf(receipt))
                {
                    return; // another worker was here
                }
                else if (IsOld(before))
                {
                    (receipt.Id, receipt.Meta) = (before.Id, before.Meta);
                    transaction.Update(receipt);
                }
                else
                {
                    throw new InvalidOperationException($"{interchange.Name} was applied meanwhile with other content; the next run refuses it.");
                }
            }

            if (work is not null)
                transaction.Add(work, time.GetUtcNow());
            if (counters is not null)
                await AddAnswersAsync(transaction, interchange, answers, counters, ct);
            if (transaction.Count == 0)
                return;
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    return;
                case CommitOutcome.Refused refused:
                    throw Refused(refused);
                default:
                    break;
            }
        }

        throw new TimeoutException($"{interchange.Name} could not be acknowledged: other files kept taking the control numbers. Repeat it; what is applied stays applied once.");
    }

    // Control numbers are spent in the transaction that stores the file (reliability R-22).
    private async Task AddAnswersAsync(FhirTransaction transaction, ReceivedInterchange interchange, List<Answer> answers, Basic counters, CancellationToken ct)
    {
        var isa = interchange.Isa;
        var due = new List<Answer>();
        foreach (var answer in answers)
        {
            if (await FindAsync(BillingKey.Query(answer.Key), ct) is null)
                due.Add(answer);
        }

        if (due.Count == 0)
            return;
        var now = time.GetUtcNow();
        var renderer = new AcknowledgementRenderer(isa, isa.IsProduction && channel is ChannelKind.Live ? "P" : "T", now.ToOffset(options.UtcOffset));
        foreach (var answer in due)
        {
            (counters, var numbers) = ControlNumbers.Next(counters);
            var binary = transaction.Create(new Binary { ContentType = InterchangeUrls.X12ContentType, Data = answer.Render(numbers, renderer) });
            var document = OutboxDocument.For(answer.Kind, numbers, CounterKey(isa), FileName(answer.Kind, isa, numbers), binary, [], now);
            document.Identifier.Add(new Identifier(BillingUrls.IdempotencyKey, answer.Key));
            document.Description = $"{answer.Kind} for interchange {isa.ControlNumber} from {isa.SenderId}";
            transaction.Create(document);
        }

        transaction.Update(counters);
    }

    private string CounterKey(Isa isa) => ControlNumbers.KeyOf(options, isa.ReceiverId, isa.SenderId);

    private string FileName(string kind, Isa isa, FileNumbers numbers)
    {
        var isMain = string.Equals(isa.SenderId, options.ReceiverId, StringComparison.OrdinalIgnoreCase);
        var partner = string.Concat(isa.SenderId.Where(char.IsAsciiLetterOrDigit));
        return isMain ? $"{kind}-{numbers.Interchange}.x12" : $"{kind}-{partner}-{numbers.Interchange}.x12";
    }

    private static Answer Ta1Answer(ReceivedInterchange interchange, Ta1 ta1) =>
        new("TA1", Key("TA1", interchange), (numbers, renderer) => renderer.Ta1(numbers, ta1));

    private static string Key(string kind, ReceivedInterchange interchange) =>
        BillingKey.Of("answer", kind, interchange.Isa.ReceiverId, interchange.Isa.SenderId, interchange.Isa.ControlNumber, interchange.Hash);

    private static string ReceiptKey(ReceivedInterchange interchange, TradingPartner partner) => BillingKey.Of(
        "received", interchange.Isa.ReceiverId, interchange.Isa.SenderId, interchange.Isa.ControlNumber, partner.ReusesControlNumbers ? interchange.Hash : "");

    private DocumentReference Receipt(string fileName, ReceivedInterchange interchange, TradingPartner partner)
    {
        var kinds = interchange.Groups.Select(g => InboundKinds.Name(g.Kind));
        var what = string.Join(", ", interchange.Answers is null ? kinds.Distinct() : kinds.Prepend("TA1").Distinct());
        return new DocumentReference
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, ReceiptKey(interchange, partner)), new Identifier(InterchangeUrls.ContentHash, interchange.Hash)],
            Status = DocumentReferenceStatus.Current,
            DocStatus = CompositionStatus.Final,
            Type = new CodeableConcept(InterchangeUrls.DocumentType, "received"),
            Date = time.GetUtcNow(),
            Description = $"{interchange.Name}{(what.Length > 0 ? $": {what}" : "")}",
            Content = [new DocumentReference.ContentComponent { Attachment = new Attachment { ContentType = InterchangeUrls.X12ContentType, Title = fileName } }],
        };
    }

    private static WorklistTask Work(string fileName, string key, string why) => new()
    {
        Code = RefusedFile,
        Key = key,
        Description = $"File {fileName} was put with the rejected ones. {why}",
        ValueAtStakeUsd = 0m,
    };

    private static string? HashOf(DocumentReference receipt) => receipt.Identifier.Find(i => i.System == InterchangeUrls.ContentHash)?.Value;

    private bool IsOld(DocumentReference receipt) => receipt.Date < time.GetUtcNow().AddMonths(-MonthsOfNumbers);

    private Task<DocumentReference?> FindReceiptAsync(string key, CancellationToken ct) => FindAsync(BillingKey.Query(key), ct);

    private async Task<DocumentReference?> FindAsync(string query, CancellationToken ct)
    {
        await foreach (var document in records.SearchAsync<DocumentReference>(query, ct))
            return document;
        return null;
    }

    private static InvalidOperationException Refused(CommitOutcome.Refused refused) =>
        new($"The FHIR server refuses what was received: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");

    /// <summary>One file that goes back.</summary>
    private sealed record Answer(string Kind, string Key, Func<FileNumbers, AcknowledgementRenderer, byte[]> Render);
}
