using FhirEmr.BillingBridge.Claims;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Makes a synthetic record billable: <c>fhir-emr import fhir --as-demo-practice</c>.</summary>
/// <remarks>
/// Synthea records carry NPIs that fail their check digit, no tax id, no laboratory certificate, no place of emergency and inpatient care, no Coverage and no member id. Each gap is filled with an
/// invented value that depends only on the resource's id, so bundles load in any order and twice without duplicates, and
/// applying this to its own output changes nothing. What is clinical stays untouched.
/// </remarks>
internal static class DemoIdentities
{
    private static readonly (string Code, string Display)[] PractitionerTaxonomies =
    [
        ("207Q00000X", "Family Medicine Physician"),
        ("207R00000X", "Internal Medicine Physician"),
        ("208D00000X", "General Practice Physician"),
    ];

    /// <summary>A new bundle; entries that need no change are shared with the input, which is not modified.</summary>
    /// <param name="transactionBundle">A transaction whose resources have ids.</param>
    public static Bundle Apply(Bundle transactionBundle)
    {
        var index = new BundleIndex(transactionBundle);
        var enriched = new Bundle
        {
            Id = transactionBundle.Id,
            Meta = transactionBundle.Meta,
            Type = transactionBundle.Type,
            TimestampElement = transactionBundle.TimestampElement,
            Identifier = transactionBundle.Identifier,
            Entry = [.. transactionBundle.Entry.Select(entry => WithIdentity(entry, index))],
        };
        var places = enriched.Entry.Index().Where(place => place.Item.Resource?.Id is not null)
            .DistinctBy(place => KeyOf(place.Item.Resource!))
            .ToDictionary(place => KeyOf(place.Item.Resource!), place => place.Index);

        // Made whole before the first goes in: the facilities are read from the very entries that grow here.
        foreach (var added in Added(transactionBundle, index).Concat(DemoFacilities.Of(enriched, index)).ToList())
        {
            // Already there after an earlier pass: replaced where it stands.
            if (places.TryGetValue(KeyOf(added), out var place))
                enriched.Entry[place] = Entries.Put(added);
            else
                enriched.Entry.Add(Entries.Put(added));
        }

        return enriched;
    }

    private static IEnumerable<Resource> Added(Bundle bundle, BundleIndex index)
    {
        var coverages = InsuranceHistory.Coverages(bundle, index).ToList();
        var payers = coverages.Select(coverage => coverage.Payer).ToHashSet();
        return DemoPayers.All.Where(payers.Contains).Select(DemoPayers.ToOrganization)
            .Concat<Resource>(Roles(bundle, index))
            .Concat(coverages.Select(coverage => coverage.Coverage));
    }

    private static Bundle.EntryComponent WithIdentity(Bundle.EntryComponent entry, BundleIndex index)
    {
        Resource? changed = entry.Resource switch
        {
            { Id: null } => null, // nothing stable to derive an identity from
            Practitioner practitioner => Identify((Practitioner)practitioner.DeepCopy()),
            Organization organization when IsProvider(organization) => Identify((Organization)organization.DeepCopy()),
            Patient patient => Tidy((Patient)patient.DeepCopy()),
            Encounter encounter => DemoFacilities.Placed(encounter, index),
            _ => null,
        };
        if (changed is null)
            return entry;

        return new Bundle.EntryComponent { FullUrl = entry.FullUrl, Resource = changed, Request = entry.Request };
    }

    private static Practitioner Identify(Practitioner practitioner)
    {
        SetNpi(practitioner.Identifier, KeyOf(practitioner));
        if (!practitioner.Qualification.Any(qualification => IsTaxonomy(qualification.Code)))
            practitioner.Qualification.Add(new Practitioner.QualificationComponent { Code = TaxonomyOf(practitioner) });
        foreach (var address in practitioner.Address)
            UsAddress.Tidy(address);
        return practitioner;
    }

