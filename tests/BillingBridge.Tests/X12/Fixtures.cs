namespace FhirEmr.BillingBridge.Tests.X12;

/// <summary>Small X12 files of our own. Counts are computed, so a test that edits a line breaks only what it means to break.</summary>
internal static class Fixtures
{
    public const string Isa837 = "ISA*00*          *00*          *ZZ*OURPRACTICE    *ZZ*HUBONE         *260401*0800*^*00501*000000007*0*T*:~";

    /// <summary>From the hub to us, as answers come.</summary>
    public const string IsaInbound = "ISA*00*          *00*          *ZZ*HUBONE         *ZZ*OURPRACTICE    *260401*0800*^*00501*000000007*0*T*:~";

    public static readonly string[] Claim =
    [
        "BHT*0019*00*B7*20260401*0800*CH", "NM1*41*2*HILLTOP CLINIC*****46*OURPRACTICE", "PER*IC*FRONT DESK*TE*2025550123",
        "NM1*40*2*HUB ONE*****46*HUBONE", "HL*1**20*1", "NM1*85*2*HILLTOP CLINIC*****XX*1234567893", "N3*7 HILL ROAD",
        "N4*SALEM*OR*973011234", "REF*EI*931234567", "HL*2*1*22*0", "SBR*P*18*G55******CI", "NM1*IL*1*DOE*ROWAN****MI*M100200",
        "N3*1 OAK LANE", "N4*SALEM*OR*97301", "DMG*D8*19700101*F", "NM1*PR*2*FIRST MUTUAL*****PI*FM001",
        "CLM*HT0001*150***11:B:1*Y*A*Y*Y", "REF*D9*T7-1", "HI*ABK:J069*ABF:R509", "LX*1", "SV1*HC:99213:25*120*UN*1***1:2",
        "DTP*472*D8*20260330", "REF*6R*HT0001-1", "LX*2", "SV1*HC:87880*30*UN*1***1", "DTP*472*D8*20260330", "REF*6R*HT0001-2",
    ];

    public static readonly string[] Remittance =
    [
        "BPR*I*75*C*ACH*CCP*01*011000015*DA*99*1931234567**01*021000021*DA*77*20260420", "TRN*1*E77*1600000001", "DTM*405*20260420",
        "N1*PR*FIRST MUTUAL*XV*FM001", "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1",
        "CLP*HT0001*1*150*75*25*CI*FM9001*11*1", "NM1*QC*1*DOE*ROWAN****MI*M100200",
        "SVC*HC:99213:25*120*55**1", "DTM*472*20260330", "CAS*CO*45*40", "CAS*PR*3*25", "REF*6R*HT0001-1", "AMT*B6*80",
        "SVC*HC:87880*30*20**1", "DTM*472*20260330", "CAS*CO*45*10", "REF*6R*HT0001-2", "AMT*B6*20",
    ];

    public static string File837(IEnumerable<string> body) => File(Isa837, "HC", "005010X222A1", "ST*837*0001*005010X222A1", body);

    public static string File835(IEnumerable<string> body) => File(Isa837, "HP", "005010X221A1", "ST*835*0001", body);

    public static string File999(IEnumerable<string> body) => File(Isa837, "FA", "005010X231A1", "ST*999*0001*005010X231A1", body);

    public static string File277CA(IEnumerable<string> body) => File(Isa837, "HN", "005010X214", "ST*277*0001*005010X214", body);

    public static string File271(IEnumerable<string> body) => File(Isa837, "HB", "005010X279A1", "ST*271*0001*005010X279A1", body);

    public static string File278(IEnumerable<string> body) => File(Isa837, "HI", "005010X217", "ST*278*0001*005010X217", body);

    public static string File277(IEnumerable<string> body) => File(Isa837, "HN", "005010X212", "ST*277*0001*005010X212", body);

    /// <summary>The same file as somebody sends it to us.</summary>
    /// <param name="number">ISA13 and IEA02.</param>
    public static string Inbound(this string file, int number = 7, string requested = "0") => file
        .Replace(Isa837, IsaInbound, StringComparison.Ordinal)
        .Replace("*OURPRACTICE*HUBONE*2026", "*HUBONE*OURPRACTICE*2026", StringComparison.Ordinal)
        .Replace("000000007", number.ToString("000000000", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("*0*T*:~", $"*{requested}*T*:~", StringComparison.Ordinal);

    private static string File(string isa, string functional, string guide, string st, IEnumerable<string> body)
    {
        var lines = body.ToList();
        return string.Concat(
        [
            isa + "\n", $"GS*{functional}*OURPRACTICE*HUBONE*20260401*0800*7*X*{guide}~\n", st + "~\n",
            .. lines.Select(l => l + "~\n"), $"SE*{lines.Count + 2}*0001~\n", "GE*1*7~\n", "IEA*1*000000007~\n",
        ]);
    }

    /// <summary>The lines with those that start with <paramref name="start"/> replaced; null removes them.</summary>
    public static IEnumerable<string> With(this IEnumerable<string> lines, string start, string? replacement) =>
        lines.Select(l => l.StartsWith(start, StringComparison.Ordinal) ? replacement : l).OfType<string>();
}
