using FhirEmr.FhirServer.Security.Access.Roles;

namespace FhirEmr.FhirServer.Tests.Security.Access.Roles;

public class DelegationTests
{
    [Fact]
    public void Whoever_holds_everything_may_hand_on_every_role_that_ships() =>
        Assert.All(BuiltInRoles.List, role => Assert.Null(Delegation.Lacking([new(BuiltInRoles.Superuser)], role.Permissions)));

    [Fact]
    public void An_administrator_without_a_chart_hands_on_none() =>
        Assert.NotNull(Delegation.Lacking([new(BuiltInRoles.PracticeAdmin)], BuiltInRoles.Clinician.Permissions));

    [Fact]
    public void A_narrow_permission_is_not_handed_on_wide()
    {
        HeldRole[] own = [new(new("own", "Own", [new("Observation", ["read"]) { Where = "category=laboratory" }, new("Patient", ["read"]) { Mask = ["photo"] }]))];
        Assert.Equal("read on Observation", Delegation.Lacking(own, [new("Observation", ["read"])]));
        Assert.Null(Delegation.Lacking(own, [new("Observation", ["read"]) { Where = "category=laboratory" }]));
        Assert.NotNull(Delegation.Lacking(own, [new("Patient", ["read"])]));
        Assert.Null(Delegation.Lacking(own, [new("Patient", ["read"]) { Mask = ["photo", "address"] }]));
        Assert.NotNull(Delegation.Lacking(own, [new("Patient", ["read"]) { Include = ["photo"] }]));
        Assert.Null(Delegation.Lacking(own, [new("Patient", ["read"]) { Include = ["name"] }]));
    }

    [Fact]
    public void Money_is_handed_on_up_to_ones_own_limit()
    {
        Permission WriteOff(decimal? limit) => new("*", ["writeoff"]) { LimitUsd = limit };
        HeldRole[] own = [new(new("own", "Own", [WriteOff(500)]))];
        Assert.Null(Delegation.Lacking(own, [WriteOff(500)]));
        Assert.Equal("writeoff", Delegation.Lacking(own, [WriteOff(501)]));
        Assert.Equal("writeoff", Delegation.Lacking(own, [WriteOff(null)]));
    }

    [Fact]
    public void What_is_held_for_one_organization_is_handed_on_there_only()
    {
        HeldRole[] own = [new(BuiltInRoles.Superuser, "Organization/a")];
        Assert.Null(Delegation.Lacking(own, BuiltInRoles.Nurse.Permissions, "Organization/a"));
        Assert.NotNull(Delegation.Lacking(own, BuiltInRoles.Nurse.Permissions, "Organization/b"));
        Assert.NotNull(Delegation.Lacking(own, BuiltInRoles.Nurse.Permissions));
    }
}
