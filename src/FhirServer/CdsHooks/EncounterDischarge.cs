using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.EvaluationManagement;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary><c>encounter-discharge</c>: a visit ends. The level its documentation supports beside the one charged, what is not documented, diagnoses that could be specific, charges that are missing.</summary>
/// <remarks>The level and the findings are those of <c>$em-level</c> and <c>$scrub</c>, worked out on what this user may read. Like them it proposes no words for the record.</remarks>
internal sealed class EncounterDischarge(ITerminology terminology, BillingSetup setup, TimeProvider clock)
{
    private const string Level = "visit-level", Documentation = "documentation", Charges = "charges";

    /// <summary>Rules about the note and its signature, and about conditions that have no code a claim can carry. Those that compare levels are answered by the level itself.</summary>
    private static readonly string[] OfDocumentation = ["HDR-007", "DOC-003", "DOC-004", "DOC-005", "DOC-006", "DOC-007", "DOC-008", "DOC-009", "DX-001", "DX-025"];

    private const string MissedCharge = "PROC-026";

    private readonly SpecificCodes specific = new(terminology);

    public CdsService Service => new("encounter-discharge", "encounter-discharge", "What a visit still needs before it is billed",
        "The visit level that the documentation supports beside the one charged, missing documentation, diagnoses that could be more specific, and services without a charge.",
        [new("encounter", "Encounter/{{context.encounterId}}"), new("patient", "Patient/{{context.patientId}}")], AnswerAsync)
    { NeedsEncounter = true };

    private async Task<IReadOnlyList<CdsCard>> AnswerAsync(CdsRequest request, CdsRecords records, CancellationToken ct)
    {
        if (await records.ReadChartAsync(request.EncounterId!, ct) is not { } chart || chart.Patient.Id != request.PatientId)
            throw new CdsDataMissingException("the encounter is not known here, or not to this user, or is not of this patient");
        chart.Encounter.Status = Encounter.EncounterStatus.Finished; // judged as it stands once it is ended, which is what is asked about
        var cards = new List<CdsCard>();
        if (await new VisitLevelPipeline(records, terminology, setup).RunAsync(request.EncounterId!, null, null, ct) is VisitLevelResult.Found { Level: var level } && OfLevel(chart, level, records.Withheld) is { } card)
            cards.Add(card);
        var findings = await new ClaimPipeline(records, terminology, setup, clock).ScrubEncounterAsync(request.EncounterId!, null, ct) ?? [];
        cards.AddRange(OfFindings(chart, findings));
        var today = setup.Today(clock);
        var day = RecordDay.Of(chart.Encounter.Period?.Start) ?? today;
        foreach (var condition in chart.OfType<Condition>())
            if (specific.Find(condition.Code, day) is { } found)
                cards.Add(SpecificCodes.Card(found, $"Condition/{condition.Id}", better => SpecificCodes.Changed(condition, found.Coding, better)));
        return records.Withheld.Count == 0 ? cards : [.. cards.Select(c => Bounded(c, records.Withheld))];
    }

