using FhirEmr.BillingBridge.Scrubbing;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>DOC-001 and DOC-002, for what the calculator found.</summary>
internal static class LevelCases
{
    public static RuleCase[] All =>
    [
        new("DOC-001", true, f => Supports(f, "99212", 1), f => Supports(f, "99213", 0)),
        new("DOC-001", true, f => Supports(f, "99211", 2), f => Supports(f, "99214", -1)),
        new("DOC-001", false, f => Supports(f, null, null), f => Supports(f, "99213", 0)),
        new("DOC-001", true, f =>
        {
            f.PayerWith(p => p with { VisitLevelTolerance = 1 });
            Supports(f, "99211", 2);
        }, f =>
        {
            f.PayerWith(p => p with { VisitLevelTolerance = 1 });
            Supports(f, "99212", 1);
        }),
        new("DOC-002", false, f => Supports(f, "99214", -1), f => Supports(f, "99213", 0)),
    ];

    private static void Supports(ScrubFixture f, string? code, int? above) => f.History = h => h with
    {
        Levels = [new SupportedLevel("99213", new DateOnly(2026, 3, 2), code, above, null, "problems low, data none, risk minimal", ["Condition/htn"])],
    };
}
