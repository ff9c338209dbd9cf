using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>Claim → the CMS-1500 (02/12) it would be on paper. Seven lines and more become several forms; the last bears the total.</summary>
internal static class Cms1500Builder
{
    public static IReadOnlyList<Cms1500> Build(PaperSources sources)
    {
        var lines = sources.Claim.Item.OrderBy(i => i.Sequence).Select((item, i) => Line(sources, new ScrubLine(i, item))).ToList();
        var forms = lines.Chunk(Cms1500.MostLines).ToList();
        return [.. forms.Select((form, i) => new Cms1500(Boxes(sources, i == forms.Count - 1), form))];
    }

    private static Cms1500Line Line(PaperSources sources, ScrubLine line) => new(
        line.From, line.To, line.Place ?? "", line.Code, [.. line.Modifiers.Take(4)], Pointers(sources.Claim, line), line.NetUsd, line.Units, PaperWords.Npi(sources.Rendering?.Identifier), Drug(line.Item));

    /// <summary>Letters by the place of the diagnosis in box 21, which has no gaps.</summary>
    private static string Pointers(Claim claim, ScrubLine line)
    {
        var written = claim.WrittenDiagnoses().Take(12).ToList();
        return string.Concat(line.Pointers.Select(p => written.FindIndex(d => d.Sequence == p)).Where(i => i >= 0).Take(4).Select(i => (char)('A' + i)));
    }

    private static string Drug(Claim.ItemComponent item)
    {
        if (item.GetExtension(BillingUrls.NdcExtension) is not { } extension)
            return "";
        var ndc = extension.GetExtensionValue<Identifier>(BillingUrls.NdcExtension)?.Value ?? (extension.Value as Identifier)?.Value ?? extension.Extension.Select(e => e.Value).OfType<Identifier>().FirstOrDefault()?.Value;
        var amount = extension.Value as Quantity ?? extension.Extension.Select(e => e.Value).OfType<Quantity>().FirstOrDefault();
        return ndc is { Length: > 0 } number
            ? $"N4{NationalDrugCode.Eleven(number) ?? number}{(amount?.Value is { } units ? $" {amount.Unit ?? amount.Code}{units.ToString("0.###", CultureInfo.InvariantCulture)}" : "")}".TrimEnd()
            : "";
    }

