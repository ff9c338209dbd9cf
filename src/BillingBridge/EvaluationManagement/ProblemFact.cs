namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>One problem addressed at the visit.</summary>
/// <param name="Kind">What is documented; null when nothing yet says that the problem was addressed.</param>
/// <param name="Suggested">What the record points to beyond that, for a clinician to confirm; null when there is no such thing.</param>
public sealed record ProblemFact(ProblemKind? Kind, ProblemKind? Suggested, string Title, Support Support)
{
    /// <summary>The kind with what is only suggested believed.</summary>
    public ProblemKind? IfConfirmed => Suggested ?? Kind;
}
