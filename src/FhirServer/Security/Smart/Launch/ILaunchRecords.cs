using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Security.Smart.Launch;

/// <summary>What a launch asks of the records, seen with the eyes of the user who launches: nobody picks a patient they may not see.</summary>
internal interface ILaunchRecords
{
    /// <summary>Patients whose name or identifier matches; those seen last when nothing is given.</summary>
    Task<IReadOnlyList<PatientChoice>> FindPatientsAsync(Principal user, string words, CancellationToken ct);

    /// <summary>Null when the user may not see such a patient.</summary>
    Task<PatientChoice?> PatientAsync(Principal user, string id, CancellationToken ct);

    /// <summary>Patients whose record is the user's own or who are spoken for by the user.</summary>
    Task<IReadOnlyList<PatientChoice>> OwnPatientsAsync(Principal user, CancellationToken ct);

    /// <summary>Visits of the patient, newest first.</summary>
    Task<IReadOnlyList<EncounterChoice>> EncountersAsync(Principal user, string patientId, CancellationToken ct);

    Task<bool> IsVisitOfAsync(Principal user, string patientId, string encounterId, CancellationToken ct);
}

/// <summary>A patient as shown in the list to pick from: enough to tell two of the same name apart.</summary>
internal sealed record PatientChoice(string Id, string Name, string? BirthDate, string? Gender, string? Identifier);

internal sealed record EncounterChoice(string Id, string? Start, string Text);
