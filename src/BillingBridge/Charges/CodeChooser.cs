using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Chooses by age band and new/established; a single candidate of the wrong kind is swapped for its counterpart.</summary>
public sealed class CodeChooser : ICodeChooser
{
    public ConceptMapping? Procedure(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts)
    {
        var named = candidates.Where(HasTarget).ToList();
        var fitting = named.Find(c => CodeFacts.For(c.Code, facts) == c.Code) ?? named.FirstOrDefault();
        if (fitting is null)
            return null;

        var code = CodeFacts.For(fitting.Code, facts);
        return code == fitting.Code ? fitting : fitting with { Code = code, Display = null };
    }

    public ConceptMapping? Diagnosis(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts)
    {
        var named = candidates.Where(HasTarget).ToList();
        var fitting = named.Find(c => CheckUpCode(c.Code, facts) == c.Code) ?? named.FirstOrDefault();
        if (fitting is null)
            return null;

        var code = CheckUpCode(fitting.Code, facts);
        return code == fitting.Code ? fitting : fitting with { Code = code, Display = null };
    }

    /// <summary>Whether the map says the source is deliberately not reported.</summary>
    public static bool SaysNotReported(IReadOnlyList<ConceptMapping> candidates) => candidates.Count > 0 && !candidates.Any(HasTarget);

    private static bool HasTarget(ConceptMapping mapping) => mapping.Code.Length > 0 && mapping.Equivalence is not ("unmatched" or "disjoint");

    /// <summary>Routine examinations (Z00) have one code per age: newborn to 7 days, to 28 days, child to 17 years, adult.</summary>
    private static string CheckUpCode(string code, PatientFacts facts)
    {
        if (facts is not { AgeYears: { } years, AgeDays: { } days } || !IsRoutineExam(code))
            return code;

        var abnormal = code is "Z00.01" or "Z00.121";
        return (days, years) switch
        {
            ( < 8, _) => "Z00.110",
            ( <= 28, _) => "Z00.111",
            (_, < 18) => abnormal ? "Z00.121" : "Z00.129",
            _ => abnormal ? "Z00.01" : "Z00.00",
        };
    }

    private static bool IsRoutineExam(string code) => code is "Z00.00" or "Z00.01" or "Z00.110" or "Z00.111" or "Z00.121" or "Z00.129";
}
