namespace FhirEmr.Terminology.CodeSystems.Editions;

/// <summary>What two editions of a system do not have in common, at most so many of each.</summary>
/// <param name="AddedCount">How many there are in all.</param>
public sealed record EditionComparison(
    string From, string To, int AddedCount, int RemovedCount, int ChangedCount,
    IReadOnlyList<EditionChange> Added, IReadOnlyList<EditionChange> Removed, IReadOnlyList<EditionChange> Changed);

/// <param name="What">For a change what changed: the title, billable, inactive.</param>
public sealed record EditionChange(string Code, string? Display, string? What = null);
