using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>Letter, decision and records in one paper, as it goes to the payer.</summary>
internal static class AppealPacket
{
    /// <summary>The letter alone.</summary>
    public static IEnumerable<PaperBlock> Letter(string text) => text.Split("\n\n").Select(p => new PaperBlock.Paragraph(p));

    public static Paper Of(PacketSources sources)
    {
        List<PaperBlock> blocks = [.. Letter(sources.Letter)];
        if (sources.Response is { } response)
        {
            blocks.Add(new PaperBlock.PageBreak());
            blocks.AddRange(Decision(sources.Claim, response));
        }

        foreach (var enclosure in sources.Enclosures)
        {
            blocks.Add(new PaperBlock.PageBreak());
            blocks.Add(new PaperBlock.Heading(2, enclosure.Title));
            blocks.Add(new PaperBlock.Facts([.. enclosure.Facts.Where(f => f.Value.Length > 0)]));
            foreach (var (title, text) in enclosure.Sections)
            {
                if (title.Length > 0)
                    blocks.Add(new PaperBlock.Heading(3, title));
                blocks.Add(new PaperBlock.Paragraph(text));
            }
        }

        return new Paper($"Appeal, level {DenialInputs.Level(sources.Appeal) ?? 1}", blocks) { Footer = $"Claim {sources.Claim.PatientControlNumber()}" };
    }

    private static IEnumerable<PaperBlock> Decision(Claim claim, ClaimResponse response)
    {
        var icn = response.Identifier.Find(i => i.System?.StartsWith("urn:fhiremr:icn:", StringComparison.Ordinal) == true)?.Value;
        yield return new PaperBlock.Heading(2, "The decision appealed");
        yield return new PaperBlock.Facts(
        [
            .. new[]
            {
                ("Payer's claim number", icn ?? ""), ("Our claim number", claim.PatientControlNumber() ?? ""), ("Date", response.Payment?.Date ?? response.Created ?? ""),
                ("Trace number of the payment", response.Payment?.Identifier?.Value ?? ""), ("Decision", response.Disposition ?? ""), ("Paid", PaperWords.Usd(response.Payment?.Amount?.Value)),
            }.Where(f => f.Item2.Length > 0),
        ]);
        var lines = claim.Item.Select((item, i) => new ScrubLine(i, item)).ToDictionary(l => l.Number);
        yield return new PaperBlock.Table(
            "Adjudication by line, US dollars",
            [new("Line", 0.8), new("Service", 2), new("Charged", 1.5, IsNumber: true), new("Paid", 1.5, IsNumber: true), new("Adjustments", 6)],
            [
                .. response.Item.Select(item => (IReadOnlyList<string>)
                [
                    item.ItemSequence?.ToString(CultureInfo.InvariantCulture) ?? "", lines.TryGetValue(item.ItemSequence ?? 0, out var line) ? PaperWords.Service(line) : "",
                    PaperWords.Usd(Amount(item, "submitted")), PaperWords.Usd(Amount(item, "benefit")), string.Join("\n", item.Adjudication.Where(a => a.Reason is not null).Select(Adjustment)),
                ]),
            ]);
        if (response.ProcessNote.Count > 0)
            yield return new PaperBlock.Paragraph($"Remarks: {string.Join(", ", response.ProcessNote.Select(n => n.Text).Select(c => DenialReason.RemarkMeaning(c ?? "") is { } words ? $"{c} ({words})" : c))}.");
    }

    private static decimal Amount(ClaimResponse.ItemComponent item, string category) =>
        item.Adjudication.Where(a => a.Category?.Coding.Exists(c => c.Code == category) == true).Sum(a => a.Amount?.Value ?? 0m);

    private static string Adjustment(ClaimResponse.AdjudicationComponent adjudication)
    {
        var carc = adjudication.Reason!.Coding.FirstOrDefault()?.Code ?? "";
        var group = adjudication.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value ?? "";
        return $"{group}-{carc} {PaperWords.Usd(adjudication.Amount?.Value)} {DenialReason.Of(carc, [], paidNothing: true).Meaning?.ToLowerInvariant()}".TrimEnd();
    }
}
