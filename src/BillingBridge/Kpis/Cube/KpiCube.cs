using System.Runtime.InteropServices;

namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>All claims, encounters and visits of a practice in memory, in rows of numbers: any figure of any period and any cut is counted exactly, from one walk over them.</summary>
/// <remarks>
/// Not sums by day: a claim counts once in a rate however many lines it has, an age or a median is of single claims, and a balance is as of any day.
/// Readers and the one writer exclude each other.
/// </remarks>
public sealed class KpiCube : IDisposable
{
    private readonly ReaderWriterLockSlim gate = new();
    private readonly Dictionary<int, List<int>> claimsOfEncounter = [];
    private ClaimRow[] claims = new ClaimRow[256];
    private EncounterRow[] encounters = new EncounterRow[256];
    private VisitRow[] visits = new VisitRow[256];

    internal Names Claims { get; } = new();

    internal Names Encounters { get; } = new();

    internal Names Visits { get; } = new();

    internal Names Patients { get; } = new();

    internal Names Payers { get; } = new();

    internal Names PayerClasses { get; } = new();

    internal Names Providers { get; } = new();

    internal Names Locations { get; } = new();

    internal Names Codes { get; } = new();

    /// <summary>Categories, reasons and root causes of denials.</summary>
    internal Names Words { get; } = new();

    internal Rows<LineRow> Lines { get; private set; } = new();

    internal Rows<Posting> Money { get; private set; } = new();

    internal Rows<DenialRow> Denials { get; private set; } = new();

    internal Rows<int> Hccs { get; private set; } = new();

    /// <summary>Days on which a 271 came for a patient, ascending.</summary>
    internal Dictionary<int, int[]> Eligibility { get; } = [];

    internal ReadOnlySpan<ClaimRow> ClaimRows => claims.AsSpan(0, Claims.Count);

    internal ReadOnlySpan<EncounterRow> EncounterRows => encounters.AsSpan(0, Encounters.Count);

    internal ReadOnlySpan<VisitRow> VisitRows => visits.AsSpan(0, Visits.Count);

    /// <summary>How many claims there are to count.</summary>
    public int ClaimCount
    {
        get
        {
            gate.EnterReadLock();
            try
            {
                var count = 0;
                foreach (ref readonly var row in ClaimRows)
                    count += row.IsUsed ? 1 : 0;
                return count;
            }
            finally
            {
                gate.ExitReadLock();
            }
        }
    }

