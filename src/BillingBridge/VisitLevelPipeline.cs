using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.EvaluationManagement;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Encounter → level of its visit, with the facts. Gathers, decides without I/O, and stores nothing.</summary>
/// <remarks>Billing spec 4. The level follows the documentation: it never proposes what to write, only what is missing.</remarks>
public sealed class VisitLevelPipeline(IFhirRecords records, ITerminology terminology, BillingSetup setup)
{
    private readonly VisitFactsReader reader = new(terminology, setup.Chronic);

    /// <param name="encounterId">Logical id.</param>
    /// <param name="day">Which day of a stay; the day it began when null.</param>
    /// <param name="setting">Null reads it from the encounter.</param>
    public async Task<VisitLevelResult> RunAsync(string encounterId, DateOnly? day, VisitSetting? setting, CancellationToken ct)
    {
        if (await records.ReadChartAsync(encounterId, ct) is not { } chart)
            return new VisitLevelResult.NoSuchEncounter(encounterId);

        var (start, end) = (DateOfService.From(chart.Encounter.Period?.Start, setup.Zone), DateOfService.From(chart.Encounter.Period?.End, setup.Zone));
        if ((day ?? start) is not { } on)
            return new VisitLevelResult.NotJudged($"Encounter/{encounterId} has no start date: nothing can be dated.", "Encounter.period.start");
        if (on < start || on > end)
            return new VisitLevelResult.NotJudged($"Encounter/{encounterId} is of {Text(start)} to {Text(end)}; {Text(on)} is outside.", "Encounter.period");

        var record = await GatherAsync(chart, await new EarlierReader(records).ReadAsync(chart, on, ct), on, ct);
        if (reader.Read(record, setting, IsMedicare(chart, on)) is not { } facts)
            return new VisitLevelResult.NotJudged(
                $"Nothing tells where the visit was: Encounter/{encounterId} has class {chart.Encounter.Class?.Code ?? "none"}. Name the setting: {string.Join(", ", VisitSettings.Codes)}.", "Encounter.class");
        return VisitLevels.NotApplicable(facts.Setting, on) is { } why
            ? new VisitLevelResult.NotJudged(why, "Encounter.period.start")
            : new VisitLevelResult.Found(VisitLevels.Of(facts));
    }

    /// <summary>What the record supports for each visit code that a claim bills; codes whose level nobody chooses are left out.</summary>
    /// <param name="chart">The encounter, with the charges as they are or would be.</param>
    /// <param name="before">The three years before, as gathered for the claim.</param>
    /// <param name="claim">The claim as it is or would be stored.</param>
    internal async Task<IReadOnlyList<SupportedLevel>> SupportAsync(EncounterChart chart, EarlierServices before, Claim claim, CancellationToken ct)
    {
        var levels = new List<SupportedLevel>();
        var billed = claim.Item.Select((item, i) => new ScrubLine(i, item)).Where(l => l.From is not null && VisitCodes.Rank(l.Code) is not null).Select(l => (l.Code, Day: l.From!.Value)).Distinct();
        foreach (var visit in billed.GroupBy(l => l.Day))
        {
            var record = await GatherAsync(chart, before, visit.Key, ct);
            foreach (var (code, day) in visit)
            {
                var setting = VisitCodes.SettingOf(code)!.Value;
                if (VisitLevels.NotApplicable(setting, day) is not null || reader.Read(record, setting, IsMedicare(chart, day)) is not { } facts)
                    continue;
                var level = VisitLevels.Of(facts);
                levels.Add(new SupportedLevel(
                    code, day, level.Code, LevelComparison.LevelsAbove(code, level), level.CodeIfConfirmed == level.Code ? null : level.CodeIfConfirmed,
                    LevelComparison.Why(level), [.. LevelComparison.Evidence(level)]));
            }
        }

        return levels;
    }

