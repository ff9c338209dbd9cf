namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>Units as laboratories write them → UCUM, for those that mean the same everywhere; anything else is for the sender's tables.</summary>
internal static class UcumUnits
{
    public const string System = "http://unitsofmeasure.org";

    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["%"] = "%",
        ["g/dl"] = "g/dL",
        ["gm/dl"] = "g/dL",
        ["g/l"] = "g/L",
        ["mg/dl"] = "mg/dL",
        ["mg/l"] = "mg/L",
        ["ug/dl"] = "ug/dL",
        ["mcg/dl"] = "ug/dL",
        ["ug/l"] = "ug/L",
        ["ug/ml"] = "ug/mL",
        ["mcg/ml"] = "ug/mL",
        ["ng/ml"] = "ng/mL",
        ["ng/dl"] = "ng/dL",
        ["pg/ml"] = "pg/mL",
        ["mmol/l"] = "mmol/L",
        ["umol/l"] = "umol/L",
        ["nmol/l"] = "nmol/L",
        ["pmol/l"] = "pmol/L",
        ["meq/l"] = "meq/L",
        ["u/l"] = "U/L",
        ["iu/l"] = "[iU]/L",
        ["iu/ml"] = "[iU]/mL",
        ["uiu/ml"] = "u[iU]/mL",
        ["miu/l"] = "m[iU]/L",
        ["miu/ml"] = "m[iU]/mL",
        ["k/ul"] = "10*3/uL",
        ["10^3/ul"] = "10*3/uL",
        ["10*3/ul"] = "10*3/uL",
        ["x10e3/ul"] = "10*3/uL",
        ["thou/ul"] = "10*3/uL",
        ["m/ul"] = "10*6/uL",
        ["10^6/ul"] = "10*6/uL",
        ["10*6/ul"] = "10*6/uL",
        ["x10e6/ul"] = "10*6/uL",
        ["mil/ul"] = "10*6/uL",
        ["/ul"] = "/uL",
        ["/hpf"] = "/[HPF]",
        ["/lpf"] = "/[LPF]",
        ["fl"] = "fL",
        ["pg"] = "pg",
        ["mm/hr"] = "mm/h",
        ["mm/h"] = "mm/h",
        ["sec"] = "s",
        ["seconds"] = "s",
        ["mmhg"] = "mm[Hg]",
        ["mm[hg]"] = "mm[Hg]",
        ["mosm/kg"] = "mosm/kg",
        ["ml/min/1.73m2"] = "mL/min/{1.73_m2}",
        ["ml/min/1.73 m2"] = "mL/min/{1.73_m2}",
        ["ml/min"] = "mL/min",
        ["kg"] = "kg",
        ["cm"] = "cm",
        ["lb"] = "[lb_av]",
        ["in"] = "[in_i]",
        ["bpm"] = "/min",
        ["/min"] = "/min",
        ["degc"] = "Cel",
        ["cel"] = "Cel",
        ["degf"] = "[degF]",
    };

    /// <summary>Null when the unit is not known, or may be two: "mg" and "Mg" are not guessed at, and "G/L" is of some the count of cells (giga), of others grams.</summary>
    public static string? Find(string unit) => unit is "G/L" or "G/l" ? null : Known.GetValueOrDefault(unit.Replace('\u00b5', 'u').Replace('\u03bc', 'u'));
}
