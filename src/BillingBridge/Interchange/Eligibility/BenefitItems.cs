using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using Benefit = Hl7.Fhir.Model.CoverageEligibilityResponse.BenefitComponent;
using Item = Hl7.Fhir.Model.CoverageEligibilityResponse.ItemsComponent;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>EB loops → <c>insurance.item</c>: one item for each service type, network and coverage level, with its benefits.</summary>
internal static class BenefitItems
{
    private static readonly HashSet<string> Remaining = ["29", "33"];

    public static List<Item> Of(IEnumerable<BenefitLoop> loops) =>
    [
        .. loops
            .SelectMany(loop => (loop.Eb.ServiceTypes is [] ? [null] : loop.Eb.ServiceTypes.Cast<string?>()).Select(type => (Type: type, Loop: loop)))
            .GroupBy(e => (e.Type, e.Loop.Eb.InNetwork, e.Loop.Eb.Level, Excluded: IsExclusion(e.Loop.Eb), Procedure: e.Loop.Eb.Procedure?.Key))
            .Select(group => Item(group.Key.Type, [.. group.Select(e => e.Loop)])),
    ];

    private static bool IsExclusion(Eb eb) => eb.Code is "I" or "E";

    private static Item Item(string? serviceType, List<BenefitLoop> loops)
    {
        var eb = loops[0].Eb;
        var item = new Item
        {
            Category = serviceType is null ? null : new CodeableConcept(EligibilityUrls.ServiceType, serviceType),
            Excluded = IsExclusion(eb) ? true : null,
            Network = Network(eb.InNetwork),
            Unit = Unit(eb.Level),
            Description = Description(loops),
            AuthorizationRequired = Authorization(loops),
            Benefit = [.. Benefits(loops)],
        };
        if (eb.Procedure is { } procedure)
        {
            item.ProductOrService = Code(procedure.Code);
            item.Modifier = [.. procedure.Modifiers.Select(Code)];
        }

        // R4 keeps one term an item; the benefits carry their own when they differ.
        var terms = loops.Select(l => l.Eb.Period).OfType<string>().Where(p => !Remaining.Contains(p)).Distinct().ToList();
        if (terms is [var term])
            item.Term = new CodeableConcept(EligibilityUrls.TimePeriod, term) { Text = TimePeriod(term) };
        return item;
    }

    // What is left (EB06 29, 33) belongs to the total of the same kind; used = total − left.
    private static IEnumerable<Benefit> Benefits(List<BenefitLoop> loops)
    {
        var stated = loops.Select(l => l.Eb).Where(eb => TypeOf(eb.Code) is not null).ToList();
        var left = stated.Where(eb => eb.Period is { } p && Remaining.Contains(p)).ToList();
        foreach (var eb in stated.Except(left))
        {
            var benefit = Benefit(eb);
            var rest = left.Find(l => l.Code == eb.Code && l.QuantityQualifier == eb.QuantityQualifier && (l.Period == "33") == (eb.Period == "32"));
            if (rest is not null && AddRemaining(benefit, eb, rest))
                left.Remove(rest);
            yield return benefit;
        }

        foreach (var rest in left)
        {
            var benefit = new Benefit { Type = TypeOf(rest.Code)! };
            AddRemaining(benefit, null, rest);
            SetPeriod(benefit, rest);
            yield return benefit;
        }
    }

    private static Benefit Benefit(Eb eb)
    {
        var benefit = new Benefit
        {
            Type = TypeOf(eb.Code)!, // only benefits of a known type come here
            Allowed = eb switch
            {
                { AmountUsd: { } usd } => ClaimBuilder.Usd(usd),
                { Fraction: { } fraction } => new FhirString(Percent(fraction)),
                { Quantity: { } quantity } when Whole(quantity) is { } count => new UnsignedInt(count),
                _ => null,
            },
        };
        SetPeriod(benefit, eb);
        return benefit;
    }

    private static bool AddRemaining(Benefit benefit, Eb? total, Eb rest)
    {
        if (rest.AmountUsd is { } left && total?.Quantity is null)
        {
            if (total?.AmountUsd is { } usd)
                benefit.Used = ClaimBuilder.Usd(usd - left);
            benefit.AddExtension(EligibilityUrls.Remaining, ClaimBuilder.Usd(left));
            return true;
        }

        if (rest.Quantity is not { } remaining || Whole(remaining) is not { } count)
            return false;
        if (total?.Quantity is { } quantity && Whole(quantity - remaining) is { } used)
            benefit.Used = new UnsignedInt(used);
        benefit.AddExtension(EligibilityUrls.Remaining, new UnsignedInt(count));
        return true;
    }

