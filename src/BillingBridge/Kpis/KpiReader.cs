using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>FHIR resources → what the KPIs count. Pure; a resource that counts for nothing gives null.</summary>
/// <param name="journal">Reads the journal entry a Basic holds; null for any other Basic.</param>
/// <param name="zone">The practice's zone, which decides the day of an instant.</param>
public sealed class KpiReader(Func<Basic, JournalEntry?> journal, TimeZoneInfo? zone)
{
    /// <summary>Types that may count for something; changes of others need not be read.</summary>
    public static IReadOnlySet<string> Types { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "Claim", "ClaimResponse", "Provenance", "Basic", "Encounter", "ChargeItem", "Appointment", "CoverageEligibilityResponse",
    };

    /// <param name="resource">A stored resource, with its id.</param>
    /// <param name="payerClass">Class of a Claim's focal coverage; not asked for other types.</param>
    /// <param name="payerId">Id that claims to its payer carry; null when the payer has none.</param>
    public KpiRecord? Read(Resource resource, string payerClass, string? payerId = null) => resource switch
    {
        Claim { Use: ClaimUseCode.Claim } claim when claim.Status is not FinancialResourceStatusCodes.EnteredInError => new KpiRecord.OfClaim(Header(claim, payerClass, payerId)),
        ClaimResponse response => Answer(response),
        Provenance provenance => Step(provenance),
        Basic basic => journal(basic) is { Claim: { } claim } entry && Id(claim, "Claim") is { } id ? new KpiRecord.OfJournal(id, basic.Id!, entry) : null,
        Encounter encounter => Visit(encounter),
        ChargeItem charge => Charge(charge),
        Appointment appointment => Scheduled(appointment),
        CoverageEligibilityResponse response => Eligibility(response),
        _ => null,
    };

    private ClaimHeader Header(Claim claim, string payerClass, string? payerId)
    {
        var focal = claim.FocalInsurance();
        return new()
        {
            Id = claim.Id!,
            Patient = claim.Patient?.Reference,
            Encounter = claim.Item.SelectMany(i => i.Encounter).Select(e => Id(e.Reference, "Encounter")).FirstOrDefault(e => e is not null),
            Payer = claim.Insurer?.Reference,
            PayerId = payerId,
            PayerClass = focal?.Coverage?.Reference is { Length: > 0 } ? payerClass : "self",
            Provider = claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider?.Reference ?? claim.Provider?.Reference,
            Location = claim.Facility?.Reference,
            Created = Day(claim.Created),
            Frequency = claim.Frequency(),
            Rank = focal?.Sequence ?? 1,
            IsChargedBefore = claim.Insurance.Exists(i => i.Focal != true && i.Sequence < focal?.Sequence && i.ClaimResponse?.Reference is { Length: > 0 }),
            IsCancelled = claim.Status == FinancialResourceStatusCodes.Cancelled,
            IsAuthorised = claim.Insurance.SelectMany(i => i.PreAuthRef).Any(r => r is { Length: > 0 }),
            Lines = [.. claim.Item.Select((item, i) => Line(item, i))],
            Diagnoses = [.. claim.Diagnosis.Select(d => d.DiagnosisCode()).OfType<string>()],
        };
    }

    private LineFacts Line(Claim.ItemComponent item, int at) => new(
        item.Sequence ?? at + 1,
        Code(item.ProductOrService),
        [.. item.Modifier.Select(Code).Where(m => m.Length > 0)],
        item.Quantity?.Value ?? 1m,
        Cents(item.Net?.Value ?? (item.UnitPrice?.Value ?? 0m) * (item.Quantity?.Value ?? 1m)),
        item.Serviced switch { Date date => Day(date.Value), Period period => Day(period.Start), _ => null },
        item.Location is CodeableConcept place && Code(place) is { Length: > 0 } code ? code : null);

    private KpiRecord.OfAnswer? Answer(ClaimResponse response)
    {
        if (Id(response.Request?.Reference, "Claim") is not { } claim || response.Use is not ClaimUseCode.Claim
            || response.Status is FinancialResourceStatusCodes.EnteredInError or FinancialResourceStatusCodes.Draft
            || IsAcknowledgement(response)
            || (Day(response.Payment?.Date) ?? Day(response.Created)) is not { } paidOn)
            return null;

        var notes = response.ProcessNote.Where(n => n.Number is not null && n.Text is { Length: > 0 }).ToLookup(n => n.Number!.Value, n => n.Text!);
        List<AnswerLine> lines =
        [
            .. response.Item.Select(i => Line(i.ItemSequence ?? -1, i.Adjudication, Remarks(i.NoteNumber))),
            .. response.AddItem.Select(i => Line(-1, i.Adjudication, Remarks(i.NoteNumber))),
        ];
        if (response.Adjudication.Count > 0)
            lines.Insert(0, Line(0, response.Adjudication, [.. notes.SelectMany(n => n)]));
        var status = response.GetExtensionValue<Code>(BillingUrls.ClaimStatusExtension)?.Value ?? "1";
        return new(claim, new AnswerFacts(
            response.Id!, Instant(response.Created) ?? new DateTimeOffset(paidOn, TimeOnly.MinValue, TimeSpan.Zero), paidOn, response.Payment?.Identifier?.Value, status,
            Total("submitted"), response.Payment?.Amount?.Value is { } paid ? Cents(paid) : Total("benefit"), lines));

        string[] Remarks(IEnumerable<int?> numbers) => [.. numbers.OfType<int>().SelectMany(n => notes[n])];

        long Total(string category) => Cents(response.Total.Find(t => t.Category?.Coding.Exists(c => c.Code == category) == true)?.Amount?.Value ?? 0m);
    }

