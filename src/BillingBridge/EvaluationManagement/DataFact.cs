namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>One item of data reviewed or analysed.</summary>
/// <param name="Key">What makes it unique: a test's code, a note's source. Two facts of one key count once.</param>
public sealed record DataFact(DataKind Kind, string Key, string Title, Confidence Confidence, Support Support);
