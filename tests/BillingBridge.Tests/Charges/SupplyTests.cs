using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Charges;

/// <summary>Devices that were used up or handed out become supply charges.</summary>
public class SupplyTests
{
    private readonly TestPractice practice = new();
    private readonly Procedure casting = new()
    {
        Id = "casting",
        Status = EventStatus.Completed,
        Code = new CodeableConcept(CodeSystemUrls.Cpt, "20610"),
        Encounter = new ResourceReference("Encounter/visit"),
    };

    [Fact]
    public void A_statement_that_derives_from_the_visit_is_charged_and_others_are_not() => Assert.Equal(
        ["DeviceUseStatement/brace-use L1832 x1"],
        Supplies(Chart(Device("brace", "L1832"), Device("wheelchair", "E1130"), Device("old", "L1832"), Use("brace", "Procedure/casting"), Use("old", "Procedure/of-last-year"), Use("wheelchair", null))));

    [Fact]
    public void What_a_procedure_used_is_charged_once_and_counted()
    {
        casting.UsedReference = [new ResourceReference("Device/brace"), new ResourceReference("Device/second")];
        casting.UsedCode = [new CodeableConcept(CodeSystemUrls.Hcpcs, "A4570"), new CodeableConcept(CodeSystemUrls.Snomed, "1234")];

        Assert.Equal(["DeviceUseStatement/brace-use L1832 x2", "Procedure/casting A4570 x1"], Supplies(Chart(Device("brace", "L1832"), Device("second", "L1832"), Use("brace", "Procedure/casting"))));
    }

    [Theory]
    [InlineData("A4570", true)]
    [InlineData("E0100", true)]
    [InlineData("L3908", true)]
    [InlineData("J1885", false)] // a drug, which has its own way
    [InlineData("K0001", false)]
    public void Only_supplies_equipment_and_orthotics_are_charged(string code, bool isCharged) =>
        Assert.Equal(isCharged, Supplies(Chart(Device("brace", code), Use("brace", "Procedure/casting"))).Any());

    [Fact]
    public void A_device_of_another_code_system_goes_through_the_concept_map()
    {
        practice.Terminology.Map(CodeSystemUrls.Snomed, "705417005", CodeSystemUrls.Hcpcs, "E0100");
        var cane = new Device { Id = "cane", Type = new CodeableConcept(CodeSystemUrls.Snomed, "705417005") };
        var monitor = new Device { Id = "monitor", Type = new CodeableConcept(CodeSystemUrls.Snomed, "43770009") };

        Assert.Equal(["DeviceUseStatement/cane-use E0100 x1"], Supplies(Chart(cane, monitor, Use("cane", "Procedure/casting"), Use("monitor", "Procedure/casting"))));
    }

    [Fact]
    public void What_was_entered_in_error_or_was_not_done_is_not_charged()
    {
        var use = Use("brace", "Procedure/casting");
        use.Status = DeviceUseStatement.DeviceUseStatementStatus.EnteredInError;
        Assert.Empty(Supplies(Chart(Device("brace", "L1832"), use)));

        use.Status = DeviceUseStatement.DeviceUseStatementStatus.Completed;
        casting.Status = EventStatus.NotDone;
        Assert.Empty(Supplies(Chart(Device("brace", "L1832"), use)));
    }

    [Fact]
    public void As_many_are_charged_as_were_delivered_that_day_else_as_were_ordered()
    {
        practice.Terminology.Add(CodeSystemUrls.Hcpcs, "A4570", "Splint");
        var order = new ServiceRequest { Id = "order", Quantity = new Quantity { Value = 4, Unit = "each" } };
        var use = Use("splint", "Procedure/casting");
        use.BasedOn = [new ResourceReference("ServiceRequest/order")];
        Resource[] chart = [Device("splint", "A4570"), use, order];

        Assert.Equal(["DeviceUseStatement/splint-use A4570 x4"], Supplies(Chart(chart)));
        Assert.Equal(["DeviceUseStatement/splint-use A4570 x3"], Supplies(Chart([.. chart, Delivery("1", 2), Delivery("2", 1), Delivery("3", 9, day: "2026-02-20"), Delivery("4", 9, SupplyDelivery.SupplyDeliveryStatus.InProgress)])));
    }

    [Fact]
    public void What_a_procedure_used_has_the_quantity_delivered_too()
    {
        practice.Terminology.Add(CodeSystemUrls.Hcpcs, "A4570", "Splint");
        casting.UsedReference = [new ResourceReference("Device/splint")];

        var line = Build(Chart(Device("splint", "A4570"), Delivery("1", 2))).Lines.Single(l => l.Code == "A4570");

        Assert.Equal((2m, "2 units: 2 {each} documented."), (line.Quantity, line.Reasons.Single()));
    }

