using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>To which Account a charge of a visit belongs, and with it to which coverages: workers' compensation for an injury, say, beside the health plan (billing spec 1.1).</summary>
/// <remarks>
/// <c>ChargeItem.account</c> says it of a charge. Else an account that names the condition a service was done for does (R5's <c>Account.diagnosis</c>, in R4 its cross-version extension);
/// else the first account of the encounter that is not for conditions of its own. An account without coverages decides nothing.
/// </remarks>
internal static class ChargeAccounts
{
    private const string Diagnosis = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Account.diagnosis";

    /// <summary>The encounter's own account; null when it names none that has coverages.</summary>
    public static Account? OfVisit(EncounterChart chart) => First(chart, chart.Encounter.Account, a => !a.Extension.Exists(e => e.Url == Diagnosis));

    /// <summary>The account of a charge.</summary>
    /// <param name="item">The charge as stored; null while there is none.</param>
    /// <param name="source">What was done, <c>Procedure/12</c>.</param>
    public static Account? OfCharge(EncounterChart chart, ChargeItem? item, string? source) => Named(chart, item, source) ?? OfVisit(chart);

    /// <summary>The account that a charge itself belongs to, by its own word or by the condition treated; null when it goes with the visit.</summary>
    public static Account? Named(EncounterChart chart, ChargeItem? item, string? source)
    {
        if (First(chart, item?.Account ?? [], _ => true) is { } named)
            return named;
        var treated = Reasons(chart, source ?? item?.Service.FirstOrDefault()?.Reference).ToHashSet(StringComparer.Ordinal);
        return treated.Count == 0 ? null : All(chart).FirstOrDefault(a => Conditions(a).Any(treated.Contains));
    }

    /// <summary>
    /// The account of a claim: the one that has its first coverage, whatever became of its charges since; null when that is one of the patient's own. Of a claim without a coverage that is known
    /// here, the account of its charges.
    /// </summary>
    public static Account? OfClaim(EncounterChart chart, Claim claim)
    {
        var visits = OfVisit(chart);
        if (VisitSplit.FirstOf(claim) is not { } first || !chart.OfType<Coverage>().Any(c => c.Id == first))
            return claim.Item.Select(i => Named(chart, chart.Find<ChargeItem>(i.ChargeItem()), null)).FirstOrDefault(a => a is not null) ?? visits;
        return visits is not null && Has(visits) ? visits : All(chart).FirstOrDefault(Has);

        bool Has(Account account) => Coverages(chart, account).Any(c => c.Id == first);
    }

    /// <summary>The accounts with coverages that the visit or one of its charges may belong to.</summary>
    public static IEnumerable<Account> All(EncounterChart chart) => chart.OfType<Account>().Where(a =>
        a.Status is not Account.AccountStatus.EnteredInError && Coverages(chart, a).Any() && (a.Subject.Count == 0 || a.Subject.Exists(s => s.Reference == $"Patient/{chart.Patient.Id}")));

    /// <summary>The Conditions an account is for; none when it is for all.</summary>
    public static IEnumerable<string> Conditions(Account account) => account.Extension.Where(e => e.Url == Diagnosis).SelectMany(References);

    /// <summary>The first day of the conditions an account is for; null when none says it.</summary>
    public static DateOnly? OnsetOf(EncounterChart chart, Account account) => Conditions(account).Select(c => DateOfService.From((chart.Find<Condition>(new ResourceReference(c))?.Onset as FhirDateTime)?.Value))
        .OfType<DateOnly>().OrderBy(d => d).Select(d => (DateOnly?)d).FirstOrDefault();

    /// <summary>An account's coverages of the patient, by their priority; a household's account may have those of others, too.</summary>
    public static IEnumerable<Coverage> Coverages(EncounterChart chart, Account account) => account.Coverage.OrderBy(c => c.Priority ?? int.MaxValue)
        .Select(c => chart.Find<Coverage>(c.Coverage)).OfType<Coverage>().Where(c => c.Beneficiary?.Reference == $"Patient/{chart.Patient.Id}");

    private static Account? First(EncounterChart chart, IEnumerable<ResourceReference> references, Func<Account, bool> fits) =>
        references.Select(r => All(chart).FirstOrDefault(a => r.Reference == $"Account/{a.Id}" && fits(a))).FirstOrDefault(a => a is not null);

    /// <summary>The Conditions a service was done for.</summary>
    private static IEnumerable<string> Reasons(EncounterChart chart, string? source)
    {
        var reasons = source is null ? [] : chart.Find<DomainResource>(new ResourceReference(source)) switch
        {
            Procedure procedure => procedure.ReasonReference,
            MedicationAdministration given => given.ReasonReference,
            Immunization shot => shot.ReasonReference,
            DiagnosticReport report => [.. report.BasedOn.SelectMany(o => chart.Find<ServiceRequest>(o)?.ReasonReference ?? [])],
            Observation observation => [.. observation.BasedOn.SelectMany(o => chart.Find<ServiceRequest>(o)?.ReasonReference ?? [])],
            _ => (List<ResourceReference>)[],
        };
        return reasons.Select(r => r.Reference).OfType<string>();
    }

    private static IEnumerable<string> References(Extension extension) =>
        (extension.Value switch { ResourceReference { Reference: { } one } => [one], _ => (string[])[] }).Concat(extension.Extension.SelectMany(References));
}
