using System.Diagnostics;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Collects the index rows of one resource while its values arrive.</summary>
internal sealed class RowWriter(ExtractionPlan plan, IIndexContext context, TimeZoneInfo zone, FhirNode root = default)
{
    private static ReadOnlySpan<byte> Present => "present"u8; // CustomIndex.Present

    private readonly ReachedReferences? reached = root.Exists ? new(root) : null;
    private readonly bool[] present = new bool[plan.Params.Length];
    private int primaryOwners;
    private int lastReference = -1;
    private long lastTarget;

    public IndexRows Rows { get; } = new();

    public IIndexContext Context => context;

    public TimeZoneInfo Zone => zone;

    public ExtractionPlan Plan => plan;

    /// <summary>References into the resource itself and the contained resources they lead to, with the parameters that hold them.</summary>
    public List<(Emission Emission, FhirNode Resource)>? Contained { get; private set; }

    public void Value(FhirNode node, Emission emission)
    {
        if (emission.Kind == SearchParamType.Composite)
            CompositeIndexer.Index(node, emission, this); // it marks by itself: not every repetition has all parts
        else if (Part(node, emission))
            foreach (var ordinal in emission.Ordinals)
                MarkPresent(ordinal);
    }

    /// <summary>Rows of one value; false when its datatype is not indexable that way.</summary>
    public bool Part(FhirNode node, Emission emission) => emission.Kind switch
    {
        SearchParamType.Token => TokenIndexer.Index(node, emission, this),
        SearchParamType.Reference => ReferenceIndexer.Index(node, emission, this),
        SearchParamType.Date => DateIndexer.Index(node, emission, this),
        SearchParamType.String when emission.IsWords => WordIndexer.Index(node, emission, this),
        SearchParamType.String => StringIndexer.Index(node, emission, this),
        SearchParamType.Number => NumberIndexer.Index(node, emission, this),
        SearchParamType.Quantity => QuantityIndexer.Index(node, emission, this),
        SearchParamType.Uri => UriIndexer.Index(node, emission, this),
        _ => throw new UnreachableException($"{emission.Kind} parameters are never planned."),
    };

    public void MarkPresent(int ordinal) => present[ordinal] = true;

    /// <summary>A reference of the resource points at one of its contained resources.</summary>
    public void PointsInside(Emission emission, FhirNode resource)
    {
        if (!emission.IsPart)
            (Contained ??= []).Add((emission, resource));
    }

    /// <summary>A text beside a token that has a row.</summary>
    public void Display(Emission emission, ReadOnlySpan<byte> text, long hash, int system) => context.Display(emission.Params, text, hash, system);

    public void Flag(Emission emission, bool value)
    {
        foreach (var ordinal in emission.Ordinals)
            MarkPresent(ordinal);
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

    /// <summary>A part of a long text, from behind its row.</summary>
    public void StringPiece(Emission emission, string folded)
    {
        foreach (var param in emission.Params)
            Rows.Strings.Add(new(plan.Pieces(param, context.IsWriting).Number, folded, ""));
    }

    public void Word(Emission emission, string word)
    {
        foreach (var param in emission.Params)
            Rows.Words.Add(new(param.Number, word));
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
    /// <remarks>A custom parameter may go again: what it alone reaches is kept under the one for the rest, too.</remarks>
    public long TargetOf(FhirNode node, Emission emission, ReadOnlySpan<byte> address)
    {
        if (Array.Exists(emission.Params, static p => p.Custom is null))
            reached?.Mark(node);
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
        reached?.Others((plan.References.Number, Rows.References, context), static (reference, to) =>
        {
            if (to.context.Target(reference) is var target and > 0) // only our own can be deleted
                to.References.Add(new(to.Number, target));
        });

        Span<int> numbers = stackalloc int[present.Length];
        var count = 0;
        for (var i = 0; i < present.Length; i++)
            if (present[i])
            {
                if (plan.Params[i].Custom is { } custom)
                    Rows.Tokens.Add(new(custom.PresenceNumber, context.Token(Present), 0));
                else
                    numbers[count++] = plan.Params[i].Number;
            }
        Rows.Tokens.Add(new(plan.Shape.Number, context.Shape(plan.TypeNumber, numbers[..count]), 0));

        Rows.Keep(plan.Params, present);
        Distinct(Rows.Tokens);
        Distinct(Rows.References);
        Distinct(Rows.Dates);
        Distinct(Rows.Strings);
        Distinct(Rows.Numbers);
        Distinct(Rows.Quantities);
        Distinct(Rows.Uris);
        Distinct(Rows.Composites);
        Distinct(Rows.Words);
        return Rows;
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
