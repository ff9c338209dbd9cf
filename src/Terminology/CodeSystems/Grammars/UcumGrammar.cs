using System.Collections.Frozen;
using System.Globalization;

namespace FhirEmr.Terminology.CodeSystems.Grammars;

/// <summary>Whether a text is a UCUM unit, case-sensitive form (https://ucum.org/ucum, sections 2 and 4).</summary>
/// <remarks>
/// Searches convert units and know those a clinic meets; here every symbol UCUM defines counts, scales without a factor and bare
/// annotations too.
/// </remarks>
internal ref struct UcumGrammar
{
    private const int MaxDepth = 8;

    private static readonly FrozenSet<string> Metric = Symbols("""
        m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc [c] [h] [k] [eps_0] [mu_0] [e] [m_e] [m_p]
        [G] [g] [ly] gf Ky Gal dyn erg P Bi St Mx G Oe Gb sb Lmb ph Ci R RAD REM cal_[15] cal_[20] cal_m cal_IT cal_th cal tex m[H2O] m[Hg] eq osm
        g% kat U [iU] [IU] Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW] st mho bit By Bd
        """);

    private static readonly FrozenSet<string> Plain = Symbols("""
        10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] gon deg ' '' min h d a_t a_j a_g a wk mo_s mo_j mo_g mo AU atm [lbf_av]
        [in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [cft_i] [cyd_i] [bf_i] [cr_i] [mil_i] [cml_i] [hd_i]
        [ft_us] [yd_us] [in_us] [rd_us] [ch_us] [lk_us] [rch_us] [rlk_us] [fth_us] [fur_us] [mi_us] [acr_us] [srd_us] [smi_us] [sct] [twp] [mil_us]
        [in_br] [ft_br] [rd_br] [ch_br] [lk_br] [fth_br] [pc_br] [yd_br] [mi_br] [nmi_br] [kn_br] [acr_br]
        [gal_us] [bbl_us] [qt_us] [pt_us] [gil_us] [foz_us] [fdr_us] [min_us] [crd_us] [bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us] [tsp_us]
        [cup_us] [foz_m] [cup_m] [tsp_m] [tbs_m] [gal_br] [pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br] [fdr_br] [min_br]
        [gr] [lb_av] [oz_av] [dr_av] [scwt_av] [lcwt_av] [ston_av] [lton_av] [stone_av] [pwt_tr] [oz_tr] [lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m]
        [lne] [pnt] [pca] [pnt_pr] [pca_pr] [pied] [pouce] [ligne] [didot] [cicero] [degF] [degR] [degRe] [Cal] [Btu_39] [Btu_59] [Btu_60] [Btu_m]
        [Btu_IT] [Btu_th] [Btu] [HP] [den] [in_i'H2O] [in_i'Hg] [PRU] [wood'U] [diop] [p'diop] %[slope] [mesh_i] [Ch] [drp] [hnsf'U] [MET] [hp'_X]
        [hp'_C] [hp'_M] [hp'_Q] [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [kp_C] [kp_M] [kp_Q] [pH] [S] [HPF] [LPF] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U]
        [beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U] [mclg'U] [tb'U] [CCID_50] [TCID_50] [EID_50] [PFU] [FFU] [CFU] [IR]
        [BAU] [AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U] [FEU] [ELU] [EU] Ao b att [psi] circ sph [car_m] [car_Au] [smoot] [m/s2/Hz^(1/2)] bit_s
        """);

    private static readonly string[] Prefixes = ["Ki", "Mi", "Gi", "Ti", "da", "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "d", "c", "m", "u", "n", "p", "f", "a", "z", "y"];

    private ReadOnlySpan<char> rest;

    private UcumGrammar(ReadOnlySpan<char> text) => rest = text;

    public static bool IsUnit(string text)
    {
        if (text.Length is 0 or > 200 || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return false;
        var grammar = new UcumGrammar(text);
        return grammar.Term(0) && grammar.rest.IsEmpty;
    }

    /// <summary>A leading slash, then components parted by dots and slashes.</summary>
    private bool Term(int depth)
    {
        if (depth > MaxDepth)
            return false;
        Take('/');
        do
        {
            if (!Component(depth))
                return false;
        }
        while (Take('.') || Take('/'));
        return true;
    }

    private bool Component(int depth)
    {
        if (Take('('))
            return Term(depth + 1) && Take(')');
        if (rest.StartsWith("{"))
            return Annotation();
        var length = SymbolLength(rest);
        if (length == 0 || !Simple(rest[..length]))
            return false;
        rest = rest[length..];
        return !rest.StartsWith("{") || Annotation();
    }

    private bool Annotation()
    {
        var end = rest.IndexOf('}');
        if (end < 0 || rest[1..end].Contains('{'))
            return false;
        rest = rest[(end + 1)..];
        return true;
    }

    /// <summary>Up to the next operator outside of brackets: some symbols hold slashes and dots.</summary>
    private static int SymbolLength(ReadOnlySpan<char> text)
    {
        var bracket = false;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is '[' or ']')
                bracket = text[at] == '[';
            else if (!bracket && text[at] is '.' or '/' or '(' or ')' or '{' or '}' && !bracket)
                return at;
        }

        return bracket ? 0 : text.Length;
    }

    private static bool Simple(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange('0', '9'))
            return text.TrimStart('0').Length is > 0 and <= 18;
        if (IsAtom(text))
            return true;
        var cut = text.Length;
        while (cut > 0 && char.IsAsciiDigit(text[cut - 1]))
            cut--;
        if (cut == text.Length)
            return false;
        if (cut > 0 && text[cut - 1] is '+' or '-')
            cut--;
        return cut > 0 && int.TryParse(text[cut..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && IsAtom(text[..cut]);
    }

    private static bool IsAtom(ReadOnlySpan<char> name)
    {
        var metric = Metric.GetAlternateLookup<ReadOnlySpan<char>>();
        if (metric.Contains(name) || Plain.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name))
            return true;
        foreach (var prefix in Prefixes)
        {
            if (name.StartsWith(prefix) && metric.Contains(name[prefix.Length..]))
                return true;
        }

        return false;
    }

    private bool Take(char c)
    {
        if (rest.IsEmpty || rest[0] != c)
            return false;
        rest = rest[1..];
        return true;
    }

    private static FrozenSet<string> Symbols(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
