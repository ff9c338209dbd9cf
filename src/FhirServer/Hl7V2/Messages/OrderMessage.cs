using System.Globalization;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>A ServiceRequest and its patient → OML^O21, or ORM^O01 for receivers of before 2.5.</summary>
/// <remarks>The placer's number (ORC-2, OBR-2) is the id of the ServiceRequest: results that name it find their order.</remarks>
internal static class OrderMessage
{
    public const string Oml = "OML^O21";
    public const string Orm = "ORM^O01";
    public const string Application = "FHIREMR";

    private const string Npi = "http://hl7.org/fhir/sid/us-npi";

    /// <param name="order">What is ordered.</param>
    /// <param name="patient">For whom.</param>
    /// <param name="kind"><see cref="Oml"/> or <see cref="Orm"/>.</param>
    /// <param name="controlId">MSH-10: the same for the same version of the order, so that a repeat is known as one.</param>
    /// <param name="receiver">MSH-5 and MSH-6.</param>
    /// <param name="now">MSH-7.</param>
    public static byte[] Write(ServiceRequest order, Patient patient, string kind, string controlId, (string Application, string Facility) receiver, DateTimeOffset now)
    {
        var (draft, isOml) = (new MessageDraft(), kind == Oml);
        var type = kind.Split('^');
        var msh = draft.Add("MSH").Set(3, Application).Set(5, receiver.Application).Set(6, receiver.Facility).Set(7, Dtm.Write(now)).Set(10, controlId).Set(11, "P").Set(12, isOml ? "2.5.1" : "2.3").Set(18, "UNICODE UTF-8");
        if (isOml)
            msh.Set(9, type[0], type[1], "OML_O21");
        else
            msh.Set(9, type[0], type[1]);
        Pid(draft.Add("PID"), patient);
        draft.Add("PV1").Set(1, "1").Set(2, "O");

        var isCancelled = order.Status is RequestStatus.Revoked or RequestStatus.EnteredInError;
        var orc = draft.Add("ORC").Set(1, isCancelled ? "CA" : "NW").Set(2, order.Id, Application).Set(9, Time(order.AuthoredOn));
        Person(orc, 12, order.Requester);
        if (isOml)
            draft.Add("TQ1").Set(1, "1").Set(7, Time(Start(order.Occurrence))).Set(9, Priority(order.Priority));
        var obr = draft.Add("OBR").Set(1, "1").Set(2, order.Id, Application);
        Coded(obr, 4, order.Code);
        if (!isOml)
            obr.Set(5, Priority(order.Priority)).Set(27, null, null, null, Time(Start(order.Occurrence)), null, Priority(order.Priority));
        Person(obr, 16, order.Requester);
        foreach (var note in order.Note.Select(n => n.Text).Append(order.PatientInstruction).OfType<string>().Where(n => n.Length > 0))
            draft.Add("NTE").Set(1, "1").Set(3, note);
        foreach (var (i, reason) in order.ReasonCode.Index())
            Coded(draft.Add("DG1").Set(1, (i + 1).ToString(CultureInfo.InvariantCulture)).Set(6, "W"), 3, reason);
        return draft.ToBytes();
    }

    private static void Pid(SegmentDraft pid, Patient patient)
    {
        pid.Set(1, "1");
        foreach (var identifier in patient.Identifier.Where(i => i.Value is { Length: > 0 } && i.Use != Identifier.IdentifierUse.Old))
        {
            // CX-4 is a name, an id and what sort of id: systems are OIDs or addresses.
            var (system, type) = (identifier.System, identifier.Type?.Coding.FirstOrDefault()?.Code);
            if (system?.StartsWith("urn:oid:", StringComparison.Ordinal) is true)
                pid.AddWithAuthority(3, identifier.Value, [null, system["urn:oid:".Length..], "ISO"], type);
            else
                pid.AddWithAuthority(3, identifier.Value, [null, system, system is null ? null : "URI"], type);
        }

        if (patient.Identifier.Count == 0)
            pid.Add(3, patient.Id, null, null, Application, "PI");
        foreach (var name in patient.Name)
            pid.Add(5, name.Family, name.Given.FirstOrDefault(), string.Join(' ', name.Given.Skip(1)), name.Suffix.FirstOrDefault(), name.Prefix.FirstOrDefault(), null, name.Use is HumanName.NameUse.Maiden ? "M" : "L");
        pid.Set(7, patient.BirthDate?.Replace("-", "", StringComparison.Ordinal));
        pid.Set(8, patient.Gender switch { AdministrativeGender.Male => "M", AdministrativeGender.Female => "F", AdministrativeGender.Other => "O", AdministrativeGender.Unknown => "U", _ => null });
        foreach (var address in patient.Address)
            pid.Add(11, address.Line.FirstOrDefault(), address.Line.ElementAtOrDefault(1), address.City, address.State, address.PostalCode, address.Country);
        foreach (var telecom in patient.Telecom.Where(t => t.System is ContactPoint.ContactPointSystem.Phone))
            pid.Add(13, telecom.Value);
    }

    private static void Coded(SegmentDraft segment, int field, CodeableConcept? concept)
    {
        if (concept is null)
            return;
        var codings = concept.Coding.Where(c => c.Code is not null).Take(2).ToList();
        segment.Set(field, codings.ElementAtOrDefault(0)?.Code, codings.ElementAtOrDefault(0)?.Display ?? concept.Text, Words.NameOf(codings.ElementAtOrDefault(0)?.System),
            codings.ElementAtOrDefault(1)?.Code, codings.ElementAtOrDefault(1)?.Display, Words.NameOf(codings.ElementAtOrDefault(1)?.System));
    }

    private static void Person(SegmentDraft segment, int field, ResourceReference? who)
    {
        if (who?.Display is not { Length: > 0 } && who?.Identifier?.Value is not { Length: > 0 })
            return;
        var words = (who.Display ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isNpi = who.Identifier?.System == Npi;
        segment.Set(field, who.Identifier?.Value, words.LastOrDefault(), string.Join(' ', words.SkipLast(1)), null, null, null, null, null, isNpi ? "NPI" : null, null, null, null, isNpi ? "NPI" : null);
    }

    private static string? Priority(RequestPriority? priority) => priority switch { RequestPriority.Stat => "S", RequestPriority.Asap => "A", RequestPriority.Urgent => "A", RequestPriority.Routine => "R", _ => null };

    private static string? Start(DataType? occurrence) => occurrence switch { FhirDateTime time => time.Value, Period period => period.Start, _ => null };

    private static string? Time(string? text) => text is null ? null
        : text.Length > 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var at) ? Dtm.Write(at) : text.Replace("-", "", StringComparison.Ordinal);
}
