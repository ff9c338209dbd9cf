using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>DTP of loop 2300 ⇄ <c>Claim.supportingInfo.timing</c> and <c>Claim.accident.date</c>, in the order of the guide.</summary>
internal static class ClaimDates
{
    private const string Accident = "439";

    // A category of two qualifiers is a period: its first day, its last.
    private static readonly (string Qualifier, string Category)[] Order =
    [
        ("431", SupportingInfo.Onset), ("454", SupportingInfo.InitialTreatment), ("304", SupportingInfo.LastSeen), ("453", SupportingInfo.AcuteManifestation),
        (Accident, ""), ("484", SupportingInfo.LastMenstrualPeriod), ("455", SupportingInfo.LastXRay), ("314", SupportingInfo.Disability),
        ("297", SupportingInfo.LastWorked), ("296", SupportingInfo.ReturnToWork), ("435", SupportingInfo.Hospitalized), ("096", SupportingInfo.Hospitalized),
        ("090", SupportingInfo.AssumedCare), ("091", SupportingInfo.RelinquishedCare),
    ];

    /// <summary>The category of a qualifier; null when it has none.</summary>
    public static string? Category(string qualifier) => qualifier is "360" or "361" ? SupportingInfo.Disability
        : Order.FirstOrDefault(o => o.Qualifier == qualifier).Category is { Length: > 0 } category ? category : null;

    public static IEnumerable<IX12Segment> Write(Claim claim)
    {
        foreach (var (qualifier, category) in Order)
        {
            if (qualifier == Accident)
            {
                if (claim.Accident is { Date: { Length: 10 } date })
                    yield return new Dtp(Accident, "D8", date.Replace("-", "", StringComparison.Ordinal));
                continue;
            }

            var timing = claim.SupportingInfo.Find(i => i.Category?.Coding.Exists(c => c.Code == category) == true && i.Timing is not null)?.Timing;
            var (start, end) = Days(timing);
            switch (qualifier)
            {
                case "096" when end is { } discharged && timing is Period:
                    yield return Dtp.Day(qualifier, discharged);
                    break;
                case "314" when start is { } from && end is { } to:
                    yield return new Dtp("314", "RD8", $"{X12Text.Date(from)}-{X12Text.Date(to)}");
                    break;
                case "314" when start is { } from:
                    yield return Dtp.Day("360", from);
                    break;
                case "314" when end is { } to:
                    yield return Dtp.Day("361", to);
                    break;
                case not ("096" or "314") when start is { } day:
                    yield return Dtp.Day(qualifier, day);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Adds what a DTP says; false when its qualifier or its date is none of ours.</summary>
    public static bool Read(Dtp dtp, Claim claim)
    {
        if (dtp.Start is not { } day)
            return false;
        if (dtp.Qualifier == Accident)
        {
            claim.Accident ??= new Claim.AccidentComponent();
            claim.Accident.Date = Text(day);
            return true;
        }

        if (Category(dtp.Qualifier) is not { } category)
            return false;
        if (category is SupportingInfo.Hospitalized or SupportingInfo.Disability)
        {
            var period = Period(claim, category);
            if (dtp.Qualifier is "435" or "360" or "314")
                period.Start = Text(day);
            if (dtp.Qualifier is "096" or "361")
                period.End = Text(day);
            else if (dtp.End is { } last)
                period.End = Text(last);
            return true;
        }

        Add(claim, category).Timing = new Date(Text(day));
        return true;
    }

    public static Claim.SupportingInformationComponent Add(Claim claim, string category)
    {
        var info = new Claim.SupportingInformationComponent { Sequence = claim.SupportingInfo.Count + 1, Category = SupportingInfo.Category(category) };
        claim.SupportingInfo.Add(info);
        return info;
    }

    private static Period Period(Claim claim, string category)
    {
        var info = claim.SupportingInfo.Find(i => i.Timing is Period && i.Category.Coding.Exists(c => c.Code == category)) ?? Add(claim, category);
        info.Timing ??= new Period();
        return (Period)info.Timing;
    }

    private static (DateOnly? Start, DateOnly? End) Days(DataType? timing) => timing switch
    {
        Date date => (LineMapping.Day(date.Value), null),
        Period period => (LineMapping.Day(period.Start), LineMapping.Day(period.End)),
        _ => (null, null),
    };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
