using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>A row of the audit as a FHIR AuditEvent in the shape of IHE BALP (Basic Audit Log Patterns).</summary>
internal static class AuditEventWriter
{
    /// <summary>meta.source of the server's own rows: it tells them from AuditEvents that clients have stored.</summary>
    public const string Source = "urn:fhiremr:audit";

    private const string Balp = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";
    private const string Dicom = "http://dicom.nema.org/resources/ontology/DCM";
    private const string EntityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
    private const string Role = "http://terminology.hl7.org/CodeSystem/object-role";

    public static byte[] Write(AuditFound found)
    {
        var record = found.Record;
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var time = FhirInstant.Format(AuditNumbers.TimeOf(found.Number));
        json.WriteStartObject();
        json.WriteString("resourceType", "AuditEvent");
        json.WriteString("id", AuditNumbers.IdOf(found.Number));
        json.WriteStartObject("meta");
        json.WriteString("versionId", "1");
        json.WriteString("lastUpdated", time);
        json.WriteString("source", Source);
        if (ProfileOf(record) is { } profile)
            Array(json, "profile", () => json.WriteStringValue(profile));
        json.WriteEndObject();
        json.WritePropertyName("type");
        Coding(json, TypeSystem(record.Type), record.Type, TypeDisplay(record.Type));
        if (record.Subtype != record.Type)
            Array(json, "subtype", () => Coding(json, record.Type == "rest" && record.Subtype[0] != '$' ? "http://hl7.org/fhir/restful-interaction" : "urn:fhiremr:audit-subtype", record.Subtype, null));
        json.WriteString("action", record.Action.ToString());
        json.WriteString("recorded", time);
        json.WriteString("outcome", record.Outcome.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (Description(record) is { Length: > 0 } description)
            json.WriteString("outcomeDesc", description);
        if (record.Purpose is { } purpose)
            Array(json, "purposeOfEvent", () => Concept(json, "http://terminology.hl7.org/CodeSystem/v3-ActReason", purpose, null));
        Array(json, "agent", () => Agents(json, record));
        json.WriteStartObject("source");
        json.WriteStartObject("observer");
        json.WriteString("display", $"FhirEmr, node {AuditNumbers.NodeOf(found.Number)}");
        json.WriteEndObject();
        Array(json, "type", () => Coding(json, "http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server"));
        json.WriteEndObject();
        if (record.Entity is not null || record.Patients.Count > 0 || record.Query is not null || record.RequestId is not null || record.Results is not null)
            Array(json, "entity", () => Entities(json, record));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string? ProfileOf(AuditRecord record)
    {
        var patient = record.Patients.Count > 0 ? "Patient" : "";
        return (record.Type, record.Subtype) switch
        {
            ("rest", "read" or "vread") => $"{Balp}{patient}Read",
            ("rest", "create") => $"{Balp}{patient}Create",
            ("rest", "update" or "patch") => $"{Balp}{patient}Update",
            ("rest", "delete") => $"{Balp}{patient}Delete",
            ("rest", "search-type" or "search-system") => $"{Balp}{patient}Query",
            _ => null,
        };
    }

    private static void Agents(Utf8JsonWriter json, AuditRecord record)
    {
        var agent = record.Agent;
        var reads = record.Action is 'R' or 'E';
        if (agent.ClientId is not null || agent.UserId is null)
        {
            // The program that asked; where nobody signed in, whoever sat at that address.
            json.WriteStartObject();
            json.WritePropertyName("type");
            Concept(json, Dicom, reads ? "110152" : "110153", reads ? "Destination Role ID" : "Source Role ID");
            if (agent.UserId is null)
                Roles(json, agent);
            Who(json, null, agent.ClientId ?? agent.Name ?? "anonymous");
            json.WriteBoolean("requestor", agent.UserId is null);
            if (agent.UserId is null)
                Token(json, agent);
            Network(json, record);
            json.WriteEndObject();
        }

        if (agent.UserId is null)
            return;
        json.WriteStartObject();
        json.WritePropertyName("type");
        Concept(json, "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient");
        Roles(json, agent);
        Who(json, agent.FhirUser, agent.UserId);
        json.WriteString("altId", agent.UserId);
        json.WriteBoolean("requestor", true);
        Token(json, agent);
        if (agent.ClientId is null)
            Network(json, record);
        json.WriteEndObject();
    }

    private static void Roles(Utf8JsonWriter json, AuditAgent agent)
    {
        if (agent.Roles.Count > 0)
            Array(json, "role", () =>
            {
                foreach (var role in agent.Roles)
                    Concept(json, "urn:fhiremr:role", role, null);
            });
    }

    private static void Who(Utf8JsonWriter json, string? reference, string identifier)
    {
        json.WriteStartObject("who");
        if (reference is not null)
            json.WriteString("reference", reference);
        json.WriteStartObject("identifier");
        json.WriteString("value", identifier);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>BALP: the token's id as a policy.</summary>
    private static void Token(Utf8JsonWriter json, AuditAgent agent)
    {
        if (agent.TokenId is { } token)
            Array(json, "policy", () => json.WriteStringValue("urn:fhiremr:token:" + token));
    }

    private static void Network(Utf8JsonWriter json, AuditRecord record)
    {
        if (record.Address is not { } address)
            return;
        json.WriteStartObject("network");
        json.WriteString("address", address);
        json.WriteString("type", "2");
        json.WriteEndObject();
    }

    private static void Entities(Utf8JsonWriter json, AuditRecord record)
    {
        if (record.Entity is { } entity)
        {
            json.WriteStartObject();
            json.WriteStartObject("what");
            if (!entity.Contains('/', StringComparison.Ordinal))
                json.WriteString("type", entity);
            else
                json.WriteString("reference", record.Version is { } version ? $"{entity}/_history/{version}" : entity);
            json.WriteEndObject();
            json.WritePropertyName("type");
            Coding(json, EntityType, "2", "System Object");
            json.WritePropertyName("role");
            Coding(json, Role, "4", "Domain Resource");
            if (record.Entry is { } entry)
                Detail(json, ("Bundle.entry", entry.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            json.WriteEndObject();
        }

        foreach (var patient in record.Patients)
        {
            json.WriteStartObject();
            json.WriteStartObject("what");
            json.WriteString("reference", "Patient/" + patient);
            json.WriteEndObject();
            json.WritePropertyName("type");
            Coding(json, EntityType, "1", "Person");
            json.WritePropertyName("role");
            Coding(json, Role, "1", "Patient");
            json.WriteEndObject();
        }

        if (record.Query is not null || record.Results is not null)
        {
            json.WriteStartObject();
            json.WritePropertyName("type");
            Coding(json, EntityType, "2", "System Object");
            json.WritePropertyName("role");
            Coding(json, Role, "24", "Query");
            if (record.Query is { } query)
            {
                json.WriteString("description", query);
                json.WriteBase64String("query", Encoding.UTF8.GetBytes(query));
            }

            if (record.Results is { } results)
                Detail(json, ("results", results.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                    record.MorePatients > 0 ? ("patients-not-listed", record.MorePatients.ToString(System.Globalization.CultureInfo.InvariantCulture)) : null);
            json.WriteEndObject();
        }

        if (record.RequestId is { } id)
        {
            json.WriteStartObject();
            json.WriteStartObject("what");
            json.WriteStartObject("identifier");
            json.WriteString("value", id);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WritePropertyName("type");
            Coding(json, "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId", null);
            json.WriteEndObject();
        }
    }

    private static void Detail(Utf8JsonWriter json, params ReadOnlySpan<(string Type, string Value)?> details)
    {
        json.WriteStartArray("detail");
        foreach (var detail in details)
            if (detail is var (type, value))
            {
                json.WriteStartObject();
                json.WriteString("type", type);
                json.WriteString("valueString", value);
                json.WriteEndObject();
            }

        json.WriteEndArray();
    }

    private static string Description(AuditRecord record)
    {
        var status = record.Status is { } code ? code.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
        return string.Join(": ", new[] { string.Join(' ', new[] { status, record.Reason }.OfType<string>()), record.Text }.Where(t => !string.IsNullOrEmpty(t)));
    }

    private static string TypeSystem(string type) => char.IsAsciiDigit(type[0]) ? Dicom : "http://terminology.hl7.org/CodeSystem/audit-event-type";

    private static string? TypeDisplay(string type) => type switch
    {
        "rest" => "RESTful Operation",
        "110100" => "Application Activity",
        "110101" => "Audit Log Used",
        "110106" => "Export",
        "110107" => "Import",
        "110113" => "Security Alert",
        "110114" => "User Authentication",
        _ => null,
    };

    private static void Array(Utf8JsonWriter json, string name, Action items)
    {
        json.WriteStartArray(name);
        items();
        json.WriteEndArray();
    }

    private static void Concept(Utf8JsonWriter json, string system, string code, string? display)
    {
        json.WriteStartObject();
        Array(json, "coding", () => Coding(json, system, code, display));
        json.WriteEndObject();
    }

    private static void Coding(Utf8JsonWriter json, string system, string code, string? display)
    {
        json.WriteStartObject();
        json.WriteString("system", system);
        json.WriteString("code", code);
        if (display is not null)
            json.WriteString("display", display);
        json.WriteEndObject();
    }
}
