using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>The gathering half of <see cref="ClaimPipeline"/>: everything a claim is decided on, read before anything is decided.</summary>
internal sealed class ClaimWork(IFhirRecords records, ITerminology terminology, BillingSetup setup)
{
    private readonly ChargeBuilder chargeBuilder = new(terminology);
    private readonly DenialCounts denials = new(records);

    /// <summary>Coded and priced charges of a chart; null when the encounter has no date.</summary>
    public Task<GatheredVisit?> GatherAsync(EncounterChart chart, Claim? claim, CancellationToken ct) => GatherAsync(chart, claim, null, ct);

    /// <param name="share">Whose claim is to be made, where a visit has several first payers.</param>
    public async Task<GatheredVisit?> GatherAsync(EncounterChart chart, Claim? claim, VisitShare? share, CancellationToken ct)
    {
        if (DateOfService.From(chart.Encounter.Period?.Start, setup.Zone) is not { } day)
            return null;

        var patient = $"Patient/{chart.Patient.Id}";
        var before = await new EarlierReader(records).ReadAsync(chart, day, ct);

        // Whom a person put first on the claim goes before the order of the coverages; on the claims that follow to others it is still the first payer.
        var coverage = chart.Find<Coverage>(claim?.Insurance.OrderBy(i => i.Sequence).FirstOrDefault()?.Coverage)
            ?? (share is not null ? share.First : CoverageOrder.For(chart, day) is [var first, ..] ? first : null);
        var payor = chart.Find<Organization>(coverage?.Payor.FirstOrDefault());
        var family = PayerDirectory.FamilyOf(coverage, payor);
        if (chargeBuilder.Build(chart, before, family == PayerFamily.Medicare, setup.Zone, Tables(setup.Payers.For(coverage, payor, day).PrefersX)) is not { } coded)
            return null;

        var codes = coded.Lines.Select(l => (l.Code, l.Modifiers)).Concat(CodesOf(claim));
        var fees = (await FeeSchedule.LoadAsync(records, codes, ct)).For(coverage?.Payor.FirstOrDefault()?.Reference);
        var claims = await ListAsync<Claim>($"patient={patient}&identifier={BillingUrls.PatientControlNumber}|", ct);
        var sameNumber = claim?.PatientControlNumber() is { } pcn ? await NumberedAsync(pcn, ct) : []; // a claim that is not made yet has none
        var history = new ClaimHistory(before.Encounters, [.. claims.Where(c => IsCounted(c) && !IsOf(c, chart.Encounter))], sameNumber, await ResponsesAsync(claim, ct)) { Before = before };
        history = await BesideAsync(history, chart, claim, coverage, day, ct);
        var sheet = coded with { Lines = [.. coded.Lines.Select(fees.Price)] };
        return new GatheredVisit(sheet, fees, history, coverage, VisitSplit.Of(chart, sheet));
    }

    public ClaimGraph Graph(Claim claim, EncounterChart chart, ChargeSheet sheet, FeeSchedule fees, ClaimHistory history) =>
        new(claim, chart, sheet, fees, history, setup.Payers, setup.Zone);

    /// <summary>What would keep the claim out of an 837P; null when nothing says who sends it.</summary>
    public async Task<IReadOnlyList<WireProblem>?> TryToWriteAsync(Claim claim, CancellationToken ct)
    {
        if (setup.Interchange is not { } options)
            return null;
        var (mapped, problems) = ClaimMapping.Map(await new ClaimGatherer(records).GatherAsync(claim, ct), null, null);
        if (mapped is not null)
            problems = await new ClaimMapping(new BatchRenderer(options)).CheckAsync(mapped, ct);
        return [.. problems.Select(p => new WireProblem(p.Expression, p.Message))];
    }

    public async Task<Claim?> FindByControlNumberAsync(string pcn, CancellationToken ct) => (await NumberedAsync(pcn, ct)).FirstOrDefault();

