using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>Whose document it is.</summary>
internal abstract record DocumentPatient
{
    /// <summary>A patient of this server.</summary>
    public sealed record Known(ResourceKey Key) : DocumentPatient;

    /// <summary>Nobody here is like the one described.</summary>
    public sealed record New : DocumentPatient;

    /// <summary>Somebody may be, and a person has to look.</summary>
    public sealed record Uncertain(IReadOnlyList<(ResourceKey Key, MatchScore Score)> Candidates, string Why) : DocumentPatient;

    public sealed record Refused(FhirFault Fault) : DocumentPatient;
}

/// <summary>Finds the patient of a document among those the caller may see, as <c>$match</c> does.</summary>
internal sealed class DocumentPatients(CandidateSearch candidates, IResourceStore store)
{
    public async Task<DocumentPatient> FindAsync(Patient described, ResourceKey? named, bool isConfirmed, AccessPlan access, CancellationToken ct)
    {
        var asked = PatientTraits.Of(FhirFormats.ToJson(described));
        if (named is { } key)
        {
            if (await store.ReadAsync(key, access, ct) is not { IsDeleted: false } stored)
                return new DocumentPatient.Refused(FhirFault.NotFound(key));
            var survivor = (await PatientCandidates.SurvivorAsync(store, stored, access, ct))?.Key;
            if (survivor != key)
                return new DocumentPatient.Refused(FhirFault.Of(FaultKind.Unprocessable, PatientCandidates.MergedAway(key, survivor), "Patient.link"));
            return !isConfirmed && MatchScore.Of(asked, PatientTraits.Of(stored.Json)).Grade == MatchScore.CertainlyNot
                ? new DocumentPatient.Refused(FhirFault.Of(FaultKind.Unprocessable,
                    $"The document describes somebody else than {key}. When you have compared both and it is the same person, send confirmed=true.", "ClinicalDocument.recordTarget"))
                : new DocumentPatient.Known(key);
        }

        if (!CandidateSearch.Blocks(asked).Any())
            return new DocumentPatient.Refused(FhirFault.Of(FaultKind.Unprocessable,
                "The document says nothing that tells its patient: no identifier, no name. Name the patient, with Patient/[id]/$import-ccda.", "ClinicalDocument.recordTarget"));
        var like = await candidates.LikeAsync(asked, access, ct);
        return like switch
        {
            { Certain: { } certain } => new DocumentPatient.Known(certain.Key),
            { Doubt: { } why } => new DocumentPatient.Uncertain([.. like.Candidates.Take(10).Select(c => (c.Patient.Key, c.Score))], why),
            _ => new DocumentPatient.New(),
        };
    }
}
