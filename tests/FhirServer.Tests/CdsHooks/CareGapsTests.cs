using FhirEmr.BillingBridge.Charges;
using FhirEmr.FhirServer.CdsHooks;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.CdsHooks;

public sealed class CareGapsTests
{
    private static readonly DateOnly Today = new(2026, 6, 15);

    [Theory]
    [InlineData("1981-06-15", true)] // 45 today
    [InlineData("1981-06-16", false)]
    [InlineData("1950-06-16", true)] // 75 until tomorrow
    [InlineData("1950-06-15", false)]
    public void Age_is_counted_to_the_day(string born, bool isDue) => Assert.Equal(isDue, Due(Person(born)).Contains("Colorectal"));

    [Theory]
    [InlineData("45378", 119, false)]
    [InlineData("45378", 120, true)]
    [InlineData("82274", 11, false)]
    [InlineData("82274", 12, true)]
    public void Each_way_counts_for_its_own_time(string code, int monthsAgo, bool isDue) =>
        Assert.Equal(isDue, Due(Person("1966-01-01"), Done(code, Today.AddMonths(-monthsAgo))).Contains("Colorectal"));

    [Fact]
    public void What_was_not_done_or_not_finished_closes_nothing()
    {
        var planned = Done("45378", Today.AddMonths(-1));
        planned.Status = EventStatus.Preparation;

        Assert.Contains("Colorectal", Due(Person("1966-01-01"), planned));
    }

    [Fact]
    public void An_order_of_the_last_half_year_stands_for_what_it_orders()
    {
        Assert.DoesNotContain("Colorectal", Due(Person("1966-01-01"), Ordered(Today.AddMonths(-5))));
        Assert.Contains("Colorectal", Due(Person("1966-01-01"), Ordered(Today.AddMonths(-7))));
    }

    [Fact]
    public void Vaccines_of_two_doses_need_both_on_two_days()
    {
        var first = Vaccine("187", Today.AddYears(-2));

        Assert.Contains("Zoster", Due(Person("1960-01-01"), first));
        Assert.Contains("Zoster", Due(Person("1960-01-01"), first, Vaccine("187", Today.AddYears(-2))));
        Assert.DoesNotContain("Zoster", Due(Person("1960-01-01"), first, Vaccine("187", Today.AddYears(-1))));
    }

    [Fact]
    public void Short_codes_are_a_vaccine_in_the_system_of_vaccines_only()
    {
        var influenza = Vaccine("150", Today.AddMonths(-1));
        Assert.DoesNotContain("Influenza", Due(Person("1960-01-01"), influenza));

        influenza.VaccineCode = new CodeableConcept("urn:practice:shots", "150");
        Assert.Contains("Influenza", Due(Person("1960-01-01"), influenza));
        influenza.VaccineCode = new CodeableConcept(null, "150");
        Assert.Contains("Influenza", Due(Person("1960-01-01"), influenza));
        influenza.VaccineCode = new CodeableConcept("urn:oid:2.16.840.1.113883.12.292", "150");
        Assert.DoesNotContain("Influenza", Due(Person("1960-01-01"), influenza));
        var local = Done("45378", Today.AddMonths(-1));
        local.Code = new CodeableConcept("urn:practice:procedures", "45378");
        Assert.DoesNotContain("Colorectal", Due(Person("1966-01-01"), local));
    }

    [Fact]
    public void Diseases_add_what_they_call_for_and_take_away_what_they_make_pointless()
    {
        Assert.DoesNotContain("Hemoglobin", Due(Person("1966-01-01")));
        Assert.Contains("Hemoglobin", Due(Person("1966-01-01"), Problem("E11.9", "active")));
        Assert.DoesNotContain("Hemoglobin", Due(Person("1966-01-01"), Problem("E11.9", "resolved")));
        Assert.DoesNotContain("Colorectal", Due(Person("1966-01-01"), Problem("C18.2", "active")));
    }

    [Fact]
    public void Sex_decides_where_the_recommendation_says_so()
    {
        Assert.Contains("Mammography", Due(Person("1966-01-01", AdministrativeGender.Female)));
        Assert.DoesNotContain("Mammography", Due(Person("1966-01-01")));
    }

    [Fact]
    public void Nothing_is_due_for_the_dead_the_unborn_and_those_of_unknown_age()
    {
        var dead = Person("1966-01-01");
        dead.Deceased = new FhirBoolean(true);

        Assert.Empty(Due(dead));
        Assert.Empty(Due(new Patient { Id = "p" }));
        Assert.Empty(Due(Person("2030-01-01")));
    }

    [Fact]
    public void A_card_names_the_last_time_and_what_it_stands_on()
    {
        var card = CareGaps.Of(Person("1966-01-01"), [Done("82274", new DateOnly(2024, 2, 3))], Today).Single(c => c.Summary.StartsWith("Colorectal", StringComparison.Ordinal));

        Assert.Equal("Colorectal cancer screening is due: last on 2024-02-03", card.Summary);
        Assert.Equal(["Patient/p", "Procedure/done"], card.Facts);
        Assert.Equal("82274", ((ServiceRequest)card.Suggestions[0].Actions[0].Resource!).Code!.Coding[0].Code);
    }

    [Fact]
    public void The_list_is_sound()
    {
        Assert.Distinct(PreventiveServices.All.Select(s => s.Name));
        Assert.All(PreventiveServices.All, s => Assert.Contains(s.Order.Code, s.Ways.SelectMany(w => w.Codes)));
        Assert.All(PreventiveServices.All.SelectMany(s => s.Ways), w => Assert.Distinct(w.Codes));
    }

    private static string Due(Patient patient, params Resource[] chart) => string.Join(" | ", CareGaps.Of(patient, chart, Today).Select(c => c.Summary));

    private static Patient Person(string born, AdministrativeGender gender = AdministrativeGender.Male) => new() { Id = "p", BirthDate = born, Gender = gender };

    private static Procedure Done(string code, DateOnly day) => new() { Id = "done", Status = EventStatus.Completed, Code = new CodeableConcept("http://www.ama-assn.org/go/cpt", code), Performed = new FhirDateTime(DateOfService.Text(day)) };

    private static Immunization Vaccine(string code, DateOnly day) =>
        new() { Id = "v", Status = Immunization.ImmunizationStatusCodes.Completed, VaccineCode = new CodeableConcept("http://hl7.org/fhir/sid/cvx", code), Occurrence = new FhirDateTime(DateOfService.Text(day)) };

    private static ServiceRequest Ordered(DateOnly day) => new() { Id = "o", Status = RequestStatus.Active, Code = new CodeableConcept("http://www.ama-assn.org/go/cpt", "45378"), AuthoredOn = DateOfService.Text(day) };

    private static Condition Problem(string code, string status) =>
        new() { Id = "c", Code = new CodeableConcept("http://hl7.org/fhir/sid/icd-10-cm", code), ClinicalStatus = new CodeableConcept("http://terminology.hl7.org/CodeSystem/condition-clinical", status) };
}
