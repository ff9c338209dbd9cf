using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>An adjudicated claim → the claim to the payer after it (billing spec 1.1): the same services, with what every payer before answered.</summary>
internal static class NextClaim
{
    /// <summary><c>Claim.related.relationship</c> of the earlier payer's claim; what a replacement names is <c>prior</c>.</summary>
    public const string Relationship = "associated";

    public const string RelationshipSystem = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship";

    /// <summary>
    /// The coverage whose turn it is: the next that the claim lists, else the next by <see cref="CoverageOrder"/>. Only one in force on the day
    /// of service counts. Null when the patient is next.
    /// </summary>
    public static Coverage? CoverageAfter(Claim prior, EncounterChart chart) => Later(prior, chart) is [var next, ..] ? next : null;

    /// <summary>The claim, a draft; nothing of it is stored yet.</summary>
    /// <param name="prior">The claim that was answered.</param>
    /// <param name="answer">What its payer said.</param>
    /// <param name="chart">Of the encounter.</param>
    /// <param name="version">How many claims there were to this payer before.</param>
    /// <param name="billingDate">Claim.created.</param>
    /// <returns>Null when no coverage comes after the one billed.</returns>
    public static Claim? Build(Claim prior, ClaimResponse answer, EncounterChart chart, int version, DateOnly billingDate)
    {
        var later = Later(prior, chart);
        if (later is not [var next, ..])
            return null;

        var insurances = Billed(prior).Select(i => (Claim.InsuranceComponent)i.DeepCopy()).ToList();
        insurances[^1].ClaimResponse = new ResourceReference($"ClaimResponse/{answer.Id}");
        insurances.AddRange(later.Select(c => prior.Insurance.Find(i => IsOf(i, c)) is { } listed
            ? (Claim.InsuranceComponent)listed.DeepCopy()
            : new Claim.InsuranceComponent { Coverage = new ResourceReference($"Coverage/{c.Id}") }));
        var rank = Billed(prior).Count + 1;
        foreach (var (i, insurance) in insurances.Index())
            (insurance.Sequence, insurance.Focal) = (i + 1, i + 1 == rank);

        var key = KeyOf(prior, next, version);
        var pcn = PatientControlNumber.Of(VisitSplit.NumberedBy(prior), rank, version);
        var claim = Copy(prior, pcn, key, billingDate, "1");
        claim.Insurance = insurances;
        claim.Insurer = next.Payor.FirstOrDefault() is { } payor ? new ResourceReference(payor.Reference, payor.Display) : null;
        claim.Related =
        [
            new Claim.RelatedClaimComponent { Claim = new ResourceReference($"Claim/{prior.Id}"), Relationship = new CodeableConcept(RelationshipSystem, Relationship) },
        ];
        claim.Pin(chart);
        return claim;
    }

    /// <summary>Whether a claim follows on an earlier payer's, for the same services.</summary>
    public static bool Follows(Claim claim) => claim.Related.Exists(r => r.Relationship?.Coding.Exists(c => c.Code == Relationship) == true);

    /// <summary>The claim there is to the payer after one, and the version a new one would have. A voided claim is none.</summary>
    public static async Task<(Claim? Claim, int Version)> FindAsync(IFhirRecords records, Claim prior, Coverage next, CancellationToken ct)
    {
        var key = KeyOf(prior, next, 0);
        Claim? last = null;
        while (await records.SearchAsync<Claim>(BillingKey.Query(key.ToString()), ct).FirstOrDefaultAsync(ct) is { } found)
            (last, key) = (found, key with { Version = key.Version + 1 });
        return (last?.Stage() == ClaimStage.Voided ? null : last, key.Version);
    }

    /// <summary>A claim with the content of another, as a draft of its own.</summary>
    public static Claim Copy(Claim source, string pcn, ClaimKey key, DateOnly billingDate, string frequency)
    {
        var claim = (Claim)source.DeepCopy();
        claim.Id = null;
        claim.Meta = source.Meta is { Security.Count: > 0 } or { Tag.Count: > 0 } ? new Meta { Security = [.. source.Meta.Security], Tag = [.. source.Meta.Tag] } : null;
        claim.Text = null;
        claim.Identifier = [new Identifier(BillingUrls.PatientControlNumber, pcn), new Identifier(BillingUrls.IdempotencyKey, key.ToString())];
        claim.Created = DateOfService.Text(billingDate);
        claim.SetStage(ClaimStage.Draft);
        claim.RemoveExtension(BillingUrls.FrequencyExtension);
        claim.AddExtension(BillingUrls.FrequencyExtension, new Code(frequency));
        foreach (var (i, item) in claim.Item.Index())
        {
            item.RemoveExtension(BillingUrls.LineControlNumber);
            item.AddExtension(BillingUrls.LineControlNumber, new Identifier(BillingUrls.LineControlNumber, PatientControlNumber.Line(pcn, item.Sequence ?? i + 1)));
        }

        return claim;
    }

    /// <summary>Shares of a visit with different first payers may have the same one after those: each has a claim of its own to it, as it has a number of its own.</summary>
    private static ClaimKey KeyOf(Claim prior, Coverage next, int version)
    {
        var key = ClaimKey.Of(prior);
        return key with { Coverage = VisitSplit.NumberedBy(prior) == key.Visit ? next.Id : $"{next.Id}~{VisitSplit.FirstOf(prior)}", Rank = Billed(prior).Count + 1, Version = version };
    }

    private static IReadOnlyList<Claim.InsuranceComponent> Billed(Claim prior)
    {
        var focal = prior.FocalInsurance();
        return [.. prior.Insurance.Where(i => i == focal || i.Sequence < focal?.Sequence).OrderBy(i => i.Sequence)];
    }

    private static List<Coverage> Later(Claim prior, EncounterChart chart)
    {
        if (prior.FocalInsurance() is not { } focal)
            return [];
        var inForce = CoverageOrder.InForce(chart, prior.FirstServiceDay(), ChargeAccounts.OfClaim(chart, prior));
        var billed = Billed(prior);
        // A person may have given the claim another order than the coverages have; then that order stands.
        var listed = prior.Insurance.Where(i => i.Sequence > focal.Sequence).OrderBy(i => i.Sequence).Select(i => inForce.Find(c => IsOf(i, c))).OfType<Coverage>();
        var ordered = inForce.Skip(inForce.FindIndex(c => IsOf(focal, c)) + 1);
        return [.. listed.Concat(ordered).DistinctBy(c => c.Id).Where(c => !billed.Any(b => IsOf(b, c)))];
    }

    private static bool IsOf(Claim.InsuranceComponent insurance, Coverage coverage) =>
        FhirReferences.IdOf(insurance.Coverage?.Reference, "Coverage") == coverage.Id;
}
