using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Which table of codes the visit belongs to (billing spec 4.4).</summary>
/// <remarks>A visit code on the encounter says it outright; then the type (consultation), the place, and the class with the day of the stay.</remarks>
internal static class SettingReader
{
    private const string Consultation = "11429006"; // SNOMED CT

    public static (VisitSetting Setting, Support Support)? Read(VisitRecord record)
    {
        var (encounter, reference) = (record.Chart.Encounter, record.EncounterReference);
        foreach (var coding in encounter.Type.SelectMany(t => t.Codes()).Where(c => c.System == CodeSystemUrls.Cpt))
            if (VisitCodes.SettingOf(coding.Code) is { } said)
                return (said, new(reference, $"The encounter's type is {coding.Code}."));

        var place = PlacesOfService.Of(record.Chart, record.Day);
        var isInpatient = encounter.Class?.Code is "IMP" or "ACUTE" or "NONAC" or "OBSENC";
        if (encounter.Type.Exists(t => t.HasAny(Consultation)))
            return (isInpatient || place is "21" or "31" or "32" ? VisitSetting.InpatientConsultation : VisitSetting.OutpatientConsultation, new(reference, "The encounter's type is a consultation."));

        var day = DayOfStay(record);
        return (place, encounter.Class?.Code) switch
        {
            ("31" or "32", _) => (day is StayDay.First or StayDay.Only ? VisitSetting.NursingFacilityInitial : VisitSetting.NursingFacilitySubsequent, new(reference, $"Place of service {place}, {Words(day)}.")),
            (_, "IMP" or "ACUTE" or "NONAC" or "OBSENC") => (Hospital(day), new(reference, $"Class {encounter.Class.Code}, {Words(day)}.")),
            ("23", _) or (_, "EMER") => (VisitSetting.Emergency, new(reference, "An emergency encounter.")),
            ("12" or "13" or "14" or "16" or "33", _) => (VisitSetting.Home, new(reference, $"Place of service {place}: a home or residence.")),
            (_, "AMB" or "VR") => (VisitSetting.Office, new(reference, $"Class {encounter.Class.Code}.")),
            (_, "HH") => (VisitSetting.Home, new(reference, "Class HH: home health.")),
            _ => null,
        };
    }

    /// <summary>Hours between the two ends of a stay; null when either has no time of day.</summary>
    public static double? HoursOfStay(Encounter encounter) =>
        encounter.Period is { Start.Length: > 10, End.Length: > 10 } period
        && DateTimeOffset.TryParse(period.Start, System.Globalization.CultureInfo.InvariantCulture, out var start)
        && DateTimeOffset.TryParse(period.End, System.Globalization.CultureInfo.InvariantCulture, out var end)
            ? (end - start).TotalHours
            : null;

    private static VisitSetting Hospital(StayDay day) => day switch
    {
        StayDay.Only => VisitSetting.HospitalSameDay,
        StayDay.First => VisitSetting.HospitalInitial,
        StayDay.Last => VisitSetting.HospitalDischarge,
        _ => VisitSetting.HospitalSubsequent,
    };

    private static StayDay DayOfStay(VisitRecord record)
    {
        var period = record.Chart.Encounter.Period;
        var (isFirst, isLast) = (record.IsOnDay(period?.Start), record.IsOnDay(period?.End));
        return (isFirst, isLast) switch
        {
            (true, true) => StayDay.Only,
            (true, false) => StayDay.First,
            (false, true) => StayDay.Last,
            _ => StayDay.Between,
        };
    }

    private static string Words(StayDay day) => day switch
    {
        StayDay.Only => "admitted and discharged on the day",
        StayDay.First => "the day of admission",
        StayDay.Last => "the day of discharge",
        _ => "a day of the stay",
    };

    private enum StayDay
    {
        Only,
        First,
        Between,
        Last,
    }
}
