using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Remittance;

namespace FhirEmr.BillingBridge;

/// <summary>The files waiting in the channel → acknowledgements and remittances applied, each file archived or rejected.</summary>
/// <remarks>A file leaves the inbound folder after its effects are durable, so a crash repeats it, and repeating changes nothing.</remarks>
/// <param name="channel">Where files wait.</param>
/// <param name="submission">Takes acknowledgements.</param>
/// <param name="remittance">Takes 835s.</param>
/// <param name="eligibility">Takes 271s; without it they are refused.</param>
public sealed class InboundPipeline(
    IPayerChannel channel, SubmissionPipeline submission, RemittancePipeline remittance, EligibilityPipeline? eligibility = null)
{
    /// <summary>Takes 278 responses; without it they are refused.</summary>
    public AuthorisationPipeline? Authorisations { get; init; }

    /// <summary>Takes in every waiting file.</summary>
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
                if (await ReceiveAsync(file.Name, ct) is { } result)
                    results.Add(result);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One file that fails must not keep the payments behind it waiting.
                failures.Add(new InvalidOperationException($"Inbound file {file.Name} could not be applied and stays in the folder: {e.Message}", e));
            }
        }

        return failures.Count == 0 ? results : throw new AggregateException(failures);
    }

    private async Task<InboundResult?> ReceiveAsync(string name, CancellationToken ct)
    {
        InboundResult result;
        var kind = InboundKind.Unknown;
        await using (var peek = await channel.OpenInboundAsync(name, ct))
        {
            if (peek is null)
                return null;
            kind = await InboundKinds.OfAsync(peek, ct);
        }

        await using (var content = await channel.OpenInboundAsync(name, ct))
        {
            if (content is null)
                return null;
            result = kind switch
            {
                InboundKind.Remittance835 => new InboundResult(name, null, await remittance.PostAsync(content, ct)),
                InboundKind.Eligibility271 when eligibility is not null =>
                    new InboundResult(name, null, null) { Eligibility = await eligibility.ApplyAsync(content, ct) },
                InboundKind.Review278 when Authorisations is not null =>
                    new InboundResult(name, null, null) { Authorisation = await Authorisations.ApplyAsync(content, ct) },
                _ => new InboundResult(name, await submission.ApplyAcknowledgementAsync(content, ct), null),
            };
        }

        await channel.AcknowledgeAsync(name, result.IsRefused ? InboundDisposition.Reject : InboundDisposition.Archive, ct);
        return result;
    }
}

/// <summary>What became of one file: exactly one of the results is there.</summary>
public sealed record InboundResult(string FileName, AcknowledgementResult? Acknowledgement, RemittanceResult? Remittance)
{
    /// <summary>Of a 271.</summary>
    public EligibilityAnswered? Eligibility { get; init; }

    /// <summary>Of a 278.</summary>
    public AuthorisationAnswered? Authorisation { get; init; }

    public bool IsRefused => Acknowledgement?.IsRefused ?? Remittance?.IsRefused ?? Eligibility?.IsRefused ?? Authorisation?.IsRefused ?? true;
}
