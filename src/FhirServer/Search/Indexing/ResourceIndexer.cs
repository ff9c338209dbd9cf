using System.Collections.Concurrent;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Resource → index rows, for every search parameter of its type. Safe for many threads.</summary>
/// <param name="zone">Where times without an offset are taken to be (the practice's zone).</param>
/// <param name="failures">Told of custom expressions that fail on a resource; without it they throw.</param>
internal sealed class ResourceIndexer(SearchParameters parameters, TimeZoneInfo zone, Action<SearchParam, Exception>? failures = null)
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
        foreach (var child in root.Children)
            if (child.NameId == ElementNames.Contained && child.HasValue)
                writer.Rows.Tokens.Add(new(plan.Inside.Number, context.Token(Encoding.UTF8.GetBytes(child.Type.Name)), 0));
        if (writer.Contained is { } inside)
            foreach (var (emission, resource) in inside)
                Contained(resource, emission.Params, context, writer.Rows);
        return writer.Finish();
    }

    /// <summary>What a contained resource would be found by, kept with the resource around it: chains see through the reference.</summary>
    private void Contained(FhirNode resource, SearchParam[] references, IIndexContext context, IndexRows into)
    {
        var plan = PlanFor(resource.Type.Name);
        var writer = new RowWriter(plan, context, zone);
        var sink = new Sink(writer);
        plan.Run(resource, ref sink, writer.Flag);
        var rows = writer.Finish();
        foreach (var reference in references)
        {
            foreach (var row in rows.Tokens)
                into.Tokens.Add(row with { Param = Number(row.Param) });
            foreach (var row in rows.References)
                into.References.Add(row with { Param = Number(row.Param) });
            foreach (var row in rows.Dates)
                into.Dates.Add(row with { Param = Number(row.Param) });
            foreach (var row in rows.Strings)
                into.Strings.Add(row with { Param = Number(row.Param) });
            foreach (var row in rows.Numbers)
                into.Numbers.Add(row with { Param = Number(row.Param) });
            foreach (var row in rows.Quantities)
                into.Quantities.Add(row with { Param = Number(row.Param) });
            foreach (var row in rows.Uris)
                into.Uris.Add(row with { Param = Number(row.Param) });
            foreach (var row in rows.Composites)
                into.Composites.Add(row with { Param = Number(row.Param) });

            int Number(int own) => parameters.Contained(reference.Number, own) is > 0 and var known ? known
                : (context.IsWriting ? parameters.Contained(reference, plan.Param(own)) : parameters.FindContained(reference, plan.Param(own))).Number;
        }
    }

    /// <summary>Rows of one parameter alone.</summary>
    public IndexRows Index(FhirNode root, ExtractionPlan plan, IIndexContext context)
    {
        var writer = new RowWriter(plan, context, zone);
        var sink = new Sink(writer);
        plan.Run(root, ref sink, writer.Flag);
        return writer.Finish();
    }

    /// <summary>How the type's values are found; compiled on first use, and again when the type's parameters change.</summary>
    public ExtractionPlan PlanFor(string type)
    {
        var current = parameters.Of(type);
        if (plans.TryGetValue(type, out var plan) && ReferenceEquals(plan.Source, current))
            return plan;
        return plans[type] = new(type, parameters, current, failures);
    }

    /// <summary>A plan that finds the values of one parameter only.</summary>
    public ExtractionPlan PlanFor(SearchParam param) => new(param.Type, parameters, [param], failures);

    private readonly struct Sink(RowWriter writer) : IValueSink
    {
        public void Value(FhirNode node, Emission emission) => writer.Value(node, emission);
    }
}
