using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.Schemas;

namespace FhirEmr.FhirServer.Validation;

/// <summary>How often each slice of one element was met, in what order, and what belonged to none.</summary>
internal sealed class SliceCounts(Walk walk, Slices slices)
{
    private readonly List<SlicingRule> slicings = [];
    private readonly Dictionary<ElementRule, int> counts = [];
    private readonly Dictionary<SlicingRule, (int Last, bool HasUnmatched)> order = [];

    public void Add(SlicingRule slicing) => slicings.Add(slicing);

    /// <summary>Finds the slice of an occurrence and puts its rule on the stack, with those of its own slices.</summary>
    public void Place(ElementItem item, SlicingRule slicing, int start)
    {
        if (slicing.Slices.Count == 0)
            return;
        var (last, hasUnmatched) = order.TryGetValue(slicing, out var seen) ? seen : (-1, false);
        var slice = slices.Find(item, slicing);
        if (slice is null && slicing.Slices.Find(s => s.SliceName == "@default") is { } rest)
            slice = rest;
        if (slice is null)
        {
            order[slicing] = (last, true);
            if (slicing.Rules == SlicingRules.Closed && slicing.Discriminators.Length > 0)
                walk.Report(Severity.Error, Messages.SliceUnmatched, $"It belongs to none of the slices that may be there: {string.Join(", ", slicing.Slices.Select(s => s.SliceName))}.", slicing.Slices[0]);
            return;
        }

        var position = slicing.Slices.IndexOf(slice);
        if ((slicing.IsOrdered && position < last) || (slicing.Rules == SlicingRules.OpenAtEnd && hasUnmatched))
            walk.Report(Severity.Error, Messages.SliceOrder, $"{slice.SliceName} must come earlier.", slice, slice.SliceName);
        order[slicing] = (Math.Max(last, position), hasUnmatched);
        counts[slice] = counts.GetValueOrDefault(slice) + 1;
        walk.PushSlice(slice, start);
        if (slice.Slicing is { } inner)
            Place(item, inner, start);
    }

    public void End(int nameId)
    {
        foreach (var slicing in slicings)
            End(slicing, FhirNames.Name(nameId));
    }

    private void End(SlicingRule slicing, string name)
    {
        if (slicing.Discriminators.Length == 0 && slicing.ByUrl is null)
            return; // nothing tells the slices apart
        foreach (var slice in slicing.Slices)
        {
            var count = counts.GetValueOrDefault(slice);
            if (count < slice.Min)
                walk.Report(Severity.Error, Messages.SliceMin, $"{name}:{slice.SliceName} must be there{(slice.Min > 1 ? $" at least {slice.Min} times" : "")}.", slice, slice.SliceName, name);
            if (count > slice.Max)
                walk.Report(Severity.Error, Messages.SliceMax, slice.Max == 0 ? $"{name}:{slice.SliceName} may not be there." : $"{name}:{slice.SliceName} may be there {slice.Max} times, and is {count} times.", slice, slice.SliceName, name);
            if (count > 0 && slice.Slicing is { Slices.Count: > 0 } inner)
                End(inner, name);
        }
    }
}
