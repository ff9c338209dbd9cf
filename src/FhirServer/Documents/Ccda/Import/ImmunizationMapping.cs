using System.Xml.Linq;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Immunization Activity → Immunization; a refusal (<c>negationInd</c>) is one that was not done, with its reason.</summary>
internal static class ImmunizationMapping
{
    public static void Activity(Conversion c, XElement activity)
    {
        var (values, product) = (c.Values, activity.At("consumable", "manufacturedProduct"));
        if (MedicationMapping.Code(values, activity) is not { } vaccine)
        {
            c.Skip("The immunization has no code and no name.");
            return;
        }

        if (values.Start(activity.One("effectiveTime")) is not { } when)
        {
            c.Reject("The immunization has no date that can be read.");
            return;
        }

        var immunization = new Immunization
        {
            Identifier = CdaValues.Identifiers(activity),
            Patient = c.Patient,
            Status = activity.IsNegated() ? Immunization.ImmunizationStatusCodes.NotDone : activity.One("statusCode").Attr("code") switch
            {
                "nullified" => Immunization.ImmunizationStatusCodes.EnteredInError,
                "cancelled" or "aborted" => Immunization.ImmunizationStatusCodes.NotDone,
                _ => Immunization.ImmunizationStatusCodes.Completed,
            },
            VaccineCode = vaccine,
            Occurrence = when,
            LotNumber = product.At("manufacturedMaterial", "lotNumberText").Words(),
            Manufacturer = product.At("manufacturerOrganization", "name").Words() is { } maker ? new() { Display = maker } : null,
            Route = values.Concept(activity.One("routeCode")),
            Site = values.Concept(activity.One("approachSiteCode")),
            DoseQuantity = CdaValues.QuantityOrLow(activity.One("doseQuantity")),
            StatusReason = values.Concept(activity.RelatedAs(Template.RefusalReason).One("code")),
            Encounter = c.EncounterOf(activity),
            Location = Conversion.LocationOf(activity),
            RecordedElement = values.DateTime(activity.At("author", "time")),
            PrimarySource = true,
            Note = c.Notes(activity),
        };
        if (c.Performer(activity) is { } performer)
            immunization.Performer.Add(new() { Actor = performer });
        if (int.TryParse(activity.One("repeatNumber").Attr("value"), out var dose) && dose > 0)
            immunization.ProtocolApplied.Add(new() { DoseNumber = new PositiveInt(dose) });
        c.Add(immunization, activity);
    }
}
