using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Launch;
using FhirEmr.FhirServer.Security.Smart.Scopes;
using Microsoft.AspNetCore.Antiforgery;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>Finds what an app is started on: what the EHR has open, the user's own record, or what the user picks.</summary>
internal sealed class LaunchContexts(LaunchTickets launches, ILaunchRecords records, IAntiforgery antiforgery)
{
    public const string NoSuchLaunch = "The launch is not known, has been used, is over, or was made for somebody else. Open the app again from the EHR.";

    /// <summary>What is read while the patient is picked.</summary>
    private const string Picking = "user/Patient.rs user/Encounter.rs";

    public async Task<LaunchOutcome> ResolveAsync(Step step, CancellationToken ct)
    {
        var launch = (string?)step.Request["launch"];
        if (step.Scopes.Contains(ScopeGrant.Launch) || !string.IsNullOrEmpty(launch))
            return await OfEhrAsync(step, launch, ct);
        return ScopeGrant.NeedsPatient(step.Scopes) ? await StandaloneAsync(step, ct) : new LaunchOutcome.Known(null, null, null, null);
    }

    private async Task<LaunchOutcome> OfEhrAsync(Step step, string? value, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(value))
            return new LaunchOutcome.Refused(Errors.InvalidRequest, "The scope launch needs the launch parameter that the EHR opened the app with; outside an EHR ask for launch/patient.");
        if (!step.Scopes.Contains(ScopeGrant.Launch))
            return new LaunchOutcome.Refused(Errors.InvalidRequest, "The launch parameter needs the scope launch.");
        if (await launches.FindAsync(value, step.User.Account.Id, step.Client.ClientId, ct) is not { } launch)
            return new LaunchOutcome.Refused(Errors.InvalidRequest, NoSuchLaunch);
        if (launch.Patient is null)
            return new LaunchOutcome.Known(null, launch.Encounter, null, launch);
        return await records.PatientAsync(step.User.As(step.Client.ClientId, Picking), launch.Patient, ct) is { } patient
            ? new LaunchOutcome.Known(patient, launch.Encounter, null, launch)
            : new LaunchOutcome.Refused(Errors.AccessDenied, "The patient cannot be seen by this user.");
    }

    private async Task<LaunchOutcome> StandaloneAsync(Step step, CancellationToken ct)
    {
        var user = step.User.As(step.Client.ClientId, Picking);
        var picked = step.Answer?[PickPages.Patient].ToString();
        PatientChoice? patient = null;
        if (step.User.IsPatientOrProxy)
        {
            var own = await records.OwnPatientsAsync(user, ct);
            if (own.Count == 0)
                return new LaunchOutcome.Refused(Errors.AccessDenied, "This user has no patient's record.");
            patient = own.Count == 1 ? own[0] : own.FirstOrDefault(p => p.Id == picked);
            if (patient is null)
                return new LaunchOutcome.Ask(http => PickPages.PatientAsync(http, step.AppName, null, own, canSearch: false, Carrying(http, step, null), step.Request.RedirectUri!));
        }
        else
        {
            patient = string.IsNullOrEmpty(picked) ? null : await records.PatientAsync(user, picked, ct);
            if (patient is null)
            {
                var words = step.Answer?[PickPages.Words].ToString() ?? "";
                var found = await records.FindPatientsAsync(user, words, ct);
                return new LaunchOutcome.Ask(http => PickPages.PatientAsync(http, step.AppName, words, found, canSearch: true, Carrying(http, step, null), step.Request.RedirectUri!));
            }
        }

        if (!step.Scopes.Contains(ScopeGrant.LaunchEncounter))
            return new LaunchOutcome.Known(patient, null, null, null);
        var encounters = await records.EncountersAsync(user, patient.Id, ct);
        var answer = step.Answer?[PickPages.Encounter].ToString();
        if (encounters.Count == 0)
            return new LaunchOutcome.Known(patient, null, null, null);
        if (answer == PickPages.None || encounters.Any(e => e.Id == answer))
            return new LaunchOutcome.Known(patient, answer == PickPages.None ? null : answer, answer, null);
        return new LaunchOutcome.Ask(http => PickPages.EncounterAsync(http, step.AppName, patient, encounters, Carrying(http, step, patient.Id), step.Request.RedirectUri!));
    }

    private List<KeyValuePair<string, string>> Carrying(HttpContext http, Step step, string? patient)
    {
        var token = antiforgery.GetAndStoreTokens(http);
        return [.. step.Carried, .. patient is null ? Array.Empty<KeyValuePair<string, string>>() : [new(PickPages.Patient, patient)], new(token.FormFieldName, token.RequestToken!)];
    }
}

/// <summary>What is known of the context of a launch.</summary>
internal abstract record LaunchOutcome
{
    /// <param name="EncounterAnswer">What was said to the question for the visit, none of them included.</param>
    /// <param name="Launch">The launch of the EHR, to be used up when the code is given.</param>
    public sealed record Known(PatientChoice? Patient, string? Encounter, string? EncounterAnswer, LaunchContext? Launch) : LaunchOutcome;

    /// <summary>The user has to be asked, by this page.</summary>
    public sealed record Ask(Func<HttpContext, Task> Page) : LaunchOutcome;

    public sealed record Refused(string Error, string Text) : LaunchOutcome;
}