    private static bool IsMedicare(EncounterChart chart, DateOnly day)
    {
        var coverage = CoverageOrder.For(chart, day) is [var first, ..] ? first : null;
        return PayerDirectory.FamilyOf(coverage, chart.Find<Organization>(coverage?.Payor.FirstOrDefault())) == PayerFamily.Medicare;
    }

    private async Task<VisitRecord> GatherAsync(EncounterChart chart, EarlierServices before, DateOnly day, CancellationToken ct)
    {
        var (patient, visit) = ($"Patient/{chart.Patient.Id}", $"Encounter/{chart.Encounter.Id}");
        var record = new VisitRecord(chart, day, setup.Zone)
        {
            MedicationRequests = await ListAsync<MedicationRequest>($"encounter={visit}", ct),
            MedicationStatements = await ListAsync<MedicationStatement>($"context={visit}", ct),
            Questionnaires = await ListAsync<QuestionnaireResponse>($"encounter={visit}", ct),
            Earlier = [.. before.Encounters.Where(e => e.Status == Encounter.EncounterStatus.Finished)],
            Claims = before.Claims,
            Roles = before.Roles,
        };
        if (record.Clinician is not { } clinician)
            return record;

        var (from, to) = ($"ge{DateOfService.Text(day.AddDays(-1))}", $"le{DateOfService.Text(day.AddDays(1))}");
        var provenances = await ListAsync<Provenance>($"agent={clinician}&recorded={from}&recorded={to}", ct);
        var openings = await ListAsync<AuditEvent>($"patient={patient}&agent={clinician}&date={from}&date={to}", ct);
        record = record with
        {
            Provenances = [.. provenances.Where(p => IsOn(p.Recorded, day))],
            Openings = [.. openings.Where(a => a.Action == AuditEvent.AuditEventAction.R && IsOn(a.Recorded, day))],
        };
        return record with { Reviewed = await ReviewedAsync(record, patient, ct) };
    }

    /// <summary>What was reviewed or opened, when it is the patient's, and the orders behind it.</summary>
    private async Task<IReadOnlyList<Resource>> ReviewedAsync(VisitRecord record, string patient, CancellationToken ct)
    {
        var found = new Dictionary<string, Resource>(StringComparer.Ordinal);
        var targets = record.Provenances.SelectMany(p => p.Target).Concat(record.Openings.SelectMany(a => a.Entity).Select(e => e.What));
        foreach (var target in targets.OfType<ResourceReference>())
        {
            await AddAsync<DiagnosticReport>(target, r => r.Subject);
            await AddAsync<Observation>(target, r => r.Subject);
            await AddAsync<DocumentReference>(target, r => r.Subject);
        }

        var bases = found.Values.SelectMany(r => r switch
        {
            DiagnosticReport report => report.BasedOn,
            Observation observation => observation.BasedOn,
            _ => [],
        }).ToList();
        foreach (var basis in bases)
            await AddAsync<ServiceRequest>(basis, r => r.Subject);
        return [.. found.Values];

        async Task AddAsync<T>(ResourceReference reference, Func<T, ResourceReference?> subject)
            where T : Resource
        {
            if (FhirReferences.IdOf(reference.Reference, ModelInfo.GetFhirTypeNameForType(typeof(T))!) is { } id
                && !found.ContainsKey($"{typeof(T).Name}/{id}") && await records.ReadAsync<T>(id, ct) is { } resource && subject(resource)?.Reference == patient)
                found[$"{typeof(T).Name}/{id}"] = resource;
        }
    }

    private bool IsOn(DateTimeOffset? moment, DateOnly day) =>
        moment is { } at && DateOfService.From(at.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture), setup.Zone) == day;

    private async Task<List<T>> ListAsync<T>(string query, CancellationToken ct)
        where T : Resource
    {
        var found = new List<T>();
        await foreach (var resource in records.SearchAsync<T>(query, ct))
            found.Add(resource);
        return found;
    }

    private static string Text(DateOnly? day) => day is { } d ? DateOfService.Text(d) : "an open end";
}
