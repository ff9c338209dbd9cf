using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>Data types of HL7 v2 → those of FHIR.</summary>
internal static class Words
{
    private static readonly Dictionary<string, string> Systems = new(StringComparer.OrdinalIgnoreCase)
    {
        ["LN"] = "http://loinc.org",
        ["LOINC"] = "http://loinc.org",
        ["SCT"] = "http://snomed.info/sct",
        ["SNM"] = "http://snomed.info/sct",
        ["SNOMED-CT"] = "http://snomed.info/sct",
        ["I10"] = "http://hl7.org/fhir/sid/icd-10-cm",
        ["I10C"] = "http://hl7.org/fhir/sid/icd-10-cm",
        ["ICD10"] = "http://hl7.org/fhir/sid/icd-10-cm",
        ["ICD-10-CM"] = "http://hl7.org/fhir/sid/icd-10-cm",
        ["C4"] = "http://www.ama-assn.org/go/cpt",
        ["CPT"] = "http://www.ama-assn.org/go/cpt",
        ["CPT4"] = "http://www.ama-assn.org/go/cpt",
        ["CVX"] = "http://hl7.org/fhir/sid/cvx",
        ["MVX"] = "http://hl7.org/fhir/sid/mvx",
        ["NDC"] = "http://hl7.org/fhir/sid/ndc",
        ["HCPCS"] = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        ["RXNORM"] = "http://www.nlm.nih.gov/research/umls/rxnorm",
        ["UCUM"] = UcumUnits.System,
    };

    /// <summary>CE, CWE, CNE. The sender's own code stays, behind what the tables make of it; null when nothing is said.</summary>
    public static CodeableConcept? Concept(Repetition coded, SenderProfile sender)
    {
        var concept = new CodeableConcept();
        for (var first = 1; first <= 4; first += 3)
        {
            if (Code(coded[first]) is not { } code)
                continue;
            var named = coded[first + 2];
            if (Mapped(named, code, sender) is { } mapped && !concept.Coding.Exists(c => c.System == mapped.System && c.Code == mapped.Code))
                concept.Coding.Insert(0, new Coding(mapped.System, mapped.Code, mapped.Display));
            var system = SystemOf(named, sender);
            if (!concept.Coding.Exists(c => c.System == system && c.Code == code))
                concept.Coding.Add(new Coding(system, code, Line(coded[first + 1])));
        }

        concept.Text = Line(coded[9] ?? coded[2] ?? coded[5]) ?? (concept.Coding.Count == 0 ? null : concept.Coding[0].Code);
        return concept.Coding.Count == 0 && concept.Text is null ? null : concept;
    }

    public static string SystemOf(string? name, SenderProfile sender) =>
        name is null ? Hl7V2Urls.CodeSystem(sender.Name, "local")
        : sender.Tables.Systems.TryGetValue(name, out var own) ? own
        : Systems.TryGetValue(name, out var known) ? known
        : name.Length == 7 && name.StartsWith("HL7", StringComparison.OrdinalIgnoreCase) && name.AsSpan(3).ContainsAnyExceptInRange('0', '9') is false ? $"http://terminology.hl7.org/CodeSystem/v2-{name[3..]}"
        : Hl7V2Urls.CodeSystem(sender.Name, Uri.EscapeDataString(name));

    /// <summary>The name by which coded values name a system; the system itself where HL7 v2 has none.</summary>
    public static string? NameOf(string? system) => system switch
    {
        null => null,
        "http://loinc.org" => "LN",
        "http://snomed.info/sct" => "SCT",
        "http://hl7.org/fhir/sid/icd-10-cm" => "I10C",
        "http://www.ama-assn.org/go/cpt" => "C4",
        "http://hl7.org/fhir/sid/cvx" => "CVX",
        _ => system,
    };

    private static (string System, string Code, string? Display)? Mapped(string? system, string code, SenderProfile sender) =>
        (system is not null && sender.Tables.Codes.TryGetValue($"{system}:{code}", out var mapped)) || sender.Tables.Codes.TryGetValue(code, out mapped) ? mapped : null;

