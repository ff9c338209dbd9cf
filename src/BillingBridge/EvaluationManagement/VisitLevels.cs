namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Facts → level, codes and what is missing to the next (billing spec 4.1, 4.3, 4.4). Pure: without a fact there is no level.</summary>
public static class VisitLevels
{
    /// <summary>G2211 is paid for services since this day.</summary>
    private static readonly DateOnly ComplexityAddOnSince = new(2024, 1, 1);

    /// <summary>Medicare pays same-day admission and discharge as one service from this stay on.</summary>
    private const double MedicareSameDayHours = 8;

    /// <summary>Why the calculator does not apply to a day; null when it does.</summary>
    public static string? NotApplicable(VisitSetting setting, DateOnly day)
    {
        var since = setting == VisitSetting.Office ? VisitCodes.OfficeSince : VisitCodes.OthersSince;
        return day >= since ? null
            : $"Before {since:yyyy-MM-dd} levels of this setting ({VisitSettings.CodeOf(setting)}) were chosen by history and examination; the visit is of {day:yyyy-MM-dd}.";
    }

    public static VisitLevel Of(VisitFacts facts)
    {
        var setting = CodedAs(facts);
        var (problems, data, risk) = (MedicalDecisionMaking.Problems(facts.Problems), MedicalDecisionMaking.Data(facts.Data), MedicalDecisionMaking.Risk(facts.Risks));
        var mdm = MedicalDecisionMaking.TwoOfThree(problems.Level, data.Level, risk.Level);
        var confirmed = MedicalDecisionMaking.TwoOfThree(problems.IfConfirmed, data.IfConfirmed, risk.IfConfirmed);
        var time = facts.Times.Where(t => t.Confidence == Confidence.Documented).MinBy(t => t.Minutes);
        var likelyTime = facts.Times.MinBy(t => (t.Confidence, t.Minutes));

        var chosen = Choose(facts, setting, mdm, time);
        var level = new VisitLevel
        {
            Facts = facts,
            CodedAs = setting,
            Problems = problems,
            Data = data,
            Risk = risk,
            Mdm = mdm,
            MdmIfConfirmed = confirmed,
            CodeByMdm = VisitCodes.ByMdm(setting, facts.IsNewPatient, mdm)?.Code,
            Time = time,
            CodeByTime = CodeByTime(facts, setting, time),
            Code = chosen?.Code,
            Basis = chosen?.Basis,
            CodeIfConfirmed = Choose(facts, setting, confirmed, likelyTime)?.Code,
        };
        return level with { AddOns = [.. AddOns(level)], Missing = [.. NextLevel.Missing(level)] };
    }

    private static VisitSetting CodedAs(VisitFacts facts)
    {
        var setting = facts.IsMedicare ? VisitCodes.ForMedicare(facts.Setting) : facts.Setting;
        return setting == VisitSetting.HospitalSameDay && facts.IsMedicare && facts.HoursOfStay is not >= MedicareSameDayHours ? VisitSetting.HospitalInitial : setting;
    }

    private static (string Code, LevelBasis Basis)? Choose(VisitFacts facts, VisitSetting setting, MdmLevel mdm, TimeFact? time)
    {
        var byMdm = VisitCodes.ByMdm(setting, facts.IsNewPatient, mdm)?.Code;
        var byTime = CodeByTime(facts, setting, time);
        if (byMdm is not null || byTime is not null)
        {
            // Codes of one setting and one kind of patient rise with their number; time wins a tie at the top, where it opens prolonged services.
            var order = string.CompareOrdinal(byTime, byMdm);
            var timeWins = order > 0 || (order == 0 && time is { } t && ProlongedServices.For(byTime!, t.Minutes, facts.IsMedicare) is not null);
            return timeWins ? (byTime!, LevelBasis.TotalTime) : (byMdm!, LevelBasis.MedicalDecisionMaking);
        }

        return setting switch
        {
            VisitSetting.HospitalDischarge => ("99238", LevelBasis.Service),
            VisitSetting.Emergency when facts.StaffVisit is not null => ("99281", LevelBasis.Service),
            VisitSetting.Office when !facts.IsNewPatient && facts.StaffVisit is not null => ("99211", LevelBasis.Service),
            _ => null,
        };
    }

    private static string? CodeByTime(VisitFacts facts, VisitSetting setting, TimeFact? time) => (setting, time?.Minutes) switch
    {
        (_, null) => null,
        (VisitSetting.CriticalCare, >= CriticalCareTime.FirstFrom) => "99291",
        (VisitSetting.HospitalDischarge, > 30) => "99239",
        (VisitSetting.HospitalDischarge, _) => "99238",
        (_, { } minutes) => VisitCodes.ByTime(setting, facts.IsNewPatient, minutes)?.Code,
    };

    private static IEnumerable<AddOnService> AddOns(VisitLevel level)
    {
        var facts = level.Facts;
        if (level.Basis == LevelBasis.TotalTime && level.Time is { } time)
        {
            if (ProlongedServices.For(level.Code!, time.Minutes, facts.IsMedicare) is { } prolonged)
                yield return new(prolonged.Code, prolonged.Units, time.Support with { Why = $"{time.Minutes} minutes; the first unit is at {prolonged.From}, each further one 15 minutes later." });
            if (level.CodedAs == VisitSetting.CriticalCare && CriticalCareTime.FurtherUnits(time.Minutes, facts.IsMedicare) is > 0 and var units)
                yield return new("99292", units, time.Support with { Why = $"{time.Minutes} minutes; the first further unit is at {CriticalCareTime.FurtherFrom(facts.IsMedicare)}, each next one 30 minutes later." });
        }

        // PROC-029: beside another service, which puts 25 on the visit, it is paid only for Part B preventive services.
        if (facts is { IsMedicare: true, Longitudinal: { } relationship } && level.CodedAs == VisitSetting.Office && facts.Day >= ComplexityAddOnSince
            && level.Code is not null && (facts.OtherService is null || facts.OtherServiceIsPreventive))
            yield return new("G2211", 1, relationship);
    }
}
