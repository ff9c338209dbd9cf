namespace FhirEmr.Bench.Searches;

internal readonly record struct Token(string? System, string? Code);

internal readonly record struct Measured(decimal Value, string? System, string? Code);

/// <summary>A stretch of time, the end excluded; open ends reach to the ends of time.</summary>
internal readonly record struct Span(DateTimeOffset Low, DateTimeOffset High);

/// <summary>What our own count needs to know of one stored resource, read from the input with System.Text.Json alone.</summary>
internal sealed record Facts(string Type, string Id)
{
    public string Key => $"{Type}/{Id}";

    /// <summary><c>subject</c> or <c>patient</c>, as <c>Patient/id</c>.</summary>
    public string? Patient { get; init; }

    public string? Encounter { get; init; }

    public string? ServiceProvider { get; init; }

    public IReadOnlyList<string> Participants { get; init; } = [];

    /// <summary>Every reference in it, resolved; for what <c>_include=*</c> may bring.</summary>
    public IReadOnlySet<string> References { get; init; } = new HashSet<string>();

    /// <summary>The search parameter <c>code</c>, or <c>vaccine-code</c> of an Immunization.</summary>
    public IReadOnlyList<Token> Codes { get; init; } = [];

    public IReadOnlyList<Token> Categories { get; init; } = [];

    public IReadOnlyList<Token> ClinicalStatus { get; init; } = [];

    public IReadOnlyList<Token> Tags { get; init; } = [];

    public IReadOnlyList<Token> Identifiers { get; init; } = [];

    public Token? Class { get; init; }

    public string? Status { get; init; }

    public string? Gender { get; init; }

    /// <summary>The search parameter <c>date</c>.</summary>
    public Span? Date { get; init; }

    public Span? Birth { get; init; }

    public bool HasAbatement { get; init; }

    public Measured? Quantity { get; init; }

    /// <summary>Folded: parts of a person's names, or an organization's name and aliases.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public IReadOnlyList<string> Families { get; init; } = [];

    public IReadOnlyList<string> Cities { get; init; } = [];

    public bool HasPostalCode { get; init; }
}
