using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Operations;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary><c>ValueSet/$expand</c>: the codes of a value set that is stored, in a package, implicit (<c>[system]?fhir_vs</c>) or sent along.</summary>
/// <remarks>https://hl7.org/fhir/R4/valueset-operation-expand.html. A filter is the ranked search by words, typos forgiven, or by the beginning of a code.</remarks>
internal sealed class Expand(TerminologyService terminology, IResourceStore store, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = TerminologyInput.Read(request, "url", "valueSet", "valueSetVersion", "context", "contextDirection", "filter", "date", "offset", "count", "includeDesignations",
            "designation", "includeDefinition", "activeOnly", "excludeNested", "excludeNotForUI", "excludePostCoordinated", "displayLanguage", "exclude-system", "system-version",
            "check-system-version", "force-system-version");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (question, wrong) = Question(input);
        if (question is null)
            return FhirReply.Refuse(wrong!);
        var (asked, gone) = await Asked.ReadAsync(store, request, ct);
        if (gone is not null)
            return FhirReply.Refuse(gone);

        var inline = input.Resource("valueSet") ?? asked.Content;
        var url = input["url"] is { } given && input["valueSetVersion"] is { } version && !given.Contains('|', StringComparison.Ordinal) ? $"{given}|{version}" : input["url"];
        if (inline is null && url is null)
            return Asked.Missing("Say which value set: url=..., a valueSet in a Parameters body, or ValueSet/[id]/$expand. All codes of a system are url=[system]?fhir_vs.", input.Warnings);

        var (expansion, refusal) = inline is { } resource ? terminology.ValueSetOperations.Expand(resource, question) : terminology.ValueSetOperations.Expand(url!, question);
        if (expansion is null)
            return Asked.Refuse(refusal!, input.Warnings);
        foreach (var check in input.All("check-system-version"))
            if (expansion.Systems.FirstOrDefault(s => s.StartsWith(check.Split('|')[0] + "|", StringComparison.Ordinal) && s != check) is { } other)
                return Asked.Refuse(new("value", $"The expansion would be made from {other}, not from {check}."), input.Warnings);
        return Answer(expansion, question, input, url);
    }

    private (ExpansionRequest? Question, FhirFault? Fault) Question(TerminologyInput input)
    {
        var (date, noDate) = input.Date(clock);
        var (offset, noOffset) = input.Number("offset");
        var (count, noCount) = input.Number("count");
        var (activeOnly, noActive) = input.Flag("activeOnly");
        var (designations, noDesignations) = input.Flag("includeDesignations");
        var (flat, noFlat) = input.Flag("excludeNested", otherwise: true);
        var (forUi, noUi) = input.Flag("excludeNotForUI");
        var fault = noDate ?? noOffset ?? noCount ?? noActive ?? noDesignations ?? noFlat ?? noUi;
        return fault is not null ? (null, fault) : (new ExpansionRequest(date)
        {
            Filter = input["filter"],
            Offset = offset ?? 0,
            Count = count,
            ActiveOnly = activeOnly,
            ExcludeNotForUi = forUi,
            Nested = !flat,
            IncludeDesignations = designations,
            Designations = [.. input.All("designation")],
            DisplayLanguage = input["displayLanguage"],
            SystemVersions = Versions(input.All("system-version")),
            ForcedVersions = Versions(input.All("force-system-version")),
        }, null);
    }

    private static Dictionary<string, string> Versions(IEnumerable<string> canonicals) => canonicals.Where(c => c.Contains('|', StringComparison.Ordinal))
        .GroupBy(c => c[..c.LastIndexOf('|')], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last()[(g.Key.Length + 1)..], StringComparer.Ordinal);

    private FhirReply Answer(Expansion expansion, ExpansionRequest question, TerminologyInput input, string? url)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("resourceType", "ValueSet");
        Text("url", expansion.Head.Url ?? url);
        Text("version", expansion.Head.Version);
        Text("name", expansion.Head.Name);
        Text("title", expansion.Head.Title);
        Text("status", expansion.Head.Status ?? "active");
        Text("copyright", expansion.Copyrights.Count == 0 ? null : string.Join(' ', expansion.Copyrights));
        json.WriteStartObject("expansion");
        json.WriteString("identifier", "urn:uuid:" + Guid.NewGuid());
        json.WriteString("timestamp", clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        if (expansion.Total is { } total)
            json.WriteNumber("total", total);
        if (question.Offset > 0 || question.Count is not null)
            json.WriteNumber("offset", question.Offset);
        json.WriteStartArray("parameter");
        foreach (var (name, type, value) in Said(expansion, question, input))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            if (type is "valueInteger" or "valueBoolean")
            {
                json.WritePropertyName(type);
                json.WriteRawValue(value);
            }
            else
            {
                json.WriteString(type, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        Contains(json, expansion.Contains);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return new(200) { Json = buffer.WrittenMemory };

        void Text(string name, string? value)
        {
            if (value is not null)
                json.WriteString(name, value);
        }
    }

    /// <summary>What the expansion was made with (ValueSet.expansion.parameter), and what has to be said about it.</summary>
    private static IEnumerable<(string Name, string Type, string Value)> Said(Expansion expansion, ExpansionRequest question, TerminologyInput input)
    {
        foreach (var name in (string[])["filter", "displayLanguage"])
            if (input[name] is { } text)
                yield return (name, "valueString", text);
        if (input["date"] is not null)
            yield return ("date", "valueDateTime", question.On.ToString("O", CultureInfo.InvariantCulture));
        if (question.Count is { } count)
            yield return ("count", "valueInteger", count.ToString(CultureInfo.InvariantCulture));
        if (question.Offset > 0)
            yield return ("offset", "valueInteger", question.Offset.ToString(CultureInfo.InvariantCulture));
        foreach (var name in (string[])["activeOnly", "includeDesignations", "excludeNested", "excludeNotForUI"])
            if (input[name] is { } flag)
                yield return (name, "valueBoolean", flag);
        foreach (var system in expansion.Systems.Where(s => s.Contains('|', StringComparison.Ordinal)))
            yield return ("version", "valueUri", system);
        foreach (var warning in input.Warnings.Concat(expansion.Warnings))
            yield return ("warning", "valueString", warning);
    }

    private static void Contains(Utf8JsonWriter json, IReadOnlyList<ExpandedCode> codes)
    {
        if (codes.Count == 0)
            return;
        json.WriteStartArray("contains");
        foreach (var code in codes)
        {
            json.WriteStartObject();
            json.WriteString("system", code.System);
            if (code.IsAbstract)
                json.WriteBoolean("abstract", true);
            if (code.IsInactive)
                json.WriteBoolean("inactive", true);
            if (code.Version is not null)
                json.WriteString("version", code.Version);
            json.WriteString("code", code.Code);
            if (code.Display is not null)
                json.WriteString("display", code.Display);
            if (code.Designations.Count > 0)
            {
                json.WriteStartArray("designation");
                foreach (var designation in code.Designations)
                {
                    json.WriteStartObject();
                    if (designation.Language is not null)
                        json.WriteString("language", designation.Language);
                    if (designation.Use is not null)
                    {
                        json.WriteStartObject("use");
                        if (designation.UseSystem is not null)
                            json.WriteString("system", designation.UseSystem);
                        json.WriteString("code", designation.Use);
                        json.WriteEndObject();
                    }

                    json.WriteString("value", designation.Value);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            Contains(json, code.Contains);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