    /// <summary>Null when what is charged is what the record supports.</summary>
    private static CdsCard? OfLevel(EncounterChart chart, VisitLevel level, IReadOnlySet<string> withheld)
    {
        if (level.Code is not { } supported)
            return null;
        var charges = chart.OfType<ChargeItem>().Where(c => c.Status is not (ChargeItem.ChargeItemStatus.EnteredInError or ChargeItem.ChargeItemStatus.Aborted or ChargeItem.ChargeItemStatus.NotBillable)).ToList();
        var charged = charges.SelectMany(c => c.Code?.Coding ?? [], (c, coding) => (Item: c, Coding: coding)).FirstOrDefault(c => c.Coding.Code is { } code && VisitCodes.Rank(code) is not null);
        var above = charged.Coding?.Code is { } billed ? LevelComparison.LevelsAbove(billed, level) : null;
        if (charged.Item is null ? withheld.Contains("ChargeItem") || VisitCodes.Rank(supported) is null : above is null or 0)
            return null;

        var basis = level.Basis switch { LevelBasis.TotalTime => "total time", LevelBasis.MedicalDecisionMaking => "medical decision making", _ => "the service" };
        return new CdsCard(Level, above > 0 ? CdsIndicator.Warning : CdsIndicator.Info,
            charged.Coding is null ? $"No visit is charged; the documentation supports {supported}" : $"{charged.Coding.Code} is charged; the documentation supports {supported}")
        {
            Detail = string.Join('\n', level.Missing.Select(m => $"- {CdsCardWriter.Escape(m)}").Prepend($"{supported} by {basis}: {CdsCardWriter.Escape(LevelComparison.Why(level))}.{(level.Missing.Count > 0 ? "\n\nNot documented, to the next level:\n" : "")}")),
            Facts = [$"Encounter/{chart.Encounter.Id}", .. charged.Item is null ? [] : (string[])[$"ChargeItem/{charged.Item.Id}"], .. LevelComparison.Evidence(level).Where(r => r != $"Encounter/{chart.Encounter.Id}" && r.Contains('/', StringComparison.Ordinal))],
            Suggestions = [new CdsSuggestion($"Charge {supported}", [charged is not { Item: { } item, Coding: { } coding }
                ? new CdsAction(CdsActionType.Create, $"Charge {supported}", Charge(chart, supported))
                : new CdsAction(CdsActionType.Update, $"Charge {supported} in the place of {coding.Code}", Charge(item, coding, supported))])],
            OverrideReasons = [OverrideReasons.Intended, OverrideReasons.NotBilled, OverrideReasons.NotToday],
        };
    }

    private static IEnumerable<CdsCard> OfFindings(EncounterChart chart, IReadOnlyList<ScrubFinding> findings)
    {
        var open = findings.Where(f => f.Severity != FindingSeverity.Information && f.Acknowledged is null).ToList();
        foreach (var finding in open.Where(f => OfDocumentation.Contains(f.RuleId)))
            yield return Card(Documentation, finding, finding.Severity == FindingSeverity.Reject ? CdsIndicator.Warning : CdsIndicator.Info, [OverrideReasons.NotToday, OverrideReasons.Intended]);
        foreach (var finding in open.Where(f => f.RuleId == MissedCharge))
            yield return Card(Charges, finding, CdsIndicator.Info, [OverrideReasons.NotBilled, OverrideReasons.NotToday]);

        CdsCard Card(string topic, ScrubFinding finding, CdsIndicator indicator, IReadOnlyList<string> reasons) => new(topic, indicator, finding.Message)
        {
            Detail = $"{CdsCardWriter.Escape(finding.Message)}\n\nRule {finding.RuleId}.",
            Facts = [.. ScrubReport.References(finding).Prepend($"Encounter/{chart.Encounter.Id}").Where(r => r.Contains('/', StringComparison.Ordinal)).Distinct()],
            OverrideReasons = reasons,
        };
    }

    private static CdsCard Bounded(CdsCard card, IReadOnlySet<string> withheld) => card with
    {
        Detail = $"{card.Detail}\n\nThis user may not search {string.Join(", ", withheld.Order(StringComparer.Ordinal))}: it was worked out without.",
    };

    private static ChargeItem Charge(EncounterChart chart, string code) => new()
    {
        Status = ChargeItem.ChargeItemStatus.Billable,
        Code = new CodeableConcept(CodeSystemUrls.Cpt, code),
        Subject = new ResourceReference($"Patient/{chart.Patient.Id}"),
        Context = new ResourceReference($"Encounter/{chart.Encounter.Id}"),
        Occurrence = chart.Encounter.Period?.Start is { } start ? new FhirDateTime(start) : null,
    };

    private static ChargeItem Charge(ChargeItem item, Coding old, string code)
    {
        var copy = (ChargeItem)item.DeepCopy();
        SpecificCodes.Replace(copy.Code, old, new Coding(old.System, code));
        return copy;
    }
}
