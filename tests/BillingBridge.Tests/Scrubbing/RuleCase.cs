namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>One rule with a claim it must find and one, close to it, that it must leave alone.</summary>
/// <param name="RuleId">The number as in the billing spec.</param>
/// <param name="Rejects">Whether the failing case holds the claim.</param>
internal sealed record RuleCase(string RuleId, bool Rejects, Action<ScrubFixture> Fails, Action<ScrubFixture> Passes);
