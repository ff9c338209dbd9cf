using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>The schedule: whom, when in the practice's time zone, with whom, what for.</summary>
internal sealed class AppointmentRows() : ImportKind("appointments",
[
    new("appointmentId", FieldForm.Text, "apptid", "appointmentnumber", "apptno", "visitid", "bookingid", "confirmationnumber"),
    .. PatientOfRow.Fields,
    new("start", FieldForm.DateAndTime, "startdatetime", "appointmentdatetime", "apptdatetime", "datetime", "startdate", "scheduledstart", "appointmentstart", "appointmentdateandtime"),
    new("date", FieldForm.Date, "appointmentdate", "apptdate", "day", "visitdate", "scheduleddate", "servicedate"),
    new("time", FieldForm.Time, "starttime", "appointmenttime", "appttime", "scheduledtime", "begintime", "apptstarttime", "appointmentstarttime"),
    new("endTime", FieldForm.Time, "end", "finish", "apptendtime", "appointmentendtime"),
    new("minutes", FieldForm.Minutes, "duration", "length", "durationminutes", "apptlength", "appointmentduration", "appointmentlength", "durationmin"),
    new("providerNpi", FieldForm.Npi, "npi", "renderingnpi", "doctornpi", "physiciannpi"),
    new("providerName", FieldForm.Text, "provider", "doctor", "physician", "resource", "clinician", "renderingprovider", "schedulingprovider", "practitioner", "providerfullname", "resourcename"),
    new("location", FieldForm.Text, "facility", "office", "site", "locationname", "department", "facilityname"),
    new("reason", FieldForm.Text, "reasonforvisit", "chiefcomplaint", "visitreason", "complaint", "purpose"),
    new("type", FieldForm.Text, "appointmenttype", "appttype", "visittype", "eventtype", "servicetype"),
    new("status", FieldForm.AppointmentStatus, "appointmentstatus", "apptstatus", "visitstatus"),
    new("note", FieldForm.Text, "notes", "comment", "comments", "appointmentnotes", "appointmentnote"),
])
{
    private const int DefaultMinutes = 15;

    public override IReadOnlyList<string[]> Needs { get; } = [PatientOfRow.Needed, ["start", "date"]];

    public override void Check(MappedRow row)
    {
        PatientOfRow.Check(row);
        if (row["start"] is null && row["date"] is null)
            row.Fault("start", "Expected the day and time it begins.");
        else if (LocalStart(row) is null)
            row.Fault(row["date"] is null ? "start" : "time", "Expected the time it begins.");
        else if (row["endTime"] is { } end && string.CompareOrdinal(end, LocalStart(row)!.Value.ToString("HH:mm", CultureInfo.InvariantCulture)) <= 0)
            row.Fault("endTime", "Expected a time after the beginning.");
    }

    public override IEnumerable<string> Keys(MappedRow row)
    {
        if (row["appointmentId"] is { } id)
            yield return "appointment " + id;
        else
            yield return $"appointment {row["patientId"]}|{row["patientLastName"]}{row["patientFirstName"]}{row["patientName"]}{row["patientBirthDate"]}|{LocalStart(row):s}".ToUpperInvariant();
    }

    public override async Task PrepareAsync(IReadOnlyList<MappedRow> rows, ImportScope scope, CancellationToken ct)
    {
        await PatientOfRow.PrepareAsync(rows, scope, ct);
        await scope.PrepareAsync("Appointment", rows.Select(r => (scope.IdentifierSystem + ImportUrls.AppointmentSuffix, r["appointmentId"]!)).Where(i => i.Item2 is not null), ct);
        await scope.PrepareAsync("Practitioner", rows.Select(r => (BillingUrls.Npi, r["providerNpi"]!)).Where(i => i.Item2 is not null), ct);
    }

    public override async Task<RowPlan> PlanAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        var patient = await PatientOfRow.FindAsync(row, scope, ct);
        if (LocalStart(row) is not { } local || scope.Zone.IsInvalidTime(local))
        {
            row.Fault(row["time"] is null ? "start" : "time", $"Expected a time that there is on that day in {scope.Zone.Id}: clocks go forward then.");
            return RowPlan.Reject("");
        }

        var provider = await ProviderAsync(row, scope, ct);
        var location = await LocationAsync(row, scope, ct);
        if (patient is null || row.Faults.Count > 0)
            return RowPlan.Reject("");
        var start = new DateTimeOffset(local, scope.Zone.GetUtcOffset(local));
        var proposed = Lay(row, new Appointment(), scope, start, patient, provider, location);
        var same = row["appointmentId"] is { } id
            ? await scope.WithIdentifierAsync("Appointment", scope.IdentifierSystem + ImportUrls.AppointmentSuffix, id, ct)
            : [.. (await scope.FindAsync("Appointment", ct, ("patient", patient), ("date", start.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture))))
                .Where(a => ImportScope.Parsed<Appointment>(a) is var there && there.Start == start && Stands(there, proposed))];
        if (same.Count == 0)
        {
            proposed.Id = scope.IdOfRow("Appointment", row.Line.ToString(CultureInfo.InvariantCulture));
            return RowPlan.Store(new PlannedWrite(proposed, 0));
        }

        if (same.Count > 1 || scope.OnDuplicate == OnDuplicate.Task)
            return await scope.ReviewAsync(row.Line, "The appointment is in the record already.", proposed, patient, same.Select(s => (s.Key.ToString(), (string?)null)), ct);
        if (scope.OnDuplicate == OnDuplicate.Skip)
            return RowPlan.Skip($"In the record already: {same[0].Key}.");
        var before = ImportScope.Parsed<Appointment>(same[0]);
        var after = Lay(row, ImportScope.Parsed<Appointment>(same[0]), scope, start, patient, provider, location);
        return after.IsExactly(before) ? RowPlan.Skip($"In the record already, the same: {same[0].Key}.") : RowPlan.Update(new PlannedWrite(after, same[0].Version));
    }

    /// <summary>One that was called off is not the one booked in its place.</summary>
    internal static bool Stands(Appointment there, Appointment proposed) =>
        there.Status != Appointment.AppointmentStatus.EnteredInError && (there.Status != Appointment.AppointmentStatus.Cancelled || proposed.Status == Appointment.AppointmentStatus.Cancelled);

    private static DateTime? LocalStart(MappedRow row)
    {
        var text = row["start"] is { Length: > 10 } whole ? whole
            : (row["date"] ?? row["start"]) is { } day && row["time"] is { } time ? $"{day}T{time}" : null;
        return text is null ? null : DateTime.ParseExact(text, "yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
    }

    internal static Appointment Lay(MappedRow row, Appointment appointment, ImportScope scope, DateTimeOffset start, string patient, ResourceReference? provider, ResourceReference? location)
    {
        var system = scope.IdentifierSystem + ImportUrls.AppointmentSuffix;
        if (row["appointmentId"] is { } id && !appointment.Identifier.Exists(i => i.System == system && i.Value == id))
            appointment.Identifier.Add(new Identifier(system, id));
        if (row["status"] is not null || appointment.Status is null)
            appointment.Status = Hl7.Fhir.Utility.EnumUtility.ParseLiteral<Appointment.AppointmentStatus>(row["status"] ?? "booked");
        var minutes = row["minutes"] is { } length ? int.Parse(length, CultureInfo.InvariantCulture)
            : row["endTime"] is { } end ? (int)(TimeOnly.ParseExact(end, "HH:mm", CultureInfo.InvariantCulture) - TimeOnly.FromDateTime(start.DateTime)).TotalMinutes
            : appointment.MinutesDuration ?? (appointment is { Start: { } from, End: { } to } && to > from ? (int)(to - from).TotalMinutes : DefaultMinutes);
        if (appointment.Start != start)
            appointment.Start = start;
        if (appointment.End != start.AddMinutes(minutes))
            appointment.End = start.AddMinutes(minutes);
        appointment.MinutesDuration = minutes;
        if (row["type"] is { } type)
            appointment.AppointmentType = new CodeableConcept { Text = type };
        if (row["reason"] is { } reason)
            appointment.Description = reason;
        if (row["note"] is { } note)
            appointment.Comment = note;
        Take("Patient", new ResourceReference(patient));
        Take("Practitioner", provider);
        Take("Location", location);
        return appointment;

        void Take(string what, ResourceReference? actor)
        {
            if (actor is null || appointment.Participant.Exists(p => p.Actor is not null && p.Actor.IsExactly(actor)))
                return;
            appointment.Participant.RemoveAll(p => p.Actor?.Reference?.StartsWith(what + "/", StringComparison.Ordinal) == true);
            appointment.Participant.Add(new() { Actor = actor, Status = ParticipationStatus.Accepted });
        }
    }

    /// <summary>By NPI, or by name when just one is called so; else only the name stands in the appointment.</summary>
    private static async Task<ResourceReference?> ProviderAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        if (row["providerNpi"] is { } npi)
        {
            var found = await scope.WithIdentifierAsync("Practitioner", BillingUrls.Npi, npi, ct);
            if (found.Count == 1)
                return new ResourceReference(found[0].Key.ToString());
            row.Fault("providerNpi", found.Count == 0 ? "No practitioner here has this NPI: enter the practitioner first." : $"{found.Count} practitioners have this NPI.");
            return null;
        }

        if (row["providerName"] is not { } name)
            return null;
        var words = name.Split([' ', ',', '.'], StringSplitOptions.RemoveEmptyEntries).Where(w => ValueReader.Plain(w) is not ("dr" or "md" or "do" or "np" or "pa" or "rn" or "dds" or "phd")).Select(StringFolding.Fold).Where(w => w.Length > 1).ToHashSet();
        var named = words.Count == 0 ? [] : (await scope.FindAsync("Practitioner", ct, ("family", string.Join(',', words.Select(SearchText.Escape)))))
            .Where(p => ImportScope.Parsed<Practitioner>(p).Name.Exists(n => n.Family is { } family && words.Contains(StringFolding.Fold(family)) && (words.Count == 1 || n.Given.Any(g => words.Contains(StringFolding.Fold(g ?? "")))))).ToList();
        return named.Count == 1 ? new ResourceReference(named[0].Key.ToString()) : new ResourceReference { Display = name };
    }

    private static async Task<ResourceReference?> LocationAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        if (row["location"] is not { } name)
            return null;
        var named = (await scope.FindAsync("Location", ct, ("name", SearchText.Escape(name)))).Where(l => ImportScope.Parsed<Location>(l).Name is { } called && StringFolding.Fold(called) == StringFolding.Fold(name)).ToList();
        return named.Count == 1 ? new ResourceReference(named[0].Key.ToString()) : new ResourceReference { Display = name };
    }
}
