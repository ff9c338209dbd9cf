using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>One invented payer.</summary>
/// <param name="Id">Resource id of its Organization.</param>
/// <param name="PayerId">What NM109 of loop 2010BB carries.</param>
/// <param name="FilingIndicator">SBR09.</param>
/// <param name="CoverageType">v3-ActCode for Coverage.type.</param>
/// <param name="MemberIdPrefix">Leading letters of a commercial member id.</param>
internal sealed record DemoPayer(
    string Id, string Name, string PayerId, string FilingIndicator, string CoverageType, string CoverageTypeDisplay, string MemberIdPrefix = "");

/// <summary>The four payers of every demo: the imported practice and the generated one bill the same ones.</summary>
internal static class DemoPayers
{
    public const string MedicareB = "MB";
    public const string Medicaid = "MC";
    public const string Commercial = "CI";

    public static readonly DemoPayer Medicare =
        new("demo-payer-medicare", "Demo Medicare Part B", "DEMOMCARE", MedicareB, "PUBLICPOL", "public healthcare");

    public static readonly DemoPayer StateMedicaid =
        new("demo-payer-medicaid", "Demo State Medicaid", "DEMOMCAID", Medicaid, "SUBSIDIZ", "subsidized health program");

    public static readonly DemoPayer BayHarbor =
        new("demo-payer-bay-harbor", "Bay Harbor Health Plan (demo)", "DEMOBAYHH", Commercial, "EHCPOL", "extended healthcare", "BHH");

    public static readonly DemoPayer SummitMutual =
        new("demo-payer-summit-mutual", "Summit Mutual Insurance (demo)", "DEMOSUMMT", Commercial, "EHCPOL", "extended healthcare", "SMI");

    public static IReadOnlyList<DemoPayer> All { get; } = [Medicare, StateMedicaid, BayHarbor, SummitMutual];

    /// <summary>One of the commercial payers, the same each time for the same key.</summary>
    public static DemoPayer CommercialFor(string key) => StableHash.Of("commercial-payer", key) % 2 == 0 ? BayHarbor : SummitMutual;

    /// <summary>The payer as an Organization; byte for byte the same in every bundle.</summary>
    public static Organization ToOrganization(DemoPayer payer) => new()
    {
        Id = payer.Id,
        Meta = Coded.MadeUpMeta(),
        Identifier = [new Identifier(BillingUrls.PayerId, payer.PayerId)],
        Active = true,
        Type = [Coded.Concept(DemoUrls.OrganizationType, "pay", "Payer")],
        Name = payer.Name,
        Telecom = [Coded.Phone($"800-555-01{StableHash.Of("phone", payer.Id) % 100:D2}", ContactPoint.ContactPointUse.Work)],
        Address =
        [
            new Address { Line = ["100 Claims Way"], City = "Boston", State = "MA", PostalCode = "02108" + MadeUpNumbers.ZipExtension(payer.Id), Country = "US" },
        ],
    };

    /// <summary>A member's coverage: self-subscribed, active, with group and plan when the payer is commercial.</summary>
    /// <param name="patient">Literal reference to the beneficiary, who is also the subscriber.</param>
    public static Coverage ToCoverage(
        DemoPayer payer, string id, string patient, string? memberId, int order, DateOnly start, DateOnly? end)
    {
        var coverage = new Coverage
        {
            Id = id,
            Meta = Coded.MadeUpMeta(),
            Extension = [new Extension(DemoUrls.ClaimFilingIndicator, new Code(payer.FilingIndicator))],
            Status = FinancialResourceStatusCodes.Active,
            Type = Coded.Concept(DemoUrls.ActCode, payer.CoverageType, payer.CoverageTypeDisplay),
            Subscriber = new ResourceReference(patient),
            SubscriberId = memberId,
            Beneficiary = new ResourceReference(patient),
            Relationship = Coded.Concept(DemoUrls.SubscriberRelationship, "self", "Self"),
            Period = new Period { Start = Coded.Day(start), End = end is { } last ? Coded.Day(last) : null },
            Payor = [new ResourceReference($"Organization/{payer.Id}", payer.Name)],
            Order = order,
        };
        if (payer.FilingIndicator == Commercial)
        {
            var group = StableHash.Of("group", memberId ?? id) % 12 + 1;
            coverage.Class =
            [
                Class("group", "Group", $"{payer.MemberIdPrefix}{group * 1013:D6}", $"Demo Employer {group}"),
                Class("plan", "Plan", $"{payer.MemberIdPrefix}-PPO", $"{payer.Name} PPO"),
            ];
        }

        return coverage;
    }

    private static Coverage.ClassComponent Class(string type, string display, string value, string name) => new()
    {
        Type = Coded.Concept(DemoUrls.CoverageClass, type, display),
        Value = value,
        Name = name,
    };
}
