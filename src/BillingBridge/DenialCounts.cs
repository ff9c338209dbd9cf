using System.Collections.Concurrent;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>What each payer denied in the last 180 days, counted once a payer and day (rule HIS-001).</summary>
internal sealed class DenialCounts(IFhirRecords records)
{
    private const int Days = 180;

    /// <summary>So many answers tell enough; more would keep one claim waiting for a payer's whole year.</summary>
    private const int MostAnswers = 500;

    private readonly ConcurrentDictionary<string, (DateOnly Day, IReadOnlyList<DenialRate> Rates)> counted = new();

    /// <summary>The rates of a payer on a day; empty for a payer that has not answered yet.</summary>
    public async Task<IReadOnlyList<DenialRate>> OfAsync(string payer, DateOnly today, CancellationToken ct)
    {
        if (counted.TryGetValue(payer, out var kept) && kept.Day == today)
            return kept.Rates;

        var answered = new Dictionary<string, int>();
        var denied = new Dictionary<(string Code, string Reason), int>();
        var read = 0;
        await foreach (var response in records.SearchAsync<ClaimResponse>($"insurer={payer}&created=ge{DateOfService.Text(today.AddDays(-Days))}&status=active", ct))
        {
            if (response.Request?.Reference is not { } request || !request.StartsWith("Claim/", StringComparison.Ordinal)
                || await records.ReadAsync<Claim>(request["Claim/".Length..], ct) is not { } claim)
                continue;
            Count(claim, response, answered, denied);
            if (++read == MostAnswers)
                break;
        }

        IReadOnlyList<DenialRate> rates = [.. denied.Select(d => new DenialRate(d.Key.Code, d.Key.Reason, d.Value, answered[d.Key.Code]))];
        counted[payer] = (today, rates);
        return rates;
    }

    private static void Count(Claim claim, ClaimResponse response, Dictionary<string, int> answered, Dictionary<(string Code, string Reason), int> denied)
    {
        var lines = claim.Item.Select((item, i) => new ScrubLine(i, item)).ToDictionary(l => l.Number);
        foreach (var item in response.Item)
        {
            if (item.ItemSequence is not { } sequence || !lines.TryGetValue(sequence, out var line))
                continue;
            answered[line.Code] = answered.GetValueOrDefault(line.Code) + 1;
            var paid = item.Adjudication.Where(a => a.Category.HasAny("benefit")).Sum(a => a.Amount?.Value ?? 0m);
            foreach (var reason in item.Adjudication.Where(a => a.GetExtension(BillingUrls.CagcExtension) is not null).SelectMany(a => a.Reason?.Coding ?? []).Select(c => c.Code).OfType<string>().Distinct())
            {
                if (paid == 0m && DenialReason.Of(reason, [], paidNothing: true).IsDenial)
                    denied[(line.Code, reason)] = denied.GetValueOrDefault((line.Code, reason)) + 1;
            }
        }
    }
}
