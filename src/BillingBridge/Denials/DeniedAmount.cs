using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>One denied amount as its Task carries it, so that history and patterns are told from Tasks alone.</summary>
public sealed record DeniedAmount(string Group, string Carc, IReadOnlyList<string> Remarks, decimal AmountUsd)
{
    /// <summary><c>Task.input.type</c> of a denied amount.</summary>
    public const string Input = "denial";

    private const string Amount = "urn:fhiremr:denied";
    private const string Paid = "urn:fhiremr:paid";
    private const string Line = "urn:fhiremr:line-sequence";
    private const string Service = "urn:fhiremr:service";
    private const string CauseExtension = "urn:fhiremr:denial-cause";
    private const string Rule = "urn:fhiremr:caught-by";

    /// <summary>Claim.item.sequence; null when the claim as a whole was denied, or a line that is not ours.</summary>
    public int? Item { get; init; }

    /// <summary>Procedure code of the line.</summary>
    public string? Code { get; init; }

    public IReadOnlyList<string> Modifiers { get; init; } = [];

    /// <summary>Paid on the line when it was denied.</summary>
    public decimal PaidUsd { get; init; }

    /// <summary>What the line lacked, when it can be told: <c>missing modifier 25</c>.</summary>
    public string? Cause { get; init; }

    /// <summary>The scrub rule that would have caught it; null when none does.</summary>
    public string? ScrubRule { get; init; }

    /// <summary><c>CO-4 (N519)</c>.</summary>
    public string Codes => $"{Group}-{Carc}{(Remarks.Count > 0 ? $" ({string.Join(' ', Remarks)})" : "")}";

    /// <summary>The cause in our own words: reason, remarks, and what was lacking.</summary>
    public string Words
    {
        get
        {
            var meaning = DenialReason.Of(Carc, Remarks, paidNothing: true).Meaning ?? $"reason {Carc}, which is not in our list";
            var remarks = Remarks.Select(DenialReason.RemarkMeaning).OfType<string>().Distinct();
            return string.Join("; ", (string[])[char.ToLowerInvariant(meaning[0]) + meaning[1..], .. remarks, .. Cause is null ? (string[])[] : [Cause]]);
        }
    }

    public FhirTask.ParameterComponent ToInput()
    {
        var input = new FhirTask.ParameterComponent
        {
            Type = new CodeableConcept(BillingUrls.TaskCode, Input, null, Input),
            Value = new CodeableConcept { Coding = [new(CodeSystemUrls.Carc, Carc), .. Remarks.Select(r => new Coding(CodeSystemUrls.Rarc, r))], Text = Words },
        };
        input.AddExtension(BillingUrls.CagcExtension, new Code(Group));
        input.AddExtension(Amount, ClaimBuilder.Usd(AmountUsd));
        input.AddExtension(Paid, ClaimBuilder.Usd(PaidUsd));
        if (Item is { } item)
            input.AddExtension(Line, new PositiveInt(item));
        if (Code is { } code)
            input.AddExtension(Service, new FhirString(string.Join('-', (string[])[code, .. Modifiers])));
        if (Cause is { } cause)
            input.AddExtension(CauseExtension, new FhirString(cause));
        if (ScrubRule is { } rule)
            input.AddExtension(Rule, new Code(rule));
        return input;
    }

    /// <summary>The denied amounts of a Task; empty for one that has none.</summary>
    public static IReadOnlyList<DeniedAmount> Of(FhirTask task) =>
    [
        .. from input in task.Input
           where input.Type?.Coding.Exists(c => c is { System: BillingUrls.TaskCode, Code: Input }) == true
           let concept = input.Value as CodeableConcept
           where concept is not null
           let service = input.GetExtensionValue<FhirString>(Service)?.Value?.Split('-') ?? []
           select new DeniedAmount(
               input.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value ?? "",
               concept.Coding.Find(c => c.System == CodeSystemUrls.Carc)?.Code ?? "",
               [.. concept.Coding.Where(c => c.System == CodeSystemUrls.Rarc).Select(c => c.Code!)],
               input.GetExtensionValue<Money>(Amount)?.Value ?? 0m)
           {
               Item = input.GetExtensionValue<PositiveInt>(Line)?.Value,
               Code = service.FirstOrDefault(),
               Modifiers = [.. service.Skip(1)],
               PaidUsd = input.GetExtensionValue<Money>(Paid)?.Value ?? 0m,
               Cause = input.GetExtensionValue<FhirString>(CauseExtension)?.Value,
               ScrubRule = input.GetExtensionValue<Code>(Rule)?.Value,
           },
    ];

    /// <summary>For sentences: <c>120.00 on line 1 (99213-25): precertification absent (CO-197)</c>.</summary>
    public override string ToString()
    {
        var line = Item is { } item ? $" on line {item}{(Code is null ? "" : $" ({string.Join('-', (string[])[Code, .. Modifiers])})")}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{AmountUsd:0.00}{line}: {Words} ({Codes})");
    }
}
