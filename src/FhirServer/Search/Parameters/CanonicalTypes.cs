using System.Collections.Frozen;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>The types whose resources have a canonical URL and are found by it (references.html#canonical, R4).</summary>
/// <remarks>A list, since to ask for the parameters of every type would give all of them numbers in the store.</remarks>
internal static class CanonicalTypes
{
    public static FrozenSet<string> All { get; } = FrozenSet.ToFrozenSet(
        [
            "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition", "ConceptMap", "Contract", "EffectEvidenceSynthesis",
            "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario", "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition",
            "OperationDefinition", "PlanDefinition", "Questionnaire", "ResearchDefinition", "ResearchElementDefinition", "RiskEvidenceSynthesis", "SearchParameter",
            "StructureDefinition", "StructureMap", "TerminologyCapabilities", "TestScript", "ValueSet",
        ],
        StringComparer.Ordinal);
}
