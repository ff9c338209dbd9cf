using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Search.Parameters;

public class SearchParametersTests
{
    private readonly SearchParameters parameters = SearchSamples.Parameters();

    [Fact]
    public void Lists_every_R4_parameter_of_every_type()
    {
        var known = ResourceTypes.All.SelectMany(parameters.Of).Where(p => !p.Code.StartsWith('_') && p.Code != "claim-stage" && !p.Url.StartsWith(UsCoreParameters.Urls, StringComparison.Ordinal)).ToArray();

        Assert.Equal(ModelInfo.SearchParameters.Count(p => ResourceTypes.Exists(p.Resource!)), known.Length);
        Assert.DoesNotContain(known, p => !p.IsSupported);
        Assert.Equal(72, known.Count(p => p.Kind == SearchParamType.Composite && parameters.Composite(p) is not null));
    }

    [Fact]
    public void Every_type_has_the_common_parameters() =>
        Assert.All(ResourceTypes.All, type => Assert.All(
            new[] { "_id", "_lastUpdated", "_tag", "_profile", "_security", "_source" }, code => Assert.True(parameters.Find(type, code)!.IsSupported)));

    [Fact]
    public void Row_parameters_have_no_number_and_all_others_their_own()
    {
        var all = parameters.Of("Patient").Where(p => p.IsSupported).ToArray();

        Assert.Equal(["_id", "_lastUpdated", "_content"], all.Where(p => p.Number == 0).Select(p => p.Code));
        Assert.Equal(all.Length - 3, all.Select(p => p.Number).Where(n => n > 0).Distinct().Count());
        Assert.DoesNotContain(parameters.Shape("Patient").Number, all.Select(p => p.Number));
    }

    [Theory]
    [InlineData("Observation", "code-value-quantity", "code value-quantity", "code value-quantity", null)]
    [InlineData("Observation", "combo-code-value-quantity", "combo-code combo-value-quantity", "code value-quantity", "component-code-value-quantity")]
    [InlineData("Observation", "component-code-value-concept", "component-code component-value-concept", null, "component-code-value-concept")]
    [InlineData("MolecularSequence", "chromosome-window-coordinate", "chromosome window-start window-end", "chromosome window-start window-end", null)]
    [InlineData("MolecularSequence", "chromosome-variant-coordinate", "chromosome variant-start variant-end", null, "chromosome-variant-coordinate")]
    [InlineData("ValueSet", "context-type-quantity", "context-type context-quantity", null, "context-type-quantity")]
    [InlineData("DocumentReference", "relationship", "relatesto relation", null, "relationship")]
    [InlineData("Group", "characteristic-value", "characteristic value", null, "characteristic-value")]
    public void A_composite_has_rows_only_where_its_parts_repeat(string type, string code, string components, string? whole, string? rows)
    {
        var param = parameters.Find(type, code)!;
        var form = parameters.Composite(param)!;

        Assert.Equal(components, string.Join(' ', form.Components.Select(c => c.Code)));
        Assert.Equal(whole, form.Whole is null ? null : string.Join(' ', form.Whole.Select(c => c.Code)));
        Assert.Equal(rows, form.Rows?.Code);
        Assert.Equal(rows == code, param.Number > 0);
    }

    [Fact]
    public void The_shape_cannot_be_searched_by_name() => Assert.Null(parameters.Find("Patient", SearchParameters.ShapeCode));

    [Fact]
    public void Knows_the_stage_of_claims_only()
    {
        Assert.NotNull(parameters.Find("Claim", "claim-stage"));
        Assert.Null(parameters.Find("Patient", "claim-stage"));
    }

    [Theory]
    [InlineData("Observation", "patient", "Patient")]
    [InlineData("AllergyIntolerance", "patient", "Patient")]
    [InlineData("Observation", "subject", "Device Group Location Patient")]
    [InlineData("Appointment", "practitioner", "Practitioner")]
    [InlineData("Provenance", "target", "")]
    public void Reference_targets_are_what_the_element_allows(string type, string code, string targets) =>
        Assert.Equal(targets, string.Join(' ', parameters.Find(type, code)!.Targets));

    [Fact]
    public void Names_the_nearest_parameter() => Assert.Equal("birthdate", parameters.Nearest("Patient", "birth-date"));

    [Fact]
    public void The_patient_compartment_names_known_reference_parameters_only() => Assert.All(
        ResourceTypes.All.SelectMany(type => PatientCompartment.CodesOf(type).Select(code => (type, code))),
        m => Assert.Equal(SearchParamType.Reference, parameters.Find(m.type, m.code)?.Kind));

    [Theory]
    [InlineData("Patient", "patient")]
    [InlineData("Encounter", "encounter")]
    [InlineData("Practitioner", "practitioner")]
    [InlineData("RelatedPerson", "relatedPerson")]
    [InlineData("Device", "device")]
    [Trait("Requirement", "S-32")]
    public void A_compartment_is_the_one_R4_publishes(string compartment, string file)
    {
        if (SearchSamples.Examples() is not { } examples)
        {
            Assert.Skip("hl7.fhir.r4.examples-4.0.1.tgz is neither in fhir-packages nor named by FHIREMR_R4_EXAMPLES.");
            return;
        }

        var published = SearchSamples.Read(System.Text.Encoding.UTF8.GetString(examples.First(e => e.Name == $"CompartmentDefinition-{file}.json").Json));
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var child in published.Children)
            if (child.NameId == FhirNames.Id("resource"))
            {
                var codes = new List<string>();
                foreach (var param in child.Children)
                    if (param.NameId == FhirNames.Id("param") && param.Text != "{def}")
                        codes.Add(param.Text);
                members[child.TextOf("code")!] = string.Join(' ', codes);
            }

        Assert.Equal(members.Where(m => m.Value.Length > 0), members.Keys.Where(t => Codes(t).Count > 0).Select(t => KeyValuePair.Create(t, string.Join(' ', Codes(t)))));

        IReadOnlyCollection<string> Codes(string type) => compartment == "Patient" ? PatientCompartment.CodesOf(type) : Compartments.CodesOf(compartment, type);
    }

    /// <summary>Custom parameters and <c>Observation.focus</c> confer no membership.</summary>
    [Fact]
    [Trait("Requirement", "S-32")]
    public void A_compartment_has_no_members_beyond_it() => Assert.All(["Encounter", "Practitioner", "RelatedPerson", "Device"], compartment => Assert.All(
        Compartments.TypesIn(parameters, compartment).Where(t => t != compartment),
        type => Assert.Subset(Compartments.CodesOf(compartment, type).ToHashSet(), Compartments.Admitting(parameters, compartment, type).Select(p => p.Code).ToHashSet())));
}
