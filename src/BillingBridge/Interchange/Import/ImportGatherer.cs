using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>Looks up what a received claim names: providers and payers by their identifiers, the patient by a coverage that agrees.</summary>
internal sealed class ImportGatherer(IFhirRecords records)
{
    private readonly Dictionary<PartyKey, string> _parties = []; // only what was found: what is absent is made, and found next time
    private readonly HashSet<PartyKey> _people = [];

    /// <summary>What is there, or why the claim cannot be told apart from others.</summary>
    public async Task<(ImportSources? Sources, string? Problem)> GatherAsync(Claim837PItem.Claim claim, CancellationToken ct)
    {
        var parties = new Dictionary<PartyKey, string>();
        foreach (var key in Keys(claim).Distinct())
        {
            var (found, count) = await FindAsync(key, ct);
            if (count > 1)
                return (null, $"More than one {key.Type} has the identifier {key.System}|{key.Value}; which one is meant is for a person to say.");
            if (found is not null)
                parties[key] = found;
        }

        string? patient = null;
        var coverages = new Dictionary<int, string>();
        foreach (var insurance in ReceivedInsurance.Of(claim))
        {
            await foreach (var coverage in CandidatesAsync(insurance, parties, ct))
            {
                if (coverage.Beneficiary?.Reference is not { } beneficiary || (patient is not null && beneficiary != patient) || !await IsPatientAsync(beneficiary, claim, ct))
                    continue;
                (patient, coverages[insurance.Index]) = (beneficiary, $"Coverage/{coverage.Id}");
                break;
            }
        }

        return (new ImportSources(parties, _people, patient ?? await MemberAsync(claim, ct), coverages, await PriorAsync(claim, ct)), null);
    }

    private static IEnumerable<PartyKey> Keys(Claim837PItem.Claim claim)
    {
        if (claim.Billing.Provider is { } billing)
            yield return PartyKey.Provider(billing);
        foreach (var insurance in ReceivedInsurance.Of(claim))
        {
            if (insurance.Payer is { } payer)
                yield return PartyKey.Payer(payer);
        }

        foreach (var party in claim.Body.Providers.Concat(claim.Body.Lines.SelectMany(l => l.Providers)))
            yield return party.Name.EntityCode == "77" ? PartyKey.Facility(party) : PartyKey.Provider(party);
    }

    private async Task<(string? Reference, int Count)> FindAsync(PartyKey key, CancellationToken ct)
    {
        if (_parties.TryGetValue(key, out var known))
            return (known, 1);
        var query = BillingKey.Query(key.System, key.Value);
        var ids = key.Type switch
        {
            "Practitioner" => await IdsAsync<Practitioner>(query, ct),
            "Location" => await IdsAsync<Location>(query, ct),
            _ => await IdsAsync<Organization>(query, ct),
        };
        if (ids.Count != 1)
            return (null, ids.Count);

        if (key.Type == "Practitioner")
        {
            await foreach (var role in records.SearchAsync<PractitionerRole>($"practitioner=Practitioner/{ids[0]}", ct))
            {
                if (PartyMapping.Taxonomy(role.Specialty) is not null)
                    _people.Add(key);
            }
        }

        return (_parties[key] = $"{key.Type}/{ids[0]}", 1);
    }

    private async Task<List<string>> IdsAsync<T>(string query, CancellationToken ct)
        where T : Resource
    {
        var ids = new List<string>();
        await foreach (var found in records.SearchAsync<T>(query, ct))
            ids.Add(found.Id!);
        return ids;
    }

    // Coverages carry the member id in an identifier of any system; the payer and the patient must agree as well.
    private async IAsyncEnumerable<Coverage> CandidatesAsync(
        ReceivedInsurance insurance, Dictionary<PartyKey, string> parties, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (insurance is not { Insured.Name.Id: { Length: > 0 } member, Payer: { } payer } || !parties.TryGetValue(PartyKey.Payer(payer), out var payor))
            yield break;
        await foreach (var coverage in records.SearchAsync<Coverage>($"identifier={BillingKey.Value(member)}", ct))
        {
            if (coverage.Payor.Exists(p => p.Reference == payor))
                yield return coverage;
        }
    }

    private async Task<bool> IsPatientAsync(string reference, Claim837PItem.Claim claim, CancellationToken ct)
    {
        if (claim.PatientParty is not { } party || FhirReferences.IdOf(reference, "Patient") is not { } id || await records.ReadAsync<Patient>(id, ct) is not { } patient)
            return false;
        return patient.BirthDate == PartyResources.Day(party.Find<Dmg>()?.BirthDate)
            && patient.Name.Exists(n => Same(n.Family, party.Name.Name) && Same(n.Given.FirstOrDefault(), party.Name.First));
    }

    // A patient that an earlier claim of the same payer made.
    private async Task<string?> MemberAsync(Claim837PItem.Claim claim, CancellationToken ct)
    {
        if (MemberKey.Patient(claim) is not { } key)
            return null;
        await foreach (var patient in records.SearchAsync<Patient>(BillingKey.Query(key.System, key.Value), ct))
            return $"Patient/{patient.Id}";
        return null;
    }

    private async Task<Claim?> PriorAsync(Claim837PItem.Claim claim, CancellationToken ct)
    {
        if (claim.Body.Reference("F8") is not { } icn || claim.Subscriber.Payer?.Name.Id is not { Length: > 0 } payer)
            return null;
        await foreach (var prior in records.SearchAsync<Claim>(BillingKey.Query(BillingUrls.Icn(payer), icn), ct))
            return prior;
        return null;
    }

    // What we write is folded to capitals without accents, so what comes back is compared that way.
    private static bool Same(string? ours, string? theirs) => string.Equals(
        X12.Syntax.CharacterSet.Fold(ours ?? "", X12.Syntax.Separators.Usual, out _), X12.Syntax.CharacterSet.Fold(theirs ?? "", X12.Syntax.Separators.Usual, out _), StringComparison.Ordinal);
}