    private static void SetPeriod(Benefit benefit, Eb eb)
    {
        if (eb.Period is { } period)
            benefit.AddExtension(EligibilityUrls.TimePeriod, new Code(period));
    }

    private static int? Whole(decimal value) => value >= 0 && value <= int.MaxValue && decimal.Truncate(value) == value ? (int)value : null;

    /// <summary>0.2 → <c>20%</c>, 0.125 → <c>12.5%</c>.</summary>
    private static string Percent(decimal fraction) => (fraction * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private static CodeableConcept? TypeOf(string eb01) => eb01 switch
    {
        "B" => new CodeableConcept(EligibilityUrls.Hl7BenefitType, "copay"),
        "C" => new CodeableConcept(EligibilityUrls.Hl7BenefitType, "deductible"),
        "A" => new CodeableConcept(EligibilityUrls.BenefitType, "coinsurance"),
        "G" => new CodeableConcept(EligibilityUrls.BenefitType, "oop"),
        "J" => new CodeableConcept(EligibilityUrls.BenefitType, "cost-containment"),
        "Y" => new CodeableConcept(EligibilityUrls.BenefitType, "spend-down"),
        "F" => new CodeableConcept(EligibilityUrls.BenefitType, "limitation"),
        _ => null,
    };

    private static CodeableConcept? Network(string? eb12) => eb12 switch
    {
        "Y" => new CodeableConcept(EligibilityUrls.Hl7BenefitNetwork, "in"),
        "N" => new CodeableConcept(EligibilityUrls.Hl7BenefitNetwork, "out"),
        "W" => new CodeableConcept { Text = "in and out of network" },
        _ => null, // U: the payer does not know either
    };

    private static CodeableConcept? Unit(string? eb02) => eb02 switch
    {
        null => null,
        "IND" => new CodeableConcept(EligibilityUrls.Hl7BenefitUnit, "individual"),
        "FAM" => new CodeableConcept(EligibilityUrls.Hl7BenefitUnit, "family"),
        _ => new CodeableConcept(EligibilityUrls.CoverageLevel, eb02),
    };

    private static bool? Authorization(List<BenefitLoop> loops) =>
        loops.Exists(l => l.Eb.AuthorizationNeeded == "Y") ? true
        : loops.Exists(l => l.Eb.AuthorizationNeeded == "N") ? false
        : null;

    private static string? Description(List<BenefitLoop> loops)
    {
        var text = string.Join("; ", loops.SelectMany(l => Words(l).Concat(l.Messages)).Where(t => t.Length > 0).Distinct());
        return text.Length > 0 ? text : null;
    }

    // EB01 that states no amount but names somebody or something.
    private static IEnumerable<string> Words(BenefitLoop loop)
    {
        var what = loop.Eb.Code switch
        {
            "R" => "Other payer",
            "L" => "Primary care provider",
            "MC" => "Managed care coordinator",
            "U" => "Contact for eligibility or benefits",
            "W" => "Other source of data",
            "CB" => "Coverage basis",
            "X" => "Health care facility",
            "N" => "Services restricted to provider",
            _ => null,
        };
        if (what is null)
            yield break;
        var names = loop.Details.OfType<Nm1>().Select(n => string.Join(' ', new[] { n.First, n.Name }.OfType<string>())).Where(n => n.Length > 0).ToList();
        yield return names.Count == 0 ? what : $"{what}: {string.Join(", ", names)}";
    }

    private static CodeableConcept Code(string code) =>
        new(code.Length > 0 && char.IsAsciiDigit(code[0]) ? CodeSystemUrls.Cpt : CodeSystemUrls.Hcpcs, code);

    private static string? TimePeriod(string eb06) => eb06 switch
    {
        "6" => "hour",
        "7" => "day",
        "21" => "years",
        "22" => "service year",
        "23" => "calendar year",
        "24" => "year to date",
        "25" => "contract",
        "26" => "episode",
        "27" => "visit",
        "30" => "exceeded",
        "32" => "lifetime",
        "34" => "month",
        "35" => "week",
        "36" => "admission",
        _ => null,
    };
}
