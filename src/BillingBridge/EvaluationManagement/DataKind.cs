namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>What may be reviewed and analysed (billing spec 4.1, Data). The first four make category A, the fifth B, the last C.</summary>
public enum DataKind
{
    ExternalNote,
    TestResult,
    TestOrder,
    IndependentHistorian,
    IndependentInterpretation,
    Discussion,
}
