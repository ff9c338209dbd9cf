using System.Xml.Linq;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Family History Organizer → FamilyMemberHistory, one a relative.</summary>
internal static class FamilyHistoryMapping
{
    public static void Organizer(Conversion c, XElement organizer)
    {
        var (values, relative) = (c.Values, organizer.At("subject", "relatedSubject"));
        var person = relative.One("subject");
        if (values.Concept(relative.One("code")) is not { } relationship)
        {
            c.Reject("The family history says not whose it is.");
            return;
        }

        var history = new FamilyMemberHistory
        {
            Identifier = CdaValues.Identifiers(organizer),
            Patient = c.Patient,
            Status = organizer.One("statusCode").Attr("code") == "nullified" ? FamilyMemberHistory.FamilyHistoryStatus.EnteredInError : FamilyMemberHistory.FamilyHistoryStatus.Completed,
            Relationship = relationship,
            Name = CdaPeople.Display(CdaPeople.Name(person.One("name"))),
            Sex = person.One("administrativeGenderCode").Attr("code") switch
            {
                "M" => new("http://hl7.org/fhir/administrative-gender", "male", "Male"),
                "F" => new("http://hl7.org/fhir/administrative-gender", "female", "Female"),
                _ => null,
            },
            Born = CdaTime.ToFhirDate(person.One("birthTime").Attr("value"), c.Terms.Zone) is { } born ? new Date(born) : null,
        };
        if (person?.Element(Cda.Sdtc + "deceasedTime") is { } died && CdaTime.ToFhirDate(died.Attr("value"), c.Terms.Zone) is { } day)
            history.Deceased = new Date(day);
        else if (person?.Element(Cda.Sdtc + "deceasedInd").Attr("value") is "true" or "false")
            history.Deceased = new FhirBoolean(person.Element(Cda.Sdtc + "deceasedInd").Attr("value") == "true");

        foreach (var observation in organizer.Many("component").Select(p => p.One("observation")).OfType<XElement>())
        {
            if (observation.IsNegated() || values.Concept(observation.One("value")) is not { } problem)
            {
                c.Skip(observation.IsNegated() ? "The relative did not have it." : "The family history names no problem.");
                continue;
            }

            var condition = new FamilyMemberHistory.ConditionComponent { Code = problem };
            if (CdaValues.Quantity(observation.RelatedAs(Template.AgeObservation).One("value")) is { } age)
                condition.Onset = new Age { Value = age.Value, Unit = age.Unit, System = age.System, Code = age.Code };
            if (observation.RelatedAs(Template.FamilyDeath) is not null)
                condition.ContributedToDeath = true;
            history.Condition.Add(condition);
        }

        c.Add(history, organizer);
    }
}