    private static List<Cms1500Box> Boxes(PaperSources s, bool isLast)
    {
        var claim = s.Claim;
        var insured = Insured(s);
        var signature = s.HasSignature ? "SIGNATURE ON FILE" : "";
        var accident = Accident(claim);
        List<Cms1500Box> boxes =
        [
            new("carrier", "Payer name and address", Upper($"{s.Payor?.Name}\n{PaperWords.Address(s.Payor?.Address.FirstOrDefault())}".Trim())),
            new("1", "Kind of coverage", Kind(s)),
            new("1a", "Insured's id", s.Coverage?.SubscriberId ?? ""),
            new("2", "Patient's name", FormName(PatientNames.Of(s.Patient ?? new Patient()))),
            new("3", "Patient's birth date and sex", Joined(FormDate(s.Patient?.BirthDate), Sex(s.Patient?.Gender))),
            new("4", "Insured's name", FormName(insured.Name)),
            new("5", "Patient's address and telephone", Joined("\n", FormAddress(s.Patient?.Address.FirstOrDefault()), PaperWords.Phone(s.Patient?.Telecom))),
            new("6", "Patient's relationship to insured", Relationship(s.Coverage)),
            new("7", "Insured's address", FormAddress(insured.Address)),
            new("8", "Reserved", ""),
            new("9", "Other insured's name", s.Other is null ? "" : FormName(PatientNames.Of(s.Patient ?? new Patient()))),
            new("9a", "Other policy or group number", s.Other?.SubscriberId ?? ""),
            new("9b", "Reserved", ""),
            new("9c", "Reserved", ""),
            new("9d", "Other plan name", Upper(s.OtherPayor?.Name ?? "")),
            new("10a", "Condition related to employment", accident == "EM" ? "YES" : "NO"),
            new("10b", "Condition related to auto accident, and state", accident == "AA" ? Joined("YES", (claim.Accident?.Location as Address)?.State) : "NO"),
            new("10c", "Condition related to other accident", accident == "OA" ? "YES" : "NO"),
            new("10d", "Claim codes", ""),
            new("11", "Insured's group number", Class(s.Coverage, "group") is { Length: > 0 } group ? group : s.Other is null && s.Coverage is not null ? "" : "NONE"),
            new("11a", "Insured's birth date and sex", Joined(FormDate(insured.BirthDate), Sex(insured.Gender))),
            new("11b", "Other claim id", ""),
            new("11c", "Insurance plan name", Upper(Class(s.Coverage, "plan") is { Length: > 0 } plan ? plan : s.Payor?.Name ?? "")),
            new("11d", "Another health plan", s.Other is null ? "NO" : "YES"),
            new("12", "Patient's signature: release", signature),
            new("13", "Insured's signature: assignment", signature),
            new("14", "Date of current illness, and qualifier", Info(claim, (SupportingInfo.Onset, "431"), (SupportingInfo.LastMenstrualPeriod, "484"))),
            new("15", "Other date, and qualifier", Info(claim, (SupportingInfo.InitialTreatment, "454"), (SupportingInfo.LastSeen, "304"), (SupportingInfo.AssumedCare, "090"), (SupportingInfo.RelinquishedCare, "091"))),
            new("16", "Dates unable to work", ""),
            new("17", "Referring, ordering or supervising provider", Referrer(s) is var (qualifier, person) && person is not null ? $"{qualifier} {Person(person)}" : ""),
            new("17a", "Other id of that provider", ""),
            new("17b", "NPI of that provider", PaperWords.Npi(Referrer(s).Person?.Identifier)),
            new("18", "Hospitalization dates", Stay(claim)),
            new("19", "Additional claim information", Upper(claim.Info(SupportingInfo.Note).Select(i => (i.Value as FhirString)?.Value).FirstOrDefault(v => v is not null) ?? "")),
            new("20", "Outside laboratory", claim.Info(SupportingInfo.ReferenceClia).Any() ? "YES" : "NO"),
            new("21", "Diagnoses (ICD-10: indicator 0)", string.Join('\n', claim.WrittenDiagnoses().Take(12).Select((d, i) => $"{(char)('A' + i)} {ChargeDiagnosis.Plain(d.DiagnosisCode()!)}"))),
            new("22", "Resubmission code and original reference", claim.Frequency() is "7" or "8" ? Joined(claim.Frequency(), claim.Related.Select(r => r.Reference?.Value).FirstOrDefault(v => v is not null)) : ""),
            new("23", "Prior authorization, or CLIA number", Number23(claim)),
            new("25", "Federal tax id, and kind", TaxId(s)),
            new("26", "Our claim number", claim.PatientControlNumber() ?? ""),
            new("27", "Accept assignment", "YES"),
            new("28", "Total charge", isLast ? PaperWords.Usd(claim.Item.Sum(i => i.Net?.Value ?? 0m)) : "CONTINUED"),
            new("29", "Amount paid", isLast ? PaperWords.Usd(claim.Info(SupportingInfo.PatientPaid).Sum(i => (i.Value as Quantity)?.Value ?? 0m)) : ""),
            new("30", "Reserved", ""),
            new("31", "Provider's signature, and date", Joined(Person(s.Rendering ?? s.BillingPerson), FormDate(claim.Created))),
            new("32", "Service facility", Facility(s)),
            new("32a", "NPI of the facility", PaperWords.Npi(s.Facility?.Identifier) is { Length: > 0 } npi ? npi : PaperWords.Npi(s.Practice?.Identifier)),
            new("32b", "Other id of the facility", ""),
            new("33", "Billing provider and telephone", Joined("\n", PaperWords.Phone(s.Practice?.Telecom ?? s.BillingPerson?.Telecom), Upper(s.Practice?.Name ?? Person(s.BillingPerson)), FormAddress(s.Practice?.Address.FirstOrDefault() ?? s.BillingPerson?.Address.FirstOrDefault()))),
            new("33a", "NPI of the billing provider", PaperWords.Npi(s.Practice?.Identifier ?? s.BillingPerson?.Identifier)),
            new("33b", "Other id of the billing provider", ""),
        ];
        return boxes;
    }

    private static (HumanName? Name, Address? Address, string? BirthDate, AdministrativeGender? Gender) Insured(PaperSources s)
    {
        if (s.SubscriberPerson is { } relative)
            return (relative.Name.FirstOrDefault(), relative.Address.FirstOrDefault(), relative.BirthDate, relative.Gender);
        var person = s.SubscriberPatient ?? (Relationship(s.Coverage) == "SELF" ? s.Patient : null);
        return person is null ? default : (PatientNames.Of(person), person.Address.FirstOrDefault(), person.BirthDate, person.Gender);
    }

