using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>FHIR Claim → loop 2300 with 2310, 2320 and 2400, segments in the order of the guide.</summary>
internal static class ClaimBodyMapping
{
    private static readonly string[] ReferenceOrder = ["4N", "F5", "EW", "9F", "G1", "F8", "X4", "9A", "9C", "LX", "D9", "EA", "P4", "1J"];

    public static ClaimLoop Map(ClaimSources sources, string? trace)
    {
        var claim = sources.Claim;
        var place = MainPlace(claim);
        return new ClaimLoop(
            Clm(claim, place),
            [.. Details(claim, trace)],
            [.. Providers(sources)],
            [.. sources.Insurances.Where(i => i.Insurance.Focal != true && i.Coverage is not null).Select(i => SubscriberMapping.Other(sources, i))],
            [.. claim.Item.OrderBy(i => i.Sequence).Select((item, i) => LineMapping.Map(sources, item, i + 1, place))]);
    }

    /// <summary>The most frequent place of service; the claim's, where lines that differ say so (SV105).</summary>
    public static string MainPlace(Claim claim) =>
        claim.Item.Select(LineMapping.Place).OfType<string>().GroupBy(p => p).OrderByDescending(g => g.Count()).FirstOrDefault()?.Key ?? "11";

    private static Clm Clm(Claim claim, string place) => ClaimIndicators.Write(claim, new Clm(
        claim.PatientControlNumber() ?? "",
        claim.Total?.Value ?? claim.Item.Sum(i => i.Net?.Value ?? 0m),
        place,
        claim.GetExtensionValue<Code>(BillingUrls.FrequencyExtension)?.Value ?? "1",
        SignatureOnFile: "Y",
        Assignment: "A",
        BenefitsAssigned: "Y",
        Release: "Y")
    {
        Causes = Causes(claim.Accident),
    });

    private static IEnumerable<IX12Segment> Details(Claim claim, string? trace)
    {
        var whole = SituationalSegments.Whole(claim);
        return
        [
            .. ClaimDates.Write(claim), .. Attachments(claim), .. SituationalSegments.Write(whole, SituationalSegments.BeforeAmounts), .. PatientPaid(claim),
            .. References(claim, trace), .. SituationalSegments.Write(whole, SituationalSegments.BeforeNotes), .. Notes(claim),
            .. SituationalSegments.Write(whole, SituationalSegments.BeforeDiagnoses), .. Diagnoses(claim), .. SituationalSegments.Write(whole, SituationalSegments.AfterDiagnoses),
        ];
    }

    private static string[] Causes(Claim.AccidentComponent? accident)
    {
        if (accident is null)
            return [];
        var cause = accident.Type?.Coding.Find(c => c.Code is { Length: > 0 })?.Code switch
        {
            "MVA" or "AA" => "AA",
            "WPA" or "EM" => "EM",
            _ => "OA",
        };
        return cause == "AA" && accident.Location is Address { State.Length: > 0 } address ? [cause, "", "", address.State] : [cause];
    }

    private static IEnumerable<IX12Segment> Attachments(Claim claim) => claim.SupportingInfo
        .Where(i => IsCategory(i, "attachment") && Text(i) is not null)
        .Take(10)
        .Select(i => (IX12Segment)new Pwk(i.Code?.Coding.Find(c => c.Code is { Length: 2 } && c.System != SupportingInfo.Transmission)?.Code ?? "OZ", i.Code?.Coding.Find(c => c.System == SupportingInfo.Transmission)?.Code ?? "EL", Text(i)!));

    private static IEnumerable<IX12Segment> PatientPaid(Claim claim)
    {
        if (Info(claim, "patientpaid")?.Value is Quantity { Value: { } paid } && paid != 0)
            yield return new Amt("F5", paid);
    }

    /// <summary>REF of loop 2300, in the order of the guide: those that Claim has a place for, and those that only their qualifier says (billing spec 2.3).</summary>
    private static IEnumerable<IX12Segment> References(Claim claim, string? trace) =>
        References(claim, trace, SituationalSegments.Whole(claim)).OrderBy(r => Array.IndexOf(ReferenceOrder, r.Qualifier));

