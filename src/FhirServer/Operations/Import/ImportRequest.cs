using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>What a call of <c>$import</c> asks for: files and terms, from a Parameters resource, a JSON manifest, or the address.</summary>
/// <remarks>
/// The manifest is that of the SMART/Argonaut bulk import proposal (github.com/smart-on-fhir/bulk-import); one that a bulk export wrote is taken as well,
/// its <c>output</c> being the files. Records sent as they are have their terms in the address.
/// </remarks>
internal sealed record ImportRequest(ImportTerms Terms, IReadOnlyList<ImportInput> Inputs)
{
    /// <summary>Most files of one import that is asked for over the network (security S-75). Exports give each large Binary a file of its own.</summary>
    public const int MostInputs = 10_000;

    private static readonly string[] Formats = ["application/fhir+ndjson", "application/ndjson", "application/x-ndjson", "ndjson"];

    private static readonly string[] Known = ["inputFormat", "inputSource", "storageDetail", "input", "ids", "versions", "onDuplicate", "dryRun"];

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    public static bool IsLines(string? contentType) => Formats.Contains(RequestBody.MediaType(contentType), StringComparer.Ordinal);

    /// <param name="request">The call.</param>
    /// <param name="url">What the records that came with the request are called; null when a manifest came.</param>
    /// <param name="most">Most files.</param>
    public static (ImportRequest? Request, FhirFault? Fault) Read(FhirRequest request, string? url, int most = MostInputs)
    {
        var reader = new Reader();
        try
        {
            if (url is not null)
                reader.Inputs.Add(new(request.Query.FirstOrDefault(p => p.Key == "type").Value, url));
            else if (request.Content is { Length: > 0 } content)
            {
                if (RequestBody.ToJson(content, request.ContentType, out var json) is { } unusable)
                    return (null, unusable);
                reader.Take(JsonNode.Parse(json.Span, documentOptions: Options));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            return (null, FhirFault.Of(FaultKind.Invalid, "The body cannot be read: $import takes a Parameters resource, a JSON manifest with input[{type,url}], or NDJSON.", code: "structure"));
        }

        foreach (var (name, value) in request.Query)
            if (name is not ("_format" or "_pretty") && !(name == "type" && url is not null))
                reader.Take(name, value);
        if (reader.Inputs.Count == 0 && reader.Faults.Count == 0)
            reader.Fail("required", "No file is named: give input with a url for each.");
        if (reader.Inputs.Count > most)
            reader.Fail("too-long", $"An import takes at most {most} files.");
        foreach (var type in reader.Inputs.Select(i => i.Type).OfType<string>().Distinct().Where(t => !ResourceTypes.Exists(t)))
            reader.Fail("value", $"'{type}' is not a resource type of FHIR R4.{(NearestName.Of(type, ResourceTypes.All) is { } near ? $" Did you mean '{near}'?" : "")}");
        if (reader is { KeepsIds: false, KeepsVersions: true })
            reader.Fail("value", "ids=new makes other records, which cannot keep their versions: leave versions=keep out.");
        return reader.Faults.Count > 0
            ? (null, new(FaultKind.Invalid, reader.Faults))
            : (new(new(reader.Source, reader.KeepsIds, reader.KeepsVersions, reader.OnDuplicate, reader.IsRehearsal), reader.Inputs), null);
    }

    private sealed class Reader
    {
        public List<FaultIssue> Faults { get; } = [];

        public List<ImportInput> Inputs { get; } = [];

        public string? Source { get; private set; }

        public bool KeepsIds { get; private set; } = true;

        public bool KeepsVersions { get; private set; }

        public OnDuplicate OnDuplicate { get; private set; }

        public bool IsRehearsal { get; private set; }

        public void Fail(string code, string text) => Faults.Add(new(code, text));

        public void Take(JsonNode? body)
        {
            var root = body!.AsObject();
            if (root["resourceType"] is { } type && type.GetValue<string>() != "Parameters")
                Fail("invalid", $"$import takes a Parameters resource, a manifest or NDJSON, not a {type.GetValue<string>()}.");
            else if (root["resourceType"] is not null)
                foreach (var parameter in root["parameter"]?.AsArray() ?? [])
                    Take(parameter!.AsObject());
            else
                TakeManifest(root);
        }

        private void Take(JsonObject parameter)
        {
            var name = parameter["name"]!.GetValue<string>();
            if (name == "input")
                TakeInput(Parts(parameter));
            else if (name == "storageDetail")
                TakeStorage(Parts(parameter)["type"]);
            else
                Take(name, Value(parameter) ?? "");
        }

        private void TakeManifest(JsonObject manifest)
        {
            var isExport = manifest["output"] is not null && manifest["input"] is null;
            if (isExport && manifest["deleted"] is JsonArray { Count: > 0 })
                Fail("not-supported", "The manifest lists deletions, which an import does not make: post those Bundles, and leave deleted out.");
            foreach (var input in manifest[isExport ? "output" : "input"]?.AsArray() ?? [])
                TakeInput(input!.AsObject());
            foreach (var (name, value) in manifest)
                if (name == "storageDetail")
                    TakeStorage(value?["type"]);
                else if (value is JsonValue text && !(isExport && name is "transactionTime" or "request" or "requiresAccessToken"))
                    Take(name, text.ToString());
        }

        private void TakeStorage(JsonNode? type)
        {
            if (type?.ToString() is not (null or "https" or "http" or "binary" or "file") and var other)
                Fail("not-supported", $"storageDetail.type={other} is not read here: files are fetched by https, or lie here.");
        }

        private void TakeInput(JsonObject input)
        {
            if (input["url"]?.ToString() is not { Length: > 0 and <= 2000 } url)
            {
                Fail("required", "Each input needs a url.");
                return;
            }

            Inputs.Add(new(input["type"]?.ToString(), url) { Count = Number(input["count"]), Size = Number(input["size"]), Sha256 = input["sha256"]?.ToString() });
        }

        public void Take(string name, string value)
        {
            switch (name, value)
            {
                case ("inputFormat", _):
                    if (!Formats.Contains(value.Replace(' ', '+'), StringComparer.Ordinal))
                        Fail("not-supported", $"inputFormat={value} is not read here: send {Formats[0]}.");
                    break;
                case ("inputSource", _):
                    Source = value.TrimEnd('/') is { Length: > 0 } source ? source : null;
                    break;
                case ("ids", "keep" or "new"):
                    KeepsIds = value == "keep";
                    break;
                case ("versions", "keep" or "new"):
                    KeepsVersions = value == "keep";
                    break;
                case ("onDuplicate", "update" or "skip" or "fail"):
                    OnDuplicate = Enum.Parse<OnDuplicate>(value, ignoreCase: true);
                    break;
                case ("dryRun", "true" or "false"):
                    IsRehearsal = value == "true";
                    break;
                case ("ids" or "versions", _):
                    Fail("value", $"{name}={value}: it is keep or new.");
                    break;
                case ("onDuplicate", _):
                    Fail("value", $"onDuplicate={value}: it is update, skip or fail.");
                    break;
                case ("dryRun", _):
                    Fail("value", $"dryRun={value}: it is true or false.");
                    break;
                default:
                    Fail("not-supported", $"$import has no parameter '{name}'; it takes {string.Join(", ", Known)}.{(NearestName.Of(name, Known) is { } near ? $" Did you mean '{near}'?" : "")}");
                    break;
            }
        }

        private static JsonObject Parts(JsonObject parameter)
        {
            var parts = new JsonObject();
            foreach (var part in parameter["part"]?.AsArray() ?? [])
                parts[part!["name"]!.GetValue<string>()] = Value(part.AsObject());
            return parts;
        }

        private static string? Value(JsonObject parameter) => parameter.FirstOrDefault(p => p.Key.StartsWith("value", StringComparison.Ordinal)).Value?.ToString();

        private static long? Number(JsonNode? value) => value is null ? null : long.Parse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
