using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>What searches ask about the meaning of codes.</summary>
internal sealed class ConceptLookup
{
    public ConceptLookup(ITerminology terminology, IDefinitions definitions, TimeProvider clock)
    {
        Hierarchies = new(terminology, definitions, clock);
        ValueSets = new(Hierarchies, definitions);
    }

    public Hierarchies Hierarchies { get; }

    public ValueSets ValueSets { get; }
}
