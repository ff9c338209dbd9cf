namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Where and what kind of visit it was: each has codes and minutes of its own (billing spec 4.1, 4.4).</summary>
public enum VisitSetting
{
    Office,
    HospitalInitial,
    HospitalSubsequent,
    HospitalSameDay,
    HospitalDischarge,
    OutpatientConsultation,
    InpatientConsultation,
    Emergency,
    NursingFacilityInitial,
    NursingFacilitySubsequent,
    Home,
    CriticalCare,
}