    /// <summary>A 277CA or a status: the claim was taken in or not, nothing is decided.</summary>
    private static bool IsAcknowledgement(ClaimResponse response) =>
        response.GetExtension(BillingUrls.ClaimStatusExtension) is null && response is { Item.Count: 0, AddItem.Count: 0, Total.Count: 0, Payment: null };

    private static AnswerLine Line(int number, List<ClaimResponse.AdjudicationComponent> adjudications, IReadOnlyList<string> remarks)
    {
        var (charge, allowed, paid) = (0L, 0L, 0L);
        var adjustments = new List<AnswerAdjustment>();
        foreach (var adjudication in adjudications)
        {
            var cents = Cents(adjudication.Amount?.Value ?? 0m);
            if (adjudication.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value is { } group)
                adjustments.Add(new(group, Code(adjudication.Reason), cents));
            else if (Is(adjudication, "submitted"))
                charge += cents;
            else if (Is(adjudication, "eligible"))
                allowed += cents;
            else if (Is(adjudication, "benefit"))
                paid += cents;
        }

        return new(number, charge, allowed, paid, remarks, adjustments);

        static bool Is(ClaimResponse.AdjudicationComponent adjudication, string category) => adjudication.Category?.Coding.Exists(c => c.Code == category) == true;
    }

    private KpiRecord.OfStep? Step(Provenance provenance)
    {
        if (provenance.Target.Select(t => Id(t.Reference, "Claim")).FirstOrDefault(c => c is not null) is not { } claim
            || provenance.GetExtensionValue<Code>(BillingUrls.StageTransition + "-from")?.Value is not { } from
            || provenance.GetExtensionValue<Code>(BillingUrls.StageTransition + "-to")?.Value is not { } to
            || provenance.Recorded is not { } at)
            return null;
        return new(claim, new StageStep(provenance.Id!, at, DateOnly.FromDateTime((zone is null ? at : TimeZoneInfo.ConvertTime(at, zone)).DateTime), from, to));
    }

    private KpiRecord.OfEncounter? Visit(Encounter encounter) => Day(encounter.Period?.Start) is not { } day ? null : new(new EncounterFacts
    {
        Id = encounter.Id!,
        Day = day,
        EndDay = Day(encounter.Period?.End) ?? day,
        IsFinished = encounter.Status == Encounter.EncounterStatus.Finished,
        Provider = Performer(encounter, "PPRF") ?? Performer(encounter, "ATND") ?? Performer(encounter, null),
        Location = encounter.Location.FirstOrDefault()?.Location?.Reference,
    });

    private static string? Performer(Encounter encounter, string? role) => encounter.Participant
        .Where(p => role is null || p.Type.Exists(t => t.Coding.Exists(c => c.Code == role)))
        .Select(p => p.Individual?.Reference).FirstOrDefault(r => r?.StartsWith("Practitioner", StringComparison.Ordinal) == true);

    private KpiRecord.OfCharge? Charge(ChargeItem charge) =>
        Id(charge.Context?.Reference, "Encounter") is { } encounter && charge.Status is not (ChargeItem.ChargeItemStatus.EnteredInError or ChargeItem.ChargeItemStatus.NotBillable or ChargeItem.ChargeItemStatus.Aborted)
            ? new(encounter, charge.Id!, new EnteredCharge(Day(charge.EnteredDate), Cents((charge.PriceOverride?.Value ?? 0m) * (charge.Quantity?.Value ?? 1m))))
            : null;

    private KpiRecord.OfVisit? Scheduled(Appointment appointment)
    {
        if (appointment.Start is not { } start)
            return null;
        var day = DateOnly.FromDateTime((zone is null ? start : TimeZoneInfo.ConvertTime(start, zone)).DateTime);
        var isScheduled = appointment.Status is Appointment.AppointmentStatus.Booked or Appointment.AppointmentStatus.Arrived or Appointment.AppointmentStatus.Fulfilled
            or Appointment.AppointmentStatus.CheckedIn or Appointment.AppointmentStatus.Noshow;
        return new(new VisitFacts(
            appointment.Id!, day, isScheduled, appointment.Status == Appointment.AppointmentStatus.Noshow, Actor("Patient/"), Actor("Practitioner"), Actor("Location/")));

        string? Actor(string type) => appointment.Participant.Select(p => p.Actor?.Reference).FirstOrDefault(r => r?.StartsWith(type, StringComparison.Ordinal) == true);
    }

    private KpiRecord.OfEligibility? Eligibility(CoverageEligibilityResponse response) =>
        response.Outcome == ClaimProcessingCodes.Complete && response.Patient?.Reference is { Length: > 0 } patient && Day(response.Created) is { } day ? new(patient, response.Id!, day) : null;

    private DateOnly? Day(string? text) => Charges.DateOfService.From(text, zone);

    private static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static string Code(CodeableConcept? concept) => concept?.Coding.Find(c => c.Code is { Length: > 0 })?.Code ?? "";

    private static string? Id(string? reference, string type) => FhirReferences.IdOf(reference, type);

    private static long Cents(decimal usd) => (long)decimal.Round(usd * 100m, MidpointRounding.AwayFromZero);
}