    /// <summary>All claims of a number.</summary>
    public Task<List<Claim>> NumberedAsync(string pcn, CancellationToken ct) => ListAsync<Claim>(BillingKey.Query(BillingUrls.PatientControlNumber, pcn), ct);

    private ChargeTables Tables(bool prefersX) => new()
    {
        ComponentsOf = (code, day) => setup.Edits.FeesOn(day)?.Find(code)?.Components,
        PairOf = (first, second, day) => setup.Edits.PtpOn(day)?.Find(first, second, day)?.ModifierIndicator,
        PrefersX = prefersX,
    };

    /// <summary>The open tasks of a claim that a clean scrub settles.</summary>
    public async Task<IReadOnlyList<FhirTask>> OpenTasksAsync(string claimId, CancellationToken ct)
    {
        var tasks = await ListAsync<FhirTask>($"focus=Claim/{claimId}&code={BillingUrls.TaskCode}|fix-scrub,{BillingUrls.TaskCode}|fix-rejection", ct);
        return [.. tasks.Where(t => t.Status is not (FhirTask.TaskStatus.Completed or FhirTask.TaskStatus.Cancelled or FhirTask.TaskStatus.EnteredInError))];
    }

    /// <summary>What the rules need beside the patient's visits and claims.</summary>
    private async Task<ClaimHistory> BesideAsync(ClaimHistory history, EncounterChart chart, Claim? claim, Coverage? coverage, DateOnly day, CancellationToken ct)
    {
        var patient = $"Patient/{chart.Patient.Id}";
        var original = claim?.Related.Select(r => r.Claim?.Reference).FirstOrDefault(r => r?.StartsWith("Claim/", StringComparison.Ordinal) == true);
        return history with
        {
            Namesakes = await NamesakesAsync(chart.Patient, ct),
            Eligibility = await ListAsync<CoverageEligibilityResponse>($"patient={patient}", ct),
            Consents = await ListAsync<Consent>($"patient={patient}&status=active", ct),
            Authorisations = await ListAsync<ClaimResponse>($"patient={patient}&use=preauthorization", ct),
            Notes = await NotesAsync(chart, patient, day, ct),
            Original = original is null ? null : await records.ReadAsync<Claim>(original["Claim/".Length..], ct),
            Denials = coverage?.Payor.FirstOrDefault()?.Reference is { Length: > 0 } payer ? await denials.OfAsync(payer, day, ct) : [],
            PayerRules = coverage?.Payor.FirstOrDefault()?.Reference is { Length: > 0 } ruled ? await PayerRulesAsync(ruled, ct) : [],
            Acknowledgements = claim?.Id is { } id ? WarningTask.Read(await ListAsync<FhirTask>(WarningTask.Query(id), ct)) : [],
        };
    }

    /// <summary>What single rules ask, and only when the claim gives reason to.</summary>
    public async Task<ClaimHistory> OnDemandAsync(ClaimHistory history, EncounterChart chart, Claim claim, CancellationToken ct)
    {
        var patient = $"Patient/{chart.Patient.Id}";
        var lines = claim.Item.Select((item, i) => new ScrubLine(i, item)).ToList();
        if (lines.Exists(l => l.HasAny(["GA", "GX"])))
            history = history with { AdvanceNotices = await ListAsync<DocumentReference>($"patient={patient}&type={BillingKey.Token(AdvanceNotices.System, AdvanceNotices.Code)}", ct) };
        if (claim.Diagnosis.Exists(d => d.DiagnosisCode() is { } code && code.StartsWith("E", StringComparison.OrdinalIgnoreCase)))
            history = history with { Prescriptions = await ListAsync<MedicationRequest>($"patient={patient}&status=active", ct) };
        if (history.Original?.Id is { } original)
            history = history with { OriginalAnswers = await ListAsync<ClaimResponse>($"request=Claim/{original}", ct) };
        if (claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider?.Reference is { } rendering && IncidentTo.MayBe(chart, rendering)
            && lines.Select(l => l.From).OfType<DateOnly>().DefaultIfEmpty().Min() is var day && day != default)
            history = history with { IsRenderingIn = await IsInAsync(rendering, DateOfService.Text(day), ct) };
        return history;
    }

