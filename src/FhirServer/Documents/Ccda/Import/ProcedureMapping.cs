using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Procedure Activity (Procedure, Act, Observation) → Procedure; Product Instance and Non-Medicinal Supply → Device.</summary>
internal static class ProcedureMapping
{
    public static void Activity(Conversion c, XElement activity)
    {
        var values = c.Values;
        if (c.SkipsOwn(activity))
            return;
        if ((values.Concept(activity.One("code")) ?? (c.Document.TextOf(activity.One("text")) is { } words ? new CodeableConcept { Text = words } : null)) is not { } code)
        {
            c.Skip("The procedure has no code and no words.");
            return;
        }

        var procedure = new Procedure
        {
            Identifier = CdaValues.Identifiers(activity),
            Subject = c.Patient,
            Status = activity.IsNegated() ? EventStatus.NotDone : activity.One("statusCode").Attr("code") switch
            {
                "active" => EventStatus.InProgress,
                "aborted" => EventStatus.Stopped,
                "cancelled" => EventStatus.NotDone,
                "nullified" => EventStatus.EnteredInError,
                _ => EventStatus.Completed,
            },
            Code = code,
            Performed = values.PointOrPeriod(activity.One("effectiveTime")),
            BodySite = [.. activity.Many("targetSiteCode").Select(values.Concept).OfType<CodeableConcept>()],
            ReasonCode = [.. activity.Related().Where(r => r.Statement.Is(Template.Indication)).Select(r => values.Concept(r.Statement.One("value"))).OfType<CodeableConcept>()],
            Outcome = activity.Name.LocalName == "observation" ? values.Concept(activity.One("value")) : null,
            Recorder = c.Author(activity),
            Encounter = c.EncounterOf(activity),
            Location = Conversion.LocationOf(activity),
            Note = c.Notes(activity),
        };
        if (c.Performer(activity) is { } performer)
            procedure.Performer.Add(new() { Actor = performer });
        foreach (var product in activity.Many("participant").Select(p => p.One("participantRole")).OfType<XElement>().Where(r => r.Is(Template.ProductInstance)))
            if (Device(c, product) is { } device)
                procedure.FocalDevice.Add(new() { Manipulated = new(device.ToString()) });
        c.Add(procedure, activity);
    }

    /// <summary>Equipment that is or was in use: the device, and the statement that the patient uses it.</summary>
    public static void Supply(Conversion c, XElement supply)
    {
        if (c.SkipsOwn(supply))
            return;
        var product = supply.Many("participant").Select(p => p.One("participantRole")).OfType<XElement>().FirstOrDefault(r => r.Is(Template.ProductInstance) || r.One("playingDevice") is not null);
        if (product is null || Device(c, product) is not { } device)
        {
            c.Skip("The supply names no product.");
            return;
        }

        c.Add(new DeviceUseStatement
        {
            Identifier = CdaValues.Identifiers(supply),
            Subject = c.Patient,
            Device = new(device.ToString()),
            Status = supply.One("statusCode").Attr("code") switch
            {
                "active" => DeviceUseStatement.DeviceUseStatementStatus.Active,
                "aborted" or "cancelled" => DeviceUseStatement.DeviceUseStatementStatus.Stopped,
                "nullified" => DeviceUseStatement.DeviceUseStatementStatus.EnteredInError,
                _ => c.Values.End(supply.One("effectiveTime")) is null ? DeviceUseStatement.DeviceUseStatementStatus.Active : DeviceUseStatement.DeviceUseStatementStatus.Completed,
            },
            Timing = c.Values.PointOrPeriod(supply.One("effectiveTime")),
        }, supply);
    }

    private static ResourceKey? Device(Conversion c, XElement product)
    {
        var playing = product.One("playingDevice");
        var type = c.Values.Concept(playing.One("code")) ?? (playing.One("manufacturerModelName").Words() is { } model ? new() { Text = model } : null);
        var udi = CdaId.AllOf(product).FirstOrDefault(i => i.Extension is not null);
        if (type is null && udi.Root is null)
            return null;
        var device = new Device
        {
            Identifier = CdaValues.Identifiers(product),
            Patient = c.Patient,
            Status = Hl7.Fhir.Model.Device.FHIRDeviceStatus.Active,
            Type = type,
            ModelNumber = playing.One("manufacturerModelName").Words(),
            Manufacturer = product.One("scopingEntity").One("desc").Words(),
        };
        if (udi.Root == "2.16.840.1.113883.3.3719") // FDA: the extension is the carrier as people read it
            device.UdiCarrier.Add(new() { CarrierHRF = udi.Extension, DeviceIdentifier = udi.Extension!.StartsWith("(01)", StringComparison.Ordinal) && udi.Extension.Length >= 18 ? udi.Extension[4..18] : null });
        return c.Support(device, StableId.Of("ccda", "Device", c.Terms.PatientId, udi.Root is null ? type!.Text ?? type.Coding[0].Code ?? "" : udi.ToString()));
    }
}
