using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Demo;

public sealed class DemoPracticeTests
{
    private static readonly DateOnly Today = new(2026, 3, 16);
    private static readonly IReadOnlyList<Bundle> Bundles = [.. DemoPractice.Bundles(Today)];

    [Fact]
    public void The_same_day_gives_the_same_bytes() =>
        Assert.Equal(Bundles.Select(FhirText.Write), DemoPractice.Bundles(Today).Select(FhirText.Write));

    [Fact]
    public void The_last_digits_of_member_ids_decide_because_none_begins_with_a_scenarios_name() =>
        Assert.DoesNotContain(All<Coverage>(), c => MockScenarios.All.Any(s => c.SubscriberId?.StartsWith(s.Name, StringComparison.OrdinalIgnoreCase) == true));

    [Fact]
    public void Ids_do_not_depend_on_the_day() =>
        Assert.Equal(Keys(Bundles), Keys(DemoPractice.Bundles(new DateOnly(2028, 2, 29))));

    [Fact]
    public void Every_resource_has_its_own_id() => Assert.Equal(Keys(Bundles).Count(), Keys(Bundles).Distinct().Count());

    [Fact]
    public void Every_reference_is_to_this_or_an_earlier_bundle() => Assert.Empty(FhirText.Dangling(Bundles));

    [Fact]
    public void Bundles_are_small_transactions_of_puts_and_valid_FHIR_JSON() => Assert.All(Bundles, bundle =>
    {
        Assert.Equal(Bundle.BundleType.Transaction, bundle.Type);
        Assert.InRange(bundle.Entry.Count, 1, 500);
        Assert.All(bundle.Entry, entry => Assert.Equal((Bundle.HTTPVerb.PUT, Key(entry)), (entry.Request!.Method!.Value, entry.Request.Url!)));
        var json = FhirText.Write(bundle);
        Assert.Equal(json, FhirText.Write(FhirText.Read(json)));
    });

    [Fact]
    public void It_is_a_practice_of_the_promised_size()
    {
        Assert.Equal(24, All<Patient>().Count());
        Assert.Equal(60, Finished().Count());
        Assert.Equal(4, All<PractitionerRole>().Count());
        Assert.Equal(4, All<Organization>().Count(organization => organization.Type[0].Coding[0].Code == "pay"));
        Assert.Equal(7, All<Appointment>().Count());
        Assert.Equal(2, All<Encounter>().Count(encounter => encounter.Status == Encounter.EncounterStatus.InProgress));
        Assert.Equal(3, All<Encounter>().Count(encounter => encounter.Status == Encounter.EncounterStatus.Planned));
    }

    [Theory]
    [InlineData(2026, 3, 16)]
    [InlineData(2027, 1, 1)]
    [InlineData(2028, 2, 29)]
    public void Finished_visits_are_on_working_days_of_the_last_sixty(int year, int month, int day)
    {
        var today = new DateOnly(year, month, day);
        var visits = All<Encounter>(DemoPractice.Bundles(today)).Where(encounter => encounter.Status == Encounter.EncounterStatus.Finished).ToList();

        Assert.All(visits, visit =>
        {
            var date = DateOnly.FromDateTime(DateTimeOffset.Parse(visit.Period!.Start!, System.Globalization.CultureInfo.InvariantCulture).DateTime);
            Assert.InRange(date, today.AddDays(-62), today.AddDays(-1));
            Assert.DoesNotContain(date.DayOfWeek, (DayOfWeek[])[DayOfWeek.Saturday, DayOfWeek.Sunday]);
        });
        Assert.Equal(visits.Count, visits.Select(visit => (visit.Subject!.Reference, visit.Period!.Start![..10])).Distinct().Count());
    }

    [Fact]
    public void No_clinician_sees_two_patients_at_once() =>
        Assert.Equal(60, Finished().Select(visit => (visit.Participant[0].Individual!.Reference, visit.Period!.Start)).Distinct().Count());

    [Fact]
    public void The_clinic_can_bill()
    {
        var clinic = All<Organization>().Single(organization => organization.Id == "demo-clinic");

        Assert.True(MadeUpNumbers.IsNpi(Value(clinic.Identifier, "http://hl7.org/fhir/sid/us-npi")));
        Assert.True(MadeUpNumbers.IsEin(Value(clinic.Identifier, "urn:oid:2.16.840.1.113883.4.4")));
        Assert.Matches("^[0-9]{2}D[0-9]{7}$", Value(clinic.Identifier, "urn:oid:2.16.840.1.113883.4.7"));
        Assert.Matches("^[0-9]{9}$", clinic.Address[0].PostalCode);
    }

