using System.Globalization;
using FhirEmr.BillingBridge;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary><c>patient-view</c>: a chart is opened. What is due, whether the insurance is good, what is owed.</summary>
internal sealed class PatientView(BillingSetup setup, TimeProvider clock)
{
    private const string Balance = "balance";

    private static readonly string Done = $"patient={{{{context.patientId}}}}&code={PreventiveServices.Codes}";

    public CdsService Service => new("patient-view", "patient-view", "What is open for this patient",
        "Preventive services that are due, insurance that is not in force or was not checked lately, and the open balance for those who may see it.",
        [
            new("patient", "Patient/{{context.patientId}}"),
            new("conditions", "Condition?patient={{context.patientId}}"),
            new("procedures", $"Procedure?{Done}"),
            new("observations", $"Observation?{Done}"),
            new("reports", $"DiagnosticReport?{Done}"),
            new("immunizations", "Immunization?patient={{context.patientId}}"),
            new("orders", "ServiceRequest?patient={{context.patientId}}&status=active,on-hold"),
            new("coverages", "Coverage?patient={{context.patientId}}"),
            new("eligibility", "CoverageEligibilityResponse?patient={{context.patientId}}"),
        ], AnswerAsync);

    private async Task<IReadOnlyList<CdsCard>> AnswerAsync(CdsRequest request, CdsRecords records, CancellationToken ct)
    {
        if (await records.ReadAsync<Patient>(request.PatientId, ct) is not { } patient)
            throw new CdsDataMissingException("the patient is not known here, or not to this user");
        var today = setup.Today(clock);
        return [.. await GapsAsync(patient, request, records, today, ct), .. await CoveragesAsync(request, records, today, ct), .. await OwedAsync(request, records, ct)];
    }

    /// <summary>Nothing is called due that the user merely may not see.</summary>
    private static async Task<IEnumerable<CdsCard>> GapsAsync(Patient patient, CdsRequest request, CdsRecords records, DateOnly today, CancellationToken ct)
    {
        var (of, done) = ($"patient={request.PatientId}", CdsRecords.Fill(Done, request));
        List<Resource> chart =
        [
            .. await records.ListAsync<Condition>(of, ct), .. await records.ListAsync<Procedure>(done, ct), .. await records.ListAsync<Observation>(done, ct),
            .. await records.ListAsync<DiagnosticReport>(done, ct), .. await records.ListAsync<Immunization>(of, ct), .. await records.ListAsync<ServiceRequest>($"{of}&status=active,on-hold", ct),
        ];
        return records.Withheld.Count > 0 ? [] : CareGaps.Of(patient, chart, today);
    }

    private static async Task<IEnumerable<CdsCard>> CoveragesAsync(CdsRequest request, CdsRecords records, DateOnly today, CancellationToken ct)
    {
        var coverages = await records.ListAsync<Coverage>($"patient={request.PatientId}", ct);
        var answers = await records.ListAsync<CoverageEligibilityResponse>($"patient={request.PatientId}", ct);
        return records.Withheld.Contains("Coverage") ? [] : CoverageCards.Of(request.PatientId, coverages, records.Withheld.Contains("CoverageEligibilityResponse") ? null : answers, today);
    }

    /// <summary>Money is told to whoever may call <c>$balance</c>, and to nobody else.</summary>
    private static async Task<IEnumerable<CdsCard>> OwedAsync(CdsRequest request, CdsRecords records, CancellationToken ct)
    {
        if (!records.CanRead || await records.AskAsync($"Patient/{request.PatientId}/$balance", ct) is not { } answer || (answer.GetSingle("patient")?.Value as Money)?.Value is not (> 0 and var usd))
            return [];
        var claims = answer.Parameter.Where(p => p.Name == "claim" && p.Part.Exists(x => x.Name == "patient" && x.Value is Money { Value: > 0 })).SelectMany(p => p.Part).Select(p => (p.Value as ResourceReference)?.Reference).OfType<string>().Distinct();
        return
        [
            new CdsCard(Balance, CdsIndicator.Info, string.Create(CultureInfo.InvariantCulture, $"Open balance of the patient: USD {usd:0.00}"))
            {
                Detail = "What payers have left to the patient and is not paid yet.",
                Facts = [$"Patient/{request.PatientId}", .. claims],
                OverrideReasons = [OverrideReasons.NotToday],
            },
        ];
    }
}
