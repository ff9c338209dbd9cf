namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Where the record says what the standard has no element for (billing spec 4.2).</summary>
public static class EvaluationUrls
{
    /// <summary>Encounter extension (Duration, Quantity in minutes or hours, or integer minutes): the clinician's own total time on the day.</summary>
    public const string TotalTime = "urn:fhiremr:total-time";

    /// <summary>Condition extension (code): <c>stable</c>, <c>at-goal</c>, <c>not-at-goal</c>, <c>exacerbation</c>, <c>progression</c>, <c>side-effects</c>, <c>severe</c>.</summary>
    public const string Course = "urn:fhiremr:course";

    /// <summary>MedicationRequest extension (boolean): the drug is sold without a prescription.</summary>
    public const string OverTheCounter = "urn:fhiremr:over-the-counter";

    /// <summary>Codes of the em-data items, of the sections of a note that stand for them, and of the kinds of problem and risk.</summary>
    public const string EmData = "urn:fhiremr:em-data";

    /// <summary>The questionnaire in which a clinician says what the record cannot: its canonical is this, or any that ends in <c>/em-data</c>.</summary>
    public const string EmDataQuestionnaire = "urn:fhiremr:questionnaire:em-data";
}
