using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Charges;

/// <summary>26, TC, 59 and the X modifiers: proposed by what the record says, each with its reason, and not without one.</summary>
public class ProposedModifierTests
{
    private const string Xray = "71046";

    private readonly TestPractice practice = new();
    private readonly List<Resource> extra = [];
    private readonly List<Claim> claims = [];
    private ChargeTables tables = new()
    {
        ComponentsOf = (code, _) => code == Xray ? "1" : "0",
        PairOf = (first, second, _) => (first, second) switch
        {
            ("20610", "20605") => '1',
            ("20610", "20600") => '0',
            _ => null,
        },
    };

    [Theory]
    [InlineData("AMB", null)]
    [InlineData("EMER", "26: In place of service 23 the facility owns the equipment and bills the technical component.")]
    [InlineData("IMP", "26: In place of service 21 the facility owns the equipment and bills the technical component.")]
    public void In_a_facility_the_professional_component_is_proposed(string @class, string? reason)
    {
        practice.Visit.Class = new Coding(null, @class);
        Done("xray", Xray);

        var line = Line(Xray);
        Assert.Equal(reason is null ? [] : ["26"], line.Modifiers);
        Assert.Equal(reason is null ? [] : [reason], line.Reasons);
    }

    [Fact]
    public void Who_owns_the_equipment_decides_in_the_office_too()
    {
        extra.Add(new Device { Id = "ours", Owner = new ResourceReference("Organization/practice") });
        extra.Add(new Device { Id = "rented", Owner = new ResourceReference("Organization/hospital") });
        practice.Visit.ServiceProvider = new ResourceReference("Organization/practice");
        var xray = Done("xray", Xray);

        xray.UsedReference = [new ResourceReference("Device/ours")];
        Assert.Empty(Line(Xray).Modifiers);
        xray.UsedReference = [new ResourceReference("Device/rented")];
        Assert.Equal("26: Procedure/xray used equipment of Organization/hospital, which bills the technical component.", Assert.Single(Line(Xray).Reasons));
    }

    [Fact]
    public void What_others_read_is_the_technical_component()
    {
        practice.Visit.ServiceProvider = new ResourceReference("Organization/practice");
        var xray = Done("xray", Xray);

        xray.Performer = [new() { Actor = new ResourceReference("Practitioner/doc") }];
        Assert.Empty(Line(Xray).Modifiers);
        xray.Performer = [new() { Actor = new ResourceReference("Practitioner/radiologist"), OnBehalfOf = new ResourceReference("Organization/radiology") }];
        Assert.Equal("TC: Procedure/xray was read by Organization/radiology, which bills the professional component.", Assert.Single(Line(Xray).Reasons));
    }

    [Fact]
    public void A_code_without_two_components_gets_neither()
    {
        practice.Visit.Class = new Coding(null, "EMER");
        Done("shot", "20605");
        Assert.Empty(Line("20605").Modifiers);

        tables = ChargeTables.None;
        Done("xray", Xray);
        Assert.Empty(Line(Xray).Modifiers);
    }

    [Fact]
    public void Another_site_separates_a_pair()
    {
        (Done("knee", "20610").BodySite, Done("wrist", "20605").BodySite) = ([new CodeableConcept(CodeSystemUrls.Snomed, "72696002")], [new CodeableConcept(CodeSystemUrls.Snomed, "8205005")]);

        Assert.Equal("59: Procedure/wrist was done on another site than Procedure/knee, so it is not part of 20610: check that the note says so.", Assert.Single(Line("20605").Reasons));
        Assert.Empty(Line("20610").Modifiers);
        tables = tables with { PrefersX = true };
        Assert.Equal(["XS"], Line("20605").Modifiers);
    }

    [Fact]
    public void Another_practitioner_separates_a_pair()
    {
        tables = tables with { PrefersX = true };
        (Done("one", "20610").Performer, Done("two", "20605").Performer) = ([By("doc")], [By("other")]);

        Assert.Equal(["XP"], Line("20605").Modifiers);
    }

    [Fact]
    public void Times_that_do_not_overlap_separate_a_pair()
    {
        tables = tables with { PrefersX = true };
        var (one, two) = (Done("one", "20610"), Done("two", "20605"));
        (one.Performed, two.Performed) = (Time("09:00", "09:20"), Time("09:10", "09:30"));
        Assert.Empty(Line("20605").Modifiers);

        two.Performed = Time("09:20", "09:30");
        Assert.Equal("XU: Procedure/two (09:20 to 09:30) does not overlap Procedure/one (09:00 to 09:20), so it is not part of 20610: check that the note says so.", Assert.Single(Line("20605").Reasons));
    }

    [Fact]
    public void Another_encounter_of_the_day_separates_a_pair()
    {
        tables = tables with { PrefersX = true };
        Done("two", "20605");
        claims.Add(Billed("20610", "morning", TestPractice.Day));
        Assert.Equal("XE: 20610 was billed for another encounter of the day (Claim/c-morning), so it is not part of 20610: check that the note says so.", Assert.Single(Line("20605").Reasons));

        claims[0] = Billed("20610", "morning", "2026-03-01");
        Assert.Empty(Line("20605").Modifiers);
        claims[0] = Billed("20610", "visit", TestPractice.Day);
        Assert.Empty(Line("20605").Modifiers);
    }

    [Fact]
    public void Nothing_is_proposed_without_a_fact_or_where_no_modifier_helps()
    {
        Done("one", "20610");
        Done("two", "20605");
        Assert.Empty(Line("20605").Modifiers);

        (Done("three", "20600").BodySite, extra.OfType<Procedure>().First().BodySite) = ([new CodeableConcept(CodeSystemUrls.Snomed, "8205005")], [new CodeableConcept(CodeSystemUrls.Snomed, "72696002")]);
        Assert.Empty(Line("20600").Modifiers);
    }

    [Fact]
    public void Sides_that_are_marked_already_separate_the_pair()
    {
        (Done("left", "20610").BodySite, Done("right", "20605").BodySite) = ([new CodeableConcept(CodeSystemUrls.Snomed, "7771000")], [new CodeableConcept(CodeSystemUrls.Snomed, "24028007")]);

        Assert.Equal(["LT"], Line("20610").Modifiers);
        Assert.Equal(["RT"], Line("20605").Modifiers);
    }

    private static Procedure.PerformerComponent By(string practitioner) => new() { Actor = new ResourceReference($"Practitioner/{practitioner}") };

    private static Period Time(string start, string end) => new() { Start = $"{TestPractice.Day}T{start}:00Z", End = $"{TestPractice.Day}T{end}:00Z" };

    private static Claim Billed(string code, string encounter, string day) => new()
    {
        Id = $"c-{encounter}",
        Status = FinancialResourceStatusCodes.Active,
        Item = [new() { Sequence = 1, ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, code), Serviced = new Date(day), Encounter = [new ResourceReference($"Encounter/{encounter}")] }],
    };

    private Procedure Done(string id, string code)
    {
        var procedure = new Procedure { Id = id, Status = EventStatus.Completed, Code = new CodeableConcept(CodeSystemUrls.Cpt, code), Encounter = new ResourceReference("Encounter/visit"), Performed = new FhirDateTime(TestPractice.Day) };
        extra.Add(procedure);
        return procedure;
    }

    private ChargeLine Line(string code) =>
        new ChargeBuilder(practice.Terminology).Build(
            new EncounterChart(practice.Visit, practice.Patient, [.. practice.Related, .. extra]), new([practice.EarlierVisit]) { Claims = claims }, isMedicare: false, zone: null, tables)!
            .Lines.Single(l => l.Code == code);
}
