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

    private static Device Device(string id, string code) => new() { Id = id, Type = new CodeableConcept(CodeSystemUrls.Hcpcs, code) };

    private static DeviceUseStatement Use(string device, string? from) => new()
    {
        Id = $"{device}-use",
        Status = DeviceUseStatement.DeviceUseStatementStatus.Completed,
        Subject = new ResourceReference("Patient/pat"),
        Device = new ResourceReference($"Device/{device}"),
        DerivedFrom = from is null ? [] : [new ResourceReference(from)],
    };

    private IEnumerable<string> Supplies(EncounterChart chart) =>
        new ChargeBuilder(practice.Terminology).Build(chart, new([practice.EarlierVisit]), isMedicare: false, zone: null)!
            .Lines.Where(l => l.Code is not ("99213" or "20610")).Select(l => $"{l.Source} {l.Code} x{l.Quantity:0}");

    private EncounterChart Chart(params Resource[] more) => new(practice.Visit, practice.Patient, [.. practice.Related, casting, .. more]);
}
