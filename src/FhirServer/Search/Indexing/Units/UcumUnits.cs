using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace FhirEmr.FhirServer.Search.Indexing.Units;

/// <summary>The UCUM units a clinic meets, each defined by smaller ones, with UCUM's own exact numbers.</summary>
internal static class UcumUnits
{
    // Symbol, M when metric prefixes apply, value, unit. Definitions follow the UCUM tables (https://ucum.org/ucum#para-28 onwards).
    private const string Table = """
        10* - 10 1
        10^ - 10 1
        % - 0.01 1
        [ppth] - 0.001 1
        [ppm] - 0.000001 1
        [ppb] - 0.000000001 1
        [pptr] - 0.000000000001 1
        sr M 1 rad2
        Hz M 1 s-1
        N M 1 kg.m/s2
        Pa M 1 N/m2
        J M 1 N.m
        W M 1 J/s
        A M 1 C/s
        V M 1 J/C
        F M 1 C/V
        Ohm M 1 V/A
        S M 1 Ohm-1
        Wb M 1 V.s
        T M 1 Wb/m2
        H M 1 Wb/A
        lm M 1 cd.sr
        lx M 1 lm/m2
        Bq M 1 s-1
        Gy M 1 J/kg
        Sv M 1 J/kg
        kat M 1 mol/s
        U M 1 umol/min
        osm M 1 mol
        eq M 1 mol
        L M 1 dm3
        l M 1 dm3
        ar M 100 m2
        t M 1000 kg
        bar M 100000 Pa
        min - 60 s
        h - 60 min
        d - 24 h
        wk - 7 d
        a_j - 365.25 d
        a - 1 a_j
        mo_j - 30.4375 d
        mo - 1 mo_j
        dyn M 1 g.cm/s2
        erg M 1 dyn.cm
        P M 1 dyn.s/cm2
        St M 1 cm2/s
        m[Hg] M 133.3220 kPa
        m[H2O] M 9.80665 kPa
        cal M 4.184 J
        cal_th M 4.184 J
        [Cal] - 1 kcal
        Ci M 37000000000 Bq
        R M 0.000258 C/kg
        RAD M 100 erg/g
        REM M 1 RAD
        [gr] - 64.79891 mg
        [lb_av] - 7000 [gr]
        [oz_av] - 0.0625 [lb_av]
        [dr_av] - 0.0625 [oz_av]
        [stone_av] - 14 [lb_av]
        [oz_tr] - 480 [gr]
        [in_i] - 2.54 cm
        [ft_i] - 12 [in_i]
        [yd_i] - 3 [ft_i]
        [mi_i] - 5280 [ft_i]
        [sin_i] - 1 [in_i]2
        [sft_i] - 1 [ft_i]2
        [cin_i] - 1 [in_i]3
        [gal_us] - 231 [in_i]3
        [qt_us] - 0.25 [gal_us]
        [pt_us] - 0.5 [qt_us]
        [cup_us] - 0.5 [pt_us]
        [foz_us] - 0.125 [cup_us]
        [tbs_us] - 0.5 [foz_us]
        [tsp_us] - 2 [fdr_us]
        [fdr_us] - 0.125 [foz_us]
        [cup_m] - 240 mL
        [foz_m] - 30 mL
        [tbs_m] - 15 mL
        [tsp_m] - 5 mL
        [g] M 9.80665 m/s2
        [lbf_av] - 1 [lb_av].[g]
        [psi] - 1 [lbf_av]/[in_i]2
        [diop] - 1 m-1
        [hd_i] - 4 [in_i]
        [MET] - 3.5 mL/min/kg
        [iU] M 1 [IU]
        [degR] - 5 K/9
        """;

    // Their own bases: what UCUM calls arbitrary or counts, which must not be compared with anything else.
    private static readonly (string Name, bool IsMetric)[] Bases =
    [
        ("m", true), ("g", true), ("s", true), ("K", true), ("C", true), ("cd", true), ("rad", true), ("mol", true), ("deg", false), ("[IU]", true),
        ("[arb'U]", false), ("[USP'U]", false), ("[CFU]", false), ("[FFU]", false), ("[PFU]", false), ("[GPL'U]", false), ("[MPL'U]", false),
        ("[APL'U]", false), ("[beth'U]", false), ("[anti'Xa'U]", false), ("[todd'U]", false), ("[ELU]", false), ("[EIA'U]", false), ("[knk'U]", false),
        ("[bdsk'U]", false), ("[ka'U]", false), ("[mclg'U]", false), ("[dye'U]", false), ("[smgy'U]", false), ("[tb'U]", false), ("[CCID_50]", false),
        ("[TCID_50]", false), ("[EID_50]", false), ("[LPF]", false), ("[HPF]", false), ("[Lf]", false), ("[AU]", false), ("[BAU]", false), ("[D'ag'U]", false),
        ("[drp]", false), ("[Amb'a'1'U]", false), ("[CAE'U]", false), ("[MPU]", false), ("[PNU]", false), ("bit", false), ("By", true),
    ];

    private static readonly FrozenDictionary<string, (bool IsMetric, string Value, string Unit)> Definitions =
        Table.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(' '))
            .ToFrozenDictionary(f => f[0], f => (f[1] == "M", f[2], f[3]), StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, UcumUnit> Known = new(
        Bases.Select(b => KeyValuePair.Create(b.Name, new UcumUnit(BaseUnits.Base(b.Name), b.IsMetric))), StringComparer.Ordinal);

    /// <summary>Every symbol, for tests.</summary>
    internal static IEnumerable<string> Symbols => Bases.Select(b => b.Name).Concat(Definitions.Keys);

    /// <summary>The unit of that symbol without prefix; null when it is not in the table.</summary>
    public static UcumUnit? Find(string name)
    {
        if (Known.TryGetValue(name, out var known))
            return known;
        if (!Definitions.TryGetValue(name, out var definition))
            return null;

        var unit = UnitReader.Read(definition.Unit) ?? throw new InvalidOperationException($"UCUM table: {name} rests on '{definition.Unit}', which does not read.");
        return Known[name] = new(unit.Scaled(Ratio.Parse(definition.Value)), definition.IsMetric);
    }
}

internal sealed record UcumUnit(BaseUnits Unit, bool IsMetric);
