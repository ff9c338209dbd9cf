using System.Globalization;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

/// <summary>A QuestionnaireResponse against the Questionnaire it answers (questionnaireresponse.html).</summary>
internal sealed class QuestionnaireAnswers(Walk walk)
{
    private static readonly int ItemName = FhirNames.Id("item");
    private static readonly int AnswerName = FhirNames.Id("answer");
    private static readonly int LinkId = FhirNames.Id("linkId");
    private static readonly int ValueName = FhirNames.Id("value");

    /// <summary>Answers by linkId, for enableWhen.</summary>
    private readonly Dictionary<string, List<FhirNode>> answered = new(StringComparer.Ordinal);
    private bool isComplete;

    public void Check(FhirNode response)
    {
        if (response.TextOf("questionnaire") is not { } canonical)
            return;
        var questionnaire = canonical.StartsWith('#') ? walk.FindContained(canonical[1..]) : walk.Schemas.Questionnaire(canonical);
        if (questionnaire is not { } form || form.Type.Name != "Questionnaire")
        {
            walk.Report(Severity.Information, Messages.QuestionnaireUnknown, $"The questionnaire {Walk.Short(canonical)} is not known here, so the answers were not held against it.", child: "questionnaire");
            return;
        }

        isComplete = response.TextOf("status") is "completed" or "amended";
        Collect(response);
        Items(form, response, walk.Path.Write());
    }

    private void Collect(FhirNode parent)
    {
        foreach (var child in parent.Children)
        {
            if (!child.HasValue || (child.NameId != ItemName && child.NameId != AnswerName))
                continue;
            if (child.NameId == ItemName && child.TextOf(LinkId) is { } link)
            {
                if (!answered.TryGetValue(link, out var answers))
                    answered[link] = answers = [];
                answers.AddRange(Children(child, AnswerName).Select(a => a.Child(ValueName)).Where(v => v.Exists));
            }

            Collect(child);
        }
    }

    private void Items(FhirNode form, FhirNode given, string path)
    {
        var asked = Children(form, ItemName);
        var links = asked.ConvertAll(a => a.TextOf(LinkId) ?? "");
        var items = Children(given, ItemName);
        var last = -1;
        for (var i = 0; i < items.Count; i++)
        {
            var (item, at) = (items[i], string.Create(CultureInfo.InvariantCulture, $"{path}.item[{i}]"));
            var position = links.IndexOf(item.TextOf(LinkId) ?? "");
            if (position < 0)
            {
                Say(Severity.Error, Messages.QuestionnaireItem, "The questionnaire has no such item here.", at + ".linkId", item);
                continue;
            }

            if (position < last)
                Say(Severity.Error, Messages.QuestionnaireOrder, "The item comes later than the questionnaire has it.", at, item);
            last = Math.Max(last, position);
            Item(asked[position], item, at);
        }

        for (var i = 0; i < asked.Count; i++)
        {
            var count = items.Count(item => item.TextOf(LinkId) == links[i]);
            if (count > 1 && (asked[i].TextOf("type") != "group" || asked[i].TextOf("repeats") != "true"))
                Say(Severity.Error, Messages.QuestionnaireRepeats, $"The item {Walk.Short(links[i])} may be there once.", path + ".item", given);
            if (count == 0 && isComplete && asked[i].TextOf("required") == "true" && asked[i].TextOf("type") != "display" && IsEnabled(asked[i]))
                Say(Severity.Error, Messages.QuestionnaireRequired, $"The item {Walk.Short(links[i])} must be answered.", path + ".item", given);
        }
    }

    private void Item(FhirNode asked, FhirNode item, string at)
    {
        var type = asked.TextOf("type");
        var answers = Children(item, AnswerName);
        if (!IsEnabled(asked) && (answers.Count > 0 || Children(item, ItemName).Count > 0))
            Say(Severity.Error, Messages.QuestionnaireDisabled, "The item is not enabled by the other answers, and is answered all the same.", at, item);
        if (type is "group" or "display" && answers.Count > 0)
            Say(Severity.Error, Messages.QuestionnaireAnswer, $"A {type} has no answer.", at + ".answer", item);
        if (answers.Count > 1 && asked.TextOf("repeats") != "true")
            Say(Severity.Error, Messages.QuestionnaireRepeats, "The question may be answered once.", at + ".answer", item);
        if (answers.Count == 0 && isComplete && type is not ("group" or "display") && asked.TextOf("required") == "true" && IsEnabled(asked))
            Say(Severity.Error, Messages.QuestionnaireRequired, "The question must be answered.", at, item);

        for (var i = 0; i < answers.Count; i++)
        {
            var answerAt = string.Create(CultureInfo.InvariantCulture, $"{at}.answer[{i}]");
            if (answers[i].Child(ValueName) is { Exists: true } value)
                Answer(asked, type, value, answerAt + ".value");
            if (type != "group")
                Items(asked, answers[i], answerAt);
        }

        if (type == "group")
            Items(asked, item, at);
        else if (Children(item, ItemName).Count > 0 && type != "display")
            Say(Severity.Error, Messages.QuestionnaireItem, "Items below a question stand in its answer.", at + ".item", item);
    }

