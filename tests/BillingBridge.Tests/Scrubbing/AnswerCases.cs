using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>Rules about what was gathered beside the chart: namesakes, eligibility, consents, authorisations, denials.</summary>
internal static class AnswerCases
{
    public static RuleCase[] All =>
    [
        new("PAT-010", false, f => f.History = h => h with { Namesakes = [Namesake("Carl")] }, f => f.History = h => h with { Namesakes = [Namesake("Ada")] }),
        new("PAT-011", false, f => Payers(f, p => p.BirthDate = "1980-01-15"), f => Payers(f, _ => { })),
        new("PAT-011", false, f => Payers(f, p => p.Name[0].Family = "Abada"), f => Payers(f, p => p.Name[0].Family = "ABARA")),

        new("COV-010", false, f => f.P.Eligibility.Created = "2026-01-30", f => f.P.Eligibility.Created = "2026-01-31"),
        new("COV-010", false, f => f.P.Eligibility.Insurance[0].Coverage!.Reference = "Coverage/another", _ => { }),
        new("COV-011", true, f => f.P.Eligibility.Insurance[0].Inforce = false, _ => { }),
        new("COV-011", true, f => f.P.Eligibility.Error.Add(new CoverageEligibilityResponse.ErrorsComponent { Code = new CodeableConcept("x", "75") }),
            f => f.P.Eligibility.Error.Add(new CoverageEligibilityResponse.ErrorsComponent { Code = new CodeableConcept("x", "42") })),
        new("COV-012", false, f => Reports(f, "Other Health"), f => Reports(f, "acme health plan")),

        new("HDR-006", true, f => Void(f, 151m), f => Void(f, 152m)),
        new("HDR-008", false, f => f.P.Consent.Status = Consent.ConsentState.Inactive, _ => { }),

        new("AUT-001", true, f => Wants(f, "99213"), f => Wants(f, "99214")),
        new("AUT-002", true, f => Authorised(f, a => a.PreAuthPeriod!.End = "2026-03-01"), f => Authorised(f, _ => { })),
        new("AUT-002", true, f => Authorised(f, a => a.AddItem[0].ProductOrService = new CodeableConcept("x", "99214")), f => Authorised(f, _ => { })),
        new("AUT-002", true, f => Authorised(f, a => a.AddItem[0].Provider.Add(new ResourceReference("Practitioner/else"))), f => Authorised(f, a => a.AddItem[0].Provider.Add(new ResourceReference("Practitioner/doc")))),
        new("AUT-003", true, f => Used(f, 3), f => Used(f, 2)),

        new("COB-003", true, f => f.Secondary(100m, 32m, 20m).AddExtension(BillingUrls.ClaimStatusExtension, new Code("19")), f => f.Secondary(100m, 32m, 20m).AddExtension(BillingUrls.ClaimStatusExtension, new Code("1"))),

        new("HIS-001", false, f => f.History = h => h with { Denials = [new DenialRate("99213", "50", 3, 10)] }, f => f.History = h => h with { Denials = [new DenialRate("99213", "50", 3, 11), new DenialRate("99213", "16", 2, 2)] }),
        new("X12-002", true, f => f.History = h => h with { WireProblems = [new WireProblem("Claim.provider", "N403 is needed.")] }, _ => { }),
    ];

    private static Patient Namesake(string given) => new() { Id = "twin", Name = [new HumanName { Family = "Abara", Given = [given] }], BirthDate = "1980-01-14" };

    private static void Payers(ScrubFixture f, Action<Patient> change)
    {
        var theirs = new Patient { Id = "member", Name = [new HumanName { Family = "ABARA", Given = ["CHIDI"] }], BirthDate = "1980-01-14", Gender = AdministrativeGender.Male };
        change(theirs);
        f.P.Eligibility.Contained.Add(theirs);
    }

    private static void Reports(ScrubFixture f, string payer) =>
        f.P.Eligibility.Contained.Add(new Coverage { Id = "other", Payor = [new ResourceReference { Display = payer }] });

    private static void Void(ScrubFixture f, decimal originalUsd)
    {
        f.OnClaim(c => c.SetExtension(BillingUrls.FrequencyExtension, new Code("8")));
        f.OnClaim(c => f.History = h => h with { Original = Priced(c, originalUsd) });
    }

    private static Claim Priced(Claim claim, decimal usd)
    {
        var original = (Claim)claim.DeepCopy();
        original.Item[0].Net = ClaimBuilder.Usd(usd);
        return original;
    }

    private static void Wants(ScrubFixture f, string code) => f.P.Eligibility.Insurance[0].Item.Add(
        new CoverageEligibilityResponse.ItemsComponent { AuthorizationRequired = true, ProductOrService = new CodeableConcept("x", code) });

    private static void Authorised(ScrubFixture f, Action<ClaimResponse> change, decimal units = 3)
    {
        var answer = new ClaimResponse
        {
            Id = "auth",
            Use = ClaimUseCode.Preauthorization,
            PreAuthRef = "AUTH1",
            PreAuthPeriod = new Period { Start = "2026-03-01", End = "2026-03-31" },
            AddItem = [new ClaimResponse.AddedItemComponent { ProductOrService = new CodeableConcept("x", "99213"), Quantity = new Quantity { Value = units } }],
        };
        change(answer);
        f.PayerWith(p => p with { PriorAuthCodes = ["99213"] });
        f.History = h => h with { Authorisations = [answer] };
        f.OnClaim(c => c.Insurance[0].PreAuthRef = ["AUTH1"]);
    }

    private static void Used(ScrubFixture f, decimal before)
    {
        Authorised(f, _ => { });
        f.OtherClaim("99213", "2026-02-20");
        f.OtherClaims[0].Item[0].Quantity!.Value = before;
        f.OtherClaims[0].Insurance = [new Claim.InsuranceComponent { Sequence = 1, PreAuthRef = ["AUTH1"] }];
    }
}
