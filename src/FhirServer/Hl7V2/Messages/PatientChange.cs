using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>What an ADT message makes of a patient that is known: what it says replaces, what it does not say stays.</summary>
internal static class PatientChange
{
    /// <param name="known">As stored; it is changed.</param>
    /// <param name="said">As PID describes it.</param>
    /// <param name="isOlder">What is stored is newer: only what is missing there is filled in.</param>
    public static void Apply(Patient known, Patient said, bool isOlder)
    {
        foreach (var identifier in said.Identifier)
            if (!known.Identifier.Exists(i => PatientSegments.IsSame(i, identifier)))
                known.Identifier.Add(identifier);
        if (said.Name.Count > 0 && (!isOlder || known.Name.Count == 0))
            known.Name = [.. said.Name, .. known.Name.Where(n => n.Use is HumanName.NameUse.Old or HumanName.NameUse.Maiden or HumanName.NameUse.Nickname && !said.Name.Exists(s => s.Use == n.Use))];
        if (said.Address.Count > 0 && (!isOlder || known.Address.Count == 0))
            known.Address = said.Address;
        if (said.Telecom.Count > 0 && (!isOlder || known.Telecom.Count == 0))
            known.Telecom = said.Telecom;
        if (said.Communication.Count > 0 && (!isOlder || known.Communication.Count == 0))
            known.Communication = said.Communication;
        if (said.BirthDate is not null && (!isOlder || known.BirthDate is null))
            known.BirthDate = said.BirthDate;
        if (said.Gender is not null && (!isOlder || known.Gender is null))
            known.Gender = said.Gender;
        if (said.MaritalStatus is not null && (!isOlder || known.MaritalStatus is null))
            known.MaritalStatus = said.MaritalStatus;
        if (said.Deceased is not null && (!isOlder || known.Deceased is null))
            known.Deceased = said.Deceased;
    }

    /// <summary>A40: <paramref name="merged"/> stays readable and says by whom it was replaced; the survivor takes over its numbers as old ones.</summary>
    public static void Merge(Patient survivor, Patient merged)
    {
        merged.Active = false;
        if (!merged.Link.Exists(l => l.Type == Patient.LinkType.ReplacedBy))
            merged.Link.Add(new Patient.LinkComponent { Type = Patient.LinkType.ReplacedBy, Other = new ResourceReference($"Patient/{survivor.Id}") });
        if (!survivor.Link.Exists(l => l.Other?.Reference == $"Patient/{merged.Id}"))
            survivor.Link.Add(new Patient.LinkComponent { Type = Patient.LinkType.Replaces, Other = new ResourceReference($"Patient/{merged.Id}") });
        Keep(survivor, PatientSegments.RecordNumbers(merged));
    }

    public static void Keep(Patient survivor, IEnumerable<Identifier> numbers)
    {
        foreach (var number in numbers)
            if (!survivor.Identifier.Exists(i => PatientSegments.IsSame(i, number)))
                survivor.Identifier.Add(new Identifier(number.System, number.Value) { Type = number.Type, Use = Identifier.IdentifierUse.Old });
    }
}
