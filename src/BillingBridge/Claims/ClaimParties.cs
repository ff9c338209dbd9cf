using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Who is on the claim: billing and rendering provider, facility, payers.</summary>
internal static class ClaimParties
{
    /// <summary>Fills in what is absent from the chart and never overwrites what a person entered.</summary>
    public static void Complete(Claim claim, EncounterChart chart, IReadOnlyList<Coverage> coverages, Coverage? focal)
    {
        var encounter = chart.Encounter;
        var rendering = Person(chart, "PPRF", "ATND", "CON") ?? Person(chart);

        // Claim.provider is required: without a group or a person it says so in words, and rule PRV-001 finds it.
        claim.Provider ??= encounter.ServiceProvider?.Reference is { Length: > 0 } group
            ? new ResourceReference(group)
            : rendering ?? new ResourceReference { Display = "unknown" };

        if (claim.CareTeam.Count == 0)
        {
            AddMember(claim, rendering, CareTeamRoles.Rendering, responsible: true);
            AddMember(claim, Person(chart, "REFB", "REF"), CareTeamRoles.Referring);
        }

        claim.Facility ??= encounter.Location.FirstOrDefault()?.Location is { } place ? new ResourceReference(place.Reference, place.Display) : null;

        claim.Insurance.RemoveAll(i => i.Coverage?.Reference is null);
        if (claim.Insurance.Count == 0)
        {
            foreach (var (i, coverage) in coverages.Index())
            {
                claim.Insurance.Add(new Claim.InsuranceComponent
                {
                    Sequence = i + 1,
                    Focal = coverage.Id == focal?.Id,
                    Coverage = new ResourceReference($"Coverage/{coverage.Id}"),
                });
            }
        }

        if (claim.Insurance.Count == 0)
            SayNobodyInsures(claim);

        claim.Insurer ??= focal?.Payor.FirstOrDefault() is { } payor ? new ResourceReference(payor.Reference, payor.Display) : null;
        AddClia(claim, chart);
    }

    /// <summary>Claim.insurance is required in R4: a claim without any says so in words, and rule COV-001 finds it unless the patient pays.</summary>
    public static void SayNobodyInsures(Claim claim) =>
        claim.Insurance.Add(new Claim.InsuranceComponent { Sequence = 1, Focal = false, Coverage = new ResourceReference { Display = claim.IsSelfPay() ? "self-pay" : "none" } });

    /// <summary>Laboratory, imaging, supplies and therapy need to say who ordered them.</summary>
    public static bool NeedsOrdering(string code) =>
        CodeFacts.IsLaboratory(code) || CodeFacts.IsImaging(code) || CodeFacts.IsTherapy(code) || code[0] is 'E' or 'K' or 'L';

    /// <summary>Adds the ordering provider when a line needs one: the order's requester, else the clinician whose encounter it is.</summary>
    /// <returns>The sequence number to point at; null when no line needs it or nobody is known.</returns>
    public static int? AddOrdering(Claim claim, EncounterChart chart, ChargeSheet charges)
    {
        if (!charges.Lines.Any(l => NeedsOrdering(l.Code)))
            return null;

        var requester = chart.OfType<ServiceRequest>()
            .Where(r => r.Encounter?.Reference == $"Encounter/{chart.Encounter.Id}")
            .Select(r => r.Requester?.Reference)
            .FirstOrDefault(r => r is { Length: > 0 });
        var who = requester ?? claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider?.Reference;
        return who is null ? null : AddMember(claim, new ResourceReference(who), CareTeamRoles.Ordering);
    }

    private static int? AddMember(Claim claim, ResourceReference? who, string role, bool responsible = false)
    {
        if (who is null)
            return null;

        var sequence = claim.CareTeam.Count + 1;
        claim.CareTeam.Add(new Claim.CareTeamComponent
        {
            Sequence = sequence,
            Provider = who,
            Role = CareTeamRoles.Concept(role),
            Responsible = responsible ? true : null,
        });
        return sequence;
    }

    /// <summary>The first participant with one of the types, or the first at all; roles are followed to the person.</summary>
    private static ResourceReference? Person(EncounterChart chart, params string[] types)
    {
        var participant = chart.Encounter.Participant.Find(p =>
            p.Individual?.Reference is { Length: > 0 } && (types.Length == 0 || p.Type.Exists(t => t.HasAny(types))));
        if (participant?.Individual is not { } individual)
            return null;
        return chart.Find<PractitionerRole>(individual)?.Practitioner?.Reference is { Length: > 0 } person
            ? new ResourceReference(person)
            : new ResourceReference(individual.Reference);
    }

    private static void AddClia(Claim claim, EncounterChart chart)
    {
        if (claim.Info(SupportingInfo.Clia).Any())
            return;

        var identifiers = (chart.Find<Location>(claim.Facility)?.Identifier ?? []).Concat(chart.Find<Organization>(claim.Provider)?.Identifier ?? []);
        if (identifiers.FirstOrDefault(i => i.System == BillingUrls.Clia)?.Value is not { Length: > 0 } number)
            return;
        claim.SupportingInfo.Add(new Claim.SupportingInformationComponent
        {
            Sequence = claim.SupportingInfo.Count + 1,
            Category = SupportingInfo.Category(SupportingInfo.Clia),
            Value = new FhirString(number),
        });
    }
}
