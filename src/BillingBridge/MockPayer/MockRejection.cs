using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.X12.Segments;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>A question that the mock payer turns away with an AAA: why, where in the 271, and what is to be done.</summary>
/// <param name="Reason">AAA03.</param>
/// <param name="Level">HL03 of the level whose fault it is: 20 the payer's own, 21 the provider's, 22 the person's.</param>
/// <param name="FollowUp">AAA04, unless the member id names another.</param>
public sealed partial record MockRejection(string Reason, string Level, string FollowUp)
{
    /// <summary>The reasons of the billing spec (2.5); a member id <c>AAA71</c> is answered with reason 71, <c>AAA71W</c> with follow-up W as well.</summary>
    public static IReadOnlyList<MockRejection> All { get; } =
    [
        new("15", "22", "C"),
        new("41", "21", "N"), new("42", "20", "P"), new("43", "21", "C"), new("45", "21", "C"), new("47", "21", "C"), new("48", "21", "C"),
        new("51", "21", "N"),
        new("57", "22", "C"), new("58", "22", "C"), new("60", "22", "C"), new("62", "22", "C"), new("63", "22", "C"),
        new("64", "22", "C"), new("65", "22", "C"), new("66", "22", "C"), new("67", "22", "C"),
        new("71", "22", "C"), new("72", "22", "C"), new("73", "22", "C"), new("74", "22", "C"), new("75", "22", "C"), new("76", "22", "C"),
        new("79", "20", "C"), new("80", "20", "R"),
    ];

    /// <summary>What a member id asks for; null when it asks for none.</summary>
    public static MockRejection? Of(string? memberId) =>
        memberId is not null && Asked().Match(memberId) is { Success: true } asked && All.FirstOrDefault(r => r.Reason == asked.Groups[1].Value) is { } known
            ? asked.Groups[2].Value is { Length: > 0 } followUp ? known with { FollowUp = followUp.ToUpperInvariant() } : known
            : null;

    /// <summary>The payer's own trouble leaves the question a sound one.</summary>
    internal Aaa ToSegment() => new(Reason is "42" or "80" ? "Y" : "N", Reason, FollowUp);

    [GeneratedRegex("^AAA([0-9]{2})([CNPRSWXY])?", RegexOptions.IgnoreCase)]
    private static partial Regex Asked();
}
