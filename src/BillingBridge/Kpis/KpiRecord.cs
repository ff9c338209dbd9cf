using FhirEmr.BillingBridge.Ledger;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What one resource contributes, and to what: the claim, encounter or patient it is filed under.</summary>
public abstract record KpiRecord
{
    private KpiRecord()
    {
    }

    public sealed record OfClaim(ClaimHeader Header) : KpiRecord;

    public sealed record OfStep(string Claim, StageStep Step) : KpiRecord;

    public sealed record OfAnswer(string Claim, AnswerFacts Answer) : KpiRecord;

    public sealed record OfJournal(string Claim, string Id, JournalEntry Entry) : KpiRecord;

    public sealed record OfEncounter(EncounterFacts Encounter) : KpiRecord;

    public sealed record OfCharge(string Encounter, string Id, EnteredCharge Charge) : KpiRecord;

    public sealed record OfVisit(VisitFacts Visit) : KpiRecord;

    /// <summary>A 271 for a patient.</summary>
    public sealed record OfEligibility(string Patient, string Id, DateOnly Day) : KpiRecord;
}
