using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>The paper a patient takes from a visit: what was done, why, by whom, and what it costs (product spec 4.5).</summary>
internal static class Superbill
{
    /// <param name="parts">At least one; of several the patient sees each payer's services by themselves, as each payer will.</param>
    /// <param name="encounterId">For the foot of the page.</param>
    /// <param name="isDraft">Something of it is not approved yet.</param>
    public static Paper Of(IReadOnlyList<SuperbillPart> parts, string encounterId, bool isDraft)
    {
        var sources = parts[0].Sources;
        var isSplit = parts.Count > 1;
        var patient = sources.Patient;
        var practice = sources.Practice;
        var total = parts.Sum(p => p.Lines.Sum(l => l.ChargeUsd));
        var paid = parts.Sum(p => p.PaidUsd);
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
                .. isSplit ? [] : Insurance(sources),
            ]),
            .. parts.SelectMany(p => isSplit ? OfPayer(p) : Services(p, 2)),
            .. isSplit ? (PaperBlock[])[new PaperBlock.Heading(2, "The whole visit")] : [],
            new PaperBlock.Facts([.. isSplit ? ((string, string)[])[("Total", PaperWords.Usd(total))] : [], ("Paid at the visit", PaperWords.Usd(paid)), ("Left", PaperWords.Usd(total - paid))]),
        ];
        var day = parts.SelectMany(p => p.Lines).Select(l => l.Day).Min();
        return new Paper($"Superbill of the visit on {PaperWords.Day(day)}", [.. blocks.Select(WithoutEmpty)]) { Footer = $"{practice?.Name} · Encounter {encounterId}" };
    }

    private static (string, string)[] Insurance(PaperSources sources) => [("Insurance", sources.Payor?.Name ?? "none on file"), ("Member id", sources.Coverage?.SubscriberId ?? "")];

    private static IEnumerable<PaperBlock> OfPayer(SuperbillPart part) =>
    [
        new PaperBlock.Heading(2, part.Sources.Payor?.Name is { } payor ? $"Billed to {payor}" : "Without insurance"),
        new PaperBlock.Facts(Insurance(part.Sources)),
        .. Services(part, 3),
    ];

    private static IEnumerable<PaperBlock> Services(SuperbillPart part, int level) =>
    [
        new PaperBlock.Heading(level, "Diagnoses"),
        new PaperBlock.Table(
            "Diagnoses of the visit (ICD-10-CM)", [new("Letter", 1), new("Code", 2), new("Meaning", 7)],
            [.. part.Diagnoses.Select((d, i) => (IReadOnlyList<string>)[((char)('A' + i)).ToString(), d.Code, d.Words ?? ""])]),
        new PaperBlock.Heading(level, "Services"),
        new PaperBlock.Table(
            "Services and charges, US dollars",
            [new("Date", 2), new("Service", 5), new("Place", 1.2), new("Diagnoses", 1.8), new("Units", 1.2, IsNumber: true), new("Charge", 2, IsNumber: true)],
            [
                .. part.Lines.Select(l => (IReadOnlyList<string>)
                    [PaperWords.Day(l.Day), l.Service, l.Place, l.Diagnoses, l.Units.ToString("0.###", CultureInfo.InvariantCulture), PaperWords.Usd(l.ChargeUsd)]),
            ])
        {
            Totals = ["Total", "", "", "", "", PaperWords.Usd(part.Lines.Sum(l => l.ChargeUsd))],
        },
    ];

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
