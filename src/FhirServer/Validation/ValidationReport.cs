using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

internal enum Severity
{
    Information,
    Warning,
    Error,
}

/// <summary>One finding: what, where, and by whose rule.</summary>
/// <param name="Key">Key of a constraint, name of a slice; null for none.</param>
/// <param name="Path">FHIRPath with indices and without type names but the first.</param>
/// <param name="Text">One sentence.</param>
/// <param name="Profile">canonical|version of the definition that asks for it; null for R4's JSON itself.</param>
/// <param name="Line">1-based, 0 when unknown.</param>
internal sealed record ValidationIssue(Severity Severity, Message Message, string? Key, string Path, string Text, string? Profile, int Line, int Column)
{
    /// <summary>The stable id as clients see it.</summary>
    public string Id => Message == Messages.Invariant ? $"{Message.Id}:{Key}" : Message.Id;
}

/// <summary>What a validation found.</summary>
/// <param name="Profiles">Profiles that were checked, canonical|version.</param>
internal sealed record ValidationReport(IReadOnlyList<ValidationIssue> Issues, IReadOnlyList<string> Profiles)
{
    /// <summary>What references out of the input name.</summary>
    public IReadOnlyCollection<ResourceKey> Outward { get; init; } = [];

    public bool HasErrors => Issues.Any(i => i.Severity == Severity.Error);
}
