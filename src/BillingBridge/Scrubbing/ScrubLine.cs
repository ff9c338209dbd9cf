using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>One service line with its values taken out of the FHIR model once.</summary>
/// <param name="index">Zero-based place in <c>Claim.item</c>, as FHIRPath counts.</param>
/// <param name="item">The line itself.</param>
public sealed class ScrubLine(int index, Claim.ItemComponent item)
{
    private string? path;
    private SeenValues? seen;

    public int Index { get; } = index;

    public Claim.ItemComponent Item { get; } = item;

    public int Number => Item.Sequence ?? Index + 1;

    public string Path => path ??= $"Claim.item[{Index}]";

    /// <summary>Upper case; empty when there is none.</summary>
    public string Code { get; } = item.ProductOrService?.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant() ?? "";

    public string System { get; } = CodeSystemUrls.Canonical(item.ProductOrService?.Coding.Find(c => c.Code is { Length: > 0 })?.System ?? "");

    public IReadOnlyList<string> Modifiers { get; } =
        [.. item.Modifier.Select(m => m.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant() ?? "")];

    /// <summary>First day of service; null when absent.</summary>
    public DateOnly? From { get; } = DateOfService.First(item.Serviced);

    /// <summary>Last day of service; the first when the line is one day.</summary>
    public DateOnly? To { get; } = item.Serviced switch
    {
        Date day => DateOfService.From(day.Value),
        FhirDateTime moment => DateOfService.From(moment.Value),
        Period period => DateOfService.From(period.End ?? period.Start),
        _ => null,
    };

    public decimal Units => Item.Quantity?.Value ?? 1m;

    public decimal NetUsd => Item.Net?.Value ?? 0m;

    /// <summary>Two digits; null when absent.</summary>
    public string? Place { get; } = (item.Location as CodeableConcept)?.Coding.Find(c => c.Code is { Length: > 0 })?.Code;

    public IReadOnlyList<int> Pointers { get; } = [.. item.DiagnosisSequence.Select(s => s ?? 0)];

    /// <summary>What the line says, for the findings about it.</summary>
    internal SeenValues Seen => seen ??= SeenValues.Of(Facts());

    public bool Has(string modifier) => Modifiers.Contains(modifier);

    public bool HasAny(params ReadOnlySpan<string> modifiers)
    {
        foreach (var modifier in Modifiers)
        {
            if (modifiers.Contains(modifier))
                return true;
        }

        return false;
    }

    public bool HasAny(IReadOnlyCollection<string> modifiers) => Modifiers.Count > 0 && modifiers.Any(Modifiers.Contains);

    private IEnumerable<KeyValuePair<string, string>> Facts()
    {
        yield return new("code", Code);
        yield return new("units", Units.ToString(CultureInfo.InvariantCulture));
        if (Modifiers.Count > 0)
            yield return new("modifiers", string.Join(' ', Modifiers));
        if (From is { } day)
            yield return new("serviceDate", DateOfService.Text(day));
        if (Place is { } place)
            yield return new("place", place);
    }
}