    /// <summary>Runs a change while nobody counts.</summary>
    public void Change(Action change)
    {
        ArgumentNullException.ThrowIfNull(change);
        gate.EnterWriteLock();
        try
        {
            change();
            if (Lines.IsWasteful || Money.IsWasteful || Denials.IsWasteful || Hccs.IsWasteful)
                Sweep();
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    /// <summary>Counts while nothing changes.</summary>
    public IReadOnlyList<KpiFigure> Count(KpiQuery query)
    {
        gate.EnterReadLock();
        try
        {
            return new KpiCount(this, query).Run();
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    /// <summary>Counts a claim as its parts say now; parts without a Claim count for nothing. Call it inside <see cref="Change"/>.</summary>
    public void Put(string claim, ClaimParts parts, KpiTables tables)
    {
        if (ClaimFacts.Of(parts, tables) is { } facts)
            Put(facts);
        else
            RemoveClaim(claim);
    }

    internal void Put(ClaimFacts facts)
    {
        var header = facts.Header;
        var at = Claims.Add(header.Id);
        Grow(ref claims, at);
        ref var row = ref claims[at];
        var old = row;
        LineRow[] lines = [.. header.Lines.Select((l, i) => new LineRow(
            l.ChargeCents, (long)decimal.Round(l.Units * 10_000m), facts.Short.ElementAtOrDefault(i) ?? -1, facts.Work.ElementAtOrDefault(i), Codes.Add(l.Code), (short)l.Number))];
        DenialRow[] denials = [.. facts.Denied.SelectMany(d => d.Reasons.Select((r, i) => new DenialRow(
            d.ChargeCents, d.PaidLaterCents, Day(d.ClosedOn), Words.Add(r.Category), Words.Add($"{r.Group}-{r.Carc}"), Words.Add(r.RootCause), (short)d.Number, i == 0, d.IsAppealed,
            DeniedLines.IsForAuthorisation(r.Carc))))];
        row = new()
        {
            IsUsed = true,
            IsOriginal = header.Frequency is not ("7" or "8"),
            IsPrimary = header.Rank <= 1,
            IsStanding = header is { Rank: <= 1, IsCancelled: false, Frequency: not "8" },
            IsAuthorised = header.IsAuthorised,
            IsFirstScrubClean = facts.IsFirstScrubClean,
            IsTouched = facts.IsTouched,
            IsResolvedFirst = facts.IsResolvedFirst,
            AcceptedFirst = (sbyte)(facts.IsAcceptedFirst switch { true => 1, false => -1, null => 0 }),
            Service = Day(facts.ServiceDay),
            Entered = Day(header.Created),
            Scrubbed = Day(facts.FirstScrubbedOn),
            Submitted = Day(facts.FirstSubmittedOn),
            Billed = Day(facts.FirstSubmittedOn ?? facts.ChargedToPatientOn),
            Answered = Day(facts.FirstAnsweredOn),
            Payer = Payers.Add(header.Payer),
            PayerClass = PayerClasses.Add(header.PayerClass),
            Provider = Providers.Add(header.Provider),
            Location = Locations.Add(header.Location),
            Patient = Patients.Add(header.Patient),
            Encounter = Encounters.Add(header.Encounter),
            LineAt = Lines.Replace(old.LineAt, old.Lines, lines),
            PostAt = Money.Replace(old.PostAt, old.Posts, [.. facts.Postings]),
            DenialAt = Denials.Replace(old.DenialAt, old.Denials, denials),
            HccAt = Hccs.Replace(old.HccAt, old.Hccs, [.. facts.ChronicHccs]),
            Lines = (short)lines.Length,
            Posts = (short)facts.Postings.Count,
            Denials = (short)denials.Length,
            Hccs = (short)facts.ChronicHccs.Count,
        };
        Grow(ref encounters, row.Encounter);
        Move(at, old.Encounter, row.Encounter);
    }

    /// <summary>A claim that is no longer there.</summary>
    public void RemoveClaim(string claim)
    {
        var at = Claims.Find(claim);
        if (at < 0)
            return;
        var before = claims[at].Encounter;
        claims[at] = default;
        Move(at, before, 0);
    }

    /// <summary>Counts an encounter as read. Call it inside <see cref="Change"/>.</summary>
    public void Put(EncounterFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var at = Encounters.Add(facts.Id);
        Grow(ref encounters, at);
        ref var row = ref encounters[at];
        row.IsUsed = facts.Day is not null;
        row.IsFinished = facts.IsFinished;
        row.Day = Day(facts.Day);
        row.End = Day(facts.EndDay);
        row.Provider = Providers.Add(facts.Provider);
        row.Location = Locations.Add(facts.Location);
        row.Entered = Day(facts.Charges.Values.Min(c => c.EnteredOn));
        row.EnteredCents = facts.Charges.Values.Sum(c => c.Cents);
        Join(at);
    }

    /// <summary>Counts a scheduled visit as read. Call it inside <see cref="Change"/>.</summary>
    public void Put(VisitFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var at = Visits.Add(facts.Id);
        Grow(ref visits, at);
        visits[at] = new()
        {
            IsUsed = true,
            IsScheduled = facts.IsScheduled,
            IsNoShow = facts.IsNoShow,
            Day = facts.Day.DayNumber,
            Patient = Patients.Add(facts.Patient),
            Provider = Providers.Add(facts.Provider),
            Location = Locations.Add(facts.Location),
        };
    }

    public void RemoveVisit(string visit)
    {
        if (Visits.Find(visit) is >= 0 and var at)
            visits[at] = default;
    }

    /// <summary>All days on which a 271 came for a patient. Call it inside <see cref="Change"/>.</summary>
    public void PutEligibility(string patient, IEnumerable<DateOnly> days) => Eligibility[Patients.Add(patient)] = [.. days.Select(d => d.DayNumber).Order()];

    /// <summary>Forgets everything. Call it inside <see cref="Change"/>.</summary>
    public void Clear()
    {
        foreach (var names in (Names[])[Claims, Encounters, Visits, Patients, Payers, PayerClasses, Providers, Locations, Codes, Words])
            names.Clear();
        (claims, encounters, visits) = (new ClaimRow[256], new EncounterRow[256], new VisitRow[256]);
        (Lines, Money, Denials, Hccs) = (new(), new(), new(), new());
        claimsOfEncounter.Clear();
        Eligibility.Clear();
    }

    public void Dispose() => gate.Dispose();

    private void Move(int claim, int from, int to)
    {
        if (from != 0 && from != to && claimsOfEncounter.TryGetValue(from, out var left))
        {
            left.Remove(claim);
            Join(from);
        }

        if (to == 0)
            return;
        var with = CollectionsMarshal.GetValueRefOrAddDefault(claimsOfEncounter, to, out _) ??= new List<int>(1);
        if (!with.Contains(claim))
            with.Add(claim);
        Join(to);
    }

    /// <summary>What the claims of an encounter say about it, and what it says about them: the day its charges were entered.</summary>
    private void Join(int encounter)
    {
        ref var row = ref encounters[encounter];
        (row.Billed, row.Payer, row.PayerClass, row.ChargeCents) = (0, 0, 0, row.EnteredCents);
        Dictionary<int, FirstPayer> firsts = [];
        foreach (var at in claimsOfEncounter.GetValueOrDefault(encounter) ?? [])
        {
            ref var claim = ref claims[at];
            if (row.Entered != 0)
                claim.Entered = row.Entered;
            // Of a payer the first submission counts and the last claim's charges; a later payer's claim only while there is none of a first.
            ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(firsts, claim.IsPrimary ? claim.Payer : -1, out _);
            if (claim.Billed != 0 && (first.Billed == 0 || claim.Billed < first.Billed))
                first.Billed = claim.Billed;
            if (!claim.IsPrimary)
                continue;
            (first.PayerClass, first.ChargeCents, first.IsOpen) = (claim.PayerClass, 0, claim.IsStanding);
            foreach (ref readonly var line in Lines.Of(claim.LineAt, claim.Lines))
                first.ChargeCents += line.ChargeCents;
        }

        if (firsts.Remove(-1, out var later) && firsts.Count == 0)
            row.Billed = later.Billed;
        if (firsts.Count == 0)
            return;
        // A payer whose last claim was voided is no longer asked, unless there is no other.
        var asked = firsts.Where(f => f.Value.IsOpen).ToList() is { Count: > 0 } open ? open : [.. firsts];
        row.Billed = asked.Exists(f => f.Value.Billed == 0) ? 0 : asked.Max(f => f.Value.Billed);
        row.ChargeCents = asked.Sum(f => f.Value.ChargeCents);
        (row.Payer, row.PayerClass) = asked.OrderByDescending(f => f.Value.ChargeCents).Select(f => (f.Key, f.Value.PayerClass)).First();
    }

    /// <summary>What an encounter's claims to one first payer say together.</summary>
    private struct FirstPayer
    {
        public int PayerClass;
        public int Billed;
        public long ChargeCents;
        public bool IsOpen;
    }

    private void Sweep()
    {
        var (lines, money, denials, hccs) = (new Rows<LineRow>(), new Rows<Posting>(), new Rows<DenialRow>(), new Rows<int>());
        foreach (ref var row in claims.AsSpan(0, Claims.Count))
        {
            row.LineAt = lines.Add(Lines.Of(row.LineAt, row.Lines));
            row.PostAt = money.Add(Money.Of(row.PostAt, row.Posts));
            row.DenialAt = denials.Add(Denials.Of(row.DenialAt, row.Denials));
            row.HccAt = hccs.Add(Hccs.Of(row.HccAt, row.Hccs));
        }

        (Lines, Money, Denials, Hccs) = (lines, money, denials, hccs);
    }

    private static int Day(DateOnly? day) => day?.DayNumber ?? 0;

    private static void Grow<T>(ref T[] rows, int at)
    {
        if (at >= rows.Length)
            Array.Resize(ref rows, Math.Max(rows.Length * 2, at + 1));
    }
}
