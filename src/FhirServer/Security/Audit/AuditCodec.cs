using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>A record as the bytes that are stored, sealed and kept for years: JSON without blanks, so that they can be read without this program.</summary>
internal static class AuditCodec
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? spare;

    public static byte[] Write(AuditRecord record)
    {
        var (buffer, json) = spare ??= Make();
        buffer.ResetWrittenCount();
        Write(record, buffer, json);
        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > 64 * 1024)
            spare = null; // one long list of patients is no reason to keep its buffer
        return bytes;
    }

    private static void Write(AuditRecord record, ArrayBufferWriter<byte> buffer, Utf8JsonWriter json)
    {
        json.Reset(buffer);
        json.WriteStartObject();
        json.WriteString("type"u8, record.Type);
        json.WriteString("sub"u8, record.Subtype);
        json.WriteString("act"u8, [record.Action]);
        Number(json, "out"u8, record.Outcome == 0 ? null : record.Outcome);
        Text(json, "why"u8, record.Reason);
        Number(json, "status"u8, record.Status);
        Text(json, "name"u8, record.Agent.Name);
        Text(json, "uid"u8, record.Agent.UserId);
        Text(json, "user"u8, record.Agent.FhirUser);
        Text(json, "client"u8, record.Agent.ClientId);
        Text(json, "token"u8, record.Agent.TokenId);
        List(json, "roles"u8, record.Agent.Roles);
        Text(json, "from"u8, record.Address);
        Text(json, "req"u8, record.RequestId);
        Number(json, "entry"u8, record.Entry);
        Text(json, "of"u8, record.Entity);
        Number(json, "ver"u8, record.Version);
        List(json, "pat"u8, record.Patients);
        Number(json, "more"u8, record.MorePatients == 0 ? null : record.MorePatients);
        Number(json, "n"u8, record.Results);
        Text(json, "q"u8, record.Query);
        Text(json, "for"u8, record.Purpose);
        Text(json, "text"u8, record.Text);
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>Null when the bytes are no record: somebody else wrote them.</summary>
    public static AuditRecord? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var json = new Utf8JsonReader(bytes);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return null;
            var record = new AuditRecord { Type = "", Subtype = "", Action = 'E' };
            var agent = new AuditAgent();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString();
                json.Read();
                (record, agent) = name switch
                {
                    "type" => (record with { Type = json.GetString()! }, agent),
                    "sub" => (record with { Subtype = json.GetString()! }, agent),
                    "act" => (record with { Action = json.GetString()![0] }, agent),
                    "out" => (record with { Outcome = json.GetInt32() }, agent),
                    "why" => (record with { Reason = json.GetString() }, agent),
                    "status" => (record with { Status = json.GetInt32() }, agent),
                    "name" => (record, agent with { Name = json.GetString() }),
                    "uid" => (record, agent with { UserId = json.GetString() }),
                    "user" => (record, agent with { FhirUser = json.GetString() }),
                    "client" => (record, agent with { ClientId = json.GetString() }),
                    "token" => (record, agent with { TokenId = json.GetString() }),
                    "roles" => (record, agent with { Roles = Texts(ref json) }),
                    "from" => (record with { Address = json.GetString() }, agent),
                    "req" => (record with { RequestId = json.GetString() }, agent),
                    "entry" => (record with { Entry = json.GetInt32() }, agent),
                    "of" => (record with { Entity = json.GetString() }, agent),
                    "ver" => (record with { Version = json.GetInt32() }, agent),
                    "pat" => (record with { Patients = Texts(ref json) }, agent),
                    "more" => (record with { MorePatients = json.GetInt32() }, agent),
                    "n" => (record with { Results = json.GetInt32() }, agent),
                    "q" => (record with { Query = json.GetString() }, agent),
                    "for" => (record with { Purpose = json.GetString() }, agent),
                    "text" => (record with { Text = json.GetString() }, agent),
                    _ => (record, agent), // of a later version
                };
            }

            return record with { Agent = agent };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) Make()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        return (buffer, new Utf8JsonWriter(buffer, Plain));
    }

    private static List<string> Texts(ref Utf8JsonReader json)
    {
        var texts = new List<string>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            texts.Add(json.GetString()!);
        return texts;
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    private static void List(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
