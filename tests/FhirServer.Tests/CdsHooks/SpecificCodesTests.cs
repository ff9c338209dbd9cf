using FhirEmr.FhirServer.CdsHooks;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.CdsHooks;

public sealed class SpecificCodesTests
{
    private static readonly DateOnly Day = new(2026, 6, 15);
    private readonly SpecificCodes codes = new(new Release());

    [Fact]
    public void A_heading_is_told_with_what_may_be_billed_below_it_specific_codes_first()
    {
        var found = codes.Find(Icd("S52.5"), Day)!;

        Assert.True(found.IsHeading);
        Assert.Equal(["S52.511", "S52.512", "S52.519"], found.Choices.Select(c => c.Code));
    }

    [Fact]
    public void An_unspecified_code_is_told_when_it_has_specific_neighbours()
    {
        var found = codes.Find(Icd("S52.519"), Day)!;

        Assert.False(found.IsHeading);
        Assert.Equal(["S52.511", "S52.512"], found.Choices.Select(c => c.Code));
    }

    [Fact]
    public void Specific_codes_codes_of_other_systems_and_unknown_ones_are_left_alone()
    {
        Assert.Null(codes.Find(Icd("S52.511"), Day));
        Assert.Null(codes.Find(Icd("Z99.9"), Day));
        Assert.Null(codes.Find(new CodeableConcept("http://snomed.info/sct", "S52.5"), Day));
        Assert.Null(codes.Find(null, Day));
    }

    [Fact]
    public void Taking_a_choice_up_changes_that_coding_alone()
    {
        var condition = new Condition { Id = "c", Code = new CodeableConcept { Text = "Fracture", Coding = [new("http://snomed.info/sct", "1"), .. Icd("S52.519").Coding] } };

        var card = SpecificCodes.Card(codes.Find(condition.Code, Day)!, "Condition/c", better => SpecificCodes.Changed(condition, Icd("S52.519").Coding[0], better));

        var changed = (Condition)card.Suggestions[1].Actions[0].Resource!;
        Assert.Equal(["1", "S52.512"], changed.Code!.Coding.Select(c => c.Code));
        Assert.Equal(["1", "S52.519"], condition.Code!.Coding.Select(c => c.Code));
    }

    private static CodeableConcept Icd(string code) => new(CodeSystemUrls.Icd10Cm, code);

    private sealed class Release : ITerminology
    {
        private static readonly (string Code, bool IsBillable, string Display, string Parent)[] All =
        [
            ("S52.5", false, "Fracture of lower end of radius", ""), ("S52.51", false, "Fracture of radial styloid process", "S52.5"), ("S52.519", true, "Fracture of unspecified radial styloid process", "S52.51"),
            ("S52.511", true, "Fracture of right radial styloid process", "S52.51"), ("S52.512", true, "Fracture of left radial styloid process", "S52.51"),
        ];

        public Concept? Find(string system, string code, DateOnly asOf) => All.Where(c => c.Code == code).Select(Concept).FirstOrDefault();

        public TableState StateOf(string system, DateOnly asOf) => TableState.Complete;

        public IReadOnlyList<Concept> Children(string system, string code, DateOnly asOf) => [.. All.Where(c => c.Parent == code).Select(Concept)];

        public IReadOnlyList<ConceptHit> Search(string system, string text, DateOnly asOf, int limit) => [];

        public IReadOnlyList<ConceptMapping> Translate(string sourceSystem, string sourceCode, string targetSystem) => [];

        private static Concept Concept((string Code, bool IsBillable, string Display, string Parent) c) => new(CodeSystemUrls.Icd10Cm, c.Code, c.Display, c.IsBillable, null, null, "test", new Dictionary<string, string>());
    }
}
