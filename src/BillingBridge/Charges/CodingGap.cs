namespace FhirEmr.BillingBridge.Charges;

/// <summary>Something in the chart that could not become a line or a diagnosis; kept so that nothing is dropped silently.</summary>
/// <param name="Kind">What is missing.</param>
/// <param name="Source">The resource, as a relative reference.</param>
/// <param name="System">System of the code that has no target.</param>
/// <param name="Code">The code itself.</param>
/// <param name="Display">Its wording in the chart, when there is one.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record CodingGap(CodingGapKind Kind, string Source, string System, string Code, string? Display, string Advice);

/// <summary>What a <see cref="CodingGap"/> is missing.</summary>
public enum CodingGapKind
{
    /// <summary>The visit itself has no billing code.</summary>
    Visit,

    /// <summary>A performed procedure, immunization, laboratory report or administered drug has no billing code.</summary>
    Service,

    /// <summary>A condition has no ICD-10-CM code.</summary>
    Diagnosis,

    /// <summary>The map gives more than one ICD-10-CM code and a person must choose.</summary>
    DiagnosisChoice,

    /// <summary>The claim form takes twelve diagnoses; this one did not fit.</summary>
    DiagnosisOverflow,
}
