using System.Text;
using System.Xml.Linq;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Payers → Coverage, advance directives → Consent, notes → DocumentReference, care teams → CareTeam.</summary>
internal static class AdministrativeMapping
{
    /// <summary>What the patient said of insurance elsewhere is a draft here: nothing is billed by it until somebody has looked at it.</summary>
    public static void Coverage(Conversion c, XElement act)
    {
        var any = false;
        foreach (var (_, policy) in act.Related().Where(r => r.Statement.Name.LocalName == "act"))
        {
            any = true;
            var payer = policy.Many("performer").Select(p => p.One("assignedEntity")).OfType<XElement>().FirstOrDefault(e => e.One("code").Attr("code") is "PAYOR" or null);
            var payerName = payer.At("representedOrganization", "name").Words();
            if (payerName is null)
            {
                c.Skip("The coverage names no payer.");
                continue;
            }

            var covered = policy.Many("participant").FirstOrDefault(p => p.Attr("typeCode") == "COV").One("participantRole");
            c.Add(new Coverage
            {
                Identifier = CdaValues.Identifiers(policy),
                Status = FinancialResourceStatusCodes.Draft,
                Type = c.Values.Concept(policy.One("code")),
                Beneficiary = c.Patient,
                Payor = [new() { Display = payerName }],
                SubscriberId = covered is null ? null : CdaId.AllOf(covered).Select(i => i.Extension).OfType<string>().FirstOrDefault(),
                Relationship = c.Values.Concept(covered.One("code")),
                Period = c.Values.Period(policy.One("effectiveTime")) ?? c.Values.Period(policy.Many("participant").FirstOrDefault(p => p.Attr("typeCode") == "COV").One("time")),
            }, policy);
        }

        if (!any)
            c.Skip("The coverage has no policy.");
    }

    public static void Directive(Conversion c, XElement observation)
    {
        var values = c.Values;
        if (observation.IsNegated())
        {
            c.Reject("The directive is negated: that it was not given has no place in a resource.");
            return;
        }

        if ((values.Concept(observation.One("code")) ?? values.Concept(observation.One("value"))) is not { } kind)
        {
            c.Skip("The directive says not what it is.");
            return;
        }

        var consent = new Consent
        {
            Identifier = CdaValues.Identifiers(observation),
            Patient = c.Patient,
            Status = observation.One("statusCode").Attr("code") switch
            {
                "aborted" or "cancelled" => Consent.ConsentState.Inactive,
                "nullified" => Consent.ConsentState.EnteredInError,
                _ => Consent.ConsentState.Active,
            },
            Scope = new("http://terminology.hl7.org/CodeSystem/consentscope", "adr", "Advanced Care Directive"),
            Category = [kind],
            DateTimeElement = values.Start(observation.One("effectiveTime")),
            PolicyRule = new() { Text = "As stated in the document it came from" },
        };
        if (values.Value(observation.One("value")) is { Value: { } value } && Words(value) is { } said)
            consent.Provision = new() { Code = [value as CodeableConcept ?? new() { Text = said }], Period = values.Period(observation.One("effectiveTime")) };
        c.Add(consent, observation);
    }

    public static void Note(Conversion c, XElement act)
    {
        var (values, text) = (c.Values, act.One("text"));
        byte[]? content = null;
        var contentType = "application/xhtml+xml";
        if (text.Attr("representation") == "B64")
        {
            try
            {
                (content, contentType) = (Convert.FromBase64String(string.Concat((text!.Value ?? "").Where(ch => !char.IsWhiteSpace(ch)))), text.Attr("mediaType") ?? "application/octet-stream");
            }
            catch (FormatException)
            {
                c.Reject("The note's content is no base64.");
                return;
            }
        }
        else if (NarrativeText.ToXhtml(c.Document.NarrativeAt(text)) is { } html)
        {
            content = Encoding.UTF8.GetBytes(html);
        }
        else if (c.Document.TextOf(text) is { } words)
        {
            (content, contentType) = (Encoding.UTF8.GetBytes(words), "text/plain");
        }

        if (content is not { Length: > 0 })
        {
            c.Skip("The note has no text.");
            return;
        }

        var note = new DocumentReference
        {
            Identifier = CdaValues.Identifiers(act),
            Status = DocumentReferenceStatus.Current,
            DocStatus = act.One("statusCode").Attr("code") == "active" ? CompositionStatus.Preliminary : CompositionStatus.Final,
            Type = values.Concept(act.One("code")),
            Category = [new("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note")],
            Subject = c.Patient,
            Author = c.Author(act) is { } author ? [author] : [],
            Content = [new() { Attachment = new() { ContentType = contentType, Data = content } }],
        };
        if ((values.Time(act.At("author", "time")) ?? values.Time(act.One("effectiveTime"))) is { Length: > 10 } at && DateTimeOffset.TryParse(at, System.Globalization.CultureInfo.InvariantCulture, out var instant))
            note.Date = instant;
        if (c.EncounterOf(act) is { } encounter)
            note.Context = new() { Encounter = [encounter], Period = values.Period(act.One("effectiveTime")) };
        else if (values.Period(act.One("effectiveTime")) is { } period)
            note.Context = new() { Period = period };
        c.Add(note, act);
    }

    public static void CareTeam(Conversion c, XElement organizer)
    {
        var team = new CareTeam
        {
            Identifier = CdaValues.Identifiers(organizer),
            Subject = c.Patient,
            Status = organizer.One("statusCode").Attr("code") switch
            {
                "completed" => Hl7.Fhir.Model.CareTeam.CareTeamStatus.Inactive,
                "nullified" => Hl7.Fhir.Model.CareTeam.CareTeamStatus.EnteredInError,
                _ => Hl7.Fhir.Model.CareTeam.CareTeamStatus.Active,
            },
            Period = c.Values.Period(organizer.One("effectiveTime")),
        };
        foreach (var member in organizer.Many("component").Select(p => p.One("act")).OfType<XElement>())
            foreach (var performer in member.Many("performer"))
                if (c.Who(performer.One("assignedEntity")) is { } who)
                    team.Participant.Add(new() { Member = who, Role = c.Values.Concept(performer.Element(Cda.Sdtc + "functionCode")) is { } role ? [role] : [] });
        if (team.Participant.Count == 0)
            c.Skip("The care team names nobody.");
        else
            c.Add(team, organizer);
    }

    private static string? Words(DataType value) => value switch
    {
        CodeableConcept concept => concept.Text ?? concept.Coding.FirstOrDefault()?.Display ?? concept.Coding.FirstOrDefault()?.Code,
        FhirString text => text.Value,
        FhirBoolean yes => yes.Value == true ? "Yes" : "No",
        _ => null,
    };
}
