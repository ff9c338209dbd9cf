using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Status;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Claims without an answer → a 276 in the outbox. The 277 that comes back is applied as every acknowledgement is.</summary>
/// <remarks>The file waits in the same outbox as claims do; <see cref="SubmissionPipeline.DispatchAsync"/> hands it over.</remarks>
public sealed class ClaimStatusPipeline(IFhirRecords records, InterchangeOptions options, TimeProvider time)
{
    private const int Attempts = 5;

    private readonly QuestionRenderer _renderer = new(options);
    private readonly BatchRenderer _claims = new(options);

    /// <summary>Asks the payers: one file for all claims, a set for each. Claims that cannot be asked about are named with their reasons.</summary>
    public async Task<ClaimStatusAsked> AskAsync(IReadOnlyList<string> claimIds, CancellationToken ct)
    {
        var (asked, notAsked) = await MapAsync(claimIds, ct);
        if (asked.Count == 0)
            return new ClaimStatusAsked(null, [], notAsked);

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await ControlNumbers.ReadAsync(records, options.SenderId, ct) is not { } current)
                throw new InvalidOperationException("The control numbers cannot be kept in this FHIR server.");
            var (counters, numbers) = ControlNumbers.Next(current);
            var questions = asked.Select((a, i) => (
                Reference: StatusTrace.Of(numbers, i), StatusRequestMapping.Map(a.Loops, a.Claim, options, StatusTrace.Of(numbers, i))));
            var file = _renderer.Render(
                HierarchyGuide.ClaimStatus276, numbers, time.GetUtcNow().ToOffset(options.UtcOffset), questions, new X12Findings());

            var name = $"276-{numbers.Interchange}.x12";
            var transaction = new FhirTransaction();
            transaction.Update(counters);
            var binary = transaction.Create(new Binary { ContentType = InterchangeUrls.X12ContentType, Data = file.ToArray() });
            transaction.Create(OutboxDocument.For("276", numbers, options.SenderId, name, binary, asked.Select(a => $"Claim/{a.Claim.Id}"), time.GetUtcNow()));
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed:
                    return new ClaimStatusAsked(name, [.. asked.Select(a => a.Claim.Id!)], notAsked);
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the 276: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    break;
            }
        }

        throw new TimeoutException("The 276 could not be written: other files kept taking the control numbers. Repeat it.");
    }

    private async Task<(List<AskedClaim> Asked, List<ClaimNotSent> NotAsked)> MapAsync(IReadOnlyList<string> claimIds, CancellationToken ct)
    {
        var gatherer = new ClaimGatherer(records);
        var mapping = new ClaimMapping(_claims);
        var (asked, notAsked) = (new List<AskedClaim>(), new List<ClaimNotSent>());
        foreach (var id in claimIds.Distinct())
        {
            if (await records.ReadAsync<Claim>(id, ct) is not { } claim)
            {
                notAsked.Add(new ClaimNotSent(id, [new MappingProblem("Claim", "The claim cannot be read.")]));
                continue;
            }

            var (loops, problems) = ClaimMapping.Map(await gatherer.GatherAsync(claim, ct), null, null);
            if (loops is not null)
                problems = await mapping.CheckAsync(loops, ct);
            if (loops is null || problems.Count > 0)
                notAsked.Add(new ClaimNotSent(id, problems));
            else
                asked.Add(new AskedClaim(claim, loops));
        }

        return (asked, notAsked);
    }

    private sealed record AskedClaim(Claim Claim, Claim837PItem.Claim Loops);
}

/// <summary>What one run of asking did.</summary>
/// <param name="FileName">The 276 in the outbox; null when nothing could be asked.</param>
public sealed record ClaimStatusAsked(string? FileName, IReadOnlyList<string> ClaimIds, IReadOnlyList<ClaimNotSent> NotAsked);
