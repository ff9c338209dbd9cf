using FhirEmr.Architecture.Tests.Planted.Cellar;

namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>The check itself, on planted rooms: rules that cannot see a breach prove nothing.</summary>
public sealed class HouseTests
{
    private const string Planted = "Architecture.Tests.Planted.";
    private const string Kitchen = Planted + "Kitchen";
    private const string Cellar = Planted + "Cellar";

    [Fact]
    public void Sees_every_way_to_use_a_closed_room_and_lets_constants_pass() => Assert.Equal(
        [
            "CookByAttribute uses VintageAttribute", "CookByParameter uses Wine", "CookByTypeArgument uses Wine", "CookInAsyncMethod uses Wine",
            "CookInIterator uses Wine", "CookInLambda uses Wine", "CookInNestedType uses Wine", "Shelf uses Wine",
        ], Violations(new Room(Kitchen)));

    [Fact]
    public void An_arrow_opens_the_room() => Assert.Empty(Violations(new Room(Kitchen, Cellar)));

    [Fact]
    public void A_single_type_can_be_open_while_its_room_is_closed() =>
        Assert.Equal(["CookByAttribute uses VintageAttribute"], Violations(new Room(Kitchen) { MayUseTypes = [Cellar + ".Wine"] }));

    [Fact]
    public void An_exception_holds_for_the_type_it_names_only() => Assert.DoesNotContain("CookInLambda uses Wine",
        Violations(new Room(Kitchen) { Except = new Dictionary<string, string[]> { [Kitchen + ".CookInLambda"] = [Cellar] } }));

    [Fact]
    public void A_deeper_room_has_arrows_of_its_own() =>
        Assert.Equal(["Shelf uses Wine"], Violations(new Room(Kitchen + ".Pantry"), new Room(Kitchen, Cellar)));

    [Fact]
    public void A_type_outside_the_plan_is_homeless() =>
        Assert.Contains(typeof(HouseTests).FullName, new House([typeof(Wine).Assembly], [new Room(Kitchen)]).Homeless);

    [Fact]
    public void A_misspelt_arrow_is_found() =>
        Assert.Equal([$"{Kitchen}: {Planted}Celar"], new House([typeof(Wine).Assembly], [new Room(Kitchen, Planted + "Celar")]).UnknownNames);

    private static string[] Violations(Room room, params Room[] others) =>
    [
        .. new House([typeof(Wine).Assembly], [room, .. others, new Room(Cellar)]).Violations(room)
            .Select(v => string.Join(" uses ", v.Split(" uses ").Select(name => name[(name.LastIndexOf('.') + 1)..]))),
    ];
}
