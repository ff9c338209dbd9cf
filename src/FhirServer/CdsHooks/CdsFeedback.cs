using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>What users did with cards, as GuidanceResponses: the resource for what became of decision support, in the reach of whoever works on the chart.</summary>
/// <remarks>https://cds-hooks.hl7.org/2.0/#feedback. One for each card: the last word on a card stands, and the same word twice changes nothing.</remarks>
internal static class CdsFeedback
{
    /// <summary>Identifier system: the card's <c>uuid</c>.</summary>
    public const string Card = "urn:fhiremr:cds-card";

    /// <summary>Systems of the tags it is found by: the outcome, and the service that gave the card.</summary>
    public const string Outcome = "urn:fhiremr:CodeSystem:cds-outcome", Service = "urn:fhiremr:CodeSystem:cds-service";

    /// <summary>Extension: the <c>uuid</c> of a suggestion that was taken up.</summary>
    public const string Accepted = "urn:fhiremr:cds-accepted-suggestion";

    private const int MaxItems = 100;
    private const int MaxText = 4000;

    /// <summary>One transaction of all items, or what is wrong with them; then none is kept.</summary>
    public static (Bundle? Transaction, FhirFault? Fault) Read(ReadOnlyMemory<byte> body, CdsService service, Uri module)
    {
        if (!System.Text.Unicode.Utf8.IsValid(body.Span))
            return (null, FhirFault.Of(FaultKind.Invalid, "The body is not in UTF-8."));
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("feedback", out var items) || items.ValueKind != JsonValueKind.Array || items.GetArrayLength() is 0 or > MaxItems)
                return Refuse("feedback", $"must be a list of 1 to {MaxItems} items");
            var transaction = new Bundle { Type = Bundle.BundleType.Transaction };
            var cards = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var (i, item) in items.EnumerateArray().Index())
            {
                var (response, fault) = Read(item, $"feedback[{i}]", service, module);
                if (response is null)
                    return (null, fault);
                var card = response.Identifier[0].Value!;
                if (!cards.Add(card))
                    return Refuse($"feedback[{i}].card", "is there twice");
                transaction.Entry.Add(new() { Resource = response, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"GuidanceResponse?identifier={Card}|{card}" } });
            }

            return (transaction, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter of half a surrogate pair, when the text is asked for
        {
            return (null, FhirFault.Of(FaultKind.Invalid, "The body is no JSON."));
        }
    }

    private static (GuidanceResponse?, FhirFault?) Read(JsonElement item, string path, CdsService service, Uri module)
    {
        if (item.ValueKind != JsonValueKind.Object)
            return Wrong(path, "must be an object");
        if (!Guid.TryParseExact(Text(item, "card"), "D", out var card))
            return Wrong($"{path}.card", "must be the uuid of a card");
        if (Text(item, "outcome") is not ("accepted" or "overridden") || Text(item, "outcome") is not { } outcome)
            return Wrong($"{path}.outcome", "is accepted or overridden");
        if (Text(item, "outcomeTimestamp") is not { } time || !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || !time.Contains('T', StringComparison.Ordinal))
            return Wrong($"{path}.outcomeTimestamp", "must be a time, as in 2026-01-31T12:00:00Z");

        var response = new GuidanceResponse
        {
            Meta = new Meta { Tag = [new(Outcome, outcome), new(Service, service.Id)] },
            Identifier = [new(Card, card.ToString("D"))],
            Module = new FhirUri(module.AbsoluteUri),
            Status = GuidanceResponse.GuidanceResponseStatus.Success,
            OccurrenceDateTimeElement = new FhirDateTime(at.ToUniversalTime()),
        };
        if (item.TryGetProperty("acceptedSuggestions", out var accepted) && accepted.ValueKind != JsonValueKind.Null)
        {
            if (accepted.ValueKind != JsonValueKind.Array || accepted.GetArrayLength() > MaxItems)
                return Wrong($"{path}.acceptedSuggestions", "must be a list of objects with id");
            foreach (var suggestion in accepted.EnumerateArray())
            {
                if (suggestion.ValueKind != JsonValueKind.Object || !Guid.TryParseExact(Text(suggestion, "id"), "D", out var id))
                    return Wrong($"{path}.acceptedSuggestions", "must be a list of objects with the uuid of a suggestion as id");
                response.AddExtension(Accepted, new FhirString(id.ToString("D")));
            }
        }

        if (item.TryGetProperty("overrideReason", out var why) && why.ValueKind != JsonValueKind.Null)
        {
            if (outcome != "overridden" || why.ValueKind != JsonValueKind.Object)
                return Wrong($"{path}.overrideReason", "must be an object, and goes with the outcome overridden");
            if (why.TryGetProperty("reason", out var reason) && reason.ValueKind != JsonValueKind.Null)
            {
                if (reason.ValueKind != JsonValueKind.Object || Text(reason, "code") is not { Length: > 0 and <= 200 } code || code.Any(char.IsWhiteSpace))
                    return Wrong($"{path}.overrideReason.reason", "must be a coding");
                var display = Text(reason, "display") is { Length: > 0 and <= MaxText } words ? words : null;
                var system = Text(reason, "system") is { Length: > 0 and <= 400 } uri && !uri.Any(char.IsWhiteSpace) ? uri : null;
                response.ReasonCode.Add(new CodeableConcept { Coding = [new Coding(system, code, display)] });
            }

            if (Text(why, "userComment") is { Length: > 0 } comment)
            {
                if (comment.Length > MaxText || string.IsNullOrWhiteSpace(comment))
                    return Wrong($"{path}.overrideReason.userComment", $"has at most {MaxText} characters, and not blanks alone");
                response.Note.Add(new Annotation { Text = comment, TimeElement = new FhirDateTime(at.ToUniversalTime()) });
            }
        }

        return (response, null);
    }

    /// <summary>The same as a request body of the door.</summary>
    public static FhirNode? Body(Bundle transaction) => FhirJsonReader.Read(FhirFormats.ToJson(transaction), out var issues) is { } tree && issues.Count == 0 ? tree.Root : null;

    private static (GuidanceResponse?, FhirFault?) Wrong(string path, string what) => (null, FhirFault.Of(FaultKind.Invalid, $"'{path}' {what}. Nothing of this feedback was kept."));

    private static (Bundle?, FhirFault?) Refuse(string path, string what) => (null, FhirFault.Of(FaultKind.Invalid, $"'{path}' {what}. Nothing of this feedback was kept."));

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
