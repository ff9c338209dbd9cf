using FhirEmr.Terminology.CodeSystems.Cpt;
using FhirEmr.Terminology.CodeSystems.Hcpcs;
using FhirEmr.Terminology.CodeSystems.Icd10Cm;
using FhirEmr.Terminology.ConceptMaps;

namespace FhirEmr.Terminology.Tests.ConceptMaps;

public sealed class TranslationTests
{
    private const string CheckUp = "185349003";
    private static readonly DateOnly Day = new(2021, 11, 3);
    private static readonly TerminologyService Terminology = new(null, TimeProvider.System);

    [Theory]
    [InlineData("2021-03-03", false, "99391", "Z00.129")]
    [InlineData("2021-11-01", true, "99381", "Z00.110")]
    [InlineData("2021-10-20", true, "99381", "Z00.111")]
    [InlineData("2009-11-04", false, "99393", "Z00.129")]
    [InlineData("2009-11-03", false, "99394", "Z00.129")]
    [InlineData("2003-11-03", true, "99385", "Z00.00")]
    [InlineData("1981-11-04", false, "99395", "Z00.00")]
    [InlineData("1981-11-03", false, "99396", "Z00.00")]
    [InlineData("1950-01-01", false, "99397", "Z00.00")]
    public void A_check_up_is_coded_by_age_and_whether_the_patient_is_known(string birth, bool isNew, string service, string diagnosis)
    {
        var context = new MappingContext(Day, DateOnly.Parse(birth, null), IsNewPatient: isNew, HasReason: false, IsMedicare: false);

        Assert.Equal([service], Targets(CheckUp, CodeSystemUrls.Cpt, context));
        Assert.Equal([diagnosis], Targets(CheckUp, CodeSystemUrls.Icd10Cm, context));
    }

    [Fact]
    public void A_check_up_of_a_medicare_patient_is_the_yearly_wellness_visit()
    {
        var context = new MappingContext(Day, new(1950, 1, 1), IsNewPatient: false, HasReason: false, IsMedicare: true);

        Assert.Empty(Targets(CheckUp, CodeSystemUrls.Cpt, context));
        Assert.Equal(["G0439"], Targets(CheckUp, CodeSystemUrls.Hcpcs, context));
    }

    [Theory]
    [InlineData("133", "90670")]
    [InlineData("215", "90671")]
    [InlineData("216", "90677")]
    public void Each_pneumococcal_conjugate_vaccine_has_its_own_product_code(string cvx, string product) =>
        Assert.Contains(product, Targets(cvx, CodeSystemUrls.Cpt, new(Day), CodeSystemUrls.Cvx));

    [Theory]
    [InlineData("2016-09-30", "O00.1")]
    [InlineData("2017-09-30", "O00.10")]
    [InlineData("2017-10-01", "O00.109")]
    public void Tubal_pregnancy_has_the_code_of_its_year(string day, string code) =>
        Assert.Equal([code], Targets("79586000", CodeSystemUrls.Icd10Cm, new(DateOnly.Parse(day, null))));

    [Fact]
    public void A_check_up_that_names_a_reason_is_an_office_visit()
    {
        var context = new MappingContext(Day, new(1990, 1, 1), IsNewPatient: false, HasReason: true);

        Assert.Equal("99213", Targets(CheckUp, CodeSystemUrls.Cpt, context)[0]);
        Assert.Empty(Targets(CheckUp, CodeSystemUrls.Icd10Cm, context));
    }

    [Theory]
    [InlineData("AMB", "99213")]
    [InlineData("VR", "99213")]
    [InlineData("EMER", "99283")]
    [InlineData("IMP", "99222")]
    public void A_visit_for_a_problem_follows_the_encounter_class(string encounterClass, string code) =>
        Assert.Equal(code, Targets("185347001", CodeSystemUrls.Cpt, new(Day, IsNewPatient: false, EncounterClass: encounterClass))[0]);

    [Fact]
    public void A_telemedicine_visit_carries_its_modifier() =>
        Assert.All(Terminology.Translate(CodeSystemUrls.Snomed, "448337001", CodeSystemUrls.Cpt), m => Assert.Equal("95", m.Modifier));

