using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Picks one target when a map offers several, by what is known about the patient.</summary>
public interface ICodeChooser
{
    /// <summary>The procedure code to charge; null when no candidate names a code.</summary>
    ConceptMapping? Procedure(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts);

    /// <summary>The diagnosis to report; null when no candidate names a code.</summary>
    ConceptMapping? Diagnosis(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts);
}
