using static FhirEmr.BillingBridge.EvaluationManagement.MdmLevel;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>What would have to be documented for the next higher code, each way in a sentence. It says what is missing, not what to write.</summary>
internal static class NextLevel
{
    public static IEnumerable<string> Missing(VisitLevel level)
    {
        var codes = VisitCodes.Of(level.CodedAs, level.Facts.IsNewPatient);
        var next = codes.FirstOrDefault(c => level.Code is null || string.CompareOrdinal(c.Code, level.Code) > 0);
        foreach (var sentence in next is null ? ByTimeAlone(level) : ByMdm(level, next).Concat(ByTime(level, next)))
            yield return sentence;

        if (level.CodeIfConfirmed is { } confirmed && confirmed != level.Code)
            yield return $"{confirmed}: confirm the facts marked inferred.";
        if (level.Facts is { IsMedicare: true, Longitudinal: null } && level.CodedAs == VisitSetting.Office && level.Code is not null)
            yield return "G2211: a statement that the visit is part of a continuing relationship for the patient's care.";
    }

    private static IEnumerable<string> ByMdm(VisitLevel level, VisitCode next)
    {
        // Three codes for four levels: the next code may need the one after the next level.
        var wanted = next.Level;
        (string Name, MdmLevel Level, string Need)[] elements =
        [
            ("problems", level.Problems.Level, ProblemsFor(wanted)), ("data", level.Data.Level, DataFor(wanted)), ("risk", level.Risk.Level, RiskFor(wanted)),
        ];
        var lacking = elements.Where(e => e.Level < wanted).ToList();
        var needed = 2 - (elements.Length - lacking.Count);
        if (needed <= 0)
            yield break;
        var which = needed == lacking.Count ? "" : needed == 1 ? "one of " : $"{needed} of ";
        yield return $"{next.Code} by MDM: {which}{string.Join("; ", lacking.Select(e => $"{e.Name} ({e.Need})"))}.";
    }

    private static IEnumerable<string> ByTime(VisitLevel level, VisitCode next)
    {
        if (next.Minutes is { } minutes)
            yield return level.Time is { } time
                ? $"{next.Code} by time: {minutes - time.Minutes} more minutes ({time.Minutes} of {minutes})."
                : $"{next.Code} by time: a statement of at least {minutes} minutes of the clinician's own time on the day.";
    }

    private static IEnumerable<string> ByTimeAlone(VisitLevel level)
    {
        switch (level.CodedAs)
        {
            case VisitSetting.HospitalDischarge when level.Code != "99239":
                yield return "99239 by time: a statement of more than 30 minutes on the day of discharge.";
                break;
            case VisitSetting.CriticalCare when level.Code is null:
                yield return $"99291 by time: a statement of at least {CriticalCareTime.FirstFrom} minutes of critical care.";
                break;
            default:
                if (level.Code is { } code && ProlongedServices.Threshold(code, level.Facts.IsMedicare) is { } prolonged && level.AddOns.All(a => a.Code != prolonged.Code))
                    yield return $"{prolonged.Code} with {code}: {prolonged.From} minutes of total time{(level.Time is { } time ? $" ({time.Minutes} are documented)" : "")}.";
                break;
        }
    }

    private static string ProblemsFor(MdmLevel level) => level switch
    {
        Straightforward => "one problem addressed",
        Low => "two minor problems, or one stable chronic or acute uncomplicated one",
        Moderate => "a second stable chronic illness, one not at its goal, an undiagnosed new problem, an acute one with systemic symptoms, or a complicated injury",
        _ => "a severe exacerbation, or a threat to life or bodily function",
    };

    private static string DataFor(MdmLevel level) => level switch
    {
        Straightforward => "any item",
        Low => "two unique tests or external notes, or an independent historian",
        Moderate => "three unique tests, external notes or historian; or an independent interpretation; or a discussion with an external clinician",
        _ => "two of: three items, independent interpretation, discussion",
    };

    private static string RiskFor(MdmLevel level) => level switch
    {
        Straightforward => "a decision about treatment",
        Low => "an over-the-counter drug, minor surgery or therapy",
        Moderate => "prescription drug management, a decision about surgery, or treatment limited by social determinants",
        _ => "monitoring for toxicity, a hospital decision, major surgery with risk factors, or a parenteral controlled substance",
    };
}
