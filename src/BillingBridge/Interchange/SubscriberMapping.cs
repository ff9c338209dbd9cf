using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Coverage, payor and patient → loops 2000B, 2010BA, 2010BB, 2000C, 2010CA and, for other payers, 2320, 2330A, 2330B.</summary>
internal static class SubscriberMapping
{
    private const string MspTypeExtension = "urn:fhiremr:msp-type";

    public static bool IsSelf(Coverage? coverage) => Relationship(coverage) is "18";

    /// <summary>2000B with the insured and the destination payer.</summary>
    public static SubscriberLoop Subscriber(ClaimSources sources, InsuranceSource focal)
    {
        var coverage = focal.Coverage;
        var isSelf = IsSelf(coverage);
        var details = new List<IX12Segment> { Sbr(sources, focal) };
        if (isSelf && DeathDate(sources.Patient) is { } death)
            details.Add(new Pat(null, death, null, null));

        var insured = Nm1Insured(sources, focal);
        return new SubscriberLoop(
            details,
            [
                isSelf
                    ? PartyMapping.Loop(insured, [.. PersonDetails(sources.Patient)])
                    : PartyMapping.Loop(insured, [.. PartyMapping.Address(SubscriberAddress(focal))]),
                Payer(focal),
            ],
            HasDependents: !isSelf);
    }

    /// <summary>2000C; null when the subscriber is the patient.</summary>
    public static PatientLoop? Patient(ClaimSources sources, InsuranceSource focal)
    {
        if (IsSelf(focal.Coverage))
            return null;
        return new PatientLoop(
            [new Pat(Relationship(focal.Coverage), DeathDate(sources.Patient), null, null)],
            [PartyMapping.Loop(PartyMapping.Person("QC", PartyMapping.OfficialName(sources.Patient?.Name), null, null), [.. PersonDetails(sources.Patient)])]);
    }

    /// <summary>2320 with 2330A and 2330B: another payer of this claim, with its answer when it comes before the one billed here.</summary>
    public static OtherPayerLoop Other(ClaimSources sources, InsuranceSource other)
    {
        var isPrior = sources.PriorPayers.Contains(other);
        return new OtherPayerLoop(
            [
                Sbr(sources, other) with { Relationship = Relationship(other.Coverage) },
                .. isPrior ? PriorPayerMapping.Amounts(other) : [],
                new Oi("Y", null, "Y"),
                .. isPrior ? PriorPayerMapping.Remarks(other) : [],
            ],
            [PartyMapping.Loop(Nm1Insured(sources, other)), Payer(other, isPrior ? PriorPayerMapping.References(other) : [])]);
    }

    /// <summary>SBR01: P, S, T, then A to H for the fourth to eleventh.</summary>
    public static string Responsibility(int rank) => rank switch { 1 => "P", 2 => "S", 3 => "T", >= 4 and <= 11 => ((char)('A' + rank - 4)).ToString(), _ => "U" };

    public static string? PayerId(Organization? payor) =>
        PartyMapping.Identifier(payor?.Identifier, BillingUrls.PayerId);

    private static Sbr Sbr(ClaimSources sources, InsuranceSource insurance)
    {
        var coverage = insurance.Coverage;
        var group = coverage?.Class.Find(c => c.Type?.Coding.Exists(t => t.Code == "group") == true);
        var rank = sources.Insurances.OrderBy(i => i.Insurance.Sequence).ToList().IndexOf(insurance) + 1;
        var number = group?.Value is { Length: > 0 } value ? value : null;
        return new Sbr(
            Responsibility(rank),
            IsSelf(coverage) ? "18" : null,
            number,
            number is null ? group?.Name : null,
            coverage?.GetExtensionValue<Code>(MspTypeExtension)?.Value,
            FilingIndicator.Of(coverage, insurance.Payor));
    }

    private static Nm1 Nm1Insured(ClaimSources sources, InsuranceSource insurance)
    {
        var name = insurance.SubscriberPatient is { } patient ? PartyMapping.OfficialName(patient.Name)
            : insurance.SubscriberPerson is { } person ? PartyMapping.OfficialName(person.Name)
            : IsSelf(insurance.Coverage) ? PartyMapping.OfficialName(sources.Patient?.Name)
            : null;
        return PartyMapping.Person("IL", name, "MI", MemberId(insurance.Coverage));
    }

    /// <summary>Coverage.subscriberId, else the member-number identifier, without blanks and dashes.</summary>
    public static string? MemberId(Coverage? coverage)
    {
        var id = coverage?.SubscriberId
            ?? coverage?.Identifier.Find(i => i.Type?.Coding.Exists(c => c.Code == "MB") == true)?.Value
            ?? PartyMapping.Identifier(coverage?.Identifier, BillingUrls.MedicareBeneficiary);
        var plain = id?.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return plain is { Length: > 0 } ? plain : null;
    }

    private static PartyLoop Payer(InsuranceSource insurance, params IEnumerable<IX12Segment> references)
    {
        var id = PayerId(insurance.Payor);
        return PartyMapping.Loop(
            Nm1.Organization("PR", insurance.Payor?.Name, id is null ? null : "PI", id),
            [.. PartyMapping.Address(insurance.Payor?.Address is [var first, ..] ? first : null), .. references]);
    }

    private static IEnumerable<IX12Segment?> PersonDetails(Patient? patient) =>
        [.. PartyMapping.Address(PartyMapping.HomeAddress(patient?.Address)), PartyMapping.Demographics(patient?.BirthDate, patient?.Gender)];

    private static Address? SubscriberAddress(InsuranceSource focal) =>
        PartyMapping.HomeAddress(focal.SubscriberPatient?.Address ?? focal.SubscriberPerson?.Address);

    private static string? DeathDate(Patient? patient) =>
        patient?.Deceased is FhirDateTime { Value: { Length: >= 10 } day } ? day[..10].Replace("-", "", StringComparison.Ordinal) : null;

    // X12 individual relationship code; the codes of subscriber-relationship are few, the rest is "other".
    public static string? Relationship(Coverage? coverage)
    {
        var coding = coverage?.Relationship?.Coding.Find(c => c.Code is { Length: > 0 });
        return coding?.Code switch
        {
            null when coverage is null => null,
            null => coverage.Subscriber is null || coverage.Subscriber.Reference == coverage.Beneficiary?.Reference ? "18" : "G8",
            "self" => "18",
            "spouse" => "01",
            "child" => "19",
            "common" => "53",
            { Length: 2 } x12 when x12 is "01" or "18" or "19" or "20" or "21" or "39" or "40" or "53" or "G8" => x12,
            _ => "G8",
        };
    }
}
