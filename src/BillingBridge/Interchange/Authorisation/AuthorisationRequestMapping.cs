using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;
using ServiceCode = FhirEmr.BillingBridge.X12.Segments.Procedure;

namespace FhirEmr.BillingBridge.Interchange.Authorisation;

/// <summary>Claim of use preauthorization and its graph → the levels of one 278: payer, requester, subscriber, dependent, event, services.</summary>
internal static class AuthorisationRequestMapping
{
    /// <summary>The levels of a request, or why there are none.</summary>
    /// <param name="trace">TRN02 of the event: comes back in the answer. A service has it with its sequence.</param>
    public static (IReadOnlyList<HierarchyItem.Level> Levels, IReadOnlyList<MappingProblem> Problems) Request(ClaimSources sources, string trace)
    {
        var missing = Missing(sources).ToList();
        if (missing.Count > 0)
            return ([], missing);
        var levels = Above(sources);
        var person = levels[^1];
        var number = levels.Count + 1;
        var claim = sources.Claim;
        var originator = "9" + Originator(sources.Billing);
        var ev = new HierarchyItem.Level(
            new Hl(Text(number), person.Hl.Number, "EV", "1"),
            person,
            [new Trn("1", trace, originator, null), Review(claim), .. EventDates(claim), .. Diagnoses(claim), .. Providers(sources)]);
        levels.Add(ev);
        foreach (var item in claim.Item.OrderBy(i => i.Sequence))
        {
            levels.Add(new HierarchyItem.Level(
                new Hl(Text(++number), ev.Hl.Number, "SS", "0"),
                ev,
                [new Trn("1", ServiceTrace(trace, item), originator, null), .. Dates("472", item.Serviced), Service(item)]));
        }

        return (levels, []);
    }

    /// <summary>The levels of a question about a review that the payer has pended; it is named by what the payer called it, and by our request.</summary>
    public static (IReadOnlyList<HierarchyItem.Level> Levels, IReadOnlyList<MappingProblem> Problems) Inquiry(ClaimSources sources, ClaimResponse pended, string trace)
    {
        var missing = Missing(sources).ToList();
        if (missing.Count > 0)
            return ([], missing);
        var levels = Above(sources);
        var person = levels[^1];
        var details = new List<IX12Segment> { new Trn("1", trace, "9" + Originator(sources.Billing), null), Review(sources.Claim) };
        if (pended.PreAuthRef is { Length: > 0 } number)
            details.Add(new Ref("BB", number));
        if (AdministrativeNumber(pended) is { } administrative)
            details.Add(new Ref("NT", administrative));
        levels.Add(new HierarchyItem.Level(new Hl(Text(levels.Count + 1), person.Hl.Number, "EV", "0"), person, [.. details, .. EventDates(sources.Claim)]));
        return (levels, []);
    }

    /// <summary>TRN02 of a service.</summary>
    public static string ServiceTrace(string trace, Claim.ItemComponent item) => string.Create(CultureInfo.InvariantCulture, $"{trace}.{item.Sequence}");

    public static string? AdministrativeNumber(ClaimResponse response) => response.Item
        .Select(i => (i.GetExtension(AuthorisationUrls.AdministrativeNumber)?.Value as FhirString)?.Value).FirstOrDefault(v => v is { Length: > 0 });

    private static List<HierarchyItem.Level> Above(ClaimSources sources)
    {
        var focal = sources.Focal!;
        var isSelf = SubscriberMapping.IsSelf(focal.Coverage);
        var payer = new HierarchyItem.Level(
            new Hl("1", null, "20", "1"), null, [Nm1.Organization("X3", focal.Payor!.Name, "PI", SubscriberMapping.PayerId(focal.Payor))]);
        var requester = new HierarchyItem.Level(new Hl("2", "1", "21", "1"), payer, [PartyMapping.Provider("1P", AsOrganization(sources.Billing))]);
        var subscriber = new HierarchyItem.Level(new Hl("3", "2", "22", "1"), requester, [.. Subscriber(sources, focal, isSelf)]);
        if (isSelf)
            return [payer, requester, subscriber];
        var dependent = new HierarchyItem.Level(
            new Hl("4", "3", "23", "1"),
            subscriber,
            [
                PartyMapping.Person("QC", PartyMapping.OfficialName(sources.Patient!.Name), null, null),
                .. Person(sources.Patient),
                new Ins("N", SubscriberMapping.Relationship(focal.Coverage) ?? "G8", null, null),
            ]);
        return [payer, requester, subscriber, dependent];
    }

    private static IEnumerable<IX12Segment> Subscriber(ClaimSources sources, InsuranceSource focal, bool isSelf)
    {
        var name = isSelf ? sources.Patient!.Name : focal.SubscriberPatient?.Name ?? focal.SubscriberPerson?.Name;
        yield return PartyMapping.Person("IL", PartyMapping.OfficialName(name), "MI", SubscriberMapping.MemberId(focal.Coverage));
        if (focal.Coverage!.Class.Find(c => c.Type?.Coding.Exists(t => t.Code == "group") == true)?.Value is { Length: > 0 } group)
            yield return new Ref("6P", group);
        foreach (var detail in isSelf ? Person(sources.Patient!) : [])
            yield return detail;
    }

    private static IEnumerable<IX12Segment> Person(Patient patient)
    {
        foreach (var line in PartyMapping.Address(PartyMapping.HomeAddress(patient.Address)))
            yield return line;
        if (PartyMapping.Demographics(patient.BirthDate, patient.Gender) is { } demographics)
            yield return demographics;
    }

