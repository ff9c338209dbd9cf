using FhirEmr.FhirServer.Security.Access.Roles;

namespace FhirEmr.FhirServer.Tests.Security.Access.Roles;

[Trait("Requirement", "S-25")]
public class RoleTests
{
    public static TheoryData<string> BuiltIn => [.. BuiltInRoles.List.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void What_ships_can_be_used(string name) => Assert.Empty(RoleInteractions.FaultsOf(BuiltInRoles.List.Single(r => r.Name == name)));

    [Theory]
    [InlineData("Patient", "read peek", "'peek' is not known")]
    [InlineData("Pateint", "read", "R4 has no resource type 'Pateint'")]
    [InlineData("*", "operation:", "'operation:' is not known")]
    [InlineData("*", "admin.everything", "'admin.everything' is not known")]
    public void A_word_that_is_not_known_stops_the_role(string type, string words, string fault) =>
        Assert.Contains(RoleInteractions.FaultsOf(new("some", "Some", [new(type, words.Split(' '))])), f => f.Contains(fault, StringComparison.Ordinal));

    [Fact]
    public void An_element_that_the_type_does_not_have_stops_the_role() =>
        Assert.Equal(["permissions[0]: Condition has no element 'notes'."], RoleInteractions.FaultsOf(new("some", "Some", [new("Condition", ["read"]) { Mask = ["notes"] }])));

    [Fact]
    public void Only_administration_reaches_no_chart()
    {
        string[] clinical = ["Condition", "Observation", "DocumentReference", "Encounter"];
        foreach (var role in new[] { BuiltInRoles.PracticeAdmin, BuiltInRoles.Auditor })
            Assert.DoesNotContain(role.Permissions, p => clinical.Contains(p.Type) || (p.Type == "*" && RoleInteractions.Of(p.Interactions) != 0));
    }
}
