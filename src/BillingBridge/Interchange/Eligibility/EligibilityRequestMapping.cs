using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;
using ServiceCode = FhirEmr.BillingBridge.X12.Segments.Procedure;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>CoverageEligibilityRequest and its graph → the levels of one 270.</summary>
internal static class EligibilityRequestMapping
{
    private const string GeneralServiceType = "30";

    /// <summary>The levels, or why there are none.</summary>
    /// <param name="sources">The request and what it names.</param>
    /// <param name="trace">TRN02: comes back in the answer.</param>
    public static (IReadOnlyList<HierarchyItem.Level> Levels, IReadOnlyList<MappingProblem> Problems) Map(EligibilitySources sources, string trace)
    {
        var missing = Missing(sources).ToList();
        if (missing.Count > 0)
            return ([], missing);

        var isSelf = SubscriberMapping.IsSelf(sources.Coverage);
        var trn = new Trn("1", trace, "9" + Originator(sources.Provider), null);
        IX12Segment[] asked = [.. Date(sources.Request), .. Questions(sources.Request)];

        var payer = new HierarchyItem.Level(new Hl("1", null, "20", "1"), null, [Payer(sources.Payer!)]);
        var receiver = new HierarchyItem.Level(new Hl("2", "1", "21", "1"), payer, [PartyMapping.Provider("1P", sources.Provider)]);
        var subscriber = new HierarchyItem.Level(
            new Hl("3", "2", "22", isSelf ? "0" : "1"),
            receiver,
            [.. isSelf ? [trn] : Array.Empty<IX12Segment>(), .. Subscriber(sources, isSelf), .. isSelf ? asked : []]);
        if (isSelf)
            return ([payer, receiver, subscriber], []);

        IX12Segment[] dependent =
        [
            trn,
            PartyMapping.Person("03", PartyMapping.OfficialName(sources.Patient!.Name), null, null),
            .. Person(sources.Patient),
            new Ins("N", SubscriberMapping.Relationship(sources.Coverage) ?? "G8", null, null),
            .. asked,
        ];
        return ([payer, receiver, subscriber, new HierarchyItem.Level(new Hl("4", "3", "23", "0"), subscriber, dependent)], []);
    }

    /// <summary>What EQ01 asks for: 30 for <c>validation</c> or when nothing else is named, then the categories of the items.</summary>
    public static IReadOnlyList<string> ServiceTypes(CoverageEligibilityRequest request)
    {
        var named = request.Item.Select(i => i.Category?.Coding.Find(IsServiceType)?.Code).OfType<string>().ToList();
        var asksGeneral = request.Purpose.Contains(CoverageEligibilityRequest.EligibilityRequestPurpose.Validation)
            || (named.Count == 0 && !request.Item.Exists(i => Procedure(i) is not null));
        return [.. (asksGeneral ? [GeneralServiceType, .. named] : named).Distinct()];
    }

    private static Nm1 Payer(Organization payer) => Nm1.Organization("PR", payer.Name, "PI", SubscriberMapping.PayerId(payer));

    private static IEnumerable<IX12Segment> Subscriber(EligibilitySources sources, bool isSelf)
    {
        var name = isSelf ? PartyMapping.OfficialName(sources.Patient!.Name)
            : PartyMapping.OfficialName(sources.SubscriberPatient?.Name ?? sources.SubscriberPerson?.Name);
        yield return PartyMapping.Person("IL", name, "MI", SubscriberMapping.MemberId(sources.Coverage));
        if (sources.Coverage!.Class.Find(c => c.Type?.Coding.Exists(t => t.Code == "group") == true)?.Value is { Length: > 0 } group)
            yield return new Ref("6P", group);
        foreach (var detail in isSelf ? Person(sources.Patient!) : SubscriberDemographics(sources))
            yield return detail;
    }

    private static IEnumerable<IX12Segment> SubscriberDemographics(EligibilitySources sources)
    {
        var demographics = PartyMapping.Demographics(
            sources.SubscriberPatient?.BirthDate ?? sources.SubscriberPerson?.BirthDate, sources.SubscriberPatient?.Gender ?? sources.SubscriberPerson?.Gender);
        if (demographics is not null)
            yield return demographics;
    }

    private static IEnumerable<IX12Segment> Person(Patient patient)
    {
        foreach (var line in PartyMapping.Address(PartyMapping.HomeAddress(patient.Address)))
            yield return line;
        if (PartyMapping.Demographics(patient.BirthDate, patient.Gender) is { } demographics)
            yield return demographics;
    }

