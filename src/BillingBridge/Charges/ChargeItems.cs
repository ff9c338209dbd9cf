using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Charge lines as ChargeItem resources (billing spec 1.2).</summary>
internal static class ChargeItems
{
    public static ChargeItem Build(ChargeLine line, EncounterChart chart, DateOnly entered)
    {
        var encounter = chart.Encounter;
        var item = new ChargeItem
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, line.Key(encounter.Id!))],
            Status = ChargeItem.ChargeItemStatus.Billable,
            Code = new CodeableConcept(line.System, line.Code, line.Display, null),
            Subject = new ResourceReference($"Patient/{chart.Patient.Id}"),
            Context = new ResourceReference($"Encounter/{encounter.Id}"),
            Occurrence = new FhirDateTime(DateOfService.Text(line.ServiceDate)),
            Quantity = new Quantity { Value = line.Quantity },
            EnteredDate = DateOfService.Text(entered),
            DefinitionCanonical = line.PricedBy is { } price ? [price] : [],
            Reason = [.. line.DiagnosisCodes.Select(c => new CodeableConcept(CodeSystemUrls.Icd10Cm, c))],
        };
        item.Note.AddRange(line.Reasons.Select(r => new Annotation { Text = r }));
        item.Code.Coding.AddRange(line.Modifiers.SelectMany(m => Modifier(m).Coding));

        if (!line.Source.StartsWith("Encounter/", StringComparison.Ordinal) && !line.Source.StartsWith("ChargeItem/", StringComparison.Ordinal))
            item.Service.Add(new ResourceReference(line.Source));
        if (encounter.ServiceProvider?.Reference is { Length: > 0 } organization)
            item.PerformingOrganization = new ResourceReference(organization);
        if (encounter.Participant.Find(p => p.Individual?.Reference is { Length: > 0 })?.Individual?.Reference is { } person)
            item.Performer.Add(new ChargeItem.PerformerComponent { Actor = new ResourceReference(person) });
        return item;
    }

    /// <summary>Two digits are CPT's, anything with a letter HCPCS's (billing spec 0.1).</summary>
    public static CodeableConcept Modifier(string modifier) =>
        new(modifier.All(char.IsAsciiDigit) ? CodeSystemUrls.Cpt : CodeSystemUrls.Hcpcs, modifier);
}
