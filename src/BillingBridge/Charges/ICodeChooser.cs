using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Picks targets when a map offers several, by what is known about the patient.</summary>
public interface ICodeChooser
{
    /// <summary>The procedure codes to charge, one of each group; empty when no candidate names a code.</summary>
    IReadOnlyList<ConceptMapping> Procedures(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts);

    /// <summary>The diagnoses to report, one of each group; empty when no candidate names a code.</summary>
    IReadOnlyList<ConceptMapping> Diagnoses(IReadOnlyList<ConceptMapping> candidates, PatientFacts facts);
}