    private async Task<bool> IsInAsync(string practitioner, string day, CancellationToken ct) =>
        (await ListAsync<Appointment>($"actor={practitioner}&date={day}&status=booked,arrived,fulfilled,checked-in", ct)).Count > 0
        || (await ListAsync<Encounter>($"participant={practitioner}&date={day}&status=finished,in-progress", ct)).Exists(e => e.Participant.Exists(p => p.Individual?.Reference == practitioner))
        || (await ListAsync<Schedule>($"actor={practitioner}&date={day}&active=true", ct)).Count > 0;

    private async Task<IReadOnlyList<Patient>> NamesakesAsync(Patient patient, CancellationToken ct)
    {
        if (PatientNames.Of(patient)?.Family is not { Length: > 0 } family || DateOfService.From(patient.BirthDate) is not { } birth)
            return [];
        var born = await ListAsync<Patient>($"birthdate={DateOfService.Text(birth)}", ct);
        return [.. born.Where(p => p.Id != patient.Id && string.Equals(PatientNames.Of(p)?.Family, family, StringComparison.OrdinalIgnoreCase))];
    }

    private async Task<IReadOnlyList<PayerRuleRow>> PayerRulesAsync(string payer, CancellationToken ct) =>
        [.. (await ListAsync<Basic>(PayerRuleRecord.Query(payer), ct)).Select(PayerRuleRecord.Read).OfType<PayerRuleRow>()];

    private async Task<IReadOnlyList<Composition>> NotesAsync(EncounterChart chart, string patient, DateOnly day, CancellationToken ct)
    {
        var own = chart.OfType<Composition>().Where(c => c.Encounter?.Reference == $"Encounter/{chart.Encounter.Id}").ToList();
        if (own.Count == 0)
            return []; // nothing to compare
        var notes = await ListAsync<Composition>($"patient={patient}&date=ge{DateOfService.Text(day.AddDays(-365))}", ct);
        foreach (var author in own.SelectMany(n => n.Author).Select(a => a.Reference).OfType<string>().Distinct())
            notes.AddRange(await ListAsync<Composition>($"author={author}&date=ge{DateOfService.Text(day.AddDays(-7))}&date=le{DateOfService.Text(day.AddDays(7))}", ct));
        return [.. notes.Where(n => own.TrueForAll(o => o.Id != n.Id)).DistinctBy(n => n.Id)];
    }

    private async Task<IReadOnlyList<ClaimResponse>> ResponsesAsync(Claim? claim, CancellationToken ct)
    {
        var responses = new List<ClaimResponse>();
        foreach (var insurance in claim?.Insurance ?? [])
        {
            if (insurance.ClaimResponse?.Reference is { } reference
                && reference.StartsWith("ClaimResponse/", StringComparison.Ordinal)
                && await records.ReadAsync<ClaimResponse>(reference["ClaimResponse/".Length..], ct) is { } response)
                responses.Add(response);
        }

        return responses;
    }

    private async Task<List<T>> ListAsync<T>(string query, CancellationToken ct)
        where T : Resource
    {
        var found = new List<T>();
        await foreach (var resource in records.SearchAsync<T>(query, ct))
            found.Add(resource);
        return found;
    }

    /// <summary>The secondary claim or the replacement of the same visit bills the same services by right.</summary>
    private static bool IsOf(Claim claim, Encounter encounter) =>
        claim.Item.Exists(i => i.Encounter.Exists(e => e.Reference == $"Encounter/{encounter.Id}"));

    private static bool IsCounted(Claim claim) => claim.Status is not (FinancialResourceStatusCodes.Cancelled or FinancialResourceStatusCodes.EnteredInError);

    private static IEnumerable<(string Code, IReadOnlyList<string> Modifiers)> CodesOf(Claim? claim) =>
        (claim?.Item ?? []).Select((item, i) => new ScrubLine(i, item)).Where(l => l.Code.Length > 0).Select(l => (l.Code, l.Modifiers));
}