    [Fact]
    public void Charts_without_a_flaw_have_what_a_clean_claim_needs()
    {
        var flawed = DemoFlaw.All.SelectMany(flaw => flaw.EncounterIds).ToHashSet();

        foreach (var visit in Finished().Where(visit => !flawed.Contains(visit.Id!)))
        {
            var patient = Target<Patient>(visit.Subject!);
            var coverages = All<Coverage>().Where(coverage => coverage.Beneficiary!.Reference == visit.Subject!.Reference).ToList();
            Assert.Equal(Enumerable.Range(1, coverages.Count), coverages.Select(coverage => coverage.Order!.Value));
            Assert.All(coverages, coverage => Assert.True(coverage.SubscriberId is not null && string.CompareOrdinal(coverage.Period!.Start, visit.Period!.Start) <= 0 && coverage.Period.End is null));
            Assert.True(patient.Address[0] is { City: not null, State.Length: 2, PostalCode.Length: 5 });
            Assert.All(visit.Participant, participant => Assert.True(MadeUpNumbers.IsNpi(Value(Target<Practitioner>(participant.Individual!).Identifier, "http://hl7.org/fhir/sid/us-npi"))));
            Assert.All(visit.Diagnosis, diagnosis => Assert.NotEqual("E11", Target<Condition>(diagnosis.Condition!).Code!.Coding[0].Code));
            Assert.Equal(CompositionStatus.Final, NoteOf(visit).Status);
            Assert.NotEmpty(NoteOf(visit).Attester);
        }
    }

    [Fact]
    public void Every_flaw_is_in_the_chart()
    {
        var clean = DemoPerson.All.ToDictionary(person => person.Number, person => new DemoChart(person, Today).Write().Select(FhirText.Write).ToHashSet());
        foreach (var flaw in DemoFlaw.All)
        {
            var spoiled = Bundles[flaw.Patient].Entry.Select(entry => FhirText.Write(entry.Resource!)).ToHashSet();

            Assert.Single(clean[flaw.Patient].Except(spoiled));
            Assert.All(flaw.EncounterIds, id => Assert.Contains(Finished(), visit => visit.Id == id));
        }
    }

    [Fact]
    public void A_handful_of_visits_is_flawed_and_each_for_another_reason()
    {
        Assert.InRange(DemoFlaw.All.SelectMany(flaw => flaw.EncounterIds).Distinct().Count(), 6, 15);
        Assert.Equal(DemoFlaw.All.Count, DemoFlaw.All.Select(flaw => flaw.RuleId).Distinct().Count());
    }

    [Fact]
    public void Every_payer_scenario_has_a_member() =>
        Assert.Equal(
            Enum.GetValues<MemberScenario>(),
            All<Coverage>().Where(coverage => coverage.SubscriberId is not null).Select(coverage => MemberScenarios.Of(coverage.SubscriberId)).Distinct().Order());

    private static IEnumerable<Encounter> Finished() => All<Encounter>().Where(encounter => encounter.Status == Encounter.EncounterStatus.Finished);

    private static Composition NoteOf(Encounter visit) => All<Composition>().Single(note => note.Encounter!.Reference == $"Encounter/{visit.Id}");

    private static T Target<T>(ResourceReference reference)
        where T : Resource => All<T>().Single(resource => reference.Reference == $"{resource.TypeName}/{resource.Id}");

    private static string? Value(IEnumerable<Identifier> identifiers, string system) =>
        identifiers.SingleOrDefault(identifier => identifier.System == system)?.Value;

    private static IEnumerable<T> All<T>(IEnumerable<Bundle>? bundles = null)
        where T : Resource => (bundles ?? Bundles).SelectMany(bundle => bundle.Entry).Select(entry => entry.Resource).OfType<T>();

    private static IEnumerable<string> Keys(IEnumerable<Bundle> bundles) => bundles.SelectMany(bundle => bundle.Entry).Select(Key);

    private static string Key(Bundle.EntryComponent entry) => $"{entry.Resource!.TypeName}/{entry.Resource.Id}";
}
