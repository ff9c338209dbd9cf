using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>A payer rule that this practice made for itself, kept as a FHIR Basic of the payer (billing spec 3.12): owner, review date, columns.</summary>
public static class PayerRuleRecord
{
    /// <summary>Basic.code.</summary>
    public const string Code = "payer-rule";

    private const string CodeSystem = "urn:fhiremr:basic";
    private const string Prefix = "urn:fhiremr:payer-rule-";

    /// <summary>The rules of one payer, <c>Organization/id</c>.</summary>
    internal static string Query(string payer) => $"code={CodeSystem}|{Code}&subject={payer}";

    /// <summary>All rules of the practice.</summary>
    internal static string Query() => $"code={CodeSystem}|{Code}";

    /// <param name="row">The rule.</param>
    /// <param name="payer">Whose claims it looks at.</param>
    /// <param name="owner">Who answers for it.</param>
    /// <param name="reviewOn">When it is looked at again.</param>
    /// <param name="source">What it was made from.</param>
    /// <param name="key">Idempotency key.</param>
    /// <param name="today">Day it was made.</param>
    internal static Basic Of(PayerRuleRow row, string payer, string owner, DateOnly reviewOn, string source, string key, DateOnly today)
    {
        var basic = new Basic
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, key), new Identifier(BillingUrls.ScrubRule, row.Id)],
            Code = new CodeableConcept(CodeSystem, Code, null, "Payer rule"),
            Subject = new ResourceReference(payer),
            Created = DateOfService.Text(today),
        };
        Add("severity", new Code(row.Severity.ToString().ToLowerInvariant()));
        Add("message", new FhirString(row.Message));
        Add("owner", new FhirString(owner));
        Add("review-on", new Date(DateOfService.Text(reviewOn)));
        Add("source", new FhirString(source));
        Add("from", row.From is { } from ? new Date(DateOfService.Text(from)) : null);
        Add("to", row.To is { } to ? new Date(DateOfService.Text(to)) : null);
        foreach (var code in row.Codes)
            Add("code", new Code(code));
        foreach (var place in row.Places)
            Add("place", new Code(place));
        foreach (var diagnosis in row.Diagnoses)
            Add("diagnosis", new Code(diagnosis));
        Add("without-modifier", row.WithoutModifier is { } modifier ? new Code(modifier) : null);
        Add("units-above", row.UnitsAbove is { } units ? new FhirDecimal(units) : null);
        return basic;

        void Add(string name, DataType? value)
        {
            if (value is not null)
                basic.AddExtension(Prefix + name, value);
        }
    }

    /// <summary>The rule of a Basic; null when it has no number or message.</summary>
    public static PayerRuleRow? Read(Basic basic)
    {
        if (basic.Identifier.Find(i => i.System == BillingUrls.ScrubRule)?.Value is not { Length: > 0 } id || Text("message") is not { Length: > 0 } message)
            return null;
        return new PayerRuleRow(id, Enum.TryParse<FindingSeverity>(Text("severity"), ignoreCase: true, out var severity) ? severity : FindingSeverity.Warn, message)
        {
            From = DateOfService.From(Text("from")),
            To = DateOfService.From(Text("to")),
            Codes = All("code"),
            Places = All("place"),
            Diagnoses = All("diagnosis"),
            WithoutModifier = Text("without-modifier"),
            UnitsAbove = (basic.GetExtension(Prefix + "units-above")?.Value as FhirDecimal)?.Value,
        };

        string? Text(string name) => (basic.GetExtension(Prefix + name)?.Value as PrimitiveType)?.JsonValue as string;

        IReadOnlyList<string> All(string name) => [.. basic.GetExtensions(Prefix + name).Select(e => (e.Value as PrimitiveType)?.JsonValue).OfType<string>()];
    }
}
