using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>What a replacement changed, so that the history can say which correction wins.</summary>
internal static class ClaimCorrection
{
    /// <summary>The claims that a claim replaces: <c>Claim.related</c> with relationship <c>prior</c>.</summary>
    public static IEnumerable<string> Replaced(Claim claim) => claim.Related
        .Where(r => r.Relationship?.HasAny("prior") == true)
        .Select(r => FhirReferences.IdOf(r.Claim?.Reference, "Claim"))
        .OfType<string>();

    /// <summary>The item of the replacement that bills the same service; null when the service is billed no more.</summary>
    public static int? Successor(Claim original, Claim replacement, int sequence)
    {
        var old = original.Item.Find(i => i.Sequence == sequence);
        if (old is null)
            return null;
        var charge = old.ChargeItem()?.Reference;
        var line = new ScrubLine(0, old);
        var found = charge is null ? null : replacement.Item.Find(i => i.ChargeItem()?.Reference == charge);
        found ??= replacement.Item.Find(i => new ScrubLine(0, i) is var l && l.Code == line.Code && l.From == line.From && i.Sequence == sequence);
        found ??= replacement.Item.Find(i => new ScrubLine(0, i) is var l && l.Code == line.Code && l.From == line.From);
        found ??= replacement.Item.Find(i => i.Sequence == sequence && new ScrubLine(0, i).From == line.From);
        return found?.Sequence;
    }

    /// <summary>The step taken, <c>replace-modifier</c>: what changed on the denied lines, or else on the claim.</summary>
    public static string Step(Claim original, Claim replacement, IReadOnlyList<DeniedAmount> denied)
    {
        foreach (var sequence in denied.Select(d => d.Item).OfType<int>().Distinct())
        {
            if (Successor(original, replacement, sequence) is { } successor
                && Change(original, original.Item.First(i => i.Sequence == sequence), replacement, replacement.Item.First(i => i.Sequence == successor)) is { } change)
                return $"{DenialStep.Replace}-{change}";
        }

        return $"{DenialStep.Replace}-{OfClaim(original, replacement)}";
    }

    private static string? Change(Claim original, Claim.ItemComponent before, Claim replacement, Claim.ItemComponent after)
    {
        var (old, now) = (new ScrubLine(0, before), new ScrubLine(0, after));
        return old.Code != now.Code ? "code"
            : !old.Modifiers.Order().SequenceEqual(now.Modifiers.Order()) ? "modifier"
            : !Pointed(original, old).SequenceEqual(Pointed(replacement, now)) ? "diagnosis"
            : old.Units != now.Units ? "units"
            : old.Place != now.Place ? "place"
            : null;
    }

    private static string OfClaim(Claim original, Claim replacement)
    {
        if (!Diagnoses(original).SequenceEqual(Diagnoses(replacement)))
            return "diagnosis";
        if (!Authorizations(original).SequenceEqual(Authorizations(replacement)))
            return "authorization";
        if (original.FocalInsurance()?.Coverage?.Reference != replacement.FocalInsurance()?.Coverage?.Reference)
            return "coverage";
        return Providers(original).SequenceEqual(Providers(replacement)) ? "nothing" : "provider";
    }

    private static IEnumerable<string?> Pointed(Claim claim, ScrubLine line) =>
        line.Pointers.Select(p => claim.Diagnosis.Find(d => d.Sequence == p)?.DiagnosisCode());

    private static IEnumerable<string?> Diagnoses(Claim claim) => claim.WrittenDiagnoses().Select(d => d.DiagnosisCode());

    private static IEnumerable<string> Authorizations(Claim claim) =>
        claim.Insurance.SelectMany(i => i.PreAuthRef).OfType<string>().Concat(claim.Info(SupportingInfo.Referral).Select(i => (i.Value as FhirString)?.Value ?? "")).Order();

    private static IEnumerable<string?> Providers(Claim claim) =>
        claim.CareTeam.Select(t => t.Provider?.Reference).Append(claim.Provider?.Reference).Order();
}
