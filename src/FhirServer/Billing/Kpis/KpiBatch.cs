using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary>The parts that one stretch of the feed changes: read when first touched, filed into, written and counted together.</summary>
internal sealed class KpiBatch(KpiStore store)
{
    private readonly Dictionary<string, ClaimParts> claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EncounterFacts> encounters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VisitFacts?> visits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, DateOnly>> eligibility = new(StringComparer.Ordinal);

    /// <summary>Files what a resource says now.</summary>
    public void File(KpiRecord record)
    {
        switch (record)
        {
            case KpiRecord.OfEncounter { Encounter: var facts }:
                encounters[facts.Id] = facts with { Charges = Encounter(facts.Id).Charges };
                break;
            case KpiRecord.OfCharge charge:
                var at = Encounter(charge.Encounter);
                encounters[charge.Encounter] = at with { Charges = With(at.Charges, charge.Id, charge.Charge) };
                break;
            case KpiRecord.OfVisit visit:
                visits[visit.Visit.Id] = visit.Visit;
                break;
            case KpiRecord.OfEligibility answer:
                Eligibility(answer.Patient)[answer.Id] = answer.Day;
                break;
            default:
                KpiFiling.File(Claim(ClaimOf(record)), record);
                break;
        }
    }

    /// <summary>Takes out what an earlier version of a resource said.</summary>
    public void Remove(KpiRecord before, string type, string id)
    {
        switch (before)
        {
            case KpiRecord.OfEncounter encounter:
                encounters[id] = new() { Id = id, Charges = Encounter(encounter.Encounter.Id).Charges };
                break;
            case KpiRecord.OfCharge charge:
                var without = Encounter(charge.Encounter);
                encounters[charge.Encounter] = without with { Charges = without.Charges.Where(c => c.Key != id).ToDictionary(StringComparer.Ordinal) };
                break;
            case KpiRecord.OfVisit:
                visits[id] = null;
                break;
            case KpiRecord.OfEligibility answer:
                Eligibility(answer.Patient).Remove(id);
                break;
            default:
                KpiFiling.Remove(Claim(ClaimOf(before)), type, id);
                break;
        }
    }

    /// <summary>What is to be kept.</summary>
    public IReadOnlyCollection<(KpiStore.Kind Kind, string Id, byte[]? Body)> Written() =>
    [
        .. claims.Select(c => (KpiStore.Kind.Claim, c.Key, c.Value.IsEmpty ? null : PartsCodec.Write(c.Value))),
        .. encounters.Select(e => (KpiStore.Kind.Encounter, e.Key, e.Value is { Day: null, Charges.Count: 0 } ? null : PartsCodec.Write(e.Value))),
        .. visits.Select(v => (KpiStore.Kind.Visit, v.Key, v.Value is null ? null : PartsCodec.Write(v.Value))),
        .. eligibility.Select(e => (KpiStore.Kind.Eligibility, e.Key, e.Value.Count == 0 ? null : PartsCodec.Write(e.Value))),
    ];

    /// <summary>Puts all of it into the cube.</summary>
    public void Count(KpiCube cube, KpiTables tables)
    {
        foreach (var facts in encounters.Values)
            cube.Put(facts);
        foreach (var (id, parts) in claims)
            cube.Put(id, parts, tables);
        foreach (var (id, visit) in visits)
            if (visit is null)
                cube.RemoveVisit(id);
            else
                cube.Put(visit);
        foreach (var (patient, days) in eligibility)
            cube.PutEligibility(patient, days.Values);
    }

    private static string ClaimOf(KpiRecord record) => record switch
    {
        KpiRecord.OfClaim claim => claim.Header.Id,
        KpiRecord.OfStep step => step.Claim,
        KpiRecord.OfAnswer answer => answer.Claim,
        KpiRecord.OfJournal journal => journal.Claim,
        _ => throw new ArgumentException($"{record.GetType().Name} is filed under no claim.", nameof(record)),
    };

    private ClaimParts Claim(string id) => Touch(claims, id, KpiStore.Kind.Claim, PartsCodec.ReadClaim, () => new ClaimParts());

    private EncounterFacts Encounter(string id) => Touch(encounters, id, KpiStore.Kind.Encounter, PartsCodec.ReadEncounter, () => new EncounterFacts { Id = id });

    private Dictionary<string, DateOnly> Eligibility(string patient) => Touch(eligibility, patient, KpiStore.Kind.Eligibility, PartsCodec.ReadEligibility, () => new(StringComparer.Ordinal));

    private T Touch<T>(Dictionary<string, T> touched, string id, KpiStore.Kind kind, Func<byte[], T> read, Func<T> begin)
    {
        if (!touched.TryGetValue(id, out var parts))
            touched[id] = parts = store.Read(kind, id) is { } body ? read(body) : begin();
        return parts;
    }

    private static Dictionary<string, EnteredCharge> With(IReadOnlyDictionary<string, EnteredCharge> charges, string id, EnteredCharge charge) =>
        new(charges, StringComparer.Ordinal) { [id] = charge };
}
