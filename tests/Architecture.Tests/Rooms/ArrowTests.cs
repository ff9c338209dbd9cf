namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>The arrows of the plan, held against what was compiled.</summary>
public sealed class ArrowTests
{
    private static readonly House House = new(Assemblies.Ours, Plan.All);

    public static TheoryData<string> Rooms => [.. Plan.All.Where(room => !room.MayUseEverything).Select(room => room.Name)];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_the_rooms_its_arrows_point_at(string name) => None(House.Violations(Plan.All.Single(room => room.Name == name)));

    [Fact]
    public void Every_type_lives_in_a_room_of_the_plan() => None([.. House.Homeless.Where(type => type != "Program")]);

    [Fact]
    public void Every_arrow_points_at_something() => None(House.UnknownNames);

    private static void None(IReadOnlyList<string> found) => Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
}