    private static IEnumerable<IX12Segment> Date(CoverageEligibilityRequest request)
    {
        if (ServicedDays(request) is { } days)
            yield return Dtp.Days("291", days.First, days.Last);
    }

    /// <summary>The days the request is about; null when it names none.</summary>
    public static (DateOnly First, DateOnly? Last)? ServicedDays(CoverageEligibilityRequest request) => request.Serviced switch
    {
        Date date when LineMapping.Day(date.Value) is { } day => (day, null),
        Period period when LineMapping.Day(period.Start) is { } first => (first, LineMapping.Day(period.End)),
        _ => null,
    };

    private static IEnumerable<IX12Segment> Questions(CoverageEligibilityRequest request) =>
    [
        .. ServiceTypes(request).Select(Eq.Of),
        .. request.Item.Where(i => i.Category?.Coding.Exists(IsServiceType) != true).Select(Procedure).OfType<ServiceCode>().Select(p => new Eq([], p)),
    ];

    private static ServiceCode? Procedure(CoverageEligibilityRequest.DetailsComponent item) =>
        item.ProductOrService?.Coding.Find(c => c.Code is { Length: > 0 })?.Code is { } code
            ? new ServiceCode("HC", code.Trim().ToUpperInvariant(), [.. item.Modifier.SelectMany(m => m.Coding.Take(1)).Select(c => c.Code).OfType<string>().Take(4)])
            : null;

    // HL7's benefit category codes are the X12 service types, so either system will do.
    private static bool IsServiceType(Coding coding) => coding.Code is { Length: 1 or 2 };

    // TRN03 is nine digits behind the 9: the tax number of who asks.
    private static string? Originator(ProviderSource provider)
    {
        var ein = PartyMapping.Identifier(provider.Organization?.Identifier, BillingUrls.Ein) ?? PartyMapping.Identifier(provider.Person?.Identifier, BillingUrls.Ein);
        return ein is not null && PartyMapping.Digits(ein) is { Length: 9 } digits ? digits : null;
    }

    private static IEnumerable<MappingProblem> Missing(EligibilitySources sources)
    {
        const string coverage = "CoverageEligibilityRequest.insurance.coverage";
        if (sources.Patient is null)
            yield return new("CoverageEligibilityRequest.patient", "The patient cannot be read.");
        if (sources.Payer is null)
            yield return new("CoverageEligibilityRequest.insurer", "The payer cannot be read.");
        else if (SubscriberMapping.PayerId(sources.Payer) is null)
            yield return new("CoverageEligibilityRequest.insurer.resolve().identifier", $"The payer has no identifier of system {BillingUrls.PayerId}.");
        if (!sources.Provider.IsKnown)
            yield return new("CoverageEligibilityRequest.provider", "The provider who asks cannot be read.");
        else if (PartyMapping.Npi(sources.Provider) is null)
            yield return new("CoverageEligibilityRequest.provider.resolve().identifier", "The provider who asks has no NPI.");
        else if (Originator(sources.Provider) is null)
            yield return new("CoverageEligibilityRequest.provider.resolve().identifier", "The provider who asks has no tax number of nine digits (TRN03).");

        if (sources.Coverage is null)
        {
            yield return new(coverage, "The coverage cannot be read.");
            yield break;
        }

        if (!SubscriberMapping.IsSelf(sources.Coverage) && sources.SubscriberPatient is null && sources.SubscriberPerson is null)
            yield return new($"{coverage}.resolve().subscriber", "The subscriber is not the patient and cannot be read.");
        if (sources.Patient is { } patient && !IsSearchable(patient, sources.Coverage))
        {
            yield return new(
                "CoverageEligibilityRequest.patient",
                "A payer finds a member by member id, name and birth date, or by two of these and the sex; too few of them are known.");
        }
    }

    private static bool IsSearchable(Patient patient, Coverage coverage)
    {
        var known = (SubscriberMapping.MemberId(coverage) is null ? 0 : 1)
            + (PartyMapping.OfficialName(patient.Name) is { Family.Length: > 0 } ? 1 : 0)
            + (patient.BirthDate is { Length: 10 } ? 1 : 0);
        return known == 3 || (known == 2 && patient.Gender is (AdministrativeGender.Male or AdministrativeGender.Female));
    }
}
