using System.Collections.Concurrent;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Resource → index rows, for every search parameter of its type. Safe for many threads.</summary>
/// <param name="zone">Where times without an offset are taken to be (the practice's zone).</param>
internal sealed class ResourceIndexer(SearchParameters parameters, TimeZoneInfo zone)
{
    private readonly ConcurrentDictionary<string, ExtractionPlan> plans = new(StringComparer.Ordinal);

    /// <summary>Rows of one resource: a whole document's root, or an entry of a Bundle.</summary>
    /// <param name="ownSid">Its own surrogate key: a Patient owns itself.</param>
    public IndexRows Index(FhirNode root, IIndexContext context, long ownSid)
    {
        var plan = PlanFor(root.Type.Name);
        var writer = new RowWriter(plan, context, zone, root);
        if (plan.TypeNumber == ResourceTypes.Patient)
            writer.Owner(ownSid, isPrimary: true);

        var sink = new Sink(writer);
        plan.Run(root, ref sink, writer.Flag);
        return writer.Finish();
    }

    /// <summary>How the type's values are found; compiled on first use.</summary>
    public ExtractionPlan PlanFor(string type) => plans.GetOrAdd(type, static (t, p) => new(t, p), parameters);

    private readonly struct Sink(RowWriter writer) : IValueSink
    {
        public void Value(FhirNode node, Emission emission) => writer.Value(node, emission);
    }
}
