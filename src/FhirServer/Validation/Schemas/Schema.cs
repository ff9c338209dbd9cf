namespace FhirEmr.FhirServer.Validation.Schemas;

/// <summary>A StructureDefinition made ready to check resources with: immutable, shared by all threads.</summary>
internal sealed class Schema
{
    public required string Url { get; init; }

    public required string Version { get; init; }

    /// <summary>The R4 type it describes.</summary>
    public required string Type { get; init; }

    /// <summary>Whether it describes the type itself and not a profile on it.</summary>
    public required bool IsBase { get; init; }

    public required string Status { get; init; }

    /// <summary>Where an extension may stand; empty for all else.</summary>
    public required ExtensionContext[] Contexts { get; init; }

    public required string[] ContextInvariants { get; init; }

    /// <summary>What R4 or a guide has no snapshot for cannot be checked; why not.</summary>
    public string? Fault { get; init; }

    public ElementRule Root { get; set; } = null!;

    public string Canonical => Version.Length == 0 ? Url : $"{Url}|{Version}";

    public override string ToString() => Canonical;
}

/// <summary>Where an extension may be used: an element by path or type, beside another extension, or what a FHIRPath selects.</summary>
internal sealed record ExtensionContext(string Kind, string Expression);
