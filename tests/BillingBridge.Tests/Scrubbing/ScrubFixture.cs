using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>A clean claim for the test practice that a case changes in one point: the chart before it is built, the claim after.</summary>
internal sealed class ScrubFixture
{
    private readonly List<Action<Claim>> claimChanges = [];

    public TestPractice Practice { get; } = new();

    public List<Resource> Extra { get; } = [];

    public List<Encounter> EarlierEncounters { get; } = [];

    public List<Claim> OtherClaims { get; } = [];

    public List<Claim> SameNumber { get; } = [];

    public List<ClaimResponse> Responses { get; } = [];

    /// <summary>Changes what was gathered beside the chart.</summary>
    public Func<ClaimHistory, ClaimHistory> History { get; set; } = h => h;

    public EditTables Edits { get; set; } = TestTables.Small;

    public PayerProfile? PayerRow { get; set; }

    public DateOnly BillingDate { get; set; } = new(2026, 3, 3);

    public TestPractice P => Practice;

    public FakeTerminology Codes => Practice.Terminology;

    public ScrubFixture() => EarlierEncounters.Add(Practice.EarlierVisit);

    /// <summary>Changes the claim after it is built.</summary>
    public void OnClaim(Action<Claim> change) => claimChanges.Add(change);

    /// <summary>Sets the first line's code.</summary>
    public void Code(string code, params string[] modifiers) => OnClaim(c =>
    {
        c.Item[0].ProductOrService = Concept(code);
        c.Item[0].Modifier = [.. modifiers.Select(m => new CodeableConcept(CodeSystemUrls.Cpt, m))];
    });

    /// <summary>Adds a line like the first.</summary>
    public void Line(string code, string[]? modifiers = null, decimal units = 1, string place = "11", int pointer = 1, string day = TestPractice.Day) => OnClaim(c =>
    {
        c.Item.Add(new Claim.ItemComponent
        {
            Sequence = c.Item.Count + 1,
            ProductOrService = Concept(code),
            Modifier = [.. (modifiers ?? []).Select(m => new CodeableConcept(CodeSystemUrls.Cpt, m))],
            Serviced = new Date(day),
            Quantity = new Quantity { Value = units },
            UnitPrice = ClaimBuilder.Usd(10m),
            Net = ClaimBuilder.Usd(10m * units),
            Location = new CodeableConcept(CodeSystemUrls.PlaceOfService, place),
            DiagnosisSequence = [pointer],
            Encounter = [new ResourceReference("Encounter/visit")],
        });
        c.Total = ClaimBuilder.Usd(c.Item.Sum(i => i.Net!.Value!.Value));
    });

    /// <summary>Puts these diagnoses in place of the claim's own.</summary>
    public void Diagnoses(params string[] codes) => OnClaim(c => c.Diagnosis =
        [.. codes.Select((code, i) => new Claim.DiagnosisComponent { Sequence = i + 1, Diagnosis = new CodeableConcept(CodeSystemUrls.Icd10Cm, code) })]);

    public void Place(string place) => OnClaim(c => c.Item[0].Location = new CodeableConcept(CodeSystemUrls.PlaceOfService, place));

    public void Info(string category, DataType? timing = null, DataType? value = null) => OnClaim(c => c.SupportingInfo.Add(
        new Claim.SupportingInformationComponent { Sequence = 90 + c.SupportingInfo.Count, Category = SupportingInfo.Category(category), Timing = timing, Value = value }));

    /// <summary>The payer's row, changed.</summary>
    public void PayerWith(Func<PayerProfile, PayerProfile> change) =>
        PayerRow = change(PayerRow ?? new PayerProfile { PayerId = "ACME1", Family = PayerFamily.Commercial });

