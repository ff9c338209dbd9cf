using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Charges and coverage → a draft professional Claim that carries what an 837P needs (billing spec 1.2, 2.2).</summary>
public static class ClaimBuilder
{
    /// <param name="chart">Where the references are followed.</param>
    /// <param name="charges">Priced lines with their diagnoses; a line without a price is written with 0.00 for the scrubber to find.</param>
    /// <param name="chargeReferences">Reference of the ChargeItem behind each line, in line order.</param>
    /// <param name="billingDate">Claim.created: the day timely filing is judged by.</param>
    /// <param name="rank">Which coverage the claim is for: 1 primary, 2 secondary ...</param>
    public static Claim Build(EncounterChart chart, ChargeSheet charges, IReadOnlyList<string> chargeReferences, DateOnly billingDate, int rank = 1) =>
        Build(chart, charges, chargeReferences, billingDate, rank, ChargeAccounts.OfVisit(chart), chart.Encounter.Id!, 0);

    /// <summary>The claim of one share of a visit, to its first payer.</summary>
    public static Claim Build(EncounterChart chart, VisitShare share, IReadOnlyList<string> chargeReferences, DateOnly billingDate) =>
        Build(chart, share.Charges, chargeReferences, billingDate, 1, share.Account, VisitSplit.NumberedBy(chart, share), VisitSplit.VersionOf(chart, share));

    private static Claim Build(EncounterChart chart, ChargeSheet charges, IReadOnlyList<string> chargeReferences, DateOnly billingDate, int rank, Account? account, string numberedBy, int version)
    {
        var encounter = chart.Encounter;
        var days = charges.Lines.Select(l => l.ServiceDate).Order().ToList();
        var coverages = CoverageOrder.For(chart, days[0], account);
        var focal = coverages.ElementAtOrDefault(rank - 1);
        var pcn = PatientControlNumber.Of(numberedBy, rank, version);

        var claim = new Claim
        {
            Identifier =
            [
                new Identifier(BillingUrls.PatientControlNumber, pcn),
                new Identifier(BillingUrls.IdempotencyKey, BillingKey.Claim(encounter.Id!, focal?.Id, rank, version)),
            ],
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            Use = ClaimUseCode.Claim,
            Patient = new ResourceReference($"Patient/{chart.Patient.Id}"),
            Created = DateOfService.Text(billingDate),
            BillablePeriod = new Period { Start = DateOfService.Text(days[0]), End = DateOfService.Text(days[^1]) },
            Priority = new CodeableConcept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
            Diagnosis = Diagnoses(charges.Diagnoses),
            Total = Usd(charges.TotalUsd),
        };
        claim.SetStage(ClaimStage.Draft);
        claim.AddExtension(BillingUrls.FrequencyExtension, new Code("1"));

        if (CoverageOrder.IsSelfPay(chart, days[0], account))
            claim.AddExtension(BillingUrls.SelfPayExtension, new FhirString(CoverageOrder.SelfPayReason));
        ClaimParties.Complete(claim, chart, coverages, focal);
        AddAdmission(claim, chart, charges);
        AddLines(claim, chart, charges, chargeReferences, pcn);
        return claim;
    }

    /// <summary>Whole dollars and cents.</summary>
    public static Money Usd(decimal amount) => new() { Value = amount, Currency = Money.Currencies.USD };

    internal static List<Claim.DiagnosisComponent> Diagnoses(IReadOnlyList<ChargeDiagnosis> diagnoses) =>
        [.. diagnoses.Select((d, i) => new Claim.DiagnosisComponent
        {
            Sequence = i + 1,
            Diagnosis = new CodeableConcept(Terminology.CodeSystemUrls.Icd10Cm, d.Code, d.Display, null),
        })];

    /// <summary>DTP*435: inpatient places need the admission date.</summary>
    private static void AddAdmission(Claim claim, EncounterChart chart, ChargeSheet charges)
    {
        if (!charges.Lines.Any(l => l.PlaceOfService is "21" or "51" or "61") || chart.Encounter.Period is not { } period)
            return;

        claim.SupportingInfo.Add(new Claim.SupportingInformationComponent
        {
            Sequence = claim.SupportingInfo.Count + 1,
            Category = SupportingInfo.Category(SupportingInfo.Hospitalized),
            Timing = new Period { Start = Day(period.Start), End = Day(period.End) },
        });

        static string? Day(string? moment) => DateOfService.From(moment) is { } day ? DateOfService.Text(day) : null;
    }

    private static void AddLines(Claim claim, EncounterChart chart, ChargeSheet charges, IReadOnlyList<string> chargeReferences, string pcn)
    {
        var ordering = ClaimParties.AddOrdering(claim, chart, charges);
        foreach (var (i, line) in charges.Lines.Index())
        {
            var item = new Claim.ItemComponent
            {
                Sequence = i + 1,
                ProductOrService = new CodeableConcept(line.System, line.Code, line.Display, null),
                Modifier = [.. line.Modifiers.Select(ChargeItems.Modifier)],
                Serviced = new Date(DateOfService.Text(line.ServiceDate)),
                Quantity = new Quantity { Value = line.Quantity },
                UnitPrice = Usd(line.UnitPriceUsd ?? 0m),
                Net = Usd(line.NetUsd),
                Encounter = [new ResourceReference($"Encounter/{chart.Encounter.Id}")],
                DiagnosisSequence = [.. Pointers(line, charges.Diagnoses)],
            };
            if (line.PlaceOfService is { } place)
                item.Location = new CodeableConcept(Terminology.CodeSystemUrls.PlaceOfService, place);
            if (line.NationalDrugCode is { } package)
                item.Extension.Add(new Extension { Url = BillingUrls.NdcExtension, Extension = [new Extension("code", new FhirString(package))] });
            if (ordering is { } sequence && ClaimParties.NeedsOrdering(line.Code))
                item.CareTeamSequence = [1, sequence];

            item.AddExtension(BillingUrls.LineControlNumber, new Identifier(BillingUrls.LineControlNumber, PatientControlNumber.Line(pcn, i + 1)));
            item.AddExtension(BillingUrls.ChargeItemExtension, new ResourceReference(chargeReferences[i]));
            claim.Item.Add(item);
        }
    }

    private static IEnumerable<int?> Pointers(ChargeLine line, IReadOnlyList<ChargeDiagnosis> diagnoses)
    {
        foreach (var code in line.DiagnosisCodes)
        {
            for (var i = 0; i < diagnoses.Count; i++)
            {
                if (diagnoses[i].Code == code)
                    yield return i + 1;
            }
        }
    }
}
