using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>SIU^S12 (booked), S13 (moved), S14 (changed), S15 (cancelled) → Appointment.</summary>
internal static class ScheduleMap
{
    public static IReadOnlyList<MappedResource> Map(MessageScope scope)
    {
        if (scope.Required("SCH") is not { } sch)
            return [];
        // The filler's number is the one that lasts; a placer that books without one has its own.
        if ((sch[2].Text ?? sch[1].Text) is not { } number)
        {
            scope.Fault(ErrorCodes.RequiredFieldMissing, "SCH-2 (or SCH-1), the number of the appointment, is missing.", sch[2].At);
            return [];
        }

        var start = Start(scope, sch);
        var isCancelled = scope.Header.Event == "S15";
        if (start is null && !isCancelled && scope.Faults.Count == 0)
            scope.Fault(ErrorCodes.RequiredFieldMissing, "SCH-11.4 (or TQ1-7), when the appointment begins, is missing.", sch[11].First.Component(4));
        if (start is { HasTime: false })
            scope.Fault(ErrorCodes.DataType, "An appointment begins at a time, not on a day.", sch[11].First.Component(4));

        var appointment = new Appointment
        {
            Id = scope.Id("appointment", number),
            Status = isCancelled ? Appointment.AppointmentStatus.Cancelled : Appointment.AppointmentStatus.Booked,
            Start = start?.At,
            MinutesDuration = Minutes(sch),
            Description = Words.Line(sch[7].First[2] ?? sch[7].First[1]),
        };
        appointment.Identifier.Add(new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "appointment"), Words.Line(number)));
        var until = Dtm.Parse(sch[11].First[5] ?? scope.Message.First("TQ1")?[8].Text, scope.Sender.Zone);
        appointment.End = until is { HasTime: true } ? until.At : start is { HasTime: true } && appointment.MinutesDuration is > 0 and var minutes ? start.At.AddMinutes(minutes) : null;
        if (start is not null && appointment.End is null && !isCancelled && scope.Faults.Count == 0)
            scope.Fault(ErrorCodes.RequiredFieldMissing, "SCH-9 and SCH-11.5, how long the appointment lasts, are both missing.", sch[9].At);
        if (appointment.Start is null || appointment.End is null)
            (appointment.Start, appointment.End) = (null, null); // app-3: both or none
        if (sch[8].HasValue)
            appointment.AppointmentType = Words.Concept(sch[8].First, scope.Sender);
        if (sch[6].HasValue && isCancelled)
            appointment.CancelationReason = Words.Concept(sch[6].First, scope.Sender);
        else if (sch[7].HasValue && Words.Concept(sch[7].First, scope.Sender) is { } reason)
            appointment.ReasonCode.Add(reason);

        Add(appointment, scope.Subject, null);
        foreach (var segment in scope.Message.Segments)
        {
            if (segment.Id == "AIP" && Words.Person(segment[3].First, scope.Sender) is { } person)
                Add(appointment, person, segment[4].HasValue ? Words.Concept(segment[4].First, scope.Sender) : null);
            else if (segment.Id == "AIL" && string.Join(' ', new[] { segment[3].First[1], segment[3].First[2], segment[3].First[4] }.Select(Words.Line).OfType<string>()) is { Length: > 0 } place)
                Add(appointment, new ResourceReference { Display = place }, null);
            else if (segment.Id == "AIS" && segment[3].HasValue && Words.Concept(segment[3].First, scope.Sender) is { } service)
                appointment.ServiceType.Add(service);
        }

        if (scope.Message.First("NTE")?[3].Whole is { } note)
            appointment.Comment = Words.Text(note);
        return [new(appointment, sch.At(), scope.AsOf)];
    }

    private static Dtm? Start(MessageScope scope, Segment sch) =>
        sch[11].First[4] is not null ? scope.Time(sch[11], 4) : scope.Message.First("TQ1") is { } tq1 ? scope.Time(tq1[7]) : scope.Message.First("AIS") is { } ais ? scope.Time(ais[4]) : null;

    private static int? Minutes(Segment sch) => int.TryParse(sch[9].Text ?? sch[11].First[3], System.Globalization.CultureInfo.InvariantCulture, out var number) && number is > 0 and < 100_000
        ? (sch[10].Text?.ToUpperInvariant()) switch { "H" or "HR" or "HOURS" => number * 60, "S" or "SEC" => number / 60, _ => number }
        : null;

    private static void Add(Appointment appointment, ResourceReference actor, CodeableConcept? type)
    {
        var participant = new Appointment.ParticipantComponent { Actor = actor, Status = ParticipationStatus.Accepted };
        if (type is not null)
            participant.Type.Add(type);
        appointment.Participant.Add(participant);
    }
}