    /// <summary>Another claim of the patient, with one line.</summary>
    public void OtherClaim(string code, string day) => OtherClaims.Add(new Claim
    {
        Id = "other",
        Provider = new ResourceReference("Organization/practice"),
        CareTeam = [new Claim.CareTeamComponent { Sequence = 1, Provider = new ResourceReference("Practitioner/doc"), Role = CareTeamRoles.Concept(CareTeamRoles.Rendering) }],
        Identifier = [new Identifier(BillingUrls.PatientControlNumber, "EOTHER0000001")],
        Item = [new Claim.ItemComponent { Sequence = 1, ProductOrService = Concept(code), Serviced = new Date(day), Quantity = new Quantity { Value = 1 } }],
    });

    /// <summary>Makes the claim a secondary one whose primary answered.</summary>
    public ClaimResponse Secondary(decimal paid, decimal contractual, decimal patientShare)
    {
        var response = new ClaimResponse
        {
            Id = "primary",
            Identifier = [new Identifier(BillingUrls.Icn("P1"), "ICN1")],
            Created = "2026-03-10",
            Item =
            [
                new ClaimResponse.ItemComponent
                {
                    ItemSequence = 1,
                    Adjudication = [Adjudication("benefit", null, paid), Adjudication("adjustment", "CO", contractual), Adjudication("adjustment", "PR", patientShare)],
                },
            ],
        };
        Responses.Add(response);
        OnClaim(c => c.Insurance =
        [
            new Claim.InsuranceComponent { Sequence = 1, Focal = false, Coverage = new ResourceReference("Coverage/first"), ClaimResponse = new ResourceReference("ClaimResponse/primary") },
            new Claim.InsuranceComponent { Sequence = 2, Focal = true, Coverage = new ResourceReference("Coverage/cov") },
        ]);
        return response;
    }

    /// <summary>Adds a coverage of the patient with a filing indicator.</summary>
    public Coverage OtherCoverage(string id, string filing, int order)
    {
        var coverage = (Coverage)P.Coverage.DeepCopy();
        coverage.Id = id;
        coverage.Order = order;
        coverage.Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", filing);
        Extra.Add(coverage);
        return coverage;
    }

    public IReadOnlyList<ScrubFinding> Scrub()
    {
        var chart = new EncounterChart(P.Visit, P.Patient, [.. P.Related, .. Extra]);
        var fees = new FeeSchedule(DefaultFeeSchedule.Build(new DateOnly(2000, 1, 1)).Select(FeeSchedule.RowOf).OfType<FeeRow>());
        var sheet = new ChargeBuilder(Codes).Build(chart, new(EarlierEncounters), isMedicare: false, zone: null)!;
        sheet = sheet with { Lines = [.. sheet.Lines.Select(fees.Price)] };
        var claim = ClaimBuilder.Build(chart, sheet, [.. sheet.Lines.Select((_, i) => $"ChargeItem/{i}")], BillingDate);
        foreach (var change in claimChanges)
            change(claim);

        var payers = new PayerDirectory(PayerRow is null ? [] : [PayerRow]);
        var history = History(new ClaimHistory(EarlierEncounters, OtherClaims, SameNumber, Responses)
        {
            Eligibility = [P.Eligibility],
            Consents = [P.Consent],
            Denials = [],
            WireProblems = [],
        });
        return new Scrubber(Codes, Edits).Scrub(new ClaimGraph(claim, chart, sheet, fees, history, payers));
    }

    private static CodeableConcept Concept(string code) => new(char.IsAsciiLetter(code[0]) ? CodeSystemUrls.Hcpcs : CodeSystemUrls.Cpt, code);

    private static ClaimResponse.AdjudicationComponent Adjudication(string category, string? group, decimal usd)
    {
        var adjudication = new ClaimResponse.AdjudicationComponent { Category = new CodeableConcept("http://terminology.hl7.org/CodeSystem/adjudication", category), Amount = ClaimBuilder.Usd(usd) };
        if (group is not null)
            adjudication.AddExtension(BillingUrls.CagcExtension, new Code(group));
        return adjudication;
    }
}