    [Fact]
    public void A_quantity_that_cannot_be_counted_is_no_charge_but_a_gap()
    {
        practice.Terminology.Add(CodeSystemUrls.Hcpcs, "A4245", "Alcohol wipes, per box");
        var sheet = Build(Chart(Device("wipes", "A4245"), Use("wipes", "Procedure/casting"), Delivery("1", 40, device: "wipes")));

        Assert.DoesNotContain(sheet.Lines, l => l.Code == "A4245");
        Assert.Contains("40 {each} cannot be counted in what A4245 is for (Alcohol wipes, per box)", sheet.Gaps.Single(g => g.Code == "A4245").Advice, StringComparison.Ordinal);
    }

    // Descriptions as HCPCS has them.
    [Theory]
    [InlineData("3", "{each}", "Splint", "3")]
    [InlineData("3", null, "Permeaderm glove, each", "3")]
    [InlineData("2", "dressing", "Alginate or other fiber gelling dressing, wound cover, sterile, pad size 16 sq. in. or less, each dressing", "2")]
    [InlineData("60", "{strip}", "Blood glucose test or reagent strips for home blood glucose monitor, per 50 strips", "2")]
    [InlineData("100", "1", "Blood collection tube, vacuum, for dialysis, per 50", "2")]
    [InlineData("24.5", "cm2", "Innovamatrix ac, per square centimeter", "25")]
    [InlineData("36", "[sin_i]", "Tape, non-waterproof, per 18 square inches", "2")]
    [InlineData("250", "mg", "Omeza collagen matrix, per 100 mg", "3")]
    [InlineData("0.25", "g", "Omeza collagen matrix, per 100 mg", "3")]
    [InlineData("15", "mL", "Injectable anesthetic, for dialysis, per 10 ml", "2")]
    [InlineData("1", "pair", "Electrodes, (e.g., apnea monitor), per pair", "1")]
    [InlineData("2", "{box}", "Lancets, per box of 100", "2")]
    [InlineData("1", null, null, "1")] // one piece is one, whatever the code
    [InlineData("2", null, null, null)] // it might be for fifty
    [InlineData("2", "{each}", "Electrodes, (e.g., apnea monitor), per pair", null)]
    [InlineData("24", "{each}", "Innovamatrix ac, per square centimeter", null)]
    [InlineData("100", "{each}", "Omeza collagen matrix, per 100 mg", null)]
    [InlineData("2.5", "{each}", "Splint", null)]
    [InlineData("2", "box", "Splint", null)]
    [InlineData("0", "{each}", "Splint", null)]
    [InlineData("-1", "{each}", "Splint", null)]
    public void A_quantity_is_counted_in_what_one_unit_of_the_code_is_for(string value, string? unit, string? title, string? expected) => Assert.Equal(
        expected is null ? null : decimal.Parse(expected, CultureInfo.InvariantCulture),
        SupplyUnits.Of(new Quantity { Value = decimal.Parse(value, CultureInfo.InvariantCulture), Unit = unit }, title));

    private static SupplyDelivery Delivery(
        string id, decimal quantity, SupplyDelivery.SupplyDeliveryStatus status = SupplyDelivery.SupplyDeliveryStatus.Completed, string day = "2026-03-02", string device = "splint") => new()
        {
            Id = id,
            Status = status,
            Patient = new ResourceReference("Patient/pat"),
            SuppliedItem = new() { Quantity = new Quantity { Value = quantity, Unit = "{each}" }, Item = new ResourceReference($"Device/{device}") },
            Occurrence = new FhirDateTime($"{day}T10:00:00-05:00"),
        };

    private static Device Device(string id, string code) => new() { Id = id, Type = new CodeableConcept(CodeSystemUrls.Hcpcs, code) };

    private static DeviceUseStatement Use(string device, string? from) => new()
    {
        Id = $"{device}-use",
        Status = DeviceUseStatement.DeviceUseStatementStatus.Completed,
        Subject = new ResourceReference("Patient/pat"),
        Device = new ResourceReference($"Device/{device}"),
        DerivedFrom = from is null ? [] : [new ResourceReference(from)],
    };

    private ChargeSheet Build(EncounterChart chart) => new ChargeBuilder(practice.Terminology).Build(chart, new([practice.EarlierVisit]), isMedicare: false, zone: null)!;

    private IEnumerable<string> Supplies(EncounterChart chart) => Build(chart).Lines.Where(l => l.Code is not ("99213" or "20610")).Select(l => $"{l.Source} {l.Code} x{l.Quantity:0}");

    private EncounterChart Chart(params Resource[] more) => new(practice.Visit, practice.Patient, [.. practice.Related, casting, .. more]);
}
