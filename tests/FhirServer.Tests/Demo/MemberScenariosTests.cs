using FhirEmr.FhirServer.Demo;

namespace FhirEmr.FhirServer.Tests.Demo;

public sealed class MemberScenariosTests
{
    [Theory]
    [InlineData("BHH123456700", nameof(MemberScenario.Paid))]
    [InlineData("BHH123456769", nameof(MemberScenario.Paid))]
    [InlineData("BHH123456770", nameof(MemberScenario.PatientShare))]
    [InlineData("BHH123456780", nameof(MemberScenario.PartiallyDenied))]
    [InlineData("1EG4TE5MK87", nameof(MemberScenario.Denied))]
    [InlineData("100000000094", nameof(MemberScenario.Pended))]
    [InlineData("100000000099", nameof(MemberScenario.Rejected))]
    [InlineData("W9X", nameof(MemberScenario.Paid))]
    [InlineData(null, nameof(MemberScenario.Paid))]
    public void The_last_two_digits_choose(string? memberId, string scenario) =>
        Assert.Equal(scenario, MemberScenarios.Of(memberId).ToString());

    [Fact]
    public void Most_members_are_paid_and_every_scenario_occurs()
    {
        var counts = Enumerable.Range(0, 1000)
            .Select(i => MemberScenarios.Of(MadeUpNumbers.MemberId(DemoPayers.SummitMutual, $"patient-{i}")))
            .CountBy(scenario => scenario).ToDictionary();

        Assert.Equal(Enum.GetValues<MemberScenario>().Length, counts.Count);
        Assert.InRange(counts[MemberScenario.Paid], 600, 800);
    }
}