    /// <summary>The references among some of a claim's supporting information that say their qualifier; only those that the guide has in a place.</summary>
    internal static IEnumerable<Ref> Qualified(IEnumerable<Claim.SupportingInformationComponent> infos, string[] order) =>
        from info in infos
        let qualifier = info.Category?.Coding.Find(c => c.System == BillingUrls.ReferenceQualifier)?.Code
        where qualifier is not null && order.Contains(qualifier) && Text(info) is not null
        select new Ref(qualifier, Text(info)!);

    private static IEnumerable<Ref> References(Claim claim, string? trace, IEnumerable<Claim.SupportingInformationComponent> infos)
    {
        foreach (var qualified in Qualified(infos, ReferenceOrder).DistinctBy(r => r.Qualifier).Where(r => r.Qualifier is not ("9F" or "G1" or "F8" or "X4" or "D9")))
            yield return qualified;
        if (Text(Info(claim, "referral")) is { } referral)
            yield return new Ref("9F", referral);
        if (claim.Insurance.Find(i => i.Focal == true)?.PreAuthRef.FirstOrDefault() is { Length: > 0 } authorization)
            yield return new Ref("G1", authorization);
        if (claim.Related.Select(r => r.Reference?.Value).FirstOrDefault(v => v is { Length: > 0 }) is { } icn)
            yield return new Ref("F8", icn);
        if (Text(Info(claim, "clia")) is { } clia && claim.HasLaboratoryLine())
            yield return new Ref("X4", clia);
        if (trace is not null)
            yield return new Ref("D9", trace);
    }

    private static IEnumerable<IX12Segment> Notes(Claim claim)
    {
        if (Info(claim, "info") is { } info && Text(info) is { } note)
            yield return new Nte(info.Code?.Coding.Find(c => c.Code is "CER" or "DCP" or "DGN" or "TPO")?.Code ?? "ADD", note.Length > 80 ? note[..80] : note);
    }

    private static IEnumerable<IX12Segment> Diagnoses(Claim claim)
    {
        var codes = claim.WrittenDiagnoses()
            .Select((d, i) => new HiCode(i == 0 ? "ABK" : "ABF", d.DiagnosisCode()!.Replace(".", "", StringComparison.Ordinal).Trim()))
            .ToArray();
        if (codes.Length > 0)
            yield return new Hi(codes);
    }

    private static IEnumerable<PartyLoop> Providers(ClaimSources sources)
    {
        if (sources.Member("referring") is { IsKnown: true } referring)
            yield return PartyMapping.Loop(PartyMapping.Provider("DN", referring));
        if (sources.Member("primary") is { IsKnown: true } rendering && PartyMapping.Npi(rendering) != BillingMapping.Npi(sources.Billing))
            yield return PartyMapping.Loop(PartyMapping.Provider("82", rendering), PartyMapping.Taxonomy("PE", rendering));
        if (Facility(sources) is { } facility)
            yield return facility;
        if (sources.Member("supervisor") is { IsKnown: true } supervisor)
            yield return PartyMapping.Loop(PartyMapping.Provider("DQ", supervisor));
    }

    // 2310C is sent when the service was rendered at an address other than the billing provider's.
    private static PartyLoop? Facility(ClaimSources sources)
    {
        if (sources.Facility is not { Address: { } address } facility)
            return null;
        var there = PartyMapping.Address(address).ToList();
        if (there.Count == 0 || there.SequenceEqual(PartyMapping.Address(BillingMapping.Street(sources.Billing))))
            return null;
        var npi = PartyMapping.Identifier(facility.Identifier, BillingUrls.Npi) ?? PartyMapping.Identifier(sources.FacilityOwner?.Identifier, BillingUrls.Npi);
        return PartyMapping.Loop(Nm1.Organization("77", facility.Name ?? sources.FacilityOwner?.Name, npi is null ? null : "XX", npi), there);
    }

    private static Claim.SupportingInformationComponent? Info(Claim claim, string category) => claim.SupportingInfo.Find(i => IsCategory(i, category));

    private static bool IsCategory(Claim.SupportingInformationComponent info, string category) =>
        info.Category?.Coding.Exists(c => c.Code == category) == true;

    private static string? Text(Claim.SupportingInformationComponent? info) => info?.Value is FhirString { Value: { Length: > 0 } text } ? text : null;
}