    private static Organization Identify(Organization organization)
    {
        var key = KeyOf(organization);
        SetNpi(organization.Identifier, key);
        var taxIds = organization.Identifier.Where(identifier => identifier.System == BillingUrls.Ein).ToList();
        if (!taxIds.Any(identifier => MadeUpNumbers.IsEin(identifier.Value)))
        {
            organization.Identifier.RemoveAll(taxIds.Contains);
            organization.Identifier.Add(new Identifier(BillingUrls.Ein, MadeUpNumbers.Ein(key)) { Type = Coded.Concept(DemoUrls.IdentifierType, "TAX", "Tax ID number") });
        }

        if (!organization.Identifier.Exists(identifier => identifier.System == BillingUrls.Clia))
            organization.Identifier.Add(new Identifier(BillingUrls.Clia, MadeUpNumbers.Clia(key)));
        if (!organization.Type.Any(IsTaxonomy))
            organization.Type.Add(TaxonomyOf(organization));
        if (organization.Address.Count == 0)
            organization.Address.Add(new Address());
        foreach (var address in organization.Address)
            UsAddress.Complete(address, key);
        return organization;
    }

    private static Patient Tidy(Patient patient)
    {
        foreach (var address in patient.Address)
            UsAddress.Tidy(address);
        return patient;
    }

    /// <summary>Who works where, as the encounters show it; a role depends on the pair alone and is the same in every bundle.</summary>
    private static IEnumerable<PractitionerRole> Roles(Bundle bundle, BundleIndex index)
    {
        var pairs = bundle.Entry.Select(entry => entry.Resource).OfType<Encounter>().SelectMany(encounter =>
            encounter.Participant.Select(participant => (Who: participant.Individual, Where: encounter.ServiceProvider)));

        return pairs.Select(pair => (
                Who: index.Find<Practitioner>(pair.Who), WhoReference: index.Canonical(pair.Who),
                Where: index.Find<Organization>(pair.Where), WhereReference: index.Canonical(pair.Where)))
            .Where(pair => pair is { Who.Id: not null, Where.Id: not null })
            .DistinctBy(pair => (pair.Who!.Id, pair.Where!.Id))
            .Select(pair => new PractitionerRole
            {
                Id = "demo-role-" + StableHash.Uuid("role", $"{pair.Who!.Id}|{pair.Where!.Id}"),
                Meta = Coded.MadeUpMeta(),
                Active = true,
                Practitioner = new ResourceReference(pair.WhoReference),
                Organization = new ResourceReference(pair.WhereReference),
                Specialty = [pair.Who.Qualification.Select(held => held.Code).FirstOrDefault(IsTaxonomy) ?? TaxonomyOf(pair.Who)],
            });
    }

    private static void SetNpi(List<Identifier> identifiers, string key)
    {
        var npis = identifiers.Where(identifier => identifier.System == BillingUrls.Npi).ToList();
        if (npis.Any(identifier => MadeUpNumbers.IsNpi(identifier.Value)))
        {
            identifiers.RemoveAll(identifier => npis.Contains(identifier) && !MadeUpNumbers.IsNpi(identifier.Value));
            return;
        }

        identifiers.RemoveAll(npis.Contains);
        identifiers.Insert(0, new Identifier(BillingUrls.Npi, MadeUpNumbers.Npi(key)));
    }

    private static string KeyOf(Resource resource) => $"{resource.TypeName}/{resource.Id}";

    private static bool IsProvider(Organization organization) =>
        !organization.Type.SelectMany(type => type.Coding).Any(coding => coding.System == DemoUrls.OrganizationType && coding.Code is "pay" or "ins");

    private static bool IsTaxonomy(CodeableConcept? concept) =>
        concept is not null && concept.Coding.Any(coding => coding.System == CodeSystemUrls.ProviderTaxonomy);

    private static CodeableConcept TaxonomyOf(Practitioner practitioner)
    {
        var choice = StableHash.Of("taxonomy", KeyOf(practitioner)) % (ulong)PractitionerTaxonomies.Length;
        var (code, display) = PractitionerTaxonomies[(int)choice];
        return Coded.Concept(CodeSystemUrls.ProviderTaxonomy, code, display);
    }

    private static CodeableConcept TaxonomyOf(Organization organization)
    {
        var name = organization.Name ?? "";
        var (code, display) =
            name.Contains("URGENT", StringComparison.OrdinalIgnoreCase) || name.Contains("WALK", StringComparison.OrdinalIgnoreCase)
                ? ("261QU0200X", "Urgent Care Clinic/Center")
            : name.Contains("HOSPITAL", StringComparison.OrdinalIgnoreCase) || name.Contains("MEDICAL CENTER", StringComparison.OrdinalIgnoreCase)
                ? ("282N00000X", "General Acute Care Hospital")
            : ("261QP2300X", "Primary Care Clinic/Center");
        return Coded.Concept(CodeSystemUrls.ProviderTaxonomy, code, display);
    }
}
