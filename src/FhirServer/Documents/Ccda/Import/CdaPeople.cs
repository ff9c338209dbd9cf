using System.Xml.Linq;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>People and organizations of a CDA header and of participations: names, addresses, telecoms, and the patient.</summary>
internal static class CdaPeople
{
    private const string UsCore = "http://hl7.org/fhir/us/core/StructureDefinition/";

    public static HumanName? Name(XElement? name)
    {
        if (name is null || name.NullFlavor() is not null)
            return null;
        var (family, given) = (name.One("family").Words(), name.Many("given").Select(g => g.Words()).OfType<string>().ToList());
        if (family is null && given.Count == 0)
            return name.Words() is { } text ? new() { Text = text } : null;
        return new()
        {
            Use = (name.Attr("use") ?? "").Split(' ')[0] switch
            {
                "L" or "C" => HumanName.NameUse.Official,
                "P" or "A" => HumanName.NameUse.Nickname,
                _ => name.One("family").Attr("qualifier") == "BR" ? HumanName.NameUse.Maiden : null,
            },
            Family = family,
            Given = given,
            Prefix = [.. name.Many("prefix").Select(p => p.Words()).OfType<string>()],
            Suffix = [.. name.Many("suffix").Select(s => s.Words()).OfType<string>()],
        };
    }

    public static Address? Address(XElement? address)
    {
        if (address is null || address.NullFlavor() is not null)
            return null;
        var mapped = new Address
        {
            Use = (address.Attr("use") ?? "").Split(' ')[0] switch
            {
                "H" or "HP" or "HV" => Hl7.Fhir.Model.Address.AddressUse.Home,
                "WP" or "DIR" or "PUB" => Hl7.Fhir.Model.Address.AddressUse.Work,
                "TMP" => Hl7.Fhir.Model.Address.AddressUse.Temp,
                "BAD" => Hl7.Fhir.Model.Address.AddressUse.Old,
                _ => null,
            },
            Line = [.. address.Many("streetAddressLine").Select(l => l.Words()).OfType<string>()],
            City = address.One("city").Words(),
            State = address.One("state").Words(),
            PostalCode = address.One("postalCode").Words(),
            Country = address.One("country").Words(),
            District = address.One("county").Words(),
        };
        return mapped.EnumerateElements().Any() ? mapped : address.Words() is { } text ? new() { Text = text } : null;
    }

    public static ContactPoint? Telecom(XElement? telecom)
    {
        if (telecom.NullFlavor() is not null || telecom.Attr("value") is not { } value)
            return null;
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        var (system, rest) = colon < 0 ? (ContactPoint.ContactPointSystem.Phone, value) : (value[..colon].ToLowerInvariant() switch
        {
            "tel" => ContactPoint.ContactPointSystem.Phone,
            "mailto" => ContactPoint.ContactPointSystem.Email,
            "fax" or "x-text-fax" => ContactPoint.ContactPointSystem.Fax,
            "http" or "https" => ContactPoint.ContactPointSystem.Url,
            "sms" => ContactPoint.ContactPointSystem.Sms,
            _ => ContactPoint.ContactPointSystem.Other,
        }, value[(colon + 1)..]);
        if (system is ContactPoint.ContactPointSystem.Url or ContactPoint.ContactPointSystem.Other)
            rest = value;
        if (Cda.Squeezed(rest) is not { } number)
            return null;
        return new()
        {
            System = system,
            Value = number,
            Use = (telecom.Attr("use") ?? "").Split(' ')[0] switch
            {
                "HP" or "H" => ContactPoint.ContactPointUse.Home,
                "WP" or "DIR" => ContactPoint.ContactPointUse.Work,
                "MC" => ContactPoint.ContactPointUse.Mobile,
                "TMP" => ContactPoint.ContactPointUse.Temp,
                _ => null,
            },
        };
    }

    public static List<Address> Addresses(XElement? role) => [.. role.Many("addr").Select(Address).OfType<Address>()];

    public static List<ContactPoint> Telecoms(XElement? role) => [.. role.Many("telecom").Select(Telecom).OfType<ContactPoint>()];

    /// <summary>The patient that the document is about, as far as it says.</summary>
    public static Patient Patient(XElement role, CdaValues values)
    {
        var person = role.One("patient");
        var patient = new Patient
        {
            Identifier = CdaValues.Identifiers(role),
            Name = [.. person.Many("name").Select(Name).OfType<HumanName>()],
            Telecom = Telecoms(role),
            Address = Addresses(role),
            Gender = person.One("administrativeGenderCode").Attr("code") switch
            {
                "M" => AdministrativeGender.Male,
                "F" => AdministrativeGender.Female,
                "UN" => AdministrativeGender.Other,
                _ => null,
            },
            BirthDate = values.Time(person.One("birthTime")) is { } born ? born.Length > 10 ? born[..10] : born : null,
            MaritalStatus = values.Concept(person.One("maritalStatusCode")),
        };
        if (person?.Element(Cda.Sdtc + "deceasedTime") is { } died && values.DateTime(died) is { } at)
            patient.Deceased = at;
        else if (person?.Element(Cda.Sdtc + "deceasedInd").Attr("value") == "true")
            patient.Deceased = new FhirBoolean(true);
        foreach (var language in person.Many("languageCommunication"))
            if (language.One("languageCode").Attr("code") is { } code)
                patient.Communication.Add(new()
                {
                    Language = new("urn:ietf:bcp:47", code),
                    Preferred = language.One("preferenceInd").Attr("value") switch { "true" => true, "false" => false, _ => null },
                });
        foreach (var guardian in person.Many("guardian"))
            patient.Contact.Add(new()
            {
                Relationship = values.Concept(guardian.One("code")) is { } relation ? [relation] : [],
                Name = Name(guardian.At("guardianPerson", "name")),
                Telecom = Telecoms(guardian),
                Address = Addresses(guardian).FirstOrDefault(),
            });
        Categories(patient, "us-core-race", person, "raceCode");
        Categories(patient, "us-core-ethnicity", person, "ethnicGroupCode");
        patient.Contact.RemoveAll(c => c.Name is null && c.Telecom.Count == 0 && c.Address is null);
        return patient;
    }

    public static string? Display(HumanName? name) => name is null ? null : name.Text
        ?? Cda.Squeezed(string.Join(' ', (string?[])[.. name.Prefix, .. name.Given, name.Family, .. name.Suffix]));

    private static void Categories(Patient patient, string extension, XElement? person, string name)
    {
        var codes = person.Many(name).Concat(person?.Elements(Cda.Sdtc + name) ?? []).Select(CdaValues.Coding).OfType<Coding>().ToArray();
        if (codes.Length == 0)
            return;
        var category = new Extension { Url = UsCore + extension };
        foreach (var (i, code) in codes.Index())
            category.Extension.Add(new(i == 0 ? "ombCategory" : "detailed", code));
        category.Extension.Add(new("text", new FhirString(string.Join(", ", codes.Select(c => c.Display ?? c.Code)))));
        patient.Extension.Add(category);
    }
}
