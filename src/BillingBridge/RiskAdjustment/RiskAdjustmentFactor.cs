namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>A person's risk adjustment factor for a payment year: the raw scores of the models that pay, and their blend.</summary>
/// <param name="Payment">Not rounded; four places are usual.</param>
public sealed record RiskAdjustmentFactor(IReadOnlyList<RiskScore> Scores, decimal Payment)
{
    /// <summary>Scores the claims of the year before the payment year.</summary>
    /// <exception cref="HccTablesException">The tables lack a model that pays in the year.</exception>
    public static RiskAdjustmentFactor Of(PaymentYear year, HccTables tables, RiskPerson person, IReadOnlyCollection<RiskClaim> claims, decimal frailty = 0m)
    {
        if (year.Year != tables.PaymentYear)
            throw new ArgumentException($"The tables are of {tables.PaymentYear}, the payment year is {year.Year}.", nameof(tables));
        var scores = year.Parts.Select(p => RiskScore.Of(p.Model, tables, person, claims)).ToList();
        return new(scores, year.Payment(scores.ToDictionary(s => s.Model, s => s.Raw), frailty));
    }
}
