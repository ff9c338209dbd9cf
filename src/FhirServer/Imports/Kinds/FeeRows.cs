using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>The practice's prices, dated, as charging reads them (docs/charges.md).</summary>
internal sealed class FeeRows() : ImportKind("fees",
[
    new("code", FieldForm.Procedure, "cpt", "cptcode", "hcpcs", "hcpcscode", "procedure", "procedurecode", "proccode", "cpthcpcs", "cpthcpcscode", "servicecode", "chargecode"),
    new("modifier", FieldForm.Modifier, "mod", "mod1", "modifier1", "cptmodifier"),
    new("description", FieldForm.Text, "desc", "proceduredescription", "shortdescription", "longdescription", "servicedescription", "cptdescription"),
    new("fee", FieldForm.Usd, "amount", "price", "charge", "standardfee", "feeamount", "chargeamount", "nonfacilityfee", "nonfacility", "unitfee", "standardcharge", "rate", "ucr"),
    new("facilityFee", FieldForm.Usd, "facility", "facilityamount", "facilityprice", "facilitycharge", "facilityrate"),
    new("from", FieldForm.Date, "effectivedate", "effective", "startdate", "start", "effectivefrom", "begindate", "validfrom"),
    new("to", FieldForm.Date, "enddate", "end", "expirationdate", "effectiveto", "termdate", "validto", "terminationdate"),
])
{
    public override IReadOnlyList<string[]> Needs { get; } = [["code"], ["fee", "facilityFee"]];

    public override void Check(MappedRow row)
    {
        row.Needed("code");
        if (row["fee"] is null && row["facilityFee"] is null)
            row.Fault("fee", "Expected an amount in US dollars.");
        foreach (var field in (ReadOnlySpan<string>)["fee", "facilityFee"])
            if (row[field]?.StartsWith('-') == true)
                row.Fault(field, "Expected an amount of zero or more.");
        if (row["from"] is { } from && row["to"] is { } to && string.CompareOrdinal(from, to) > 0)
            row.Fault("to", "Expected a day on or after the first.");
    }

    public override IEnumerable<string> Keys(MappedRow row)
    {
        yield return $"fee {KeyOf(row)} from {row["from"]}";
    }

    public override Task PrepareAsync(IReadOnlyList<MappedRow> rows, ImportScope scope, CancellationToken ct) =>
        scope.PrepareAsync("ChargeItemDefinition", rows.Where(r => r["code"] is not null).Select(r => (BillingUrls.Fee, KeyOf(r))), ct);

    public override async Task<RowPlan> PlanAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        var from = row["from"] ?? scope.Today.ToString("O", CultureInfo.InvariantCulture);
        var proposed = Lay(row, new ChargeItemDefinition { Status = PublicationStatus.Active, Url = $"{BillingUrls.Fee}:practice:{KeyOf(row)}", Version = from }, from);
        var same = (await scope.WithIdentifierAsync("ChargeItemDefinition", BillingUrls.Fee, KeyOf(row), ct)).Select(s => (Stored: s, Fee: ImportScope.Parsed<ChargeItemDefinition>(s)))
            .Where(f => f.Fee.EffectivePeriod?.Start == from && f.Fee.Status == PublicationStatus.Active && f.Fee.UseContext.Count == 0).ToList();
        if (same.Count == 0)
        {
            proposed.Id = scope.IdOfRow("ChargeItemDefinition", row.Line.ToString(CultureInfo.InvariantCulture));
            return RowPlan.Store(new PlannedWrite(proposed, 0));
        }

        if (scope.OnDuplicate == OnDuplicate.Task || (same.Count > 1 && scope.OnDuplicate == OnDuplicate.Update))
            return await scope.ReviewAsync(row.Line, "There is a price for this code from this day already.", proposed, null, same.Select(s => (s.Stored.Key.ToString(), (string?)null)), ct);
        if (scope.OnDuplicate == OnDuplicate.Skip)
            return RowPlan.Skip($"In the record already: {same[0].Stored.Key}.");
        var after = Lay(row, ImportScope.Parsed<ChargeItemDefinition>(same[0].Stored), from);
        return after.IsExactly(same[0].Fee) ? RowPlan.Skip($"In the record already, the same: {same[0].Stored.Key}.") : RowPlan.Update(new PlannedWrite(after, same[0].Stored.Version));
    }

    private static string KeyOf(MappedRow row) => row["modifier"] is { } modifier ? $"{row["code"]}-{modifier}" : row["code"]!;

    private static ChargeItemDefinition Lay(MappedRow row, ChargeItemDefinition fee, string from)
    {
        var code = row["code"]!;
        if (!fee.Identifier.Exists(i => i.System == BillingUrls.Fee))
            fee.Identifier.Add(new Identifier(BillingUrls.Fee, KeyOf(row)));
        fee.Title = row["description"] ?? fee.Title ?? $"Charge for {KeyOf(row)}";
        fee.Code ??= new CodeableConcept(char.IsAsciiLetter(code[0]) ? CodeSystemUrls.Hcpcs : CodeSystemUrls.Cpt, code);
        fee.EffectivePeriod = new Period { Start = from, End = row["to"] ?? fee.EffectivePeriod?.End };
        var prices = fee.PropertyGroup.FirstOrDefault();
        if (prices is null)
            fee.PropertyGroup.Add(prices = new());
        Price("non-facility", row["fee"]);
        Price("facility", row["facilityFee"]);
        return fee;

        void Price(string column, string? usd)
        {
            if (usd is null)
                return;
            var price = prices.PriceComponent.Find(p => p.Code?.Coding.Exists(c => c.Code == column) == true);
            if (price is null)
                prices.PriceComponent.Add(price = new() { Type = InvoicePriceComponentType.Base, Code = new CodeableConcept(BillingUrls.FeeColumn, column) });
            price.Amount = new Money { Value = decimal.Parse(usd, CultureInfo.InvariantCulture), Currency = Money.Currencies.USD };
        }
    }
}
