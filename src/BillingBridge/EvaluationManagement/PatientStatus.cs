using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>New or established (billing spec 4.2), as the charges and PROC-008 decide it: <see cref="EncounterHistory"/>.</summary>
internal static class PatientStatus
{
    public static (bool IsNew, Support Support) Read(VisitRecord record) => EncounterHistory.Last(record.Chart, record.Before, record.Day, record.Zone) is { } last
        ? (false, new(last.Reference, $"Established: seen {DateOfService.Text(last.Day)} by the same clinician or group."))
        : (true, new(record.EncounterReference, $"New: no professional visit by the same clinician or group after {DateOfService.Text(record.Day.AddYears(-3))}."));
}