    /// <summary>UM of the whole event: as the first service says it, health services of the first time when none does.</summary>
    private static Um Review(Claim claim)
    {
        string? Said(string url) => claim.Item.Select(i => i.GetExtensionValue<CodeableConcept>(url)?.Coding.Find(c => c.Code is { Length: > 0 })?.Code).FirstOrDefault(c => c is not null);
        var serviceType = claim.Item.SelectMany(i => i.Category?.Coding ?? []).Select(c => c.Code).FirstOrDefault(c => c is { Length: 1 or 2 });
        return new Um(Said(AuthorisationUrls.RequestType) ?? "HS", Said(AuthorisationUrls.CertificationType) ?? "I", serviceType ?? "1", ClaimBodyMapping.MainPlace(claim));
    }

    /// <summary>DTP*AAH: when it is to happen.</summary>
    private static IEnumerable<IX12Segment> EventDates(Claim claim)
    {
        var days = claim.Item.SelectMany(i => Days(i.Serviced) is var (first, last) ? [first, last ?? first] : Array.Empty<DateOnly>()).Order().ToList();
        return days.Count > 0 ? [Dtp.Days("AAH", days[0], days[^1])] : Dates("AAH", claim.BillablePeriod);
    }

    private static IEnumerable<IX12Segment> Dates(string qualifier, DataType? when)
    {
        if (Days(when) is var (first, last))
            yield return Dtp.Days(qualifier, first, last);
    }

    private static (DateOnly First, DateOnly? Last)? Days(DataType? when) => when switch
    {
        Date date when LineMapping.Day(date.Value) is { } day => (day, null),
        Period period when LineMapping.Day(period.Start) is { } first => (first, LineMapping.Day(period.End)),
        _ => null,
    };

    private static IEnumerable<IX12Segment> Diagnoses(Claim claim)
    {
        var codes = claim.WrittenDiagnoses().Take(12)
            .Select((d, i) => new HiCode(i == 0 ? "ABK" : "ABF", d.DiagnosisCode()!.Replace(".", "", StringComparison.Ordinal).Trim())).ToArray();
        if (codes.Length > 0)
            yield return new Hi(codes);
    }

    private static IEnumerable<IX12Segment> Providers(ClaimSources sources)
    {
        if (sources.Member(CareTeamRoles.Rendering) is { IsKnown: true } rendering)
        {
            yield return PartyMapping.Provider("SJ", rendering);
            if (PartyMapping.Taxonomy("PE", rendering) is { } taxonomy)
                yield return taxonomy;
        }

        if (sources.Member(CareTeamRoles.Referring) is { IsKnown: true } referring)
            yield return PartyMapping.Provider("DN", referring);
        if (sources.Member(CareTeamRoles.Ordering) is { IsKnown: true } ordering)
            yield return PartyMapping.Provider("DK", ordering);
    }

    private static ReviewService Service(Claim.ItemComponent item) => new(
        new ServiceCode("HC", Code(item.ProductOrService)!, [.. item.Modifier.Select(Code).OfType<string>().Take(4)]),
        item.Net?.Value,
        "UN",
        item.Quantity?.Value ?? 1m);

    private static string? Code(CodeableConcept? concept) => concept?.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant();

    private static ProviderSource AsOrganization(ProviderSource provider) => provider.Organization is null ? provider : provider with { Person = null };

    private static string? Originator(ProviderSource provider)
    {
        var ein = PartyMapping.Identifier(provider.Organization?.Identifier, BillingUrls.Ein) ?? PartyMapping.Identifier(provider.Person?.Identifier, BillingUrls.Ein);
        return ein is not null && PartyMapping.Digits(ein) is { Length: 9 } digits ? digits : null;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<MappingProblem> Missing(ClaimSources sources)
    {
        if (sources.Claim.Use is not ClaimUseCode.Preauthorization)
            yield return new("Claim.use", "Only a Claim of use preauthorization asks for an authorisation.");
        if (sources.Patient is null)
            yield return new("Claim.patient", "The patient cannot be read.");
        if (sources.Claim.Item.Count == 0)
            yield return new("Claim.item", "Nothing is asked for: the claim has no item.");
        foreach (var (i, item) in sources.Claim.Item.Index())
        {
            if (item.Sequence is null || Code(item.ProductOrService) is null)
                yield return new($"Claim.item[{i}]", "A service needs its sequence and a code (productOrService).");
        }

        if (!sources.Billing.IsKnown)
            yield return new("Claim.provider", "The provider who asks cannot be read.");
        else if (BillingMapping.Npi(sources.Billing) is null)
            yield return new("Claim.provider.resolve().identifier", "The provider who asks has no NPI.");
        else if (Originator(sources.Billing) is null)
            yield return new("Claim.provider.resolve().identifier", "The provider who asks has no tax number of nine digits (TRN03).");
        if (sources.Focal is not { } focal)
        {
            yield return new("Claim.insurance", "Exactly one insurance must be focal: the payer that is asked.");
            yield break;
        }

        const string coverage = "Claim.insurance.where(focal=true).coverage.resolve()";
        if (focal.Coverage is null)
        {
            yield return new("Claim.insurance.where(focal=true).coverage", "The coverage cannot be read.");
            yield break;
        }

        if (SubscriberMapping.MemberId(focal.Coverage) is null)
            yield return new($"{coverage}.subscriberId", "The coverage has no member id.");
        if (focal.Payor is null)
            yield return new($"{coverage}.payor", "The payer cannot be read.");
        else if (SubscriberMapping.PayerId(focal.Payor) is null)
            yield return new($"{coverage}.payor.resolve().identifier", $"The payer has no identifier of system {BillingUrls.PayerId}.");
        if (!SubscriberMapping.IsSelf(focal.Coverage) && focal.SubscriberPatient is null && focal.SubscriberPerson is null)
            yield return new($"{coverage}.subscriber", "The subscriber is not the patient and cannot be read.");
    }
}
