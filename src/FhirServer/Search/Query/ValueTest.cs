using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Whether some value of a parameter, found in the resource as indexing finds it, passes a test.</summary>
internal sealed class ValueTest(ExtractionPlan plan, SearchParam param, Func<FhirNode, bool> matches) : IBodyTest
{
    public IEnumerable<SearchParam> Parameters => [param];

    public bool Matches(FhirNode resource)
    {
        var probe = new Probe(param, matches);
        plan.Run(resource, ref probe, static (_, _) => { });
        return probe.Found;
    }

    private struct Probe(SearchParam param, Func<FhirNode, bool> matches) : IValueSink
    {
        public bool Found { get; private set; }

        public void Value(FhirNode node, Emission emission) => Found = Found || (emission.Params.Contains(param) && matches(node));
    }
}

/// <summary>Whether some contained resource of a type passes a test.</summary>
internal sealed class ContainedTest(string type, IBodyTest inner) : IBodyTest
{
    public IEnumerable<SearchParam> Parameters => inner.Parameters;

    public bool Matches(FhirNode resource)
    {
        foreach (var child in resource.Children)
            if (child.NameId == Indexing.ElementNames.Contained && child.HasValue && child.Type.Name == type && inner.Matches(child))
                return true;
        return false;
    }
}
