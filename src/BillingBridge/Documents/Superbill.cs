using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>The paper a patient takes from a visit: what was done, why, by whom, and what it costs (product spec 4.5).</summary>
internal static class Superbill
{
    public static Paper Of(PaperSources sources, string encounterId, IReadOnlyList<SuperbillLine> lines, IReadOnlyList<(string Code, string? Words)> diagnoses, decimal paidUsd, bool isDraft)
    {
        var patient = sources.Patient;
        var practice = sources.Practice;
        var total = lines.Sum(l => l.ChargeUsd);
        List<PaperBlock> blocks =
        [
            .. isDraft ? (PaperBlock[])[new PaperBlock.Paragraph("Draft: the charges of this visit are not approved yet and may change.")] : [],
            new PaperBlock.Heading(2, "Practice"),
            new PaperBlock.Facts(
            [
                ("Name", practice?.Name ?? PaperWords.Name(sources.BillingPerson)),
                ("Address", PaperWords.Address(practice?.Address.FirstOrDefault())),
                ("Telephone", PaperWords.Phone(practice?.Telecom)),
                ("NPI", PaperWords.Npi(practice?.Identifier)),
                ("Tax id", practice?.Identifier.Find(i => i.System == BillingUrls.Ein)?.Value ?? ""),
                ("Rendered by", PaperWords.Name(sources.Rendering)),
                ("NPI of that clinician", PaperWords.Npi(sources.Rendering?.Identifier)),
            ]),
            new PaperBlock.Heading(2, "Patient"),
            new PaperBlock.Facts(
            [
                ("Name", PaperWords.Name(PatientNames.Of(patient ?? new Patient()))),
                ("Born", patient?.BirthDate ?? ""),
                ("Address", PaperWords.Address(patient?.Address.FirstOrDefault())),
                ("Insurance", sources.Payor?.Name ?? "none on file"),
                ("Member id", sources.Coverage?.SubscriberId ?? ""),
            ]),
            new PaperBlock.Heading(2, "Diagnoses"),
            new PaperBlock.Table(
                "Diagnoses of the visit (ICD-10-CM)", [new("Letter", 1), new("Code", 2), new("Meaning", 7)],
                [.. diagnoses.Select((d, i) => (IReadOnlyList<string>)[((char)('A' + i)).ToString(), d.Code, d.Words ?? ""])]),
            new PaperBlock.Heading(2, "Services"),
            new PaperBlock.Table(
                "Services and charges, US dollars",
                [new("Date", 2), new("Service", 5), new("Place", 1.2), new("Diagnoses", 1.8), new("Units", 1.2, IsNumber: true), new("Charge", 2, IsNumber: true)],
                [
                    .. lines.Select(l => (IReadOnlyList<string>)
                        [PaperWords.Day(l.Day), l.Service, l.Place, l.Diagnoses, l.Units.ToString("0.###", CultureInfo.InvariantCulture), PaperWords.Usd(l.ChargeUsd)]),
                ])
            {
                Totals = ["Total", "", "", "", "", PaperWords.Usd(total)],
            },
            new PaperBlock.Facts([("Paid at the visit", PaperWords.Usd(paidUsd)), ("Left", PaperWords.Usd(total - paidUsd))]),
        ];
        return new Paper($"Superbill of the visit on {PaperWords.Day(lines.Select(l => l.Day).Min())}", [.. blocks.Select(WithoutEmpty)]) { Footer = $"{practice?.Name} · Encounter {encounterId}" };
    }

    /// <summary>The lines of a claim.</summary>
    public static IReadOnlyList<SuperbillLine> Lines(Claim claim)
    {
        var written = claim.WrittenDiagnoses().ToList();
        return
        [
            .. claim.Item.Select((item, i) => new ScrubLine(i, item)).Select(l => new SuperbillLine(
                l.From, PaperWords.Described(l), l.Place ?? "", Letters(l.Pointers.Select(p => written.FindIndex(d => d.Sequence == p))), l.Units, l.NetUsd)),
        ];
    }

    /// <summary>The lines of charges that are no claim yet.</summary>
    public static IReadOnlyList<SuperbillLine> Lines(ChargeSheet sheet) =>
    [
        .. sheet.Lines.Select(l => new SuperbillLine(
            l.ServiceDate,
            string.Join('-', (string[])[l.Code, .. l.Modifiers]) + (l.Display is { Length: > 0 } words ? $" {words}" : ""),
            l.PlaceOfService ?? "",
            Letters(l.DiagnosisCodes.Select(c => sheet.Diagnoses.ToList().FindIndex(d => d.Code == c))),
            l.Quantity,
            l.NetUsd)),
    ];

    private static string Letters(IEnumerable<int> places) => string.Concat(places.Where(p => p >= 0).Select(p => (char)('A' + p)));

    private static PaperBlock WithoutEmpty(PaperBlock block) =>
        block is PaperBlock.Facts facts ? new PaperBlock.Facts([.. facts.Items.Where(i => i.Value.Length > 0)]) : block;
}
