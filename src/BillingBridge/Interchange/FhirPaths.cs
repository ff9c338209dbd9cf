using System.Globalization;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Segment of an 837P → FHIRPath of the element it was made from: the mapping of this folder, right to left.</summary>
internal static class FhirPaths
{
    private const string Coverage = "Claim.insurance.where(focal=true).coverage.resolve()";
    private const string Provider = "Claim.provider.resolve()";
    private const string Patient = "Claim.patient.resolve()";

    /// <param name="located">A segment we sent.</param>
    /// <param name="element">Element, 1-based; null for the whole segment.</param>
    /// <param name="component">Component, 1-based.</param>
    public static string Of(LocatedSegment located, int? element, int? component) => located.Loop switch
    {
        "header" or "1000A" or "1000B" => "Billing:Interchange settings",
        "2000A" => $"{Provider}.type",
        "2010AA" => Party(Provider, located, element, "identifier"),
        "2010AB" => $"{Provider}.address.where(use='billing')",
        "2000B" => Subscriber(located, element),
        "2010BA" => Party($"{Coverage}.subscriber.resolve()", located, element, "identifier") is var path && located.Segment.Id == "NM1" && element == 9 ? $"{Coverage}.subscriberId" : path,
        "2010BB" => Party($"{Coverage}.payor.resolve()", located, element, "identifier"),
        "2000C" => $"{Coverage}.relationship",
        "2010CA" => Party(Patient, located, element, "identifier"),
        "2300" => Claim(located, element, component),
        "2310A" => Party("Claim.careTeam.where(role.coding.code='referring').provider.resolve()", located, element, "identifier"),
        "2310B" => Party("Claim.careTeam.where(role.coding.code='primary').provider.resolve()", located, element, "identifier"),
        "2310C" => Party("Claim.facility.resolve()", located, element, "identifier"),
        "2310D" => Party("Claim.careTeam.where(role.coding.code='supervisor').provider.resolve()", located, element, "identifier"),
        "2320" or "2330A" or "2330B" => "Claim.insurance.where(focal=false).coverage.resolve()",
        "2400" => Line(located, element, component),
        "2410" => $"{Item(located)}.extension('urn:fhiremr:ndc')",
        var loop when loop.StartsWith("2420", StringComparison.Ordinal) => $"{Item(located)}.careTeamSequence",
        "2440" => $"{Item(located)}.informationSequence",
        "2430" => $"{Item(located)}.adjudication",
        _ => "Claim",
    };

    /// <summary>The path of a segment that is missing where <paramref name="located"/> stands.</summary>
    public static string OfMissing(LocatedSegment located, string segmentId, string? loop) => (loop ?? located.Loop, segmentId) switch
    {
        ("2010AA", "N3" or "N4") => $"{Provider}.address",
        ("2300", "HI") => "Claim.diagnosis",
        ("2300", "REF") => "Claim.related.reference",
        ("2400", "LX") => "Claim.item",
        ("2400", "DTP") => $"{Item(located)}.serviced",
        ("2400", _) => Item(located),
        _ => Of(located, null, null),
    };

    private static string Party(string root, LocatedSegment located, int? element, string id) => located.Segment.Id switch
    {
        "N3" or "N4" => $"{root}.address",
        "DMG" when element is 3 => $"{root}.gender",
        "DMG" => $"{root}.birthDate",
        "PRV" => $"{root}.specialty",
        "REF" => $"{root}.{id}",
        "NM1" when element is 8 or 9 => $"{root}.{id}",
        _ => $"{root}.name",
    };

    private static string Subscriber(LocatedSegment located, int? element) => (located.Segment.Id, element) switch
    {
        ("SBR", 1) => "Claim.insurance.sequence",
        ("SBR", 2) => $"{Coverage}.relationship",
        ("SBR", 3 or 4) => $"{Coverage}.class.where(type.coding.code='group')",
        ("SBR", 9) => $"{Coverage}.type",
        ("PAT", _) => $"{Patient}.deceased",
        _ => Coverage,
    };

    private static string Claim(LocatedSegment located, int? element, int? component) => (located.Segment.Id, element, component) switch
    {
        ("CLM", 1, _) => "Claim.identifier.where(system='urn:fhiremr:pcn')",
        ("CLM", 2, _) => "Claim.total",
        ("CLM", 5, 3) => "Claim.extension('urn:fhiremr:claim-frequency')",
        ("CLM", 5, _) => "Claim.item.location",
        ("CLM", 11, _) => "Claim.accident.type",
        ("HI", _, _) when !IsDiagnoses(located) => Info("HI"),
        ("CN1" or "K3" or "CR1" or "CR2" or "CRC" or "HCP", _, _) => Info(located.Segment.Id),
        ("HI", { } n, _) => $"Claim.diagnosis.where(sequence={Text(n)})",
        ("HI", null, _) => "Claim.diagnosis",
        ("PWK", _, _) => Info("attachment"),
        ("NTE", _, _) => Info("info"),
        ("AMT", _, _) => Info("patientpaid"),
        ("DTP", _, _) => Date(located.Segment[1]),
        ("REF", _, _) => Reference(located.Segment[1]),
        _ => "Claim",
    };

    private static bool IsDiagnoses(LocatedSegment located) => located.Segment[1].StartsWith("ABK", StringComparison.Ordinal) || located.Segment[1].StartsWith("BK", StringComparison.Ordinal);

    private static string Date(string qualifier) => qualifier switch
    {
        "431" => Info("onset"),
        "454" => Info("initial-treatment"),
        "304" => Info("last-seen"),
        "484" => Info("lmp"),
        "435" or "096" => Info("hospitalized"),
        "439" => "Claim.accident.date",
        _ => "Claim.supportingInfo",
    };

    private static string Reference(string qualifier) => qualifier switch
    {
        "G1" => "Claim.insurance.where(focal=true).preAuthRef",
        "9F" => Info("referral"),
        "F8" => "Claim.related.reference",
        "X4" => Info("clia"),
        "D9" => "Claim.identifier.where(system='urn:fhiremr:trace')",
        _ => "Claim.supportingInfo",
    };

    private static string Line(LocatedSegment located, int? element, int? component) => (located.Segment.Id, element, component) switch
    {
        ("SV1", 1, > 2) => $"{Item(located)}.modifier[{Text(component.Value - 3)}]",
        ("SV1", 1, _) => $"{Item(located)}.productOrService",
        ("SV1", 2, _) => $"{Item(located)}.net",
        ("SV1", 3 or 4, _) => $"{Item(located)}.quantity",
        ("SV1", 5, _) => $"{Item(located)}.location",
        ("SV1", 7, { } pointer) => $"{Item(located)}.diagnosisSequence[{Text(pointer - 1)}]",
        ("SV1", 7, _) => $"{Item(located)}.diagnosisSequence",
        ("DTP", _, _) => $"{Item(located)}.serviced",
        ("REF", _, _) => $"{Item(located)}.extension('urn:fhiremr:line')",
        _ => Item(located),
    };

    private static string Item(LocatedSegment located) => $"Claim.item[{Text((located.Line ?? 1) - 1)}]";

    private static string Info(string category) => $"Claim.supportingInfo.where(category.coding.code='{category}')";

    private static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);
}
