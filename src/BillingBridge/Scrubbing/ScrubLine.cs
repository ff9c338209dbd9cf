using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>One service line with its values taken out of the FHIR model once.</summary>
/// <param name="Index">Zero-based place in <c>Claim.item</c>, as FHIRPath counts.</param>
/// <param name="Item">The line itself.</param>
public sealed record ScrubLine(int Index, Claim.ItemComponent Item)
{
    public int Number => Item.Sequence ?? Index + 1;

    public string Path => $"Claim.item[{Index}]";

    /// <summary>Upper case; empty when there is none.</summary>
    public string Code { get; } = Item.ProductOrService?.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant() ?? "";

    public string System { get; } = CodeSystemUrls.Canonical(Item.ProductOrService?.Coding.Find(c => c.Code is { Length: > 0 })?.System ?? "");

    public IReadOnlyList<string> Modifiers { get; } =
        [.. Item.Modifier.Select(m => m.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant() ?? "")];

    /// <summary>First day of service; null when absent.</summary>
    public DateOnly? From { get; } = Item.Serviced switch
    {
        Date day => DateOfService.From(day.Value),
        FhirDateTime moment => DateOfService.From(moment.Value),
        Period period => DateOfService.From(period.Start),
        _ => null,
    };

    /// <summary>Last day of service; the first when the line is one day.</summary>
    public DateOnly? To { get; } = Item.Serviced switch
    {
        Date day => DateOfService.From(day.Value),
        FhirDateTime moment => DateOfService.From(moment.Value),
        Period period => DateOfService.From(period.End ?? period.Start),
        _ => null,
    };

    public decimal Units => Item.Quantity?.Value ?? 1m;

    public decimal NetUsd => Item.Net?.Value ?? 0m;

    /// <summary>Two digits; null when absent.</summary>
    public string? Place { get; } = (Item.Location as CodeableConcept)?.Coding.Find(c => c.Code is { Length: > 0 })?.Code;

    public IReadOnlyList<int> Pointers { get; } = [.. Item.DiagnosisSequence.Select(s => s ?? 0)];

    public bool Has(string modifier) => Modifiers.Contains(modifier);

    public bool HasAny(IEnumerable<string> modifiers) => modifiers.Any(Modifiers.Contains);
}
