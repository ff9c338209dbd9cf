using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>The nightly questions about the coverages of those who come in the next days (product spec 4.6); only problems become work.</summary>
/// <remarks>
/// A question is one request, whichever night asks it, so that a round cut short is simply run again: what was asked is not asked twice. A coverage
/// is asked about when the visit is first seen, and once more the day before when the answer is older than a day.
/// </remarks>
/// <param name="records">Appointments, coverages, requests.</param>
/// <param name="pipeline">Writes the 270.</param>
/// <param name="time">Now.</param>
/// <param name="zone">Of the practice: an appointment's day is a day there.</param>
public sealed class EligibilityRound(IFhirRecords records, EligibilityPipeline pipeline, TimeProvider time, TimeZoneInfo zone)
{
    /// <summary>How many days ahead are looked at, today included for what is still to come.</summary>
    public const int Days = 3;

    private const int AppointmentsAtOnce = 50;
    private const string NoCoverage = "no-coverage";

    private readonly FhirReferences _references = new(records);

    public async Task<EligibilityRoundResult> RunAsync(CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).DateTime);
        var (appointments, asked, problems) = (0, 0, 0);
        var query = $"status=booked,pending,arrived,checked-in&date=ge{DateOfService.Text(today)}&date=le{DateOfService.Text(today.AddDays(Days))}";
        await foreach (var some in records.SearchAsync<Appointment>(query, ct).Chunk(AppointmentsAtOnce).WithCancellation(ct))
        {
            var work = new List<WorklistTask>();
            var requests = new List<CoverageEligibilityRequest>();
            foreach (var appointment in some)
                await GatherAsync(appointment, today, requests, work, ct);
            appointments += some.Length;
            problems += work.Count;
            var ids = await StoreAsync(requests, work, ct);
            if (ids.Count == 0)
                continue;

            var result = await pipeline.AskAsync(ids, ct);
            asked += result.RequestIds.Count;
            problems += await ReportAsync(result.NotAsked, ct);
        }

        return new EligibilityRoundResult(appointments, asked, problems);
    }

    private async Task GatherAsync(Appointment appointment, DateOnly today, List<CoverageEligibilityRequest> requests, List<WorklistTask> work, CancellationToken ct)
    {
        var patient = appointment.Participant.Select(p => FhirReferences.IdOf(p.Actor?.Reference, "Patient")).OfType<string>().FirstOrDefault();
        if (patient is null || appointment.Start is not { } start)
            return;
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(start, zone).DateTime);
        if (day < today)
            return;

        var coverages = await records.SearchAsync<Coverage>($"beneficiary=Patient/{patient}", ct).ToListAsync(ct);
        var open = coverages.Where(c => c.Status is FinancialResourceStatusCodes.Active && (c.Period is not { } period || CoverageOrder.Covers(period, day))).ToList();
        if (open.Count == 0)
        {
            work.Add(new WorklistTask
            {
                Code = EligibilityTasks.VerifyEligibility,
                Key = BillingKey.Of("task", NoCoverage, appointment.Id, DateOfService.Text(day)),
                Focus = $"Appointment/{appointment.Id}",
                Patient = $"Patient/{patient}",
                Description = "No coverage is in force on the day of the visit: ask the patient, or agree that they pay themselves.",
                ValueAtStakeUsd = 0m,
                Deadline = day,
            });
            return;
        }

        var provider = await ProviderAsync(appointment, ct);
        foreach (var coverage in open.Where(c => c.Payor is [{ Reference.Length: > 0 }, ..] && FhirReferences.IdOf(c.Payor[0].Reference, "Organization") is not null))
        {
            var request = Request(patient, coverage, provider, day);
            if (await IsDueAsync(request, day, today, ct))
                requests.Add(request);
        }
    }

    private CoverageEligibilityRequest Request(string patient, Coverage coverage, ResourceReference? provider, DateOnly day)
    {
        var request = new CoverageEligibilityRequest
        {
            Status = FinancialResourceStatusCodes.Active,
            Purpose = [CoverageEligibilityRequest.EligibilityRequestPurpose.Validation, CoverageEligibilityRequest.EligibilityRequestPurpose.Benefits],
            Patient = new ResourceReference($"Patient/{patient}"),
            Serviced = new Date(DateOfService.Text(day)),
            Created = DateOfService.Text(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)),
            Provider = provider,
            Insurer = new ResourceReference(coverage.Payor[0].Reference),
            Insurance = [new() { Focal = true, Coverage = new ResourceReference($"Coverage/{coverage.Id}") }],
            Item = [new() { Category = new CodeableConcept(EligibilityUrls.ServiceType, ServiceTypes.OfficeVisit) }],
        };
        request.AddExtension(EligibilityUrls.Round, new FhirBoolean(true));
        request.Identifier.Add(new Identifier(EligibilityUrls.Question, EligibilityQuestion.KeyOf(request)));
        return request;
    }

    // One question a coverage and day. A question without an answer is in the outbox or with the payer.
    private async Task<bool> IsDueAsync(CoverageEligibilityRequest request, DateOnly day, DateOnly today, CancellationToken ct)
    {
        var key = EligibilityQuestion.KeyOf(request);
        DateTimeOffset? answered = null;
        await foreach (var answer in records.SearchAsync<CoverageEligibilityResponse>(BillingKey.Query(EligibilityUrls.Question, key), ct))
        {
            if (answer.Outcome is not ClaimProcessingCodes.Error && DateTimeOffset.TryParse(answer.Created, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var came))
                answered = answered is { } other && other > came ? other : came;
        }

        if (answered is { } last)
            return day.DayNumber - today.DayNumber <= 1 && time.GetUtcNow() - last >= EligibilityCheck.Keep;
        await foreach (var stored in records.SearchAsync<CoverageEligibilityRequest>(BillingKey.Query(EligibilityUrls.Question, key), ct))
        {
            if (stored.Identifier.Exists(i => i.System == BillingUrls.Trace))
                return false;
        }

        return true;
    }

    private async Task<List<string>> StoreAsync(List<CoverageEligibilityRequest> requests, List<WorklistTask> work, CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        foreach (var task in work)
            transaction.Add(task, time.GetUtcNow());
        var from = transaction.Count;
        foreach (var request in requests)
            transaction.CreateOnce(request, EligibilityUrls.Question, EligibilityQuestion.KeyOf(request));
        if (transaction.Count == 0)
            return [];
        return await records.CommitAsync(transaction.Bundle, ct) switch
        {
            CommitOutcome.Committed committed =>
                [.. committed.Response.Entry.Skip(from).Select(e => FhirReferences.IdOf(e.Response?.Location, "CoverageEligibilityRequest")).OfType<string>().Distinct()],
            CommitOutcome.Refused refused => throw new InvalidOperationException($"The FHIR server refuses the questions of the night: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}"),
            _ => [], // somebody else stores the same: the next round sees what is left
        };
    }

    private async Task<int> ReportAsync(IReadOnlyList<EligibilityNotAsked> notAsked, CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        foreach (var (id, problems) in notAsked)
        {
            if (await records.ReadAsync<CoverageEligibilityRequest>(id, ct) is not { } request)
                continue;
            transaction.Add(
                new WorklistTask
                {
                    Code = EligibilityTasks.VerifyEligibility,
                    Key = BillingKey.Of("task", "not-asked", id),
                    Focus = $"CoverageEligibilityRequest/{id}",
                    Patient = request.Patient?.Reference,
                    Description = "The payer cannot be asked about this coverage before the visit; what is missing is named.",
                    ValueAtStakeUsd = 0m,
                    Findings = [.. problems.Select(p => p.Message)],
                    Deadline = EligibilityRequestMapping.ServicedDays(request)?.First,
                },
                time.GetUtcNow());
        }

        if (transaction.Count > 0 && await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
            throw new InvalidOperationException($"The FHIR server refuses the work of the night: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
        return transaction.Count;
    }

    // A payer wants an NPI and a tax number of who asks. A practice has both, a person seldom.
    private async Task<ResourceReference?> ProviderAsync(Appointment appointment, CancellationToken ct)
    {
        ResourceReference? person = null;
        foreach (var actor in appointment.Participant.Select(p => p.Actor).OfType<ResourceReference>())
        {
            var candidates = new List<ResourceReference?>();
            if (await _references.FindAsync<Practitioner>(actor, ct) is { } practitioner)
            {
                person ??= actor;
                await foreach (var role in records.SearchAsync<PractitionerRole>($"practitioner=Practitioner/{practitioner.Id}", ct))
                    candidates.Add(role.Organization);
            }

            candidates.Add((await _references.FindAsync<PractitionerRole>(actor, ct))?.Organization);
            candidates.Add((await _references.FindAsync<Location>(actor, ct))?.ManagingOrganization);
            candidates.Add((await _references.FindAsync<HealthcareService>(actor, ct))?.ProvidedBy);
            foreach (var candidate in candidates)
            {
                if (await _references.FindAsync<Organization>(candidate, ct) is { } organization
                    && PartyMapping.Identifier(organization.Identifier, BillingUrls.Npi) is not null && PartyMapping.Identifier(organization.Identifier, BillingUrls.Ein) is not null)
                    return new ResourceReference($"Organization/{organization.Id}");
            }
        }

        return person;
    }
}

/// <summary>What a round did.</summary>
/// <param name="Appointments">Looked at.</param>
/// <param name="Asked">Questions written.</param>
/// <param name="Problems">Tasks made at once; answers may make more.</param>
public sealed record EligibilityRoundResult(int Appointments, int Asked, int Problems);
