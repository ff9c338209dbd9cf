using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Carc;
using FhirEmr.Terminology.CodeSystems.Cpt;
using FhirEmr.Terminology.CodeSystems.PlaceOfService;

namespace FhirEmr.Terminology.Tests.CodeSystems;

/// <summary>What a fresh installation knows before anything is imported.</summary>
public sealed class FragmentTests
{
    private static readonly DateOnly Day = new(2021, 11, 3);
    private static readonly TerminologyService Terminology = new(null, TimeProvider.System);

    [Fact]
    public void A_cpt_code_shows_our_own_wording_and_where_it_comes_from()
    {
        var visit = Terminology.Find("urn:oid:2.16.840.1.113883.6.12", "99213", Day)!;

        Assert.Equal((CodeSystemUrls.Cpt, TerminologyService.DemoFragment, true), (visit.System, visit.Edition, visit.IsBillable));
        Assert.Equal(CodeSystemUrls.DemoProcedures, visit.Properties["displaySource"]);
        Assert.Equal(visit.Display, Terminology.Find(CodeSystemUrls.DemoProcedures, "99213", Day)!.Display);
        Assert.Equal(TableState.Fragment, Terminology.StateOf(CodeSystemUrls.Cpt, Day));
    }

    [Fact]
    public void Codes_are_dated_in_the_fragments_too()
    {
        Assert.NotNull(Terminology.Find(CodeSystemUrls.Cpt, "71020", new(2017, 12, 31)));
        Assert.Null(Terminology.Find(CodeSystemUrls.Cpt, "71020", new(2018, 1, 1)));
        Assert.True(Terminology.Find(CodeSystemUrls.Icd10Cm, "M54.5", new(2021, 9, 30))!.IsBillable);
        Assert.False(Terminology.Find(CodeSystemUrls.Icd10Cm, "M54.5", new(2021, 10, 1))!.IsBillable);
    }

    [Fact]
    public void Icd10cm_answers_nothing_before_it_began()
    {
        Assert.Equal(TableState.None, Terminology.StateOf(CodeSystemUrls.Icd10Cm, new(2015, 9, 30)));
        Assert.Null(Terminology.Find(CodeSystemUrls.Icd10Cm, "I10", new(2015, 9, 30)));
        Assert.Equal(TableState.Fragment, Terminology.StateOf(CodeSystemUrls.Icd10Cm, new(2015, 10, 1)));
        Assert.NotNull(Terminology.Find(CodeSystemUrls.Icd10Cm, "I10", new(2015, 10, 1)));
    }

    [Fact]
    public void An_unknown_system_has_no_table() => Assert.Equal(TableState.None, Terminology.StateOf("urn:nobody", Day));

    [Fact]
    public void Every_procedure_carries_the_traits_the_rules_ask_for()
    {
        Assert.Equal((true, "XXX", true), (ProcedureTraits.Of("99203")!.IsVisit, ProcedureTraits.Of("99203")!.GlobalDays, ProcedureTraits.Of("99203")!.IsNewPatient));
        Assert.Equal((false, 40, 64), (ProcedureTraits.Of("99396")!.IsNewPatient, ProcedureTraits.Of("99396")!.MinAgeYears, ProcedureTraits.Of("99396")!.MaxAgeYears));
        Assert.Equal((65, null), (ProcedureTraits.Of("99397")!.MinAgeYears, ProcedureTraits.Of("99397")!.MaxAgeYears));
        Assert.Equal(("ZZZ", "vaccine-admin"), (ProcedureTraits.Of("90472")!.GlobalDays, ProcedureTraits.Of("90472")!.Category));
        Assert.Contains("90471", ProcedureTraits.Of("90472")!.AddOnTo);
        Assert.Equal((true, "qw"), (ProcedureTraits.Of("80061")!.IsCliaCovered, ProcedureTraits.Of("80061")!.Waived));
        Assert.Equal((true, 15), (ProcedureTraits.Of("97110")!.IsTimed, ProcedureTraits.Of("97110")!.Minutes));
        Assert.Equal("female", ProcedureTraits.Of("58300")!.Sex);
        Assert.Equal("preventive/established", ProcedureTraits.Of("g0439")!.Category);
        Assert.Null(ProcedureTraits.Of("00000"));
    }

    [Theory]
    [InlineData("99213", "I")]
    [InlineData("3044F", "II")]
    [InlineData("0075T", "III")]
    [InlineData("0001U", "PLA")]
    [InlineData("0004M", "MAAA")]
    [InlineData("0001A", "immunization")]
    [InlineData("G0438", null)]
    [InlineData("9921", null)]
    public void The_shape_of_a_cpt_code_tells_its_category(string code, string? category) => Assert.Equal(category, CptCode.Category(code));

    [Fact]
    public void Places_of_service_are_complete_and_dated()
    {
        Assert.Equal(TableState.Complete, Terminology.StateOf(CodeSystemUrls.PlaceOfService, Day));
        Assert.Null(Terminology.Find(CodeSystemUrls.PlaceOfService, "10", new(2021, 12, 31)));
        Assert.NotNull(Terminology.Find(CodeSystemUrls.PlaceOfService, "10", new(2022, 1, 1)));
        Assert.Equal((false, true, null), (PlaceOfServiceTable.IsFacility("11"), PlaceOfServiceTable.IsFacility("21"), PlaceOfServiceTable.IsFacility("00")));
    }

    [Fact]
    public void Adjustment_reasons_say_what_to_do()
    {
        var reason = CarcTable.Find("197")!;

        Assert.Equal(("auth", true, "AUT-001"), (reason.Category, reason.IsDenial, reason.ScrubRule));
        Assert.False(CarcTable.Find("45")!.IsDenial);
        Assert.Equal("bill patient / next payer", CarcTable.Find("2")!.FirstAction);
        Assert.Null(CarcTable.Find("9999"));
        Assert.Equal(141, CarcTable.All.Count);
        Assert.Equal(reason.Meaning, Terminology.Find(CodeSystemUrls.Carc, "197", Day)!.Display);
        Assert.Equal(TableState.Fragment, Terminology.StateOf(CodeSystemUrls.Carc, Day));
    }

    [Fact]
    public void Search_works_on_the_fragment()
    {
        Assert.Equal("99213", Terminology.Search(CodeSystemUrls.Cpt, "99213", Day, 5)[0].Concept.Code);
        Assert.Equal("I10", Terminology.Search(CodeSystemUrls.Icd10Cm, "high blood pressure", Day, 5)[0].Concept.Code);
    }
}
