using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>The Claim and the ExplanationOfBenefit of one generated visit, in Synthea's shape.</summary>
internal static class GeneratedClaims
{
    private const string ClaimType = "http://terminology.hl7.org/CodeSystem/claim-type";
    private const string Adjudication = "http://terminology.hl7.org/CodeSystem/adjudication";

    /// <summary>Writes both; the payor is named in a contained Coverage and nowhere else.</summary>
    /// <param name="diagnoses">References to the Conditions of the visit.</param>
    public static void Write(ChartWriter chart, VisitContext visit, string payor, IReadOnlyList<string> diagnoses, SeededRandom random)
    {
        var encounter = chart.Resources.OfType<Encounter>().Last();
        var charge = new Money { Value = random.Between(85m, 240m, 2), Currency = Money.Currencies.USD };
        var claim = chart.Add(Claim(visit, payor, diagnoses, encounter, charge));
        chart.Add(Eob(visit, payor, diagnoses, encounter, charge, claim));
    }

    private static Claim Claim(VisitContext visit, string payor, IReadOnlyList<string> diagnoses, Encounter encounter, Money charge) => new()
    {
        Status = FinancialResourceStatusCodes.Active,
        Type = new CodeableConcept(ClaimType, "professional"),
        Use = ClaimUseCode.Claim,
        Patient = new ResourceReference(visit.Patient),
        BillablePeriod = ChartWriter.PeriodOf(visit),
        Created = Coded.Time(visit.End),
        Provider = new ResourceReference(visit.Organization),
        Priority = new CodeableConcept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        Diagnosis =
        [
            .. diagnoses.Select((condition, i) => new Claim.DiagnosisComponent { Sequence = i + 1, Diagnosis = new ResourceReference(condition) }),
        ],
        Insurance = [new Claim.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference { Display = payor } }],
        Item =
        [
            new Claim.ItemComponent
            {
                Sequence = 1,
                ProductOrService = (CodeableConcept)encounter.Type[0].DeepCopy(),
                Encounter = [new ResourceReference(visit.Encounter)],
            },
        ],
        Total = (Money)charge.DeepCopy(),
    };

    private static ExplanationOfBenefit Eob(
        VisitContext visit, string payor, IReadOnlyList<string> diagnoses, Encounter encounter, Money charge, string claim)
    {
        return new()
        {
            Contained =
            [
                new Coverage
                {
                    Id = "coverage",
                    Status = FinancialResourceStatusCodes.Active,
                    Type = new CodeableConcept { Text = payor },
                    Beneficiary = new ResourceReference(visit.Patient),
                    Payor = [new ResourceReference { Display = payor }],
                },
            ],
            Status = ExplanationOfBenefit.ExplanationOfBenefitStatus.Active,
            Type = new CodeableConcept(ClaimType, "professional"),
            Use = ClaimUseCode.Claim,
            Patient = new ResourceReference(visit.Patient),
            BillablePeriod = ChartWriter.PeriodOf(visit),
            Created = Coded.Time(visit.End),
            Insurer = new ResourceReference { Display = payor },
            Provider = new ResourceReference(visit.Practitioner),
            Claim = new ResourceReference(claim),
            Outcome = ClaimProcessingCodes.Complete,
            Diagnosis =
            [
                .. diagnoses.Select((condition, i) => new ExplanationOfBenefit.DiagnosisComponent { Sequence = i + 1, Diagnosis = new ResourceReference(condition) }),
            ],
            Insurance = [new ExplanationOfBenefit.InsuranceComponent { Focal = true, Coverage = new ResourceReference("#coverage", payor) }],
            Item =
            [
                new ExplanationOfBenefit.ItemComponent
                {
                    Sequence = 1,
                    ProductOrService = (CodeableConcept)encounter.Type[0].DeepCopy(),
                    Serviced = ChartWriter.PeriodOf(visit),
                    Location = Coded.Concept(CodeSystemUrls.PlaceOfService, "11", "Office"),
                    Encounter = [new ResourceReference(visit.Encounter)],
                },
            ],
            Total =
            [
                new ExplanationOfBenefit.TotalComponent { Category = Coded.Concept(Adjudication, "submitted", "Submitted Amount"), Amount = (Money)charge.DeepCopy() },
            ],
            Payment = new ExplanationOfBenefit.PaymentComponent { Amount = new Money { Value = 0m, Currency = Money.Currencies.USD } },
        };
    }
}
