using System.Globalization;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>VXU^V04 → Immunizations, one of each RXA.</summary>
internal static class VaccinationMap
{
    public static IReadOnlyList<MappedResource> Map(MessageScope scope)
    {
        var (all, order, current) = (new List<MappedResource>(), (Segment?)null, (Immunization?)null);
        foreach (var segment in scope.Message.Segments)
        {
            switch (segment.Id)
            {
                case "ORC":
                    order = segment;
                    break;
                case "RXA":
                    current = Immunization(scope, segment, order);
                    if (current is not null)
                        all.Add(new(current, segment.At(), scope.AsOf));
                    order = null;
                    break;
                case "RXR" when current is not null:
                    current.Route = segment[1].HasValue ? Words.Concept(segment[1].First, scope.Sender) : null;
                    current.Site = segment[2].HasValue ? Words.Concept(segment[2].First, scope.Sender) : null;
                    break;
                case "NTE" when current is not null && Words.Text(segment[3].Whole) is { } note:
                    current.Note.Add(new Annotation { Text = new Markdown(note) });
                    break;
            }
        }

        if (scope.Message.First("RXA") is null)
            scope.Fault(ErrorCodes.SegmentSequence, "VXU^V04 needs an RXA.", new("RXA", 1));
        foreach (var twice in all.GroupBy(m => m.Reference).Where(g => g.Count() > 1))
            scope.Fault(ErrorCodes.DuplicateKey, "The same vaccination stands in the message twice.", twice.Last().Origin);
        return all;
    }

    private static Immunization? Immunization(MessageScope scope, Segment rxa, Segment? orc)
    {
        var (given, vaccine) = (scope.Time(rxa[3]), Words.Concept(rxa[5].First, scope.Sender));
        if (rxa[3].Text is null)
            scope.Fault(ErrorCodes.RequiredFieldMissing, "RXA-3, when it was given, is missing.", rxa[3].At);
        if (vaccine is null)
            scope.Fault(ErrorCodes.RequiredFieldMissing, "RXA-5, what was given, is missing.", rxa[5].At);
        if (given is null || vaccine is null)
            return null;
        if (vaccine.Coding.Exists(c => c.System == "http://hl7.org/fhir/sid/cvx" && c.Code == "998"))
            return null; // "no vaccine administered": it only carries observations

        var number = orc?[3].Text ?? orc?[2].Text;
        var immunization = new Immunization
        {
            Id = number is null ? scope.Id("vaccination", scope.Patient, given.Text, rxa[5].First[1]) : scope.Id("vaccination", number, rxa[5].First[1]),
            Status = rxa[21].Text is "D" ? Hl7.Fhir.Model.Immunization.ImmunizationStatusCodes.EnteredInError
                : rxa[20].Text is "RE" or "NA" ? Hl7.Fhir.Model.Immunization.ImmunizationStatusCodes.NotDone
                : Hl7.Fhir.Model.Immunization.ImmunizationStatusCodes.Completed,
            VaccineCode = vaccine,
            Patient = scope.Subject,
            Occurrence = given.ToDateTime(),
            PrimarySource = rxa[9].First[1] is null or "00",
            LotNumber = Words.Line(rxa[15].Text),
        };
        if (Words.Line(number) is { } known)
            immunization.Identifier.Add(new Identifier(Hl7V2Urls.CodeSystem(scope.Sender.Name, "vaccination"), known));
        if (immunization.Status is Hl7.Fhir.Model.Immunization.ImmunizationStatusCodes.NotDone && rxa[18].HasValue)
            immunization.StatusReason = Words.Concept(rxa[18].First, scope.Sender);
        if (scope.Time(rxa[16]) is { } expires)
            immunization.ExpirationDate = expires.Day;
        if (decimal.TryParse(rxa[6].Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount is > 0 and not 999)
            immunization.DoseQuantity = new Quantity { Value = amount, Unit = Words.Line(rxa[7].First[1]) };
        if (Words.Line(rxa[17].First[2]) is { } maker)
            immunization.Manufacturer = new ResourceReference { Display = maker };
        if (Words.Person(rxa[10].First, scope.Sender) is { } person)
            immunization.Performer.Add(new Immunization.PerformerComponent { Actor = person });
        return immunization;
    }
}
