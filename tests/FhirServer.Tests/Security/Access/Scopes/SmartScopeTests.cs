using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Scopes;

namespace FhirEmr.FhirServer.Tests.Security.Access.Scopes;

public class SmartScopeTests
{
    private const Interaction R = Interaction.Read | Interaction.Vread | Interaction.History;
    private const Interaction S = Interaction.Search;
    private const Interaction C = Interaction.Create;
    private const Interaction U = Interaction.Update | Interaction.Patch;
    private const Interaction D = Interaction.Delete;

    [Theory]
    [InlineData("patient/Observation.rs", ScopeContext.Patient, "Observation", R | S)]
    [InlineData("patient/Observation.r", ScopeContext.Patient, "Observation", R)]
    [InlineData("user/*.s", ScopeContext.User, null, S)]
    [InlineData("system/*.cruds", ScopeContext.System, null, C | R | U | D | S)]
    [InlineData("user/Patient.cu", ScopeContext.User, "Patient", C | U)]
    [InlineData("patient/Observation.read", ScopeContext.Patient, "Observation", R | S)]
    [InlineData("user/Patient.write", ScopeContext.User, "Patient", C | U | D)]
    [InlineData("system/*.*", ScopeContext.System, null, C | R | U | D | S)]
    public void Reads_both_syntaxes(string text, object context, string? type, object interactions)
    {
        var scope = SmartScope.Parse(text);
        Assert.NotNull(scope);
        Assert.Equal(((ScopeContext)context, type, (Interaction)interactions), (scope.Context, scope.Type, scope.Interactions));
        Assert.Empty(scope.Constraint);
    }

    [Theory]
    [InlineData("patient/Observation.")]
    [InlineData("patient/Observation.sr")]
    [InlineData("patient/Observation.rr")]
    [InlineData("patient/Observation.Rs")]
    [InlineData("patient/Observation.rs ")]
    [InlineData("patient/Observation.readwrite")]
    [InlineData("patient/observation.rs")]
    [InlineData("patient/Observations.rs")]
    [InlineData("patient/.rs")]
    [InlineData("patient/Observation")]
    [InlineData("patients/Observation.rs")]
    [InlineData("Patient/Observation.rs")]
    [InlineData("launch/patient")]
    [InlineData("patient/Observation.rs?")]
    [InlineData("patient/Observation.rs?category")]
    [InlineData("patient/Observation.rs?category:not=x")]
    [InlineData("patient/Observation.rs?subject.name=x")]
    [InlineData("patient/Observation.rs?_has:Group:member:_id=x")]
    [InlineData("patient/Observation.rs?_count=1")]
    [InlineData("patient/Observation.rs?_include=Observation:subject")]
    [InlineData("patient/Observation.rs?_filter=code eq x")]
    public void Takes_nothing_else(string text) => Assert.Null(SmartScope.Parse(text));

    [Fact]
    public void Keeps_what_a_scope_is_constrained_to()
    {
        var scope = SmartScope.Parse("patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory&date=ge2024");
        Assert.Equal(
            [new("category", "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"), new("date", "ge2024")],
            scope!.Constraint);
    }

    [Fact]
    public void Is_read_in_a_time_that_grows_with_its_length_only() => Assert.Null(SmartScope.Parse("patient/Observation." + new string('r', 1_000_000)));

    [Fact]
    public void A_token_with_one_scope_that_cannot_be_meant_says_nothing_at_all()
    {
        Assert.NotNull(SmartScopes.Parse("openid patient/Observation.rs launch/patient"));
        Assert.Null(SmartScopes.Parse("openid patient/Observation.rs patient/Nothing.rs"));
    }

    [Theory]
    [InlineData("patient/Observation.rs system/Observation.rs")]
    [InlineData("user/Observation.rs system/Observation.rs")]
    public void A_system_and_a_person_never_share_a_token(string scopes) => Assert.Null(SmartScopes.Parse(scopes));

    [Fact]
    public void A_patient_and_a_user_may_share_one() => Assert.Equal(2, SmartScopes.Parse("patient/Observation.rs user/Practitioner.rs")!.Resources.Count);
}
