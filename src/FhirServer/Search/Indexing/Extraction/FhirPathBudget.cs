using Hl7.Fhir.Model;
using Hl7.FhirPath;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>Counts the steps of one FHIRPath evaluation and ends it when there are too many.</summary>
/// <remarks>By steps and not by the clock: the same resource gives the same answer on every machine and under every load.</remarks>
internal sealed class FhirPathBudget(int steps) : IDebugTracer
{
    private int left = steps;

    public void TraceCall(
        Hl7.FhirPath.Expressions.Expression expr, int contextId, IEnumerable<PocoNode> focus, IEnumerable<PocoNode> thisValue, PocoNode index,
        IEnumerable<PocoNode> totalValue, IEnumerable<PocoNode> result, IEnumerable<KeyValuePair<string, IEnumerable<PocoNode>>> variables)
    {
        if (--left < 0)
            throw new FhirPathTooLongException();
    }
}

/// <summary>An evaluation was ended because it took too many steps.</summary>
internal sealed class FhirPathTooLongException() : Exception(Text)
{
    /// <summary>The engine wraps exceptions in its own and keeps their text only.</summary>
    public const string Text = "it takes too many steps on this resource";
}
