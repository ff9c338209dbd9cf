using System.Globalization;
using System.Text;

namespace FhirEmr.Bench.X12;

/// <summary>X12 files of any size, made up, that add up to the cent.</summary>
internal static class InventedFiles
{
    private const string Isa = "ISA*00*          *00*          *ZZ*HUBONE         *ZZ*OURPRACTICE    *260401*0800*^*00501*000000007*0*T*:~\n";
    private const int SegmentsOfClaim = 13;

    /// <summary>Writes one interchange of at least this size.</summary>
    /// <returns>How many claims it holds.</returns>
    public static int Write(string path, string kind, long bytes) => kind == "835" ? WriteRemittance(path, (int)(bytes / Remitted(0).Length) + 1) : WriteClaims(path, bytes);

    /// <summary>An 835 that pays 75 for each of the claims <see cref="InventedClaims"/> makes.</summary>
    public static int WriteRemittance(string path, int claims)
    {
        using var file = new StreamWriter(path, append: false, Encoding.ASCII, 1 << 16);
        file.Write(Isa);
        file.Write("GS*HP*HUBONE*OURPRACTICE*20260401*0800*7*X*005010X221A1~\nST*835*0001~\n");
        file.Write(string.Create(CultureInfo.InvariantCulture, $"BPR*I*{claims * 75L}*C*ACH************20260420~\nTRN*1*E77*1600000001~\nDTM*405*20260420~\nN1*PR*FIRST MUTUAL*XV*FM001~\nLX*1~\n"));
        for (var n = 0; n < claims; n++)
            file.Write(Remitted(n));
        file.Write(string.Create(CultureInfo.InvariantCulture, $"SE*{7 + ((long)claims * SegmentsOfClaim)}*0001~\nGE*1*7~\nIEA*1*000000007~\n"));
        return claims;
    }

    private static string Remitted(int n) =>
        $"CLP*{InventedClaims.Number(n)}*1*150*75*25*CI*FM{n:00000000}*11*1~\nNM1*QC*1*DOE*ROWAN****MI*M100200~\n"
        + "SVC*HC:99213:25*120*55**1~\nDTM*472*20260330~\nCAS*CO*45*40~\nCAS*PR*3*25~\n"
        + $"REF*6R*{InventedClaims.Number(n)}-1~\nAMT*B6*80~\nSVC*HC:87880*30*20**1~\nDTM*472*20260330~\nCAS*CO*45*10~\nREF*6R*{InventedClaims.Number(n)}-2~\nAMT*B6*20~\n";

    private static int WriteClaims(string path, long bytes)
    {
        using var file = new StreamWriter(path, append: false, Encoding.ASCII, 1 << 16);
        file.Write(Isa);
        file.Write("GS*HC*HUBONE*OURPRACTICE*20260401*0800*7*X*005010X222A1~\nST*837*0001*005010X222A1~\nBHT*0019*00*B7*20260401*0800*CH~\n"
            + "NM1*41*2*HILLTOP CLINIC*****46*HUBONE~\nPER*IC*FRONT DESK*TE*2025550123~\nNM1*40*2*HUB ONE*****46*OURPRACTICE~\n"
            + "HL*1**20*1~\nNM1*85*2*HILLTOP CLINIC*****XX*1234567893~\nN3*7 HILL ROAD~\nN4*SALEM*OR*973011234~\nREF*EI*931234567~\n");
        var (claims, segments, written) = (0, 10L, 0L);
        while (written < bytes)
        {
            var number = InventedClaims.Number(claims++);
            var text = $"HL*{claims + 1}*1*22*0~\nSBR*P*18*G55******CI~\nNM1*IL*1*DOE*ROWAN****MI*M{claims}~\nN3*1 OAK LANE~\nN4*SALEM*OR*97301~\nDMG*D8*19700101*F~\n"
                + $"NM1*PR*2*FIRST MUTUAL*****PI*FM001~\nCLM*{number}*150***11:B:1*Y*A*Y*Y~\nREF*D9*T7-{claims}~\nHI*ABK:J069*ABF:R509~\n"
                + $"LX*1~\nSV1*HC:99213:25*120*UN*1***1:2~\nDTP*472*D8*20260330~\nREF*6R*{number}-1~\nLX*2~\nSV1*HC:87880*30*UN*1***1~\nDTP*472*D8*20260330~\nREF*6R*{number}-2~\n";
            file.Write(text);
            written += text.Length;
            segments += 18;
        }

        file.Write(string.Create(CultureInfo.InvariantCulture, $"SE*{segments + 1}*0001~\nGE*1*7~\nIEA*1*000000007~\n"));
        return claims;
    }
}
