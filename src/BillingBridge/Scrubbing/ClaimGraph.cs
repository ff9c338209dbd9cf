using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>A claim with everything it refers to, resolved once; what every rule looks at.</summary>
public sealed class ClaimGraph
{
    private IReadOnlyList<(Claim Claim, ScrubLine Line)>? otherLines;
    private Dictionary<(string Code, DateOnly? Day), decimal>? unitsOnDay;

    /// <param name="claim">The claim as it is or would be stored.</param>
    /// <param name="chart">The encounter it bills.</param>
    /// <param name="charges">What the chart gives when coded now: its gaps are findings, its lines show missed charges.</param>
    /// <param name="fees">Prices of the claim's codes.</param>
    /// <param name="history">The rest of the patient's record.</param>
    /// <param name="payers">Payer rows.</param>
    /// <param name="zone">The facility's time zone, null to take days as written.</param>
    public ClaimGraph(
        Claim claim, EncounterChart chart, ChargeSheet charges, FeeSchedule fees, ClaimHistory history, PayerDirectory payers, TimeZoneInfo? zone = null)
    {
        Claim = claim;
        Chart = chart;
        Charges = charges;
        Fees = fees;
        History = history;
        Zone = zone;
        Lines = [.. claim.Item.Select((item, i) => new ScrubLine(i, item))];
        Diagnoses = [.. claim.Diagnosis.Select((d, i) => new ScrubDiagnosis(i, d))];
        var days = Lines.Select(l => l.From).OfType<DateOnly>().Order().ToList();
        Created = DateOfService.From(claim.Created) ?? DateOnly.MinValue;
        FirstServiceDate = days.Count > 0 ? days[0] : Created;
        LastServiceDate = Lines.Select(l => l.To).OfType<DateOnly>().DefaultIfEmpty(FirstServiceDate).Max();
        Focal = claim.FocalInsurance();
        Coverage = chart.Find<Coverage>(Focal?.Coverage);
        Payor = chart.Find<Organization>(Coverage?.Payor.FirstOrDefault());
        var row = payers.For(Coverage, Payor, FirstServiceDate);
        Payer = history.PayerRules.Count == 0 ? row : row with { Rules = [.. row.Rules, .. history.PayerRules] };
        BillingOrganization = chart.Find<Organization>(claim.Provider);
        BillingPerson = chart.Find<Practitioner>(claim.Provider);
        Rendering = chart.Find<Practitioner>(claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider);
        LastSeen = EncounterHistory.Last(chart, history.Before, FirstServiceDate, zone);
        Facts = PatientFacts.On(FirstServiceDate, chart.Patient, LastSeen is null);
        FilingLimit = FilingLimits.Of(this);
    }

    public Claim Claim { get; }

    public EncounterChart Chart { get; }

    public ChargeSheet Charges { get; }

    public FeeSchedule Fees { get; }

    public ClaimHistory History { get; }

    public TimeZoneInfo? Zone { get; }

    public Patient Patient => Chart.Patient;

    public IReadOnlyList<ScrubLine> Lines { get; }

    public IReadOnlyList<ScrubDiagnosis> Diagnoses { get; }

    /// <summary>The billing date: the "today" that the claim is judged by.</summary>
    public DateOnly Created { get; }

    public DateOnly FirstServiceDate { get; }

    public DateOnly LastServiceDate { get; }

    /// <summary>The one focal insurance; null when there is none or more than one.</summary>
    public Claim.InsuranceComponent? Focal { get; }

    public Coverage? Coverage { get; }

    public Organization? Payor { get; }

    public PayerProfile Payer { get; }

    /// <summary>How messages name the payer.</summary>
    public string PayerName => Payor?.Name ?? Coverage?.Payor.FirstOrDefault()?.Display ?? "the payer";

    public Organization? BillingOrganization { get; }

    public Practitioner? BillingPerson { get; }

    public Practitioner? Rendering { get; }

    /// <summary>The last earlier visit to this practice inside three years; null means a new patient.</summary>
    public EarlierService? LastSeen { get; }

    /// <summary>The last day the claim may reach the payer.</summary>
    public DateOnly FilingLimit { get; }

    public PatientFacts Facts { get; }

    /// <summary>FHIRPath of the focal insurance.</summary>
    public string FocalPath => Focal is null ? "Claim.insurance" : $"Claim.insurance[{Claim.Insurance.IndexOf(Focal)}]";

    /// <summary>The diagnoses a line points at, in pointer order; wrong pointers are skipped (PROC-003 tells).</summary>
    public IEnumerable<ScrubDiagnosis> PointedBy(ScrubLine line)
    {
        foreach (var pointer in line.Pointers)
        {
            foreach (var diagnosis in Diagnoses)
            {
                if (diagnosis.Sequence != pointer)
                    continue;
                yield return diagnosis;
                break;
            }
        }
    }

    /// <summary>The lines of our other claims for the patient, taken apart once for all rules.</summary>
    public IReadOnlyList<(Claim Claim, ScrubLine Line)> OtherLines =>
        otherLines ??= [.. History.Claims.Where(c => c.Id != Claim.Id).SelectMany(c => c.Item.Select((item, i) => (c, new ScrubLine(i, item))))];

    /// <summary>Units of a line's code on its day: every line here and on the same clinician's other claims.</summary>
    public decimal UnitsOnDay(ScrubLine line) => (unitsOnDay ??= CountUnits())[(line.Code, line.From)];

    private Dictionary<(string Code, DateOnly? Day), decimal> CountUnits()
    {
        var rendering = Rendered(Claim);
        var units = new Dictionary<(string Code, DateOnly? Day), decimal>();
        foreach (var line in Lines.Concat(OtherLines.Where(o => Rendered(o.Claim) == rendering).Select(o => o.Line)))
            units[(line.Code, line.From)] = units.GetValueOrDefault((line.Code, line.From)) + line.Units;
        return units;

        static string? Rendered(Claim claim) => claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider?.Reference;
    }
}
