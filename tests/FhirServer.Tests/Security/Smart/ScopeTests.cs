using FhirEmr.FhirServer.Security.Smart.Scopes;

namespace FhirEmr.FhirServer.Tests.Security.Smart;

/// <summary>What of a request for scopes is granted, and how it is said to people.</summary>
[Trait("Requirement", "S-12")]
[Trait("Requirement", "S-14")]
public sealed class ScopeTests
{
    [Theory]
    [InlineData("patient/*.rs", "patient/Observation.rs", true)]
    [InlineData("patient/*.rs", "patient/*.r", true)]
    [InlineData("patient/*.rs", "patient/Observation.read", true)]
    [InlineData("patient/*.read", "patient/Observation.rs", true)]
    [InlineData("patient/*.rs", "patient/Observation.rs?category=laboratory", true)]
    [InlineData("patient/Observation.rs?category=laboratory", "patient/Observation.rs?category=laboratory", true)]
    [InlineData("patient/Observation.rs?category=laboratory", "patient/Observation.rs", false)]
    [InlineData("patient/Observation.rs?category=laboratory", "patient/Observation.rs?category=vital-signs", false)]
    [InlineData("patient/Observation.rs", "patient/*.rs", false)]
    [InlineData("patient/*.rs", "patient/Observation.cruds", false)]
    [InlineData("patient/*.r", "patient/*.rs", false)]
    [InlineData("patient/*.rs", "user/Observation.rs", false)]
    [InlineData("system/*.rs", "system/Patient.rs", false)]
    [InlineData("patient/*.cruds", "patient/Nonsense.rs", false)]
    [InlineData("patient/*.cruds", "patient/Observation.sr", false)]
    [InlineData("patient/*.cruds", "patient/Observation.rs?code:in=x", false)]
    [InlineData("openid", "openid", true)]
    [InlineData("openid", "fhirUser", false)]
    [InlineData("launch/patient", "launch/patient", true)]
    [InlineData("openid whatever", "whatever", false)]
    public void A_user_can_give_what_is_known_and_registered(string registered, string requested, bool isGranted) =>
        Assert.Equal(isGranted ? [requested] : [], ScopeGrant.ForUser([requested], registered));

    [Theory]
    [InlineData("system/*.rs", "system/Patient.rs", true)]
    [InlineData("system/Patient.rs", "system/*.rs", false)]
    [InlineData("system/*.cruds patient/*.rs", "patient/*.rs", false)]
    [InlineData("system/*.cruds openid", "openid", false)]
    [InlineData("system/*.cruds fhiremr/rights", "fhiremr/rights", true)]
    [InlineData("system/*.cruds", "fhiremr/rights", false)]
    public void A_back_end_client_gets_system_scopes_alone(string registered, string requested, bool isGranted) =>
        Assert.Equal(isGranted ? [requested] : [], ScopeGrant.ForSystem([requested], registered));

    [Theory]
    [InlineData("patient/Observation.rs", "See measurements, test results and other observations in your record")]
    [InlineData("patient/Observation.rs?category=http://x|laboratory,vital-signs", "See measurements, test results and other observations where category is laboratory or vital-signs in your record")]
    [InlineData("patient/*.read", "See everything in your record")]
    [InlineData("patient/*.*", "See, add, change and delete everything in your record")]
    [InlineData("user/Appointment.cu", "Add and change appointments of every patient whom you may see")]
    [InlineData("user/ImmunizationEvaluation.s", "Search immunization evaluation of every patient whom you may see")]
    [InlineData("offline_access", "Keep this access when you are gone, until you take it back or have not used the app for a while")]
    public void Scopes_are_told_in_words(string scope, string words) => Assert.Equal(words, ScopeWords.Of(scope, "your record"));

    [Fact]
    public void Every_scope_that_is_offered_has_words() =>
        Assert.All(FhirEmr.FhirServer.Security.Smart.Discovery.SmartConfiguration.Scopes.Where(s => !s.StartsWith("system/", StringComparison.Ordinal)), s => Assert.NotEqual(s, ScopeWords.Of(s, "your record")));
}
