using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Ready claim → prepared claim, or the reasons why not.</summary>
internal sealed class ClaimPreparation(IFhirRecords records, BatchRenderer renderer)
{
    private readonly ClaimGatherer _gatherer = new(records);

    public async Task<(PreparedClaim? Prepared, IReadOnlyList<MappingProblem> Problems)> PrepareAsync(Claim claim, CancellationToken ct)
    {
        var sources = await _gatherer.GatherAsync(claim, ct);
        var (mapped, problems) = ClaimMapping.Map(sources, null, null);
        if (mapped is null)
            return (null, problems);

        problems = await new ClaimMapping(renderer).CheckAsync(mapped, ct);
        if (problems.Count > 0)
            return (null, problems);

        var key = SubmitKey.Of(mapped.Body);
        if (await SentBeforeAsync(key, ct) is { } batch)
            return (null, [new MappingProblem("Claim", $"This very claim was already sent in batch {batch}; change it, or wait for its answer.")]);
        return (new PreparedClaim(sources, BillingMapping.GroupKey(sources.Billing), key, mapped.Body.Clm.ChargeUsd), []);
    }

    private async Task<string?> SentBeforeAsync(string key, CancellationToken ct)
    {
        await foreach (var claim in records.SearchAsync<Claim>(BillingKey.Query(key), ct))
            return claim.Identifier.FindLast(i => i.System == BillingUrls.Batch)?.Value ?? "unknown";
        return null;
    }
}
