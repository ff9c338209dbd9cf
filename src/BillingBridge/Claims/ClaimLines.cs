using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Lines taken off a claim that was not sent, or put onto it; numbers, diagnoses, days and total follow.</summary>
internal static class ClaimLines
{
    /// <param name="at">Places of the lines in <c>Claim.item</c>.</param>
    public static void Remove(Claim claim, IReadOnlyCollection<int> at)
    {
        claim.Item = [.. claim.Item.Where((_, i) => !at.Contains(i))];
        Tidy(claim);
    }

    /// <summary>Puts all lines of another claim of the visit behind this one's.</summary>
    public static void Add(Claim claim, Claim other)
    {
        foreach (var line in other.Item)
        {
            var item = (Claim.ItemComponent)line.DeepCopy();
            item.DiagnosisSequence = [.. line.DiagnosisSequence.Select(s => other.Diagnosis.Find(d => d.Sequence == s)).OfType<Claim.DiagnosisComponent>().Select(d => Place(claim, d))];
            item.CareTeamSequence = [.. line.CareTeamSequence.Select(s => other.CareTeam.Find(t => t.Sequence == s)).OfType<Claim.CareTeamComponent>().Select(t => Place(claim, t))];
            claim.Item.Add(item);
        }

        Tidy(claim);
    }

    private static int? Place(Claim claim, Claim.DiagnosisComponent diagnosis)
    {
        if (claim.Diagnosis.Find(d => d.DiagnosisCode() == diagnosis.DiagnosisCode()) is { } there)
            return there.Sequence;
        var added = (Claim.DiagnosisComponent)diagnosis.DeepCopy();
        added.Sequence = claim.Diagnosis.Select(d => d.Sequence).Max().GetValueOrDefault() + 1;
        claim.Diagnosis.Add(added);
        return added.Sequence;
    }

    private static int? Place(Claim claim, Claim.CareTeamComponent member)
    {
        if (claim.CareTeam.Find(t => t.Provider?.Reference == member.Provider?.Reference && t.Role?.Coding.FirstOrDefault()?.Code == member.Role?.Coding.FirstOrDefault()?.Code) is { } there)
            return there.Sequence;
        var added = (Claim.CareTeamComponent)member.DeepCopy();
        added.Sequence = claim.CareTeam.Select(t => t.Sequence).Max().GetValueOrDefault() + 1;
        claim.CareTeam.Add(added);
        return added.Sequence;
    }

    /// <summary>Only what a line points at stays among the diagnoses: another payer's injury is not this one's business.</summary>
    private static void Tidy(Claim claim)
    {
        var pointed = claim.Item.SelectMany(i => i.DiagnosisSequence).ToHashSet();
        claim.Diagnosis = [.. claim.Diagnosis.Where(d => pointed.Contains(d.Sequence)).OrderBy(d => d.Sequence)];
        var places = claim.Diagnosis.Select((d, i) => (Was: d.Sequence, Now: i + 1)).ToDictionary(p => p.Was!.Value, p => p.Now);
        foreach (var (i, diagnosis) in claim.Diagnosis.Index())
            diagnosis.Sequence = i + 1;
        foreach (var (i, item) in claim.Item.Index())
        {
            item.Sequence = i + 1;
            item.DiagnosisSequence = [.. item.DiagnosisSequence.OfType<int>().Where(places.ContainsKey).Select(s => (int?)places[s])];
            item.RemoveExtension(BillingUrls.LineControlNumber);
            item.AddExtension(BillingUrls.LineControlNumber, new Identifier(BillingUrls.LineControlNumber, PatientControlNumber.Line(claim.PatientControlNumber() ?? "", i + 1)));
        }

        var days = claim.Item.Select(i => DateOfService.First(i.Serviced)).OfType<DateOnly>().Order().ToList();
        if (days.Count > 0)
            claim.BillablePeriod = new Period { Start = DateOfService.Text(days[0]), End = DateOfService.Text(days[^1]) };
        claim.Total = ClaimBuilder.Usd(claim.Item.Sum(i => i.Net?.Value ?? 0m));
    }
}
