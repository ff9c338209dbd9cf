using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>The practice's dated prices, read from ChargeItemDefinition resources.</summary>
/// <remarks>
/// A definition carries an identifier in <see cref="BillingUrls.Fee"/> with the code, and the modifier after a dash (<c>71046-26</c>);
/// <c>effectivePeriod</c> dates it; <c>propertyGroup.priceComponent</c> of type <c>base</c> gives the amount, with
/// <c>code</c> facility or non-facility when the two differ. One whose <c>useContext</c> names an Organization is the price that was agreed
/// with that payer: it goes before the practice's own, and counts for nobody else.
/// </remarks>
public sealed class FeeSchedule(IEnumerable<FeeRow> rows, string? payer = null)
{
    private const string Facility = "facility";

    private readonly IReadOnlyList<FeeRow> rows = [.. rows];
    private readonly ILookup<(string Code, string? Modifier), FeeRow> byCode = rows.Where(r => r.Payer is null || r.Payer == payer).ToLookup(r => (r.Code, r.Modifier));

    public static FeeSchedule Empty { get; } = new([]);

    /// <summary>The definitions of these codes, every date and modifier: one search.</summary>
    public static async Task<FeeSchedule> LoadAsync(IFhirRecords records, IEnumerable<(string Code, IReadOnlyList<string> Modifiers)> codes, CancellationToken ct)
    {
        var identifiers = codes
            .SelectMany(c => c.Modifiers.Select(m => $"{c.Code}-{m}").Prepend(c.Code))
            .Distinct()
            .Select(v => BillingKey.Token(BillingUrls.Fee, v))
            .ToList();
        if (identifiers.Count == 0)
            return Empty;

        var rows = new List<FeeRow>();
        await foreach (var definition in records.SearchAsync<ChargeItemDefinition>($"status=active&identifier={string.Join(',', identifiers)}", ct))
        {
            if (RowOf(definition) is { } row)
                rows.Add(row);
        }

        return new FeeSchedule(rows);
    }

    /// <summary>The same prices as one payer is charged: <c>Organization/12</c>, null for nobody's contract.</summary>
    public FeeSchedule For(string? payerReference) => new(rows, payerReference);

    /// <summary>The row for a code on a day: one of its modifiers' own rows first, then the plain code; the payer's before everybody's, then the latest start.</summary>
    public FeeRow? Find(string code, IReadOnlyList<string> modifiers, DateOnly day)
    {
        foreach (var modifier in modifiers)
        {
            if (InForce(code, modifier, day) is { } row)
                return row;
        }

        return InForce(code, null, day);
    }

    /// <summary>The line with its price; unchanged when it has one already or nothing is listed.</summary>
    public ChargeLine Price(ChargeLine line)
    {
        if (line.UnitPriceUsd is not null || Find(line.Code, line.Modifiers, line.ServiceDate) is not { } row)
            return line;
        return line with { UnitPriceUsd = row.PriceUsd(line.PlaceOfService), PricedBy = row.Url };
    }

    /// <summary>Null when the definition has no fee identifier or no base amount in dollars.</summary>
    internal static FeeRow? RowOf(ChargeItemDefinition definition)
    {
        if (definition.Identifier.Find(i => i.System == BillingUrls.Fee)?.Value is not { Length: >= 5 } key)
            return null;

        var amounts = definition.PropertyGroup.SelectMany(g => g.PriceComponent)
            .Where(p => p.Type == InvoicePriceComponentType.Base && p.Amount?.Value is not null && p.Amount.Currency is null or Money.Currencies.USD)
            .ToList();
        var nonFacility = amounts.Find(a => !a.Code.HasAny(Facility));
        var facility = amounts.Find(a => a.Code.HasAny(Facility));
        if ((nonFacility ?? facility)?.Amount?.Value is not { } price)
            return null;

        var dash = key.IndexOf('-', StringComparison.Ordinal);
        return new FeeRow(
            dash < 0 ? key : key[..dash],
            dash < 0 ? null : key[(dash + 1)..],
            DateOfService.From(definition.EffectivePeriod?.Start),
            DateOfService.From(definition.EffectivePeriod?.End),
            price,
            facility?.Amount?.Value,
            definition.Url ?? $"ChargeItemDefinition/{definition.Id}")
        {
            Payer = definition.UseContext.Select(c => (c.Value as ResourceReference)?.Reference).FirstOrDefault(r => r?.StartsWith("Organization/", StringComparison.Ordinal) == true),
        };
    }

    private FeeRow? InForce(string code, string? modifier, DateOnly day) =>
        byCode[(code, modifier)].Where(r => r.IsInForce(day)).MaxBy(r => (r.Payer is not null, r.From ?? DateOnly.MinValue));
}