    private void Answer(FhirNode asked, string? type, FhirNode value, string at)
    {
        string[] types = type switch
        {
            "boolean" or "decimal" or "integer" or "date" or "dateTime" or "time" => [type],
            "string" or "text" => ["string"],
            "url" => ["uri"],
            "choice" => ["Coding", .. OptionTypes(asked)],
            "open-choice" => ["Coding", "string", .. OptionTypes(asked)],
            "attachment" => ["Attachment"],
            "reference" => ["Reference"],
            "quantity" => ["Quantity"],
            _ => [value.Type.Name],
        };
        if (!types.Contains(value.Type.Name))
        {
            Say(Severity.Error, Messages.QuestionnaireAnswer, $"The answer must be of type {string.Join(" or ", types.Distinct())}, not {value.Type.Name}.", at, value);
            return;
        }

        if (int.TryParse(asked.TextOf("maxLength"), out var most) && value.Kind == NodeKind.Text && value.Text.EnumerateRunes().Count() > most)
            Say(Severity.Error, Messages.QuestionnaireAnswer, $"The answer may have {most} characters.", at, value);
        var options = Options(asked);
        if (options.Count > 0 && !(type == "open-choice" && value.Type.Name == "string") && !options.Exists(o => IsSame(o, value)))
            Say(Severity.Error, Messages.QuestionnaireAnswer, "The answer is none of the options.", at, value);
        if (asked.TextOf("answerValueSet") is { } valueSet && !valueSet.StartsWith('#') && value.Type.Name == "Coding" && type == "choice" && walk.IsMember(value, valueSet) == false)
            Say(Severity.Error, Messages.QuestionnaireAnswer, $"The answer is not in {Walk.Short(valueSet)}.", at, value);
    }

    private static List<FhirNode> Options(FhirNode asked) =>
        [.. Children(asked, FhirNames.Id("answerOption")).Select(o => o.Child(ValueName)).Where(v => v.Exists)];

    private static IEnumerable<string> OptionTypes(FhirNode asked) => Options(asked).Select(o => o.Type.Name);

    /// <summary>Codings are the same by system and code, whatever else stands in them.</summary>
    private static bool IsSame(FhirNode x, FhirNode y) => x.Type.Name == "Coding" && y.Type.Name == "Coding"
        ? x.TextOf("code") == y.TextOf("code") && x.TextOf("system") == y.TextOf("system")
        : NodeEquality.AreEqual(x, y);

    private bool IsEnabled(FhirNode asked)
    {
        var conditions = Children(asked, FhirNames.Id("enableWhen"));
        if (conditions.Count == 0)
            return true;
        return asked.TextOf("enableBehavior") == "any" ? conditions.Exists(Holds) : conditions.TrueForAll(Holds);
    }

    private bool Holds(FhirNode condition)
    {
        var answers = answered.GetValueOrDefault(condition.TextOf("question") ?? "") ?? [];
        var (wanted, @operator) = (condition.Child("answer"), condition.TextOf("operator"));
        if (@operator == "exists")
            return answers.Count > 0 == (wanted.Exists && wanted.Text == "true");
        if (!wanted.Exists)
            return true;
        return @operator switch
        {
            "=" => answers.Exists(a => IsSame(a, wanted)),
            "!=" => answers.TrueForAll(a => !IsSame(a, wanted)),
            _ => answers.Exists(a => FhirPath.PathValue.Compare(FhirPath.PathValue.Of(a), FhirPath.PathValue.Of(wanted)) is { } order
                && @operator switch { ">" => order > 0, "<" => order < 0, ">=" => order >= 0, "<=" => order <= 0, _ => true }),
        };
    }

    private void Say(Severity severity, Message message, string text, string path, FhirNode node) => walk.ReportAt(severity, message, text, null, null, path, node);

    private static List<FhirNode> Children(FhirNode parent, int nameId)
    {
        var found = new List<FhirNode>();
        foreach (var child in parent.Children)
            if (child.NameId == nameId && child.HasValue)
                found.Add(child);
        return found;
    }
}
