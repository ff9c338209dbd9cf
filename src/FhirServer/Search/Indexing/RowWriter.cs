using System.Diagnostics;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Collects the index rows of one resource while its values arrive.</summary>
internal sealed class RowWriter(ExtractionPlan plan, IIndexContext context, TimeZoneInfo zone, FhirNode root)
{
    private readonly ReachedReferences reached = new(root);
    private readonly bool[] present = new bool[plan.Params.Length];
    private int primaryOwners;
    private int lastReference = -1;
    private long lastTarget;

    public IndexRows Rows { get; } = new();

    public IIndexContext Context => context;

    public TimeZoneInfo Zone => zone;

    public void Value(FhirNode node, Emission emission)
    {
        var isIndexable = emission.Kind switch
        {
            SearchParamType.Token => TokenIndexer.Index(node, emission, this),
            SearchParamType.Reference => ReferenceIndexer.Index(node, emission, this),
            SearchParamType.Date => DateIndexer.Index(node, emission, this),
            SearchParamType.String => StringIndexer.Index(node, emission, this),
            SearchParamType.Number => NumberIndexer.Index(node, emission, this),
            SearchParamType.Quantity => QuantityIndexer.Index(node, emission, this),
            SearchParamType.Uri => UriIndexer.Index(node, emission, this),
            _ => throw new UnreachableException($"{emission.Kind} parameters are never planned."),
        };
        if (isIndexable)
            MarkPresent(emission);
    }

    public void Flag(Emission emission, bool value)
    {
        MarkPresent(emission);
        Token(emission, context.Token(value ? "true"u8 : "false"u8), 0);
    }

    public void Token(Emission emission, long hash, int system)
    {
        foreach (var param in emission.Params)
            Rows.Tokens.Add(new(param.Number, hash, system));
    }

    public void Reference(Emission emission, long target)
    {
        if (target == 0)
            return;
        foreach (var param in emission.Params)
            Rows.References.Add(new(param.Number, target));
    }

    public void Date(Emission emission, DateRange range)
    {
        foreach (var param in emission.Params)
            Rows.Dates.Add(new(param.Number, range.Lo, range.Hi, range.DayLo, range.DayHi));
    }

    public void String(Emission emission, string folded, string exact)
    {
        foreach (var param in emission.Params)
            Rows.Strings.Add(new(param.Number, folded, exact));
    }

    public void Number(Emission emission, string value)
    {
        foreach (var param in emission.Params)
            Rows.Numbers.Add(new(param.Number, value));
    }

    public void Quantity(Emission emission, int unit, string value)
    {
        foreach (var param in emission.Params)
            Rows.Quantities.Add(new(param.Number, unit, value));
    }

    public void Uri(Emission emission, string value)
    {
        foreach (var param in emission.Params)
            Rows.Uris.Add(new(param.Number, value));
    }

    /// <summary>Target of a Reference node; several parameters meet the same node one after the other, so the last one is kept.</summary>
    public long TargetOf(FhirNode node, ReadOnlySpan<byte> address)
    {
        reached.Mark(node);
        if (lastReference != node.Index)
            (lastReference, lastTarget) = (node.Index, context.Target(System.Text.Encoding.UTF8.GetString(address)));
        return lastTarget;
    }

    public void Owner(long patient, bool isPrimary)
    {
        var at = Rows.Owners.IndexOf(patient);
        if (at >= 0 && (!isPrimary || at < primaryOwners))
            return;
        if (at >= 0)
            Rows.Owners.RemoveAt(at);
        Rows.Owners.Insert(isPrimary ? primaryOwners++ : Rows.Owners.Count, patient);
    }

    /// <summary>Closes the collection: references that no parameter reached, shape row, doubles removed.</summary>
    public IndexRows Finish()
    {
        reached.Others((plan.References.Number, Rows.References, context), static (reference, to) =>
        {
            if (to.context.Target(reference) is var target and > 0) // only our own can be deleted
                to.References.Add(new(to.Number, target));
        });

        Span<int> numbers = stackalloc int[present.Length];
        var count = 0;
        for (var i = 0; i < present.Length; i++)
            if (present[i])
                numbers[count++] = plan.Params[i].Number;
        Rows.Tokens.Add(new(plan.Shape.Number, context.Shape(plan.TypeNumber, numbers[..count]), 0));

        Distinct(Rows.Tokens);
        Distinct(Rows.References);
        Distinct(Rows.Dates);
        Distinct(Rows.Strings);
        Distinct(Rows.Numbers);
        Distinct(Rows.Quantities);
        Distinct(Rows.Uris);
        return Rows;
    }

    private void MarkPresent(Emission emission)
    {
        foreach (var ordinal in emission.Ordinals)
            present[ordinal] = true;
    }

    private static void Distinct<T>(List<T> rows)
        where T : struct, IEquatable<T>
    {
        const int Few = 32; // up to here comparing each with each beats hashing
        if (rows.Count < 2)
            return;

        var seen = rows.Count > Few ? new HashSet<T>(rows.Count) : null;
        var kept = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (seen?.Add(row) ?? rows.IndexOf(row, 0, kept) < 0)
                rows[kept++] = row;
        }

        rows.RemoveRange(kept, rows.Count - kept);
    }
}
