namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Level of medical decision making, and of each of its three elements (billing spec 4.1).</summary>
/// <remarks>The elements have words of their own for the same four rows: minimal, limited, moderate, extensive for data; minimal, low, moderate, high for the others.</remarks>
public enum MdmLevel
{
    /// <summary>No fact is documented.</summary>
    None,

    /// <summary>Minimal problems, data and risk.</summary>
    Straightforward,

    /// <summary>Low; for data, limited.</summary>
    Low,

    Moderate,

    /// <summary>High; for data, extensive.</summary>
    High,
}
