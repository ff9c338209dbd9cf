namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What the documented facts of the record support for one visit code that a claim bills (billing spec 4).</summary>
/// <param name="Billed">The code on the claim.</param>
/// <param name="Day">Its day.</param>
/// <param name="Code">The code that the facts support; null when they support none.</param>
/// <param name="LevelsAbove">How many levels the billed code stands above the supported one, negative when below; null when there is none to compare with.</param>
/// <param name="CodeIfConfirmed">What it would be once a clinician confirms the inferred facts; null when the same.</param>
/// <param name="Why">The three elements and the time, in words.</param>
/// <param name="Evidence">The resources the facts stand on.</param>
public sealed record SupportedLevel(string Billed, DateOnly Day, string? Code, int? LevelsAbove, string? CodeIfConfirmed, string Why, IReadOnlyList<string> Evidence);
