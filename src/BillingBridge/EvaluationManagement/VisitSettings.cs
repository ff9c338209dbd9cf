namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Settings as the codes a caller names them with.</summary>
public static class VisitSettings
{
    private static readonly (VisitSetting Setting, string Code)[] Rows =
    [
        (VisitSetting.Office, "office"), (VisitSetting.HospitalInitial, "hospital-initial"), (VisitSetting.HospitalSubsequent, "hospital-subsequent"),
        (VisitSetting.HospitalSameDay, "hospital-same-day"), (VisitSetting.HospitalDischarge, "hospital-discharge"),
        (VisitSetting.OutpatientConsultation, "consultation-outpatient"), (VisitSetting.InpatientConsultation, "consultation-inpatient"),
        (VisitSetting.Emergency, "emergency"), (VisitSetting.NursingFacilityInitial, "nursing-facility-initial"),
        (VisitSetting.NursingFacilitySubsequent, "nursing-facility-subsequent"), (VisitSetting.Home, "home"), (VisitSetting.CriticalCare, "critical-care"),
    ];

    public static IEnumerable<string> Codes => Rows.Select(r => r.Code);

    public static VisitSetting? Parse(string? code) => Rows.Where(r => r.Code == code).Select(r => (VisitSetting?)r.Setting).FirstOrDefault();

    public static string CodeOf(VisitSetting setting) => Rows.Single(r => r.Setting == setting).Code;
}
