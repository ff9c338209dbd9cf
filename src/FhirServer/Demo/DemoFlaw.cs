using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>A fault put into one demo chart on purpose, so that the worklist has claims to fix.</summary>
/// <param name="Patient">Number of the patient.</param>
/// <param name="Visit">Number of the visit it spoils; null when it spoils them all.</param>
/// <param name="RuleId">The scrub rule that has to hold the claim.</param>
/// <param name="Why">The fault in words.</param>
/// <param name="Spoil">Puts the fault into a faultless chart; told today's date.</param>
internal sealed record DemoFlaw(int Patient, int? Visit, string RuleId, string Why, Action<IReadOnlyList<Resource>, DateOnly> Spoil)
{
    public static IReadOnlyList<DemoFlaw> All { get; } =
    [
        new(5, null, "COV-003", "The coverage ended before the visits.", (chart, today) =>
            First<Coverage>(chart).Period!.End = Coded.Day(today.AddDays(-90))),

        new(9, null, "COV-004", "Nobody wrote down the member id.", (chart, _) =>
            First<Coverage>(chart).SubscriberId = null),

        new(12, 1, "DX-004", "The diagnosis is the category E11, not a billable code.", (chart, _) =>
            ConditionOf(chart, "demo-encounter-12-1").Code = new CodeableConcept(CodeSystemUrls.Icd10Cm, "E11", "Type 2 diabetes mellitus", "Type 2 diabetes mellitus")),

        new(15, 2, "PRV-006", "The referring physician has no NPI on file.", (chart, _) =>
            First<Encounter>(chart, "demo-encounter-15-2").Participant[^1].Individual = new ResourceReference($"Practitioner/{DemoStaff.OutsideReferrerId}")),

        new(18, 1, "HDR-007", "The note is not signed.", (chart, _) =>
        {
            var note = First<Composition>(chart, "demo-note-18-1");
            note.Status = CompositionStatus.Preliminary;
            note.Attester = [];
        }),

        new(21, null, "PAT-005", "The address lacks city and ZIP.", (chart, _) =>
        {
            var address = First<Patient>(chart).Address[0];
            address.City = null;
            address.PostalCode = null;
        }),

        new(23, null, "COV-007", "Covered through a spouse who is not named.", (chart, _) =>
        {
            var coverage = First<Coverage>(chart);
            coverage.Relationship = Coded.Concept(DemoUrls.SubscriberRelationship, "spouse", "Spouse");
            coverage.Subscriber = null;
        }),
    ];

    /// <summary>Ids of the encounters whose claims are held by this fault.</summary>
    public IReadOnlyList<string> EncounterIds
    {
        get
        {
            var person = DemoPerson.All.Single(person => person.Number == Patient);
            return Visit is { } visit ? [person.EncounterId(visit)] : [.. person.Visits.Select((_, i) => person.EncounterId(i + 1))];
        }
    }

    private static T First<T>(IReadOnlyList<Resource> chart, string? id = null)
        where T : Resource => chart.OfType<T>().First(resource => id is null || resource.Id == id);

    private static Condition ConditionOf(IReadOnlyList<Resource> chart, string encounterId) =>
        chart.OfType<Condition>().First(condition => condition.Encounter?.Reference == $"Encounter/{encounterId}");
}
