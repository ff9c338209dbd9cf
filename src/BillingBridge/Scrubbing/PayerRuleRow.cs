using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>A payer rule as data: when every column given matches a line, the message is found (billing spec 3.12).</summary>
/// <param name="Id"><c>PAY-001</c> and on.</param>
/// <param name="Severity">What the finding does.</param>
/// <param name="Message">What to tell the biller, with the fix.</param>
public sealed record PayerRuleRow(string Id, FindingSeverity Severity, string Message)
{
    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    /// <summary>Procedure codes; empty matches all.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Prefixes of pointed diagnoses, without dot; empty matches all.</summary>
    public IReadOnlyList<string> Diagnoses { get; init; } = [];

    /// <summary>The row matches only when the line lacks this modifier.</summary>
    public string? WithoutModifier { get; init; }

    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>Administrative sex the row is for; null matches all.</summary>
    public AdministrativeGender? Sex { get; init; }

    /// <summary>FHIRPath on the Claim that must be true as well; null asks nothing more.</summary>
    public string? Condition { get; init; }

    public int? AgeFrom { get; init; }

    public int? AgeTo { get; init; }

    /// <summary>The row matches when the units are above this.</summary>
    public decimal? UnitsAbove { get; init; }
}
