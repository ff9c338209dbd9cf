using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Import;

namespace FhirEmr.BillingBridge.Tests.Charges;

/// <summary>A contract by Medicare's fee schedule: made-up relative values in CMS's layout, amounts worked out by hand.</summary>
public sealed class ContractRatesTests : IDisposable
{
    // Header rows of the 2026 release, lines cut behind the conversion factor.
    private const string Fees = """
        ,,2026 National Physician Fee Schedule Relative Value File,,,,,,,,,,,,,,,,,,,,,,,
        ,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,
        ,,,,FOR,,,NON-FAC,,FACILITY,,,,,,,,,,,,,,,,
        ,,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,PRIC,ENDO,CONV
        HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,SURG,SURG,SURG,IND,BASE,FACTOR
        99213,,x,A,,1.30,1.45,,0.54,,0.10,2.85,1.94,0,XXX,0,0,0,0,0,0,0,0,9,,33.4009
        71046,,x,A,,0.22,0.60,,0.60,NA,0.02,0.84,0.84,1,XXX,0,0,0,0,0,0,0,0,9,,33.4009
        71046,26,x,A,,0.22,0.08,,0.08,,0.01,0.31,0.31,1,XXX,0,0,0,0,0,0,0,0,9,,33.4009
        71046,TC,x,A,,0.00,0.52,,0.52,NA,0.01,0.53,0.53,1,XXX,0,0,0,0,0,0,0,0,9,,33.4009
        99499,,x,C,,0.00,0.00,,0.00,,0.00,0.00,0.00,0,XXX,0,0,0,0,0,0,0,0,9,,33.4009
        99397,,x,N,,1.71,2.10,,0.66,,0.12,3.93,2.49,9,XXX,0,0,0,0,0,0,0,0,9,,33.4009
        """;

    private const string Localities = """
        ADDENDUM E. COST INDICES,,,,,,
        ,,,,,,
        Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2026 PW GPCI (with 1.0 Floor)***,2026 PE GPCI,2026 MP GPCI
        01182,CA,18,LOS ANGELES,1.041,1.183,0.664
        10112,AL,00,ALABAMA,1.000,0.875,0.566
        """;

