using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Import;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Other people's 837P files → draft Claims, with the patients, coverages and providers they name (billing spec 2.3).</summary>
/// <remarks>
/// The file is read twice, claim by claim: first to see which sets are whole, then to take their claims, one commit each. The same
/// claim from the same sender is taken once. Nothing is sent: a claim taken in waits as a draft.
/// </remarks>
public sealed class ClaimImportPipeline(IFhirRecords records, TimeProvider time)
{
    private const int Attempts = 5;

    public const string WorklistCode = "imported-claim";

    /// <summary>Takes the claims of every set without a refusal.</summary>
    public async Task<ClaimImportResult> ImportAsync(Stream x12, CancellationToken ct)
    {
        using var copy = x12.CanSeek ? null : new MemoryStream();
        if (copy is not null)
            await x12.CopyToAsync(copy, ct);
        var file = copy ?? x12;
        file.Position = 0;
        var survey = new EnvelopeReader(file, new X12Findings());
        var refused = new List<bool>();
        await foreach (var item in Claim837PReader.ReadAsync(survey, null, ct))
        {
            if (item is Claim837PItem.End end)
                refused.Add(end.IsRefused);
        }

        var findings = survey.Findings.Items;
        if (findings.Any(f => f.RefusesEnvelope) || refused.Count == 0)
            return new ClaimImportResult([], refused.Count, refused.Count, findings);

        file.Position = 0;
        var envelope = new EnvelopeReader(file, new X12Findings());
        var gatherer = new ImportGatherer(records);
        var claims = new List<ClaimImported>();
        (Claim837PItem.Set? set, var number) = (null, 0);
        await foreach (var item in Claim837PReader.ReadAsync(envelope, null, ct))
        {
            switch (item)
            {
                case Claim837PItem.Set started:
                    set = started;
                    break;
                case Claim837PItem.Claim claim when !refused[number]:
                    claims.Add(await ImportAsync(claim, set!, envelope.Interchange?.SenderId ?? "", gatherer, ct));
                    break;
                case Claim837PItem.End:
                    number++;
                    break;
                default:
                    break;
            }
        }

        return new ClaimImportResult(claims, refused.Count, refused.Count(r => r), findings);
    }

    private async Task<ClaimImported> ImportAsync(Claim837PItem.Claim read, Claim837PItem.Set set, string sender, ImportGatherer gatherer, CancellationToken ct)
    {
        var number = read.Body.Clm.ControlNumber;
        var key = BillingKey.Of("imported", sender, number, SubmitKey.Of(read.Body));
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await FindAsync(BillingKey.Query(key), ct) is { } known)
                return new ClaimImported.Known(number, known.Id!);

            var (sources, problem) = await gatherer.GatherAsync(read, ct);
            problem ??= Problem(read) ?? await TakenAsync(read, ct);
            if (problem is not null || sources is null)
                return await ReportAsync(number, key, problem!, read.Body.Clm.ChargeUsd, ct);

            var imported = ClaimImport.Map(read, sources, key, set.Bht.Date);
            if (imported.Kept.Count > 0)
                imported.Transaction.Add(Work(imported, key), time.GetUtcNow());
            switch (await records.CommitAsync(imported.Transaction.Bundle, ct))
            {
                case CommitOutcome.Committed committed:
                    var at = imported.Transaction.Bundle.Entry.FindIndex(e => e.FullUrl == imported.ClaimUrl);
                    return new ClaimImported.Taken(number, FhirReferences.IdOf(committed.Response.Entry[at].Response?.Location, "Claim") ?? "", imported.Kept);
                case CommitOutcome.Refused refused:
                    return await ReportAsync(
                        number, key, $"The FHIR server refuses it: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}", read.Body.Clm.ChargeUsd, ct);
                default:
                    break;
            }
        }

        throw new TimeoutException($"Claim {number} could not be taken in: other changes to the same records kept getting in between. Repeat it.");
    }

    private static string? Problem(Claim837PItem.Claim read) =>
        read.Billing.Provider is null ? "It has no billing provider."
        : read.PatientParty is null ? "It names no patient."
        : read.Subscriber.Insured is null ? "It names no subscriber."
        : null;

    // A payer's answer finds its claim by this number alone, so it cannot stand for two.
    private async Task<string?> TakenAsync(Claim837PItem.Claim read, CancellationToken ct)
    {
        await foreach (var claim in records.SearchAsync<Claim>(BillingKey.Query(BillingUrls.PatientControlNumber, read.Body.Clm.ControlNumber), ct))
        {
            if (claim.Frequency() == read.Body.Clm.Frequency)
                return $"Claim/{claim.Id} has the same patient control number and says something else.";
        }

        return null;
    }

    private async Task<ClaimImported> ReportAsync(string number, string key, string why, decimal chargeUsd, CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        transaction.Add(
            new WorklistTask
            {
                Code = WorklistCode,
                Key = BillingKey.Of("not-imported", key),
                Description = $"Claim {number} of a received 837P was not taken in. {why}",
                ValueAtStakeUsd = chargeUsd,
            },
            time.GetUtcNow());
        if (await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
            throw new InvalidOperationException($"The FHIR server refuses the work item of a claim: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
        return new ClaimImported.NotTaken(number, why);
    }

    private static WorklistTask Work(ImportedClaim imported, string key) => new()
    {
        Code = WorklistCode,
        Key = BillingKey.Of("import-work", key),
        Focus = imported.ClaimUrl,
        Patient = imported.Claim.Patient.Reference,
        Description = $"A received claim says more than the record has places for: {imported.Kept.Count} segments were kept as they came. Look at them before the claim is used.",
        ValueAtStakeUsd = imported.Claim.Total?.Value ?? 0m,
        Findings = [.. imported.Kept.Take(50)],
    };

    private async Task<Claim?> FindAsync(string query, CancellationToken ct)
    {
        await foreach (var claim in records.SearchAsync<Claim>(query, ct))
            return claim;
        return null;
    }
}

/// <summary>What an 837P file did.</summary>
/// <param name="Sets">How many there were.</param>
/// <param name="RefusedSets">How many of them were not used.</param>
/// <param name="Findings">What is wrong with the file.</param>
public sealed record ClaimImportResult(IReadOnlyList<ClaimImported> Claims, int Sets, int RefusedSets, IReadOnlyList<X12Finding> Findings)
{
    /// <summary>Whether no set could be used.</summary>
    public bool IsRefused => Sets == RefusedSets;
}

/// <summary>What became of one claim.</summary>
/// <param name="ControlNumber">CLM01.</param>
public abstract record ClaimImported(string ControlNumber)
{
    /// <summary>Stored as a draft.</summary>
    /// <param name="Kept">Segments FHIR has no place for, kept as they came.</param>
    public sealed record Taken(string ControlNumber, string ClaimId, IReadOnlyList<string> Kept) : ClaimImported(ControlNumber);

    /// <summary>Stored before.</summary>
    public sealed record Known(string ControlNumber, string ClaimId) : ClaimImported(ControlNumber);

    /// <summary>Not stored; a Task waits.</summary>
    public sealed record NotTaken(string ControlNumber, string Why) : ClaimImported(ControlNumber);
}
