using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>The few search parameters billing asks with; any other throws, so that a test cannot pass by accident.</summary>
internal static class FakeSearch
{
    public static bool Matches(Resource resource, string query) => query.Split('&').All(parameter =>
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        return Matches(resource, parameter[..equals], Uri.UnescapeDataString(parameter[(equals + 1)..]));
    });

    private static bool Matches(Resource resource, string name, string value) => (name, resource) switch
    {
        ("identifier", IIdentifiable<List<Identifier>> many) => Alternatives(value).Any(v => many.Identifier.Exists(i => IsToken(v, i.System, i.Value))),
        ("_sort", _) => true, // the fake's order is its own
        ("authored-on", FhirTask t) when value.StartsWith("ge", StringComparison.Ordinal) => string.CompareOrdinal(t.AuthoredOn ?? "", value[2..]) >= 0,
        ("performer", FhirTask t) => t.PerformerType.SelectMany(p => p.Coding).Any(c => IsToken(value, c.System, c.Code)),
        ("status", FhirTask t) => Alternatives(value).Any(v => v == Hl7.Fhir.Utility.EnumUtility.GetLiteral(t.Status)),
        ("subject", Basic b) => b.Subject?.Reference == value,
        ("target", Provenance p) => p.Target.Exists(t => t.Reference == value),
        ("active", Schedule s) => (s.Active != false) == (value == "true"),
        ("actor", Appointment a) => a.Participant.Exists(p => p.Actor?.Reference == value),
        ("actor", Schedule s) => s.Actor.Exists(a => a.Reference == value),
        ("agent", Provenance p) => p.Agent.Exists(a => a.Who?.Reference == value),
        ("agent", AuditEvent a) => a.Agent.Exists(w => w.Who?.Reference == value),
        ("code", Basic b) => b.Code!.Coding.Exists(c => IsToken(value, c.System, c.Code)),
        ("patient", Basic b) => b.Subject?.Reference == value,
        ("created", Basic b) when value.StartsWith("ge", StringComparison.Ordinal) => string.CompareOrdinal(b.Created ?? "", value[2..]) >= 0,
        ("created", Basic b) when value.StartsWith("le", StringComparison.Ordinal) => string.CompareOrdinal(b.Created ?? "", value[2..]) <= 0,
        ("category", DocumentReference d) => d.Category.SelectMany(c => c.Coding).Any(c => IsToken(value, c.System, c.Code)),
        ("claim-stage", Claim c) => c.Stage() == value,
        ("claim", ExplanationOfBenefit b) => b.Claim?.Reference == value,
        ("code", FhirTask t) => Alternatives(value).Any(v => t.Code!.Coding.Exists(c => IsToken(v, c.System, c.Code))),
        ("context", MedicationStatement m) => m.Context?.Reference == value,
        ("date", AuditEvent a) => IsWithin(a.Recorded, value),
        ("created", Claim c) when value.StartsWith("ge", StringComparison.Ordinal) => string.CompareOrdinal(c.Created ?? "", value[2..]) >= 0,
        ("date", Encounter e) when char.IsAsciiDigit(value[0]) => e.Period!.Start!.StartsWith(value, StringComparison.Ordinal),
        ("date", Schedule s) => string.CompareOrdinal(s.PlanningHorizon!.Start, value) <= 0 && string.CompareOrdinal(value, s.PlanningHorizon.End) <= 0,
        ("date", Encounter e) when value.StartsWith("ge", StringComparison.Ordinal) => string.CompareOrdinal(e.Period!.Start![..10], value[2..]) >= 0,
        ("date", Encounter e) when value.StartsWith("le", StringComparison.Ordinal) => string.CompareOrdinal(e.Period!.Start![..10], value[2..]) <= 0,
        ("encounter", MedicationRequest m) => m.Encounter?.Reference == value,
        ("encounter", QuestionnaireResponse q) => q.Encounter?.Reference == value,
        ("beneficiary", Coverage c) => c.Beneficiary?.Reference == value,
        ("date", Appointment a) when value.StartsWith("ge", StringComparison.Ordinal) => string.CompareOrdinal(a.Start?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), value[2..]) >= 0,
        ("date", Appointment a) when value.StartsWith("le", StringComparison.Ordinal) => string.CompareOrdinal(a.Start?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), value[2..]) <= 0,
        ("date", Appointment a) => a.Start?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) == value,
        ("related", DocumentReference d) => d.Context?.Related.Exists(r => r.Reference == value) == true,
        ("status", Appointment a) => Alternatives(value).Any(v => v == Hl7.Fhir.Utility.EnumUtility.GetLiteral(a.Status)),
        ("focus", FhirTask t) => t.Focus?.Reference == value,
        ("patient", AuditEvent a) => a.Entity.Exists(e => e.What?.Reference == value),
        ("patient", Claim c) => c.Patient?.Reference == value,
        ("author", Composition c) => c.Author.Exists(a => a.Reference == value),
        ("birthdate", Patient p) => p.BirthDate == value,
        ("created", ClaimResponse r) when value.StartsWith("ge", StringComparison.Ordinal) => string.CompareOrdinal(r.Created ?? "", value[2..]) >= 0,
        ("date", Composition c) when value.StartsWith("ge", StringComparison.Ordinal) => string.CompareOrdinal(c.Date ?? "", value[2..]) >= 0,
        ("date", Composition c) when value.StartsWith("le", StringComparison.Ordinal) => string.CompareOrdinal(c.Date?[..10] ?? "", value[2..]) <= 0,
        ("insurer", ClaimResponse r) => r.Insurer?.Reference == value,
        ("patient", ClaimResponse r) => r.Patient?.Reference == value,
        ("patient", Composition c) => c.Subject?.Reference == value,
        ("patient", Consent c) => c.Patient?.Reference == value,
        ("patient", CoverageEligibilityResponse r) => r.Patient?.Reference == value,
        ("patient", Encounter e) => e.Subject?.Reference == value,
        ("participant", Encounter e) => e.Participant.Exists(p => p.Individual?.Reference == value),
        ("patient", DocumentReference d) => d.Subject?.Reference == value,
        ("patient", MedicationRequest m) => m.Subject?.Reference == value,
        ("practitioner", PractitionerRole r) => Alternatives(value).Contains(r.Practitioner?.Reference),
        ("recorded", Provenance p) => IsWithin(p.Recorded, value),
        ("request", ClaimResponse r) => r.Request?.Reference == value,
        ("status", MedicationRequest m) => value == "active" && m.Status == MedicationRequest.MedicationrequestStatus.Active,
        ("type", DocumentReference d) => d.Type?.Coding.Exists(c => IsToken(value, c.System, c.Code)) == true,
        ("status", ClaimResponse r) => value == "active" && r.Status == FinancialResourceStatusCodes.Active,
        ("status", Consent c) => value == "active" && c.Status == Consent.ConsentState.Active,
        ("status", Encounter e) => Alternatives(value).Any(v => v == Hl7.Fhir.Utility.EnumUtility.GetLiteral(e.Status)),
        ("use", ClaimResponse r) => value == "preauthorization" && r.Use == ClaimUseCode.Preauthorization,
        ("status", Contract c) => value == Hl7.Fhir.Utility.EnumUtility.GetLiteral(c.Status),
        ("status", ChargeItemDefinition d) => value == "active" && d.Status == PublicationStatus.Active,
        _ => throw new NotSupportedException($"The fake does not know {resource.TypeName}?{name}={value}."),
    };

    /// <summary>A bound of whole days in UTC: <c>ge2026-03-01</c> or <c>le2026-03-03</c>.</summary>
    private static bool IsWithin(DateTimeOffset? moment, string bound)
    {
        var day = moment?.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        return bound[..2] switch
        {
            "ge" => string.CompareOrdinal(day, bound[2..]) >= 0,
            "le" => string.CompareOrdinal(day, bound[2..]) <= 0,
            _ => throw new NotSupportedException($"The fake does not know the bound {bound}."),
        };
    }

    // A comma separates alternatives unless it is escaped (search.html#escaping).
    private static IEnumerable<string> Alternatives(string value)
    {
        var start = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\')
                i++;
            else if (value[i] == ',')
            {
                yield return value[start..i];
                start = i + 1;
            }
        }

        yield return value[start..];
    }

    private static bool IsToken(string wanted, string? system, string? value)
    {
        var bar = wanted.IndexOf('|', StringComparison.Ordinal);
        if (bar > 0 && bar == wanted.Length - 1)
            return system == wanted[..bar];
        var plain = wanted[(bar + 1)..].Replace(@"\|", "|", StringComparison.Ordinal).Replace(@"\,", ",", StringComparison.Ordinal).Replace(@"\$", "$", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal);
        return plain == value && (bar < 0 || wanted[..bar] == system);
    }
}
