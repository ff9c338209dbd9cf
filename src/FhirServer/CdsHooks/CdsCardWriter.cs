using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Cards as CDS Hooks 2.0 writes them.</summary>
internal static class CdsCardWriter
{
    /// <summary>Characters of a summary, at most: it must be under 140.</summary>
    public const int SummaryLength = 139;

    /// <summary>Where a card names the resources it stands on, for programs; people read them in its detail.</summary>
    public const string FactsExtension = "org.fhiremr.facts";

    public static JsonObject Response(IEnumerable<CdsCard> cards) => new() { ["cards"] = new JsonArray([.. cards.Select(Card)]) };

    private static JsonObject Card(CdsCard card)
    {
        var json = new JsonObject
        {
            ["uuid"] = Guid.NewGuid().ToString("D"),
            ["summary"] = Short(card.Summary),
            ["indicator"] = card.Indicator == CdsIndicator.Warning ? "warning" : "info",
            ["source"] = new JsonObject { ["label"] = "FhirEmr", ["topic"] = new JsonObject { ["system"] = CdsCard.Topics, ["code"] = card.Topic } },
        };
        var detail = new StringBuilder(card.Detail);
        if (card.Facts.Count > 0)
        {
            if (detail.Length > 0)
                detail.Append("\n\n");
            detail.Append("Stands on: ").AppendJoin(", ", card.Facts.Select(f => $"`{f}`"));
            json["extension"] = new JsonObject { [FactsExtension] = new JsonArray([.. card.Facts.Select(f => JsonValue.Create(f))]) };
        }

        if (detail.Length > 0)
            json["detail"] = detail.ToString();
        if (card.Suggestions.Count > 0)
        {
            json["suggestions"] = new JsonArray([.. card.Suggestions.Select(Suggestion)]);
            json["selectionBehavior"] = "at-most-one";
        }

        if (card.OverrideReasons.Count > 0)
            json["overrideReasons"] = new JsonArray([.. card.OverrideReasons.Select(r => new JsonObject { ["system"] = OverrideReasons.System, ["code"] = r, ["display"] = OverrideReasons.Display(r) })]);
        return json;
    }

    private static JsonObject Suggestion(CdsSuggestion suggestion) => new()
    {
        ["label"] = suggestion.Label,
        ["uuid"] = Guid.NewGuid().ToString("D"),
        ["actions"] = new JsonArray([.. suggestion.Actions.Select(Action)]),
    };

    private static JsonObject Action(CdsAction action)
    {
        var json = new JsonObject
        {
            ["type"] = action.Type switch { CdsActionType.Create => "create", CdsActionType.Update => "update", _ => "delete" },
            ["description"] = action.Description,
        };
        if (action.Resource is { } resource)
            json["resource"] = JsonNode.Parse(FhirFormats.ToJson(resource));
        if (action.ResourceId is { } id)
            json["resourceId"] = id;
        return json;
    }

    /// <summary>Cut between characters that people see as one.</summary>
    public static string Short(string summary)
    {
        if (summary.Length <= SummaryLength)
            return summary;
        var starts = System.Globalization.StringInfo.ParseCombiningCharacters(summary);
        return summary[..starts.Last(s => s < SummaryLength)].TrimEnd() + "…";
    }

    /// <summary>Text of a record inside markdown: shown as it is, never as markup.</summary>
    public static string Escape(string? text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text ?? "")
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '#' or '|' or '!')
                escaped.Append('\\');
            escaped.Append(char.IsControl(c) ? ' ' : c);
        }

        return escaped.ToString();
    }
}
