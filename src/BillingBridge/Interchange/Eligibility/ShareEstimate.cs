using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>The patient's share of a whole visit: what one service takes off the deductible is not left for the next.</summary>
public sealed record ShareEstimate(IReadOnlyList<EstimatedService> Services, IReadOnlyList<string> Notes)
{
    public decimal AllowedUsd => Services.Sum(s => s.Share.AllowedUsd);

    public decimal TotalUsd => Services.Sum(s => s.Share.TotalUsd);

    /// <param name="services">Code, service type and allowed amount of each.</param>
    /// <param name="answer">Of the payer.</param>
    /// <param name="copayOnlyTypes">Service types whose copay leaves the deductible alone.</param>
    public static ShareEstimate Of(
        IEnumerable<(string Code, string ServiceType, decimal AllowedUsd)> services, CoverageEligibilityResponse answer, IReadOnlyCollection<string> copayOnlyTypes)
    {
        var estimated = new List<EstimatedService>();
        var notes = new List<string>();
        var (usedOfDeductible, usedOutOfPocket) = (0m, 0m);
        var copaid = new HashSet<string>();
        foreach (var (code, serviceType, allowed) in services)
        {
            var facts = BenefitFacts.Of(answer, serviceType, code);
            if (facts.IsActive == false)
                notes.Add("The coverage is not active: the patient pays all of it.");
            else if (facts.IsExcluded)
                notes.Add($"Not covered: {ServiceTypes.Name(serviceType)}.");
            if (facts.AuthorizationNeeded == true)
                notes.Add($"Authorization needed for {ServiceTypes.Name(serviceType)} ({code}).");
            if (facts.Deductible is { LeftUsd: null })
                notes.Add("The payer does not say what is left of the deductible: all of it is counted.");
            facts = facts with
            {
                // One copay a visit and service type, however many codes.
                CopayUsd = facts.CopayUsd is { } copay && (copay == 0 || copaid.Add(serviceType)) ? copay : facts.CopayUsd is null ? null : 0m,
                Deductible = facts.Deductible is { } d ? new AmountLeft(d.TotalUsd, Math.Max(0m, d.OpenUsd - usedOfDeductible)) : null,
                OutOfPocket = facts.OutOfPocket is { } o ? new AmountLeft(o.TotalUsd, Math.Max(0m, o.OpenUsd - usedOutOfPocket)) : null,
            };
            var share = PatientShare.Of(allowed, facts, copayOnlyTypes.Contains(serviceType));
            usedOfDeductible += share.DeductibleUsd;
            usedOutOfPocket += share.TotalUsd;
            estimated.Add(new EstimatedService(code, serviceType, share));
        }

        return new ShareEstimate(estimated, [.. notes.Distinct()]);
    }
}

/// <summary>One service of an estimate.</summary>
public sealed record EstimatedService(string Code, string ServiceType, PatientShare Share);