    private static readonly DateOnly Day = new(2026, 3, 2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fhiremr-contracts-");
    private readonly TerminologyService _terminology = new(null, TimeProvider.System);

    public ContractRatesTests()
    {
        Import(ReleaseKind.FeeSchedule, "PPRRVU2026_Jan_nonQPP.csv", Fees);
        Import(ReleaseKind.Gpci, "GPCI2026.csv", Localities);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // Los Angeles, office: 1.30 × 1.041 + 1.45 × 1.183 + 0.10 × 0.664 = 3.13505; × 33.4009 = 104.7135, to the cent 104.71; 115 % of it 120.4165.
    // In a facility: 1.30 × 1.041 + 0.54 × 1.183 + 0.0664 = 2.05852; 68.7564 → 68.76; 79.074.
    // 71046-26: 0.22 × 1.041 + 0.08 × 1.183 + 0.01 × 0.664 = 0.3303; 11.0323 → 11.03; 12.6845. TC: 0.52 × 1.183 + 0.00664 = 0.6218; 20.7687 → 20.77; 23.8855.
    // Alabama, office: 1.30 + 1.45 × 0.875 + 0.10 × 0.566 = 2.62535; 87.6891 → 87.69; 90 % of it 78.921.
    [Theory]
    [InlineData("LA115", "99213", "", "11", "120.42")]
    [InlineData("LA115", "99213", "25", "11", "120.42")]
    [InlineData("LA115", "99213", "", null, "120.42")]
    [InlineData("LA115", "99213", "", "22", "79.07")]
    [InlineData("LA115", "71046", "26", "22", "12.68")]
    [InlineData("LA115", "71046", "TC", "11", "23.89")]
    [InlineData("AL90", "99213", "", "11", "78.92")]
    [InlineData("LA115", "99499", "", "11", null)] // the contractor prices it
    [InlineData("LA115", "99397", "", "11", null)] // Medicare does not pay it
    [InlineData("LA115", "99213", "26", "11", null)] // it has no such component
    [InlineData("LA115", "99213", "52", "11", null)] // reduced, by how much nobody says
    [InlineData("LA115", "12345", "", "11", null)]
    [InlineData("OTHER", "99213", "", "11", null)]
    public void A_payer_allows_so_much_of_medicares_amount_in_a_locality(string payer, string code, string modifier, string? place, string? expected) =>
        Assert.Equal(expected, Text(Rates().AllowedUsd(payer, code, modifier.Length == 0 ? [] : [modifier], Day, place)));

    [Fact]
    public void A_row_of_the_contract_goes_before_the_schedule()
    {
        var rates = Rates("99213,LA115,,101.00\n71046,LA115,26,15.00\n");

        Assert.Equal(["101.00", "15.00", "23.89"], [Text(rates.AllowedUsd("LA115", "99213", [], Day, "11")), Text(rates.AllowedUsd("LA115", "71046", ["26"], Day, "11")), Text(rates.AllowedUsd("LA115", "71046", ["TC"], Day, "11"))]);
    }

    [Fact]
    public void The_contract_the_schedule_and_the_indices_are_those_of_the_day_of_service()
    {
        Assert.Equal("106.80", Text(Rates().AllowedUsd("LA115", "99213", [], new(2026, 7, 1), "11"))); // 102 % from July on: 104.71 × 1.02 = 106.8042
        Assert.Null(Rates().AllowedUsd("LA115", "99213", [], new(2025, 12, 31), "11"));
        Assert.Null(new ContractRates([], [new("LA115", "01182", "18", 115m, null, null)]).AllowedUsd("LA115", "99213", [], Day, "11"));
    }

    [Theory]
    [InlineData("LA115", 2026, null)]
    [InlineData("AL90", 2026, null)]
    [InlineData("AL90", 2024, "physician fee schedule")]
    [InlineData("NOWHERE", 2026, "geographic practice cost indices of locality 99 of contractor 01182")]
    [InlineData("OTHER", 2024, null)]
    public void What_a_contract_goes_by_and_is_not_loaded_is_said(string payer, int year, string? expected) =>
        Assert.Equal(expected, Rates().Lacks(payer, new(year, 3, 2)));

    [Fact]
    public void Units_count_and_a_charge_is_the_most()
    {
        Assert.Equal("240.84", Text(Rates().AllowedUsd("LA115", "99213", [], Day, "11", 2m, 400m)));
        Assert.Equal("100.00", Text(Rates().AllowedUsd("LA115", "99213", [], Day, "11", 1m, 100m)));
    }

    private ContractRates Rates(string rows = "") => new EditTables
    {
        Imported = _terminology.Fees,
        Tables = new Dictionary<string, ReferenceTable>
        {
            [TableNames.Contracts] = ReferenceTable.Read("contracts", "contracts", new StringReader("code,payer,modifier,allowed\n" + rows)),
            // A spreadsheet drops leading zeros.
            [TableNames.MedicareContracts] = ReferenceTable.Read("medicare-contracts", "medicare-contracts", new StringReader(
                "payer,contractor,locality,percent,from,to\nLA115,1182,18,115,2026-01-01,\nLA115,01182,18,102,2026-07-01,\nAL90,10112,0,90,,\nNOWHERE,01182,99,100,,\n")),
        },
    }.Contracts();

    private void Import(ReleaseKind kind, string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        Assert.NotNull(_terminology.Import(kind, path, null, TestContext.Current.CancellationToken).Edition);
    }

    private static string? Text(decimal? usd) => usd?.ToString("0.00", CultureInfo.InvariantCulture);
}
