using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.Operations;

namespace FhirEmr.Terminology.Tests.Import;

/// <summary>Each kind of release in a small file of our own: what it becomes, and what is said of a line that is wrong.</summary>
public sealed class OtherReleaseTests : IDisposable
{
    private static readonly DateOnly Day = new(2026, 7, 15);
    private readonly Releases releases = new();

    public void Dispose() => releases.Dispose();

    [Fact]
    public void Icd10_pcs_tables_are_headers_of_their_codes()
    {
        var report = releases.Import(ReleaseKind.Icd10Pcs, "icd10pcs_order_2026.txt", Releases.Order(1, "0DT", false, "Gut, Resection") + Releases.Order(2, "0DTJ4ZZ", true, "Resection of Appendix, Endoscopic")
            + string.Concat(Enumerable.Range(0, 200).Select(i => Releases.Order(i + 3, $"0DB{i:0000}", true, "Another"))) + Releases.Order(999, "0DO", false, "The letter O is none"));

        Assert.Equal((ImportOutcome.Loaded, 1, 7), (report.Outcome, report.BadRowCount, report.BadRows[0].Column));
        Assert.Equal("subsumes", releases.Service.CodeSystems.Subsumes(CodeSystemUrls.Icd10Pcs, null, "0DT", "0dtj4zz", Day).Outcome);
    }

    [Fact]
    public void Reasons_are_valid_until_the_day_before_they_stop()
    {
        releases.Import(ReleaseKind.Carc, "carc-2026-07-01.csv", "Code,Description,Start Date,Stop Date,Last Modified,Notes\n1,\"Deductible\namount\",1/1/1995,,,\n15,Old,1/1/1995,6/1/2007,,See 197\n");

        Assert.Equal("Deductible amount", releases.Service.Find(CodeSystemUrls.Carc, "1", Day)!.Display);
        Assert.NotNull(releases.Service.Find(CodeSystemUrls.Carc, "15", new(2007, 5, 31)));
        Assert.Null(releases.Service.Find(CodeSystemUrls.Carc, "15", new(2007, 6, 1)));
        Assert.Equal("15 is not valid on 2026-07-15; it was valid until 2007-05-31.", releases.Service.CodeSystems.Validate(CodeSystemUrls.Carc, null, "15", null, Day).Message);
    }

    [Fact]
    public void Places_of_service_keep_the_zero_that_spreadsheets_drop()
    {
        releases.Import(ReleaseKind.PlaceOfService, "pos-20260101.csv", "code,name,rate_column\n2,Telehealth elsewhere,facility\n11,Office,non-facility\n");

        Assert.Equal("Telehealth elsewhere", releases.Service.Find(CodeSystemUrls.PlaceOfService, "02", Day)!.Display);
    }

    [Fact]
    public void Taxonomy_is_named_by_classification_and_specialization()
    {
        var report = releases.Import(ReleaseKind.ProviderTaxonomy, "nucc_taxonomy_261.csv",
            "Code,Grouping,Classification,Specialization,Definition,Notes\n207Q00000X,Physicians,Family Medicine,,,\n207QA0505X,Physicians,Family Medicine,Adult Medicine,,\n");

        Assert.Equal(("nucc-26.1", new DateOnly(2026, 7, 1)), (report.Edition!.Id, report.Edition.EffectiveFrom));
        Assert.Equal("Family Medicine, Adult Medicine", releases.Service.Find(CodeSystemUrls.ProviderTaxonomy, "207QA0505X", Day)!.Display);
    }