    /// <summary>XPN.</summary>
    public static HumanName? Name(Repetition xpn)
    {
        var name = new HumanName { Family = Line(xpn[1]) };
        if (Line(xpn[2]) is { } given)
            name.GivenElement.Add(new FhirString(given));
        foreach (var other in (Line(xpn[3]) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            name.GivenElement.Add(new FhirString(other));
        if (Line(xpn[4]) is { } suffix)
            name.SuffixElement.Add(new FhirString(suffix));
        if (Line(xpn[5]) is { } prefix)
            name.PrefixElement.Add(new FhirString(prefix));
        name.Use = xpn[7] switch
        {
            "L" => HumanName.NameUse.Official,
            "M" => HumanName.NameUse.Maiden,
            "N" => HumanName.NameUse.Nickname,
            "A" or "S" => HumanName.NameUse.Anonymous,
            "D" => HumanName.NameUse.Usual,
            "T" => HumanName.NameUse.Temp,
            _ => null,
        };
        return name.Family is null && name.GivenElement.Count == 0 ? null : name;
    }

    /// <summary>XAD.</summary>
    public static Address? Place(Repetition xad)
    {
        var address = new Address { City = Line(xad[3]), State = Line(xad[4]), PostalCode = Line(xad[5]), Country = Line(xad[6]), District = Line(xad[9]) };
        foreach (var line in new[] { Line(xad[1]), Line(xad[2]) })
            if (line is not null)
                address.LineElement.Add(new FhirString(line));
        address.Use = xad[7] switch { "H" or "P" or "L" => Address.AddressUse.Home, "B" or "O" => Address.AddressUse.Work, "C" => Address.AddressUse.Temp, "BA" => Address.AddressUse.Old, _ => null };
        return address.LineElement.Count == 0 && address.City is null && address.PostalCode is null && address.State is null ? null : address;
    }

    /// <summary>XTN.</summary>
    public static ContactPoint? Telecom(Repetition xtn, bool isWork)
    {
        var email = xtn[4] ?? (xtn[1]?.Contains('@', StringComparison.Ordinal) == true ? xtn[1] : null);
        var number = xtn[12] ?? (xtn[7] is { } local ? (xtn[6] is { } area ? $"({area}) " : "") + local : xtn[1]);
        if (Line(email ?? number) is not { } value)
            return null;
        return new ContactPoint
        {
            System = email is not null ? ContactPoint.ContactPointSystem.Email : xtn[3] == "FX" ? ContactPoint.ContactPointSystem.Fax : ContactPoint.ContactPointSystem.Phone,
            Value = value,
            Use = xtn[3] == "CP" ? ContactPoint.ContactPointUse.Mobile : isWork || xtn[2] == "WPN" ? ContactPoint.ContactPointUse.Work : ContactPoint.ContactPointUse.Home,
        };
    }

    /// <summary>XCN: a person by name and number only; nobody here is taken to be them.</summary>
    public static ResourceReference? Person(Repetition xcn, SenderProfile sender)
    {
        var parts = new[] { Line(xcn[6]), Line(xcn[3]), Line(xcn[4]), Line(xcn[2]), Line(xcn[5]) }.OfType<string>().ToList();
        var number = Code(xcn[1]);
        if (parts.Count == 0 && number is null)
            return null;
        var system = xcn[13] is "NPI" || xcn[9] is "NPI" or "CMS" || number is { Length: 10 } && xcn[8] is "NPI" ? "http://hl7.org/fhir/sid/us-npi" : Hl7V2Urls.CodeSystem(sender.Name, "person");
        return new ResourceReference { Display = parts.Count > 0 ? string.Join(' ', parts) : null, Identifier = number is null ? null : new Identifier(system, number) };
    }

    /// <summary>XON, or a name in a field of another type.</summary>
    public static ResourceReference? Organisation(Repetition xon) => Line(xon[2] is { } second && xon[1] is null ? second : xon[1] ?? xon[2]) is { } name ? new ResourceReference { Display = name } : null;

    public static AdministrativeGender? Gender(string? code) => code switch
    {
        "M" => AdministrativeGender.Male,
        "F" => AdministrativeGender.Female,
        "O" or "A" or "N" or "X" => AdministrativeGender.Other,
        "U" => AdministrativeGender.Unknown,
        _ => null,
    };

    /// <summary>A code as FHIR takes it: no blank at its ends, none twice.</summary>
    public static string? Code(string? text) => Line(text) is { } line ? string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : null;

    /// <summary>One line of text without what FHIR's strings do not take; null when nothing is left.</summary>
    public static string? Line(string? text) => text is null ? null : Clean(text, keepsLines: false);

    /// <summary>Text of several lines.</summary>
    public static string? Text(string? text) => text is null ? null : Clean(text, keepsLines: true);

    private static string? Clean(string text, bool keepsLines)
    {
        if (text.Any(c => char.IsControl(c) && !(keepsLines && c == '\n')))
            text = string.Concat(text.Select(c => char.IsControl(c) && !(keepsLines && c == '\n') ? ' ' : c));
        text = text.Trim();
        return text.Length == 0 ? null : text;
    }
}
