namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>Probability that two Patient records are one person, its grade, and why.</summary>
/// <remarks>
/// Weights of evidence after Fellegi and Sunter (1969): the bits add up, less the eleven bits by which a candidate is a stranger before
/// anything is compared. Grades are those of http://hl7.org/fhir/StructureDefinition/match-grade.
/// </remarks>
internal sealed record MatchScore(double Value, string Grade, IReadOnlyList<FieldVerdict> Fields, string? Caution)
{
    public const string Certain = "certain";
    public const string Probable = "probable";
    public const string Possible = "possible";
    public const string CertainlyNot = "certainly-not";

    private const double Stranger = 11;
    private const double CertainFrom = 0.95, ProbableFrom = 0.8, PossibleFrom = 0.3;

    public static MatchScore Of(PatientTraits asked, PatientTraits candidate)
    {
        var comparison = new Comparison(asked, candidate);
        var (value, caution) = (1 / (1 + Math.Pow(2, Stranger - comparison.Fields.Sum(f => f.Weight))), (string?)null);
        if (comparison.IsGivenDifferent && !comparison.HasStrongIdentifier)
            (value, caution) = (Math.Min(value, ProbableFrom - 0.01), "Given names differ: twins, siblings or spouses look like this.");
        else if (value >= CertainFrom && !comparison.IsSure)
            Cap(CertainFrom, comparison.HasStrongIdentifier
                ? "The identifier agrees but name, birth date or gender does not quite."
                : "Name and birth date alone can be shared by two people: an identifier, address or telecom would settle it.");
        if (comparison.HasStrongIdentifier && value < PossibleFrom)
            (value, caution) = (PossibleFrom, "An identifier that belongs to one person agrees while the rest does not: one of the records is wrong.");

        value = Math.Round(value, 4, MidpointRounding.ToEven);
        return new(value, GradeOf(value), comparison.Fields, caution);

        void Cap(double below, string why)
        {
            if (value < below)
                return;
            (value, caution) = (below - 0.01, why);
        }
    }

    private static string GradeOf(double value) => value switch
    {
        >= CertainFrom => Certain,
        >= ProbableFrom => Probable,
        >= PossibleFrom => Possible,
        _ => CertainlyNot,
    };
}
