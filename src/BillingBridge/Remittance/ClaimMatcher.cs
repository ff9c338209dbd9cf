using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>CLP → our Claim: by patient control number, else by four agreeing parts (billing spec 1.4).</summary>
internal sealed class ClaimMatcher(IFhirRecords records)
{
    private readonly FhirReferences _references = new(records);
    private readonly ByIdentifier<Claim> _claims = new(records, BillingUrls.PatientControlNumber);

    /// <summary>Asks for the claims of many answers at once.</summary>
    /// <returns>Those with the control number of one of them.</returns>
    public async Task<IReadOnlyList<Claim>> GatherAsync(IReadOnlyList<Remittance835Item.Claim> remittances, CancellationToken ct)
    {
        var numbers = remittances.Select(r => r.Clp.ControlNumber).Where(n => !string.IsNullOrWhiteSpace(n)).Distinct(StringComparer.Ordinal).ToList();
        await _claims.GatherAsync(numbers, ct);
        var found = new List<Claim>();
        foreach (var number in numbers)
            found.AddRange((await _claims.FindAsync(number, ct)).Take(1));
        return found;
    }

    public async Task<Claim?> FindAsync(Remittance835Item.Claim remittance, CancellationToken ct)
    {
        if (remittance.Clp.ControlNumber is var number && !string.IsNullOrWhiteSpace(number) && await _claims.FindAsync(number, ct) is [var claim, ..])
            return claim;
        return await FindByPartsAsync(remittance, ct);
    }

    // Member id, date of service, total charge and rendering NPI must all agree and leave exactly one claim.
    private async Task<Claim?> FindByPartsAsync(Remittance835Item.Claim remittance, CancellationToken ct)
    {
        var member = (remittance.Party("IL") ?? remittance.Party("QC"))?.Id;
        if (member is null || remittance.ServiceDate is not { } day)
            return null;

        Claim? only = null;
        await foreach (var coverage in CoveragesAsync(member, ct))
        {
            await foreach (var claim in records.SearchAsync<Claim>($"patient={Uri.EscapeDataString(coverage.Beneficiary?.Reference ?? "")}", ct))
            {
                if (!Agrees(claim, coverage, remittance, day) || !await RenderedByAsync(claim, remittance.Party("82")?.Id, ct) || claim.Id == only?.Id)
                    continue;
                if (only is not null)
                    return null;
                only = claim;
            }
        }

        return only;
    }

    private async IAsyncEnumerable<Coverage> CoveragesAsync(string member, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        // R4 has no search by subscriberId; the importer and registration keep the member number as an identifier too.
        await foreach (var coverage in records.SearchAsync<Coverage>($"identifier={Uri.EscapeDataString(member)}", ct))
        {
            if (coverage.SubscriberId is null || coverage.SubscriberId == member)
                yield return coverage;
        }
    }

    private static bool Agrees(Claim claim, Coverage coverage, Remittance835Item.Claim remittance, DateOnly day) =>
        claim.Insurance.Exists(i => i.Focal == true && FhirReferences.IdOf(i.Coverage?.Reference, "Coverage") == coverage.Id)
        && (claim.Total?.Value ?? claim.Item.Sum(i => i.Net?.Value ?? 0m)) == Math.Abs(remittance.Clp.ChargeUsd)
        && claim.Item.Select(LineMatching.Start).OfType<DateOnly>().Order().FirstOrDefault() == day;

    private async Task<bool> RenderedByAsync(Claim claim, string? npi, CancellationToken ct)
    {
        if (npi is null)
            return false;
        var reference = claim.CareTeam.Find(t => t.Role?.Coding.Exists(c => c.Code == "primary") == true)?.Provider ?? claim.Provider;
        var identifiers = (await _references.FindAsync<Practitioner>(reference, ct))?.Identifier
            ?? (await _references.FindAsync<Organization>(reference, ct))?.Identifier;
        return identifiers?.Exists(i => i.System == BillingUrls.Npi && i.Value == npi) == true;
    }
}