    private static string Kind(PaperSources s) => PayerDirectory.FamilyOf(s.Coverage, s.Payor) switch
    {
        PayerFamily.Medicare => "MEDICARE",
        PayerFamily.Medicaid => "MEDICAID",
        PayerFamily.Tricare => "TRICARE",
        PayerFamily.WorkersCompensation or PayerFamily.Auto => "OTHER",
        _ when s.Coverage?.Class.Exists(c => c.Type?.HasAny("group") == true) == true => "GROUP HEALTH PLAN",
        _ => "OTHER",
    };

    private static string Relationship(Coverage? coverage) => coverage?.Relationship?.Coding.FirstOrDefault()?.Code switch
    {
        "self" => "SELF",
        "spouse" => "SPOUSE",
        "child" => "CHILD",
        null => "",
        _ => "OTHER",
    };

    private static string Accident(Claim claim) => claim.Accident?.Type?.Coding.FirstOrDefault()?.Code switch
    {
        null => "",
        "MVA" or "AA" => "AA",
        "WRKSCH" or "WPA" or "WORK" or "EM" => "EM",
        _ => "OA",
    };

    private static (string Qualifier, Practitioner? Person) Referrer(PaperSources s) =>
        s.Referring is { } referring ? ("DN", referring) : s.Ordering is { } ordering ? ("DK", ordering) : ("DQ", s.Supervising);

    private static string Facility(PaperSources s) => s.Facility is { } place
        ? Joined("\n", Upper(place.Name ?? ""), FormAddress(place.Address))
        : Joined("\n", Upper(s.Practice?.Name ?? ""), FormAddress(s.Practice?.Address.FirstOrDefault()));

    private static string Number23(Claim claim) =>
        claim.Insurance.Find(i => i.Focal == true)?.PreAuthRef.FirstOrDefault()
        ?? (claim.HasLaboratoryLine() ? claim.Info(SupportingInfo.Clia).Select(i => (i.Value as FhirString)?.Value).FirstOrDefault() : null)
        ?? claim.Info(SupportingInfo.Referral).Select(i => (i.Value as FhirString)?.Value).FirstOrDefault()
        ?? "";

    private static string TaxId(PaperSources s)
    {
        var identifiers = s.Practice?.Identifier ?? s.BillingPerson?.Identifier ?? [];
        return identifiers.Find(i => i.System == BillingUrls.Ein)?.Value is { Length: > 0 } ein ? $"{ein} EIN"
            : identifiers.Find(i => i.System == BillingUrls.Ssn)?.Value is { Length: > 0 } ssn ? $"{ssn} SSN" : "";
    }

    private static string Stay(Claim claim) => claim.Info(SupportingInfo.Hospitalized).Select(i => i.Timing).OfType<Period>()
        .Select(p => Joined(FormDate(p.Start), FormDate(p.End))).FirstOrDefault() ?? "";

    private static string Info(Claim claim, params (string Category, string Qualifier)[] kinds)
    {
        foreach (var (category, qualifier) in kinds)
        {
            var timing = claim.Info(category).Select(i => i.Timing).FirstOrDefault(t => t is not null);
            if (FormDate((timing as Date)?.Value ?? (timing as Period)?.Start) is { Length: > 0 } date)
                return $"{date} {qualifier}";
        }

        return "";
    }

    private static string Class(Coverage? coverage, string type) => coverage?.Class.Find(c => c.Type?.HasAny(type) == true)?.Value ?? "";

    /// <summary>LAST, FIRST, MIDDLE in capitals, as the form's instructions want it.</summary>
    private static string FormName(HumanName? name) => name is null ? "" : Upper(string.Join(", ", new[] { name.Family }.Concat(name.Given).Where(p => p is { Length: > 0 })));

    private static string Person(Practitioner? person) => Upper(PaperWords.Name(person));

    private static string FormAddress(Address? address) => Upper(Joined(
        "\n", string.Join(' ', address?.Line ?? []), Joined(address?.City, address?.State, ZipCode.Written(address?.PostalCode))));

    /// <summary><c>MM DD YYYY</c>.</summary>
    public static string FormDate(string? date) =>
        DateOfService.From(date) is { } day ? day.ToString("MM dd yyyy", CultureInfo.InvariantCulture) : "";

    private static string Sex(AdministrativeGender? gender) => gender switch
    {
        AdministrativeGender.Male => "M",
        AdministrativeGender.Female => "F",
        _ => "",
    };

    private static string Joined(params string?[] parts) => parts is [" " or "\n", ..]
        ? string.Join(parts[0], parts.Skip(1).Where(p => p is { Length: > 0 }))
        : string.Join(' ', parts.Where(p => p is { Length: > 0 }));

    private static string Upper(string text) => text.ToUpperInvariant();
}
