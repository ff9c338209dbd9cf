using FhirEmr.BillingBridge.RiskAdjustment;

namespace FhirEmr.BillingBridge.Tests.RiskAdjustment;

public sealed class HccCaptureTests : IDisposable
{
    private static readonly RiskPerson Woman = new(new DateOnly(1959, 1, 15), IsFemale: true, OriginalEntitlement: 0); // 72 on 1 February 2031

    private readonly SmallHccTables files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void A_parent_drops_its_child_and_a_dropped_parent_still_drops_its_own()
    {
        var capture = Capture(Woman, "A7", "A8", "A1");

        Assert.Equal([35], capture.Hccs.Select(h => h.Hcc));
        Assert.Equal([(36, "35 stands above it."), (37, "36 stands above it.")], capture.Dropped.Select(d => (d.Captured.Hcc, d.Why)));
        Assert.Equal(new HccEvidence("A7", "Claim/c"), Assert.Single(capture.Hccs[0].Evidence));
    }

    [Theory]
    [InlineData(new[] { "A3" }, new int[0])]
    [InlineData(new[] { "A3", "A4" }, new[] { 223, 226 })]
    public void The_heart_assist_category_counts_only_beside_heart_failure(string[] codes, int[] expected) =>
        Assert.Equal(expected, Capture(Woman, codes).Hccs.Select(h => h.Hcc));

    [Fact]
    public void Edits_by_age_and_sex_come_before_hierarchies()
    {
        var old = new RiskPerson(new DateOnly(1950, 1, 1), IsFemale: true, OriginalEntitlement: 0);
        var man = Woman with { IsFemale = false };
        var child = new RiskPerson(new DateOnly(2020, 1, 1), IsFemale: true, OriginalEntitlement: 2);

        Assert.Equal([38], Capture(Woman, "A2").Hccs.Select(h => h.Hcc));
        Assert.Empty(Capture(old, "A2").Hccs);
        Assert.Contains("A2 is not valid", Assert.Single(Capture(old, "A2").LeftOut).Why, StringComparison.Ordinal);
        Assert.Empty(Capture(child, "A5").Hccs);
        Assert.Equal([280], Capture(Woman, "A5").Hccs.Select(h => h.Hcc));
        Assert.Equal([22], Capture(man, "A6").Hccs.Select(h => h.Hcc));
        Assert.Equal([38], Capture(Woman, "A6").Hccs.Select(h => h.Hcc));
        Assert.Equal([37], Capture(Woman, "A6", "A1").Hccs.Select(h => h.Hcc));
    }

    [Theory]
    [InlineData("2030-12-31", "99213", null, true)]
    [InlineData("2031-01-01", "99213", null, false)]
    [InlineData("2029-12-31", "99213", null, false)]
    [InlineData("2030-06-01", "80053", null, false)]
    [InlineData("2030-06-01", "g0439", null, true)]
    [InlineData("2030-06-01", "99213", "95", true)]
    [InlineData("2030-06-01", "99213", "93", false)]
    [InlineData("2030-06-01", "99213", "FQ", false)]
    public void A_professional_claim_counts_by_its_year_its_codes_and_not_by_voice_alone(string day, string code, string? modifier, bool counts)
    {
        var claim = new RiskClaim("Claim/c", DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), ServiceKind.Professional, ["A1"], [new(code, modifier is null ? [] : [modifier])]);

        var capture = HccCapture.Of(RiskModel.V28, files.Tables, Woman, [claim]);

        Assert.Equal((counts, !counts), (capture.Hccs.Count == 1, capture.LeftOut.Count == 1));
    }

    [Theory]
    [InlineData("11", null, true)]
    [InlineData("41", null, true)]
    [InlineData("13", null, false)]
    [InlineData("13", "99213", true)]
    [InlineData("85", "99213", true)]
    [InlineData("21", "99213", false)]
    [InlineData("32", "99213", false)]
    [InlineData(null, "99213", false)]
    public void An_institutional_claim_counts_by_its_type_of_bill(string? billType, string? code, bool counts)
    {
        var claim = new RiskClaim("Claim/c", new DateOnly(2030, 6, 1), ServiceKind.Institutional, ["A1"], code is null ? [] : [new(code, [])], billType);

        Assert.Equal(counts, HccCapture.Of(RiskModel.V28, files.Tables, Woman, [claim]).Hccs.Count == 1);
    }

    [Fact]
    public void The_words_of_a_category_are_the_tables_own() =>
        Assert.Equal("Made-up, with a comma", Assert.Single(Capture(Woman, "a.1").Hccs).Label);

    [Fact]
    public void Chronic_categories_tell_chronic_diagnoses()
    {
        Assert.Equal(["A1"], files.Tables.ChronicDiagnoses(RiskModel.V28));
        Assert.False(files.Tables.IsChronic(RiskModel.V28, 226)); // chronic in another model only
    }

    [Fact]
    public void A_folder_or_a_file_that_is_not_there_is_named()
    {
        Assert.Contains("ra_eligible_cpt_hcpcs_2032.csv", Assert.Throws<HccTablesException>(() => HccTables.Read(files.Folder, 2032)).Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", Assert.Throws<HccTablesException>(() => HccTables.Read(Path.Combine(files.Folder, "nowhere"), 2031)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ra_hierarchies_2031.csv", "cc_parent,cc_kid,model_domain,model_version\n", "no column cc_child")]
    [InlineData("ra_hierarchies_2031.csv", "cc_parent,cc_child,model_domain,model_version\n1,2\n", "line 2: 2 cells")]
    [InlineData("ra_hierarchies_2031.csv", "cc_parent,cc_child,model_domain,model_version\n1,x,CMS-HCC,V28\n", "'x' in cc_child is no number")]
    [InlineData("ra_hierarchies_2031.csv", "", "is empty")]
    [InlineData("ra_coefficients_2031.csv", "coefficient,value,model_domain,model_version\nCNA_HCC1,high,CMS-HCC,C28\n", "CNA_HCC1 has the value 'high'")]
    [InlineData("ra_coefficients_2031.csv", "coefficient,value,model_domain,model_version\n", "diagnoses but no coefficients for V24")]
    [InlineData("ra_dx_edits.csv", "icd10,sex,age_min,age_max,action,cc_override,model_name\nA1,,,,maybe,,CMS-HCC Model V28\n", "the action 'maybe'")]
    public void A_malformed_table_is_refused_with_the_place(string file, string text, string expected)
    {
        files.Write(file, text);

        Assert.Contains(expected, Assert.Throws<HccTablesException>(() => files.Tables).Message, StringComparison.Ordinal);
    }

    private HccCapture Capture(RiskPerson person, params string[] codes) =>
        HccCapture.Of(RiskModel.V28, files.Tables, person, [new RiskClaim("Claim/c", new DateOnly(2030, 6, 1), ServiceKind.Professional, codes, [new("99213", [])])]);
}
