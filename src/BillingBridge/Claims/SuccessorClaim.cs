using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>An answered claim → the claim that replaces (frequency 7) or voids (8) it at the payer (billing spec 1.6).</summary>
internal static class SuccessorClaim
{
    public const string Replacement = "7";
    public const string Void = "8";

    /// <summary><c>Claim.related.relationship</c> of the claim replaced or voided.</summary>
    public const string Relationship = "prior";

    /// <summary>The claim, a draft with a number of its own, so that its remittance cannot be posted to the first.</summary>
    /// <param name="original">The claim as the payer has it.</param>
    /// <param name="corrected">How it should have been; null repeats it.</param>
    /// <param name="frequency">7 or 8; an 8 repeats the original whatever is given.</param>
    /// <param name="icn">The payer's number of the original.</param>
    /// <param name="billingDate">Claim.created.</param>
    public static Claim Build(Claim original, Claim? corrected, string frequency, Identifier icn, DateOnly billingDate)
    {
        var key = ClaimKey.Of(original);
        var next = key with { Version = key.Version + 1 };
        var content = frequency == Void || corrected is null ? original : Completed(corrected, original);
        var claim = NextClaim.Copy(content, key.NextControlNumber(original.PatientControlNumber() ?? ""), next, billingDate, frequency);
        claim.Related =
        [
            new Claim.RelatedClaimComponent
            {
                Claim = new ResourceReference($"Claim/{original.Id}"),
                Relationship = new CodeableConcept(NextClaim.RelationshipSystem, Relationship),
                Reference = (Identifier)icn.DeepCopy(),
            },
            // An earlier payer's claim stays what this one follows on.
            .. original.Related.Where(r => !IsPrior(r)).Select(r => (Claim.RelatedClaimComponent)r.DeepCopy()),
        ];
        if (frequency != Void)
            claim.Total = ClaimBuilder.Usd(claim.Item.Sum(i => i.Net?.Value ?? 0m));
        return claim;
    }

    /// <summary>The claim that a replacement or void names; null on any other.</summary>
    public static string? OriginalOf(Claim claim) => claim.Related.Find(IsPrior)?.Claim?.Reference;

    private static bool IsPrior(Claim.RelatedClaimComponent related) => related.Relationship?.Coding.Exists(c => c.Code == Relationship) == true;

    /// <summary>A correction says what is different; whose claim it is, to whom and for which visit stays.</summary>
    private static Claim Completed(Claim corrected, Claim original)
    {
        var claim = (Claim)corrected.DeepCopy();
        claim.Extension = [.. original.Extension.Where(o => !claim.Extension.Exists(e => e.Url == o.Url)).Concat(claim.Extension).Select(e => (Extension)e.DeepCopy())];
        (claim.Use, claim.Patient, claim.BillablePeriod) = (original.Use, original.Patient, corrected.BillablePeriod ?? original.BillablePeriod);
        (claim.Type, claim.Priority, claim.Provider) = (corrected.Type ?? original.Type, corrected.Priority ?? original.Priority, corrected.Provider ?? original.Provider);
        (claim.Insurer, claim.Facility, claim.Accident) = (original.Insurer, corrected.Facility ?? original.Facility, corrected.Accident ?? original.Accident);
        // To another payer it would be another claim.
        claim.Insurance = [.. original.Insurance.Select(i => Insurance(i, corrected))];
        if (claim.CareTeam.Count == 0)
            claim.CareTeam = original.CareTeam;
        if (claim.Diagnosis.Count == 0)
            claim.Diagnosis = original.Diagnosis;
        if (claim.SupportingInfo.Count == 0)
            claim.SupportingInfo = original.SupportingInfo;
        if (claim.Item.Count == 0)
            claim.Item = original.Item;
        var visit = original.Item.SelectMany(i => i.Encounter).FirstOrDefault();
        foreach (var (i, item) in claim.Item.Index())
        {
            item.Sequence ??= i + 1;
            item.Encounter = visit is null ? [] : [new ResourceReference(visit.Reference)];
        }

        return claim;
    }

    private static Claim.InsuranceComponent Insurance(Claim.InsuranceComponent original, Claim corrected)
    {
        var insurance = (Claim.InsuranceComponent)original.DeepCopy();
        if (corrected.Insurance.Find(i => i.Coverage?.Reference == original.Coverage?.Reference) is { } said)
            insurance.PreAuthRefElement = [.. said.PreAuthRefElement.Select(r => (FhirString)r.DeepCopy())];
        return insurance;
    }
}
