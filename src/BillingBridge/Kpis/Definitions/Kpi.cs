using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>One definition of a figure (billing spec 6).</summary>
public abstract class Kpi
{
    /// <summary>Its name in the spec, <c>AR-DAYS</c>.</summary>
    public abstract string Id { get; }

    public abstract string Title { get; }

    /// <summary>How it is computed, in words for the person who reads the number.</summary>
    public abstract string HowComputed { get; }

    /// <summary>What <see cref="KpiFigure.Value"/> is.</summary>
    public abstract KpiUnit Unit { get; }

    public virtual KpiUnit NumeratorUnit => KpiUnit.Count;

    public virtual KpiUnit DenominatorUnit => KpiUnit.Count;

    /// <summary>Type of the records behind it.</summary>
    public virtual string CountedType => "Claim";

    /// <summary>It looks at <see cref="KpiQuery.Curves"/>.</summary>
    public virtual bool ComparesSpecialties => false;

    /// <summary>It also looks at the claims of other providers.</summary>
    internal virtual bool ComparesPeers => false;

    /// <summary>Counts a claim.</summary>
    internal virtual void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
    }

    /// <summary>Counts a claim that is asked for but for its provider.</summary>
    internal virtual void CountPeer(in ClaimRow claim, in ClaimView view, Tally tally)
    {
    }

    /// <summary>Counts an encounter.</summary>
    internal virtual void Count(int at, in EncounterRow encounter, Tally tally)
    {
    }

    /// <summary>Counts a scheduled visit.</summary>
    internal virtual void Count(int at, in VisitRow visit, Tally tally)
    {
    }

    internal virtual KpiFigure Figure(string? group, Tally tally, int number)
    {
        var sum = tally.Of(number);
        var (over, under) = (Shown(sum.Numerator, NumeratorUnit), Shown(sum.Denominator, DenominatorUnit));
        return new(this, group, over, under, Value(over, under), [.. Parts(tally, number)], []) { Notes = [.. Notes(tally, number)] };
    }

    /// <summary>Null when there is nothing to divide by.</summary>
    internal virtual decimal? Value(decimal over, decimal under) => under == 0m ? null : over / under;

    internal virtual IEnumerable<KpiPart> Parts(Tally tally, int group) => [];

    internal virtual IEnumerable<string> Notes(Tally tally, int group) => [];

    /// <summary>A part that is one thing over another.</summary>
    private protected static KpiPart Part(Tally tally, int group, string name, KpiUnit value, KpiUnit overUnit, KpiUnit underUnit)
    {
        var sum = tally.Of(group, name);
        var (over, under) = (Shown(sum.Numerator, overUnit), Shown(sum.Denominator, underUnit));
        return new(name, value, over, under, under == 0m ? null : over / under);
    }

    /// <summary>A part that is a share of a whole.</summary>
    private protected static KpiPart Share(Tally tally, int group, string name, long whole, KpiUnit unit)
    {
        var (over, under) = (Shown(tally.Of(group, name).Numerator, unit), Shown(whole, unit));
        return new(name, KpiUnit.Rate, over, under, under == 0m ? null : over / under);
    }

    private protected static decimal Shown(long number, KpiUnit unit) => unit switch
    {
        KpiUnit.Usd => number / 100m,
        KpiUnit.Rvu => number / (decimal)WorkRvus.PerRvu,
        _ => number,
    };
}