    [Fact]
    public void Vaccines_have_two_digits_and_a_status()
    {
        releases.Import(ReleaseKind.Cvx, "cvx.txt", "3  |MMR|measles, mumps and rubella virus vaccine|note|Active|x|False|2020/01/01\n11|pertussis|pertussis vaccine||Inactive|y|False|2010/01/01\n");

        var found = releases.Service.CodeSystems.Lookup(CodeSystemUrls.Cvx, null, "03", Day).Answer!;
        Assert.Equal(("measles, mumps and rubella virus vaccine", "MMR", false), (found.Display, found.Designations.Single().Value, found.IsInactive));
        Assert.Contains("inactive", releases.Service.CodeSystems.Validate(CodeSystemUrls.Cvx, null, "11", null, Day).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loinc_is_checked_digit_by_digit_and_found_by_its_other_names()
    {
        var report = releases.Import(ReleaseKind.Loinc, "Loinc_2.80/Loinc.csv",
            "\"LOINC_NUM\",\"COMPONENT\",\"SCALE_TYP\",\"STATUS\",\"SHORTNAME\",\"LONG_COMMON_NAME\",\"RELATEDNAMES2\"\n\"718-7\",\"Hemoglobin\",\"Qn\",\"ACTIVE\",\"Hgb Bld-mCnc\",\"Hemoglobin [Mass/volume] in Blood\",\"Hb; Haemoglobin\"\n"
            + string.Concat(Enumerable.Range(0, 100).Select(i => $"\"{Loinc(i + 1000)}\",\"x\",\"Qn\",\"ACTIVE\",\"\",\"Something {i}\",\"\"\n")) + "\"718-8\",\"x\",\"Qn\",\"ACTIVE\",\"\",\"Wrong\",\"\"\n");

        Assert.Equal((ImportOutcome.Loaded, 1, "2.80"), (report.Outcome, report.BadRowCount, report.Edition!.Version));
        Assert.Equal((103, 1), (report.BadRows[0].Line, report.BadRows[0].Column));
        var found = releases.Service.ValueSetOperations.Expand("http://loinc.org/vs", new(Day) { Filter = "haemoglobn" }).Expansion!;
        Assert.Equal("718-7", found.Contains.Single().Code);
        Assert.Contains("Regenstrief", found.Copyrights.Single(), StringComparison.Ordinal);
        Assert.Equal(1, Expand("""{"property":"SCALE_TYP","op":"=","value":"Qn"},{"property":"COMPONENT","op":"=","value":"Hemoglobin"}""", CodeSystemUrls.Loinc).Total);
    }

    [Fact]
    public void Of_rxnorm_only_its_own_names_are_taken()
    {
        releases.Import(ReleaseKind.RxNorm, "RxNorm_full_07062026/rrf/RXNCONSO.RRF",
            Rrf("197361", "RXNORM", "SCD", "amlodipine 5 MG Oral Tablet", "N") + Rrf("197361", "RXNORM", "PSN", "amLODIPine besylate 5 mg tablet", "N")
            + Rrf("197361", "MTHSPL", "SU", "Somebody else's name", "N") + Rrf("1", "RXNORM", "SCD", "Gone", "O"));

        var found = releases.Service.CodeSystems.Lookup(CodeSystemUrls.RxNorm, null, "197361", Day).Answer!;
        Assert.Equal(("2026-07-06", "amlodipine 5 MG Oral Tablet"), (found.Version, found.Display));
        Assert.Equal("amLODIPine besylate 5 mg tablet", found.Designations.Single().Value);
        Assert.True(releases.Service.CodeSystems.Lookup(CodeSystemUrls.RxNorm, null, "1", Day).Answer!.IsInactive);
        Assert.Equal(2, Expand("""{"property":"TTY","op":"in","value":"SCD,SBD"}""", CodeSystemUrls.RxNorm).Total);
    }

    [Fact]
    public void Snomed_keeps_several_parents_and_the_words_preferred()
    {
        var report = ImportSnomed();

        Assert.True(report.Outcome == ImportOutcome.Loaded, report.Message);
        Assert.Equal(("snomed-20260301", "http://snomed.info/sct/731000124108/version/20260301", 5), (report.Edition!.Id, report.Edition.Version, report.RowCount));
        var found = releases.Service.CodeSystems.Lookup(CodeSystemUrls.Snomed, null, "40", Day).Answer!;
        Assert.Equal("Heart attack of old", found.Display);
        Assert.Equal(["20", "30"], found.Parents.Select(p => p.Code));
        Assert.Equal("subsumed-by", releases.Service.CodeSystems.Subsumes(CodeSystemUrls.Snomed, null, "40", "10", Day).Outcome);
        Assert.Equal("20 30 40", string.Join(' ', releases.Service.ValueSetOperations.Expand("http://snomed.info/sct?fhir_vs=isa/10", new(Day) { ActiveOnly = true }).Expansion!.Contains.Select(c => c.Code).Where(c => c != "10").Order()));
        Assert.Equal("40", releases.Service.ValueSetOperations.Expand("http://snomed.info/sct?fhir_vs", new(Day) { Filter = "hart atack" }).Expansion!.Contains[0].Code);
        Assert.Contains("snomed-20260301", releases.Open().Standing(Day).Select(s => s.Edition.Id));
        Assert.Equal(["20", "30"], releases.Open().CodeSystems.Lookup(CodeSystemUrls.Snomed, null, "40", Day).Answer!.Parents.Select(p => p.Code));
    }

    [Fact]
    public void A_snomed_folder_without_its_files_is_refused_by_the_name_of_what_is_missing()
    {
        var folder = Path.GetDirectoryName(releases.File("empty/readme.txt", "nothing"))!;

        Assert.Contains("no concepts of a SNOMED CT release", releases.Service.Import(ReleaseKind.Snomed, folder, null, TestContext.Current.CancellationToken).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "N95.1 inexact, R10.1 relatedto")]
    [InlineData("female", "51", "N95.1 relatedto")]
    [InlineData("female", "20", "R10.1 relatedto")]
    [InlineData("male", "51", "R10.1 relatedto")]
    public void The_snomed_map_takes_the_first_rule_that_holds(string? gender, string? age, string expected)
    {
        const string Female = "IFA 248152002 | Female (finding) | AND IFA 445518008 | Age at onset of clinical finding (observable entity) | >= 40 years";
        releases.Import(ReleaseKind.SnomedToIcd10Cm, "der2_iisssccRefset_ExtendedMapSnapshot_US1000124_20260301.txt",
            "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tmapGroup\tmapPriority\tmapRule\tmapAdvice\tmapTarget\tcorrelationId\tmapCategoryId\n"
            + $"a\t20260301\t1\tm\t6011000124106\t77\t1\t1\t{Female}\tadvice\tN951\tc\tk\n" + "b\t20260301\t1\tm\t6011000124106\t77\t1\t2\tOTHERWISE TRUE\tALWAYS R10.1\tR101\tc\tk\n");
        var known = new List<Terminology.ConceptMaps.Fhir.MapDependency>();
        if (gender is not null)
            known.Add(new("gender", null, gender, null));
        if (age is not null)
            known.Add(new("age", null, age, null));

        var answer = releases.Service.ConceptMaps.Translate(new([new(CodeSystemUrls.Snomed, null, "77", null)]) { TargetSystem = CodeSystemUrls.Icd10Cm, Dependencies = known }, Day).Answer!;
        Assert.Equal(expected, string.Join(", ", answer.Matches.OrderBy(m => m.Code, StringComparer.Ordinal).Select(m => $"{m.Code} {m.Equivalence}")));
    }

    [Fact]
    public void Edits_and_fees_are_found_by_code_and_day()
    {
        releases.Import(ReleaseKind.NcciPtp, "ccipra-v322r0-f1.txt", "Heading\t\t\n99213\t36415\t\t20200101\t*\t1\tx\n99213\t99211\t\t20200101\t20211231\t0\tx\n99213\t99212\t\t20200101\t*\t9\tx\n");
        releases.Import(ReleaseKind.NcciMue, "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", "\"Notice\nover lines\",,,\n\"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n99213,2,3 Date of Service Edit: Clinical,x\n");
        releases.Import(ReleaseKind.NcciAddOns, "AOC_V2026Q3-MCR.txt", "Notice\nAdd-On Code\tType\n99417\t1\t20210101\t\t99205\t20210101\t\n99417\t1\t20210101\t\t99215\t20210101\t20251231\nG2211\t2\t20240101\t\t\t\t\n");
        var fees = releases.Service.Fees;

        Assert.Equal('1', fees.PairIndicator("99213", "36415", Day));
        Assert.Null(fees.PairIndicator("99213", "99211", Day));
        Assert.Equal('0', fees.PairIndicator("99213", "99211", new(2021, 6, 1)) ?? '0'); // the edition is of July 2026: earlier days have none
        Assert.Null(fees.PairIndicator("99213", "99212", Day));
        Assert.Equal((2, '3'), fees.MostUnits("99213", "practitioner", Day));
        Assert.Equal(["99205"], fees.PrimariesOf("99417", Day));
        Assert.Empty(fees.PrimariesOf("G2211", Day)!);
        Assert.Null(fees.PrimariesOf("99213", Day));
    }

    [Fact]
    public void Another_layout_is_refused_and_the_edition_in_force_stays()
    {
        releases.Import(ReleaseKind.Cvx, "cvx-2026-01-01.txt", "03|MMR|measles vaccine||Active|x|False|\n");

        var wrong = releases.Import(ReleaseKind.Cvx, "cvx-2026-07-01.txt", "Code,Name\n03,MMR\n");
        var repeated = releases.Import(ReleaseKind.ProviderTaxonomy, "nucc_taxonomy_261.csv", "Code,Grouping,Classification,Specialization\n207Q00000X,P,F,\n207Q00000X,P,F,\n");
        var headless = releases.Import(ReleaseKind.Loinc, "Loinc_2.80/Loinc.csv", "a,b,c\n1,2,3\n");

        Assert.Contains("Line 1", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("CVX code | short name", wrong.BadRows[0].Expected, StringComparison.Ordinal);
        Assert.Equal((ImportOutcome.Refused, 3), (repeated.Outcome, repeated.BadRows[0].Line));
        Assert.Contains("came before", repeated.BadRows[0].Expected, StringComparison.Ordinal);
        Assert.Contains("LOINC_NUM, COMPONENT, LONG_COMMON_NAME", headless.BadRows[0].Expected, StringComparison.Ordinal);
        Assert.Equal("measles vaccine", releases.Service.Find(CodeSystemUrls.Cvx, "03", Day)!.Display);
    }

    [Fact]
    public void Progress_is_told_while_a_large_file_is_read()
    {
        var last = new List<ImportProgress>();
        var progress = new Told(last);
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-codes-2026.txt", string.Concat(Enumerable.Range(0, 40_000).Select(i => $"A{i % 100:00}{i / 100:0000} Title {i}\n")), new() { Progress = progress });

        Assert.Equal(new(40_000, 1), last[^1]);
        Assert.Contains(last, p => p.Share is > 0 and < 1);
    }

    private sealed class Told(List<ImportProgress> told) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => told.Add(value);
    }

    private Expansion Expand(string filters, string system)
    {
        var (expansion, refusal) = releases.Service.ValueSetOperations.Expand(System.Text.Encoding.UTF8.GetBytes($$$"""{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"{{{system}}}","filter":[{{{filters}}}]}]}}"""), new(Day));
        Assert.True(expansion is not null, refusal?.Text);
        return expansion!;
    }

    private ImportReport ImportSnomed()
    {
        var folder = Path.GetDirectoryName(releases.File("sct/readme.txt", ""))!;
        releases.File("sct/Snapshot/sct2_Concept_Snapshot_US1000124_20260301.txt",
            "id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId\n" + string.Concat(((string[])["10", "20", "30", "40", "50"]).Select(c => $"{c}\t20260301\t{(c == "50" ? 0 : 1)}\tm\td\n")));
        releases.File("sct/Snapshot/sct2_Description_Snapshot-en_US1000124_20260301.txt",
            "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId\n"
            + string.Concat(new[] { ("10", "Clinical finding (finding)"), ("20", "Disorder of heart (disorder)"), ("30", "Old disorder (disorder)"), ("40", "Old myocardial infarction (disorder)"), ("50", "Retired (finding)") }.Select(d => $"f{d.Item1}\t20260301\t1\tm\t{d.Item1}\ten\t900000000000003001\t{d.Item2}\tc\n"))
            + "s40\t20260301\t1\tm\t40\ten\t900000000000013009\tHeart attack of old\tc\n");
        releases.File("sct/Snapshot/sct2_Relationship_Snapshot_US1000124_20260301.txt",
            "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId\n"
            + string.Concat(new[] { ("20", "10"), ("30", "10"), ("40", "20"), ("40", "30"), ("50", "99") }.Select((r, i) => $"r{i}\t20260301\t1\tm\t{r.Item1}\t{r.Item2}\t0\t116680003\tc\tm\n")));
        releases.File("sct/Refset/der2_cRefset_LanguageSnapshot-en_US1000124_20260301.txt",
            "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tacceptabilityId\nx\t20260301\t1\tm\t900000000000509007\ts40\t900000000000548007\n");
        return releases.Service.Import(ReleaseKind.Snomed, folder, null, TestContext.Current.CancellationToken);
    }

    private static string Rrf(string rxcui, string source, string type, string name, string suppress) =>
        $"{rxcui}|ENG|||||||A{rxcui}|||{source}|{type}|{rxcui}|{name}||{suppress}||\n";

    private static string Loinc(int number) => Enumerable.Range(0, 10).Select(check => $"{number}-{check}").Single(LoincFile.IsCheckDigitRight);
}
