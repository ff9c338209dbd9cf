using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Receiving;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.X12;

namespace FhirEmr.BillingBridge;

/// <summary>The files waiting in the channel → acknowledgements, remittances and claims applied, answered by TA1 and 999, each file archived or rejected.</summary>
/// <remarks>
/// A file leaves the inbound folder after its effects are durable, so a crash repeats it, and repeating changes nothing. Each
/// interchange of it is admitted or refused on its own, and each functional group of an interchange applied on its own.
/// </remarks>
/// <param name="channel">Where files wait.</param>
/// <param name="submission">Takes acknowledgements.</param>
/// <param name="remittance">Takes 835s.</param>
/// <param name="eligibility">Takes 271s; without it they are refused.</param>
/// <param name="import">Takes 837Ps; without it they are refused.</param>
public sealed class InboundPipeline(
    IPayerChannel channel, SubmissionPipeline submission, RemittancePipeline remittance, EligibilityPipeline? eligibility = null, ClaimImportPipeline? import = null)
{
    private readonly InterchangeReception _reception = submission.Reception;

    /// <summary>Takes 278 responses; without it they are refused.</summary>
    public AuthorisationPipeline? Authorisations { get; init; }

    /// <summary>Takes in every waiting file.</summary>
    /// <returns>What became of each part of each file.</returns>
    /// <exception cref="AggregateException">
    /// Some files could not be applied: each is named and stays in the inbound folder for the next run. The others were applied all the same.
    /// </exception>
    public async Task<IReadOnlyList<InboundResult>> ReceiveAsync(CancellationToken ct)
    {
        var results = new List<InboundResult>();
        var failures = new List<Exception>();
        foreach (var file in await channel.ListInboundAsync(ct).ToListAsync(ct))
        {
            try
            {
                results.AddRange(await ReceiveAsync(file.Name, ct));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One file that fails must not keep the payments behind it waiting.
                failures.Add(new InvalidOperationException($"Inbound file {file.Name} could not be applied and stays in the folder: {e.Message}", e));
            }
        }

        return failures.Count == 0 ? results : throw new AggregateException(failures);
    }

    private async Task<IReadOnlyList<InboundResult>> ReceiveAsync(string name, CancellationToken ct)
    {
        var results = new List<InboundResult>();
        await using (var content = await channel.OpenInboundAsync(name, ct))
        {
            if (content is null)
                return [];
            await using var copy = content.CanSeek ? null : await CopyAsync(content, ct);
            var file = copy ?? content;
            file.Position = 0;
            var received = await ReceivedFile.ReadAsync(file, ct);
            foreach (var interchange in received.Interchanges)
                results.AddRange(await ReceiveAsync(name, file, received, interchange, ct));
            if (results.Count == 0 || received.Findings.Any(f => f.Severity is X12Severity.Refusal))
                results.Add(await OutsideAsync(name, received, ct));
        }

        await channel.AcknowledgeAsync(name, results.Exists(r => r.IsRefused) ? InboundDisposition.Reject : InboundDisposition.Archive, ct);
        return results;
    }

    private async Task<IReadOnlyList<InboundResult>> ReceiveAsync(
        string name, Stream file, ReceivedFile received, ReceivedInterchange interchange, CancellationToken ct)
    {
        switch (await _reception.AdmitAsync(interchange, ct))
        {
            case Admission.Known known:
                return [new InboundResult(name, null, null) { Ignored = known.Why }];
            case Admission.Refused refused:
                await _reception.RefuseAsync(name, interchange, refused, ct);
                return [new InboundResult(name, null, null) { Refusal = refused.Why }];
            case Admission.Accepted { Partner: var partner }:
                return await ApplyAsync(name, file, received, interchange, partner, ct);
            default:
                throw new System.Diagnostics.UnreachableException("An interchange is admitted, known or refused.");
        }
    }

    private async Task<IReadOnlyList<InboundResult>> ApplyAsync(
        string name, Stream file, ReceivedFile received, ReceivedInterchange interchange, TradingPartner partner, CancellationToken ct)
    {
        var results = new List<InboundResult>();
        if (interchange.Answers is not null)
            results.Add(await ApplyAsync(name, InboundKind.Ta1, received.Open(file, interchange, null), partner, ct));

        var verdicts = new List<(ReceivedGroup, IReadOnlyList<X12Finding>)>();
        foreach (var group in interchange.Groups)
        {
            var result = group.Findings.Any(f => f.Severity is X12Severity.Refusal)
                ? new InboundResult(name, null, null) { Refusal = $"{interchange.Name}, group {group.Gs.ControlNumber}: {group.Findings[0]}", Findings = group.Findings }
                : await ApplyAsync(name, group.Kind, received.Open(file, interchange, group), partner, ct);
            results.Add(result);
            verdicts.Add((group, result.Findings));
        }

        // A refused 835 and the claims of an 837P make work items of their own, which say more.
        foreach (var (i, result) in results.Index().Where(r => r.Item is { IsRefused: true, Remittance: null }))
            await _reception.ReportAsync(name, BillingKey.Of(InterchangeReception.RefusedFile, interchange.Isa.SenderId, interchange.Hash, $"{i}"), result.Why ?? "", ct);
        await _reception.AcknowledgeAsync(name, interchange, partner, verdicts, ct);
        return results.Count > 0 ? results : [new InboundResult(name, null, null) { Ignored = $"{interchange.Name} is empty." }];
    }

    private async Task<InboundResult> ApplyAsync(string name, InboundKind kind, Stream content, TradingPartner partner, CancellationToken ct)
    {
        // Claims of other people are taken only where that is agreed in so many words.
        if (kind is not InboundKind.Unknown && (partner.Transactions.Count > 0 || kind is InboundKind.Claim837P) && !partner.Transactions.Contains(InboundKinds.Name(kind)))
        {
            var why = $"{InboundKinds.Name(kind)} is not agreed with {partner.Id} (Billing:Interchange:Partners).";
            return new InboundResult(name, null, null) { Refusal = why, Findings = [new X12Finding(X12Severity.Refusal, "AK9-1", why, null)] };
        }

        switch (kind)
        {
            case InboundKind.Remittance835:
                var posted = await remittance.PostAsync(content, ct);
                return new InboundResult(name, null, posted) { Findings = posted.Findings };
            case InboundKind.Eligibility271 when eligibility is not null:
                var answered = await eligibility.ApplyAsync(content, ct);
                return new InboundResult(name, null, null) { Eligibility = answered, Findings = answered.Findings };
            case InboundKind.Claim837P when import is not null:
                var imported = await import.ImportAsync(content, ct);
                return new InboundResult(name, null, null) { Import = imported, Findings = imported.Findings };
            case InboundKind.Review278 when Authorisations is not null:
                var reviewed = await Authorisations.ApplyAsync(content, ct);
                return new InboundResult(name, null, null) { Authorisation = reviewed, Findings = reviewed.Findings };
            case InboundKind.Eligibility271 or InboundKind.Claim837P or InboundKind.Review278:
                var no = $"{InboundKinds.Name(kind)} files are not taken here.";
                return new InboundResult(name, null, null) { Refusal = no, Findings = [new X12Finding(X12Severity.Refusal, "AK9-1", no, null)] };
            default:
                var applied = await submission.ApplyAcknowledgementAsync(content, ct);
                return new InboundResult(name, applied, null) { Findings = applied.Findings };
        }
    }

    private async Task<InboundResult> OutsideAsync(string name, ReceivedFile received, CancellationToken ct)
    {
        var fault = received.Findings.FirstOrDefault(f => f.Severity is X12Severity.Refusal);
        var why = fault?.ToString() ?? "The file holds no interchange.";
        await _reception.ReportAsync(name, BillingKey.Of(InterchangeReception.RefusedFile, name, fault?.Code), why, ct);
        return new InboundResult(name, null, null) { Refusal = why, Findings = received.Findings };
    }

    // A file is read several times and may be large: what cannot be read again is kept on the disk meanwhile.
    private static async Task<FileStream> CopyAsync(Stream content, CancellationToken ct)
    {
        var copy = new FileStream(
            Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await content.CopyToAsync(copy, ct);
        return copy;
    }
}

/// <summary>What became of one part of a file: a functional group, the TA1s of an interchange, or a whole interchange that was not taken in.</summary>
public sealed record InboundResult(string FileName, AcknowledgementResult? Acknowledgement, RemittanceResult? Remittance)
{
    /// <summary>Of a 271.</summary>
    public EligibilityAnswered? Eligibility { get; init; }

    /// <summary>Of a 278.</summary>
    public AuthorisationAnswered? Authorisation { get; init; }

    /// <summary>Of an 837P.</summary>
    public ClaimImportResult? Import { get; init; }

    /// <summary>Why nothing was done although nothing is wrong: it had been applied before. Null otherwise.</summary>
    public string? Ignored { get; init; }

    /// <summary>Why it was refused before anybody read the sets. Null otherwise.</summary>
    public string? Refusal { get; init; }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<X12Finding> Findings { get; init; } = [];

    public bool IsRefused => Ignored is null
        && (Refusal is not null || (Acknowledgement?.IsRefused ?? Remittance?.IsRefused ?? Eligibility?.IsRefused ?? Import?.IsRefused ?? Authorisation?.IsRefused ?? true));

    /// <summary>The first reason for a refusal, or why it was ignored; null when it was applied without one.</summary>
    public string? Why => Ignored ?? Refusal ?? Findings.FirstOrDefault(f => f.Severity is X12Severity.Refusal)?.ToString();
}
