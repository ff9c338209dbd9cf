using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>How one part of a composite is found below the element that the parts belong to.</summary>
internal sealed record CompositePart(string Expression, ExtractionStep Step, Emission Emission);

/// <summary>A composite with rows of its own, ready to be indexed: the parts that its rows hold, a token first.</summary>
internal sealed record CompositePlan(SearchParam Param, int Ordinal, CompositeLayout Layout, IReadOnlyList<CompositePart> Parts);
