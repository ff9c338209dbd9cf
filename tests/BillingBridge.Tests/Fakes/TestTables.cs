using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>Edit tables with a handful of made-up rows in the layouts of CMS.</summary>
internal static class TestTables
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> FeeLines = new()
    {
        ["99213"] = Fee("A", "0", "XXX"),
        ["20610"] = Fee("A", "0", "000", bilateral: "1", assistant: "1"),
        ["27447"] = Fee("A", "0", "090", bilateral: "1", assistant: "2", coSurgeon: "1"),
        ["93000"] = Fee("A", "1", "XXX"),
        ["93005"] = Fee("A", "3", "XXX"),
        ["58150"] = Fee("A", "0", "090", bilateral: "0", assistant: "0"),
        ["97110"] = Fee("A", "5", "XXX"),
        ["99429"] = Fee("N", "9", "XXX"),
    };

    public static EditTables Small { get; } = new(
        PtpTable.Read("ptp-test", new StringReader("20610\t99213\t\t20200101\t*\t1\tx\n80053\t82947\t\t20100101\t*\t0\tx\n20610\t20605\t\t20150101\t*\t1\tx\n29881\t29877\t\t20100101\t*\t9\tx\n")),
        [MueTable.Read("mue-test", new DateOnly(2020, 1, 1), new StringReader("11102,1,1 Line Edit,x\n83036,1,2 Date of Service Edit: Policy,x\n36415,2,3 Date of Service Edit: Clinical,x\n"))],
        AddOnTable.Read("aoc-test", new StringReader("11103\t1\t20190101\t\t11102\nG2211\t2\t20240101\t\t\n")))
    {
        Fees = new FeeTable("fees-test", (code, modifier) => modifier.Length == 0 ? FeeLines.GetValueOrDefault(code) : null),
        Tables = new[]
        {
            Table(TableNames.CoveragePolicies, "code,policy,diagnosis", "93000,L100,I10", "93000,L100,I48", "80053,L200,E11"),
            Table(TableNames.Frequencies, "code,months,lifetime", "77067,11,"),
            Table(TableNames.Telehealth, "code,audio,payer", "99213,yes,", "99214,no,"),
            Table(TableNames.Anatomy, "code,modifiers,required", "20610,RT LT,", "26055,FA F1 F2 F3 F4 F5 F6 F7 F8 F9,yes"),
            Table(TableNames.CliaCertificates, "number,type,from,to", "22D0123456,compliance,2025-01-01,2026-12-31", "22D0000001,waiver,2025-01-01,2026-12-31"),
            Table(TableNames.NdcCrosswalk, "ndc,code,from,to", "12345678901,J1885,,", "12345678900,J1885,,2025-12-31"),
            Table(TableNames.Enrolment, "npi,payer,from,to", "1987654328,ACME1,2020-01-01,", "1234567893,OTHER,,"),
            Table(TableNames.Exclusions, "npi,list,from,to", "1999999984,LEIE,2020-01-01,"),
            Table(TableNames.OrderingProviders, "npi", "1987654328"),
            Table(TableNames.Contracts, "code,payer,modifier,allowed", "99213,ACME1,,95.50"),
            Table(TableNames.Payers, "payer", "ACME1"),
            Table(TableNames.DiagnosisNotes, "note,code_prefix,other_prefix", "excludes1,E11,E10", "code-first,L97,E11", "use-additional,E1122,N18"),
            Table(TableNames.VaccineAges, "code,from_months,to_months,source,from,to", "90655,6,35,made up,,", "90656,36,,made up,,", "90715,84,,made up,,"),
            Table(TableNames.TherapyThresholds, "discipline,usd,source,from,to", "PT-SLP,2000,made up,2026-01-01,2026-12-31", "OT,2000,made up,2026-01-01,2026-12-31"),
            Table(TableNames.NoteTemplates, "sentence", "Return to the clinic if anything changes or gets worse before the next planned visit."),
        }.ToDictionary(t => t.Name),
    };

    /// <summary>The same with one more table of the practice's own.</summary>
    public static EditTables With(string name, params string[] rows) => Small with { Tables = new Dictionary<string, ReferenceTable>(Small.Tables) { [name] = Table(name, rows) } };

    private static Dictionary<string, string> Fee(string status, string components, string globalDays, string bilateral = "0", string assistant = "9", string coSurgeon = "0") => new()
    {
        ["status"] = status,
        ["pctc"] = components,
        ["globalDays"] = globalDays,
        ["bilateral"] = bilateral,
        ["assistant"] = assistant,
        ["coSurgeon"] = coSurgeon,
        ["team"] = "0",
        ["work"] = "1.00",
        ["nonFacilityPe"] = "1.50",
        ["facilityPe"] = "0.50",
        ["malpractice"] = "0.10",
        ["conversionFactor"] = "33.40",
    };

    private static ReferenceTable Table(string name, params string[] rows) => ReferenceTable.Read(name, $"{name}-test", new StringReader(string.Join('\n', rows)));
}
