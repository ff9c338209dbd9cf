using System.Runtime.InteropServices;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Repetitions of the element a composite is about → composite rows (search.html#composite).</summary>
/// <remarks>
/// The parts are indexed as they would be by themselves, into the same lists; their rows are then taken off the ends again and paired.
/// That keeps one meaning of each datatype and allocates nothing for the parts.
/// </remarks>
internal static class CompositeIndexer
{
    public static void Index(FhirNode node, Emission emission, RowWriter writer)
    {
        foreach (var param in emission.Params)
        {
            var plan = writer.Plan.Composite(param);
            var made = plan.Layout == CompositeLayout.TwoIntegers ? TwoIntegers(node, plan, writer.Rows) : TokenAndValue(node, plan, writer);
            if (made)
                writer.MarkPresent(plan.Ordinal);
        }
    }

    private static bool TokenAndValue(FhirNode node, CompositePlan plan, RowWriter writer)
    {
        var rows = writer.Rows;
        var (tokens, quantities, references, composites) = (rows.Tokens.Count, rows.Quantities.Count, rows.References.Count, rows.Composites.Count);
        Walk(node, plan.Parts[0], writer);
        var second = rows.Tokens.Count;
        if (second > tokens)
        {
            Walk(node, plan.Parts[1], writer);
            foreach (var first in CollectionsMarshal.AsSpan(rows.Tokens)[tokens..second])
            {
                foreach (var token in CollectionsMarshal.AsSpan(rows.Tokens)[second..])
                    rows.Composites.Add(new(plan.Param.Number, first.Hash, first.System, token.System, CompositeRow.Hex(token.Hash)));
                foreach (var quantity in CollectionsMarshal.AsSpan(rows.Quantities)[quantities..])
                    rows.Composites.Add(new(plan.Param.Number, first.Hash, first.System, quantity.Unit, quantity.Value));
                foreach (var reference in CollectionsMarshal.AsSpan(rows.References)[references..])
                    rows.Composites.Add(new(plan.Param.Number, first.Hash, first.System, 0, CompositeRow.Hex(reference.Target)));
            }

            Cut(rows.Quantities, quantities);
            Cut(rows.References, references);
            Cut(rows.Tokens, tokens);
        }

        return rows.Composites.Count > composites;
    }

    private static bool TwoIntegers(FhirNode node, CompositePlan plan, IndexRows rows)
    {
        var (first, second) = (default(int?), default(int?));
        foreach (var (i, part) in plan.Parts.Index())
        {
            var found = new Integer();
            part.Step.Walk(node, ref found);
            if (i == 0)
                first = found.Value;
            else
                second = found.Value;
        }

        if (first is not { } start || second is not { } end)
            return false;
        rows.Composites.Add(new(plan.Param.Number, 0, end, start, ""));
        return true;
    }

    private static void Walk(FhirNode node, CompositePart part, RowWriter writer)
    {
        var sink = new Sink(writer);
        part.Step.Walk(node, ref sink);
    }

    private static void Cut<T>(List<T> rows, int count) => rows.RemoveRange(count, rows.Count - count);

    private readonly struct Sink(RowWriter writer) : IValueSink
    {
        public void Value(FhirNode node, Emission emission) => writer.Part(node, emission);
    }

    private struct Integer : IValueSink
    {
        public int? Value { get; private set; }

        void IValueSink.Value(FhirNode node, Emission emission) =>
            Value ??= NumberIndexer.ValueOf(node) is { } number && number == decimal.Truncate(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null;
    }
}
