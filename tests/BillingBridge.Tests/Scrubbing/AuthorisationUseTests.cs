using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>A claim takes up the authorisations that fit it: code, day, coverage and units (billing spec 2.8).</summary>
public sealed class AuthorisationUseTests
{
    private readonly ClaimResponse _answer = new()
    {
        Id = "auth",
        Status = FinancialResourceStatusCodes.Active,
        Use = ClaimUseCode.Preauthorization,
        Patient = new ResourceReference("Patient/pat"),
        Created = "2026-02-20",
        Insurer = new ResourceReference("Organization/payer"),
        Outcome = ClaimProcessingCodes.Complete,
        PreAuthRef = "AU77",
        PreAuthPeriod = new Period { Start = "2026-03-01", End = "2026-03-31" },
        Insurance = [new ClaimResponse.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference("Coverage/cov") }],
        AddItem =
        [
            new ClaimResponse.AddedItemComponent
            {
                ProductOrService = new CodeableConcept("http://www.ama-assn.org/go/cpt", "99213"),
                Quantity = new Quantity { Value = 1 },
                Adjudication = [new ClaimResponse.AdjudicationComponent { Category = new CodeableConcept("x", "submitted") }],
            },
        ],
    };

    [Fact]
    public async Task A_claim_made_of_the_visit_names_the_authorisation()
    {
        var billing = new TestBilling(_answer);

        await billing.RunAsync();

        Assert.Equal(["AU77"], billing.TheClaim.Insurance[0].PreAuthRef);
    }

    [Theory]
    [InlineData("code")]
    [InlineData("day")]
    [InlineData("coverage")]
    [InlineData("units")]
    [InlineData("status")]
    public async Task One_that_does_not_fit_is_left_alone(string what)
    {
        Resource[] others = [];
        switch (what)
        {
            case "code":
                _answer.AddItem[0].ProductOrService!.Coding[0].Code = "97110";
                break;
            case "day":
                _answer.PreAuthPeriod!.Start = "2026-03-03";
                break;
            case "coverage":
                _answer.Insurance[0].Coverage!.Reference = "Coverage/another";
                break;
            case "units":
                others = [UsedElsewhere(focal: true)];
                break;
            default:
                _answer.Status = FinancialResourceStatusCodes.Cancelled;
                break;
        }

        var billing = new TestBilling([_answer, .. others]);
        await billing.RunAsync();

        Assert.Empty(billing.Records.All<Claim>().Single(c => c.Id != "elsewhere").Insurance[0].PreAuthRef);
    }

    [Fact]
    public async Task The_next_payers_claim_of_another_visit_uses_no_units()
    {
        var billing = new TestBilling(_answer, UsedElsewhere(focal: false));

        await billing.RunAsync();

        Assert.Equal(["AU77"], billing.Records.All<Claim>().Single(c => c.Id != "elsewhere").Insurance[0].PreAuthRef);
    }

    private static Claim UsedElsewhere(bool focal) => new()
    {
        Id = "elsewhere",
        Status = FinancialResourceStatusCodes.Active,
        Type = new CodeableConcept("x", "professional"),
        Use = ClaimUseCode.Claim,
        Patient = new ResourceReference("Patient/pat"),
        Created = "2026-03-01",
        Provider = new ResourceReference("Organization/practice"),
        Priority = new CodeableConcept("x", "normal"),
        Identifier = [new Identifier(BillingUrls.PatientControlNumber, "OTHER0001")],
        Insurance = [new Claim.InsuranceComponent { Sequence = 1, Focal = focal, Coverage = new ResourceReference("Coverage/cov"), PreAuthRef = ["AU77"] }],
        Item = [new Claim.ItemComponent { Sequence = 1, ProductOrService = new CodeableConcept("http://www.ama-assn.org/go/cpt", "99213"), Quantity = new Quantity { Value = 1 }, Serviced = new Date("2026-03-01") }],
    };
}