    [Fact]
    public void A_vaccine_gives_the_product_then_its_administration()
    {
        var mappings = Terminology.Translate(CodeSystemUrls.Cvx, "140", CodeSystemUrls.Cpt, new(Day, new(1990, 1, 1), IsMedicare: false));

        Assert.Equal([("90656", 1), ("90471", 2)], mappings.Select(m => (m.Code, m.Group)));
        Assert.Equal(["G0008"], Terminology.Translate(CodeSystemUrls.Cvx, "140", CodeSystemUrls.Hcpcs, new(Day, IsMedicare: true)).Select(m => m.Code));
        Assert.Equal(["Z23"], Terminology.Translate(CodeSystemUrls.Cvx, "140", CodeSystemUrls.Icd10Cm).Select(m => m.Code));
    }

    [Fact]
    public void A_target_is_chosen_by_the_date_of_service()
    {
        Assert.Equal(["71020"], Targets("399208008", CodeSystemUrls.Cpt, new(new(2017, 12, 31))));
        Assert.Equal(["71046"], Targets("399208008", CodeSystemUrls.Cpt, new(new(2018, 1, 1))));
    }

    [Fact]
    public void A_fracture_is_coded_as_active_treatment_first_and_as_aftercare_later()
    {
        Assert.Equal(["S42.009A"], Targets("58150001", CodeSystemUrls.Icd10Cm, new(Day, IsFollowUp: false)));
        Assert.Equal(["S42.009D"], Targets("58150001", CodeSystemUrls.Icd10Cm, new(Day, IsFollowUp: true)));
        Assert.Equal("S42.009A", Targets("58150001", CodeSystemUrls.Icd10Cm, new(Day))[0]);
    }

    [Fact]
    public void Only_what_is_really_open_needs_a_choice()
    {
        Assert.True(Assert.Single(Terminology.Translate(CodeSystemUrls.Snomed, "262574004", CodeSystemUrls.Icd10Cm)).NeedsChoice);
        Assert.False(Terminology.Translate(CodeSystemUrls.Snomed, "44465007", CodeSystemUrls.Icd10Cm)[0].NeedsChoice);
        Assert.All(ConceptMapLibrary.All.Where(r => r.NeedsChoice), r => Assert.NotNull(r.Advice));
    }

    [Fact]
    public void Targets_carry_a_title() =>
        Assert.Equal("High blood pressure (primary hypertension)", Terminology.Translate(CodeSystemUrls.Snomed, "38341003", CodeSystemUrls.Icd10Cm, new(Day))[0].Display);

    [Fact]
    public void An_unknown_or_deliberately_unmatched_source_has_no_targets()
    {
        Assert.Empty(Terminology.Translate(CodeSystemUrls.Snomed, "1", CodeSystemUrls.Icd10Cm));
        Assert.Empty(Terminology.Translate(CodeSystemUrls.Snomed, "308646001", CodeSystemUrls.Cpt));
        Assert.True(Assert.Single(ConceptMapLibrary.For(CodeSystemUrls.Snomed, "308646001")).IsUnmatched);
    }

    [Fact]
    public void Every_line_of_every_map_is_well_formed()
    {
        string[] equivalences = ["relatedto", "equivalent", "equal", "wider", "subsumes", "narrower", "specializes", "inexact", "unmatched", "disjoint"];
        Assert.All(ConceptMapLibrary.All, row =>
        {
            Assert.Contains(row.Equivalence, equivalences);
            Assert.NotEmpty(row.Meaning);
            var code = row.TargetCode.Replace(".", "", StringComparison.Ordinal);
            Assert.True(row.IsUnmatched ? code.Length == 0 : row.TargetSystem switch
            {
                CodeSystemUrls.Icd10Cm => Icd10CmCode.IsWellFormed(code) && Icd10CmCode.Dotted(code) == row.TargetCode,
                CodeSystemUrls.Cpt => CptCode.IsWellFormed(code),
                _ => HcpcsCode.IsCode(code),
            });
        });
    }

    [Fact]
    public void No_map_says_the_same_twice() =>
        Assert.Empty(ConceptMapLibrary.All.GroupBy(r => (r.SourceCode, r.TargetSystem, r.TargetCode, r.When)).Where(g => g.Count() > 1).Select(g => g.Key));

    [Theory]
    [InlineData("age")]
    [InlineData("colour=blue")]
    public void A_condition_that_does_not_read_is_an_error_not_a_silence(string text) =>
        Assert.Throws<FormatException>(() => MappingCondition.Parse(text));

    private static string[] Targets(string source, string system, MappingContext context, string from = CodeSystemUrls.Snomed) =>
        [.. Terminology.Translate(from, source, system, context).Select(m => m.Code)];
}
