using System.Globalization;

namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>The raw score of one model: variables with their coefficients and what each stands on (billing spec 5.2, steps 5 to 10). Pure.</summary>
/// <param name="Segment">Prefix of the coefficients' names, e.g. <c>CNA</c>.</param>
public sealed record RiskScore(RiskModel Model, string Segment, IReadOnlyList<RiskVariable> Variables, HccCapture Capture)
{
    private const int CountedHccs = 10;

    /// <summary>Σ of the coefficients.</summary>
    public decimal Raw => Variables.Sum(v => v.Coefficient);

    /// <exception cref="HccTablesException">The tables of the year lack the model, or the demographic coefficient of this person.</exception>
    public static RiskScore Of(RiskModel model, HccTables tables, RiskPerson person, IEnumerable<RiskClaim> claims)
    {
        if (!tables.Has(model))
            throw new HccTablesException($"The tables of {tables.PaymentYear} do not have {model}.");

        var capture = HccCapture.Of(model, tables, person, claims);
        var segment = SegmentOf(person, tables.PaymentYear);
        var variables = new List<RiskVariable>();
        var demographic = person.IsNewEnrollee && !person.IsLongTermInstitutional ? NewEnrollee(person, tables.PaymentYear) : $"{(person.IsFemale ? 'F' : 'M')}{Band(person.AgeIn(tables.PaymentYear))}";
        if (!Add(demographic, $"age {person.AgeIn(tables.PaymentYear)} on 1 February {tables.PaymentYear}"))
            throw new HccTablesException($"The tables of {tables.PaymentYear} have no coefficient {segment}_{demographic} for {model}.");

        if (segment is "NE" or "SNPNE")
            return new(model, segment, variables, capture); // a new enrollee is paid by demography alone

        foreach (var hcc in capture.Hccs)
            Add($"HCC{hcc.Hcc.ToString(CultureInfo.InvariantCulture)}", $"{string.Join(", ", hcc.Evidence.Select(e => $"{e.Diagnosis} on {e.Reference}"))}");
        if (segment[0] == 'C' && person.IsOriginallyDisabled(tables.PaymentYear))
            Add(person.IsFemale ? "OriginallyDisabled_Female" : "OriginallyDisabled_Male", "entitled first by disability");
        if (segment == "INS" && person.HasMedicaid)
            Add("LTIMCAID", $"dual status {person.DualStatus}");
        foreach (var (variable, why) in Interactions.Of(capture, person.IsDisabled(tables.PaymentYear)))
            Add(variable, why);
        if (Paid() is > 0 and var n)
            Add(n >= CountedHccs ? "D10P" : $"D{n.ToString(CultureInfo.InvariantCulture)}", $"{n} payment HCCs");
        return new(model, segment, variables, capture);

        // A condition category without a coefficient is not a payment HCC and is not counted.
        int Paid() => variables.Count(v => v.Name.StartsWith("HCC", StringComparison.Ordinal) && int.TryParse(v.Name.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out _));

        bool Add(string variable, string why)
        {
            if (tables.Coefficient(model, segment, variable) is not { } coefficient)
                return false;
            variables.Add(new(variable, coefficient, why));
            return true;
        }
    }

    private static string SegmentOf(RiskPerson person, int year) =>
        person.IsLongTermInstitutional ? "INS"
        : person.IsNewEnrollee ? person.IsInChronicPlan ? "SNPNE" : "NE"
        : $"C{(person.IsFullDual ? 'F' : person.IsPartialDual ? 'P' : 'N')}{(person.AgeIn(year) >= 65 ? 'A' : 'D')}";

    private static string NewEnrollee(RiskPerson person, int year)
    {
        // At 64 without a disability the person will be 65 within the year.
        var age = person.AgeIn(year) is 64 && person.OriginalEntitlement == 0 ? 65 : person.AgeIn(year);
        var band = age is >= 65 and <= 69 ? age.ToString(CultureInfo.InvariantCulture) : Band(age);
        var isOriginallyDisabled = age >= 65 && person.IsOriginallyDisabled(year);
        return $"{(person.HasMedicaid ? "MCAID" : "NMCAID")}_{(isOriginallyDisabled ? "ORIGDIS" : "NORIGDIS")}_NE{(person.IsFemale ? 'F' : 'M')}{band}";
    }

    private static string Band(int age) => age switch
    {
        < 35 => "0_34",
        < 45 => "35_44",
        < 55 => "45_54",
        < 60 => "55_59",
        < 65 => "60_64",
        < 70 => "65_69",
        < 75 => "70_74",
        < 80 => "75_79",
        < 85 => "80_84",
        < 90 => "85_89",
        < 95 => "90_94",
        _ => "95_GT",
    };
}

/// <summary>One variable of a score.</summary>
public sealed record RiskVariable(string Name, decimal Coefficient, string Why);
