using System.Buffers;
using System.Text.Json;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary>A Parameters resource, written as it is found out: these answers are asked for thousands of times a second.</summary>
internal sealed class ParametersAnswer : IDisposable
{
    private readonly ArrayBufferWriter<byte> buffer = new(512);
    private readonly Utf8JsonWriter json;

    public ParametersAnswer()
    {
        json = new(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("resourceType", "Parameters");
        json.WriteStartArray("parameter");
    }

    /// <summary>Nothing is written for null.</summary>
    public ParametersAnswer Add(string name, string? value, string type = "valueString")
    {
        if (value is null)
            return this;
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString(type, value);
        json.WriteEndObject();
        return this;
    }

    public ParametersAnswer Add(string name, bool value)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteBoolean("valueBoolean", value);
        json.WriteEndObject();
        return this;
    }

    public ParametersAnswer Coding(string name, string? system, string? version, string? code, string? display)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartObject("valueCoding");
        foreach (var (member, text) in (ReadOnlySpan<(string, string?)>)[("system", system), ("version", version), ("code", code), ("display", display)])
            if (text is not null)
                json.WriteString(member, text);
        json.WriteEndObject();
        json.WriteEndObject();
        return this;
    }

    /// <summary>A value by its FHIR type; a Coding by its code and system.</summary>
    public ParametersAnswer Value(string name, string type, string value, string? system = null)
    {
        if (type == "Coding")
            return Coding(name, system, null, value, null);
        json.WriteStartObject();
        json.WriteString("name", name);
        var member = "value" + char.ToUpperInvariant(type[0]) + type[1..];
        if (type is "boolean" or "integer" or "decimal")
        {
            json.WritePropertyName(member);
            json.WriteRawValue(value);
        }
        else
        {
            json.WriteString(member, value);
        }

        json.WriteEndObject();
        return this;
    }

    /// <summary>A parameter made of parts.</summary>
    public ParametersAnswer Parts(string name, Action<ParametersAnswer> write)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartArray("part");
        write(this);
        json.WriteEndArray();
        json.WriteEndObject();
        return this;
    }

    /// <summary>Warnings as an OperationOutcome, in the parameter later versions of FHIR call issues; nothing when there are none.</summary>
    public ParametersAnswer Issues(IEnumerable<string> warnings)
    {
        var all = warnings.ToArray();
        if (all.Length == 0)
            return this;
        json.WriteStartObject();
        json.WriteString("name", "issues");
        json.WriteStartObject("resource");
        json.WriteString("resourceType", "OperationOutcome");
        json.WriteStartArray("issue");
        foreach (var warning in all)
        {
            json.WriteStartObject();
            json.WriteString("severity", "warning");
            json.WriteString("code", "informational");
            json.WriteString("diagnostics", warning);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        return this;
    }

    public FhirReply ToReply()
    {
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return new(200) { Json = buffer.WrittenMemory };
    }

    public void Dispose() => json.Dispose();
}
