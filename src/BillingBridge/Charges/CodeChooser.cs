using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Takes the best candidate of each group; one of the wrong age band or patient kind gives way to its counterpart.</summary>
/// <remarks>Maps that know the context filter already; this keeps maps without conditions (a practice's own) from billing the wrong kind.</remarks>
public sealed class CodeChooser : ICodeChooser
{
    public IReadOnlyList<ConceptMapping> Procedures(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts) =>
        OneOfEach(candidates, code => CodeFacts.For(code, facts));

    public IReadOnlyList<ConceptMapping> Diagnoses(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts) =>
        OneOfEach(candidates, code => CheckUpCode(code, facts));

    private static IReadOnlyList<ConceptMapping> OneOfEach(IReadOnlyList<ConceptMapping> candidates, Func<string, string> fit) =>
    [
        .. candidates.Where(HasTarget).GroupBy(c => c.Group).Select(group =>
        {
            var best = group.FirstOrDefault(c => fit(c.Code) == c.Code) ?? group.First();
            var code = fit(best.Code);
            return code == best.Code ? best : best with { Code = code, Display = null };
        }),
    ];

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
