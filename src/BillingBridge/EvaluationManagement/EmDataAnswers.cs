using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The clinician's own statements: answers of the em-data questionnaire, and coded sections of the note (billing spec 4.2).</summary>
/// <remarks>
/// Items by linkId: <c>historian</c> and <c>discussion</c> (who, or true), <c>interpretation</c> (the test: a reference or a code),
/// <c>total-time</c> (minutes), <c>longitudinal</c> (true), <c>risk</c> (a code of <see cref="RiskKinds"/>), and groups <c>problem</c> of
/// <c>problem-condition</c> (reference) and <c>problem-kind</c> (a code of <see cref="ProblemKinds"/>). What a patient answered does not count.
/// </remarks>
internal sealed class EmDataAnswers
{
    private readonly List<(string Response, QuestionnaireResponse.ItemComponent Item)> items = [];

    public EmDataAnswers(VisitRecord record)
    {
        foreach (var response in record.Questionnaires.Where(q => record.IsOfVisit(q.Encounter) && IsEmData(q)))
        {
            var reference = $"QuestionnaireResponse/{response.Id}";
            if (response.Status is not (QuestionnaireResponse.QuestionnaireResponseStatus.Completed or QuestionnaireResponse.QuestionnaireResponseStatus.Amended))
                NotCounted.Add(new(reference, $"The questionnaire is {response.Status}: it counts once completed."));
            else if (response.Author?.Reference is { } author && record.PractitionerOf(response.Author) is null)
                NotCounted.Add(new(reference, $"Answered by {author}, not by a clinician."));
            else
                items.AddRange(Flatten(response.Item).Select(i => (reference, i)));
        }
    }

    public List<Support> NotCounted { get; } = [];

    /// <summary>Answers to one item; a boolean false answers nothing.</summary>
    public IEnumerable<(string Response, DataType Value)> Of(string linkId) =>
        from item in items
        where item.Item.LinkId == linkId
        from answer in item.Item.Answer
        where answer.Value is not null and not FhirBoolean { Value: not true }
        select (item.Response, answer.Value);

    /// <summary>The children of each answered group of one linkId.</summary>
    public IEnumerable<(string Response, IReadOnlyList<QuestionnaireResponse.ItemComponent> Children)> Groups(string linkId) =>
        items.Where(i => i.Item.LinkId == linkId).Select(i => (i.Response, (IReadOnlyList<QuestionnaireResponse.ItemComponent>)[.. Flatten(i.Item.Item)]));

    /// <summary>The code an answer gives, as a coding, code or string; null for other types.</summary>
    public static string? CodeOf(DataType? value) => value switch
    {
        Coding coding => coding.Code,
        Code code => code.Value,
        FhirString text => text.Value,
        _ => null,
    };

    private static bool IsEmData(QuestionnaireResponse response) =>
        response.Questionnaire is { } canonical && canonical.Split('|')[0] is var url
        && (url == EvaluationUrls.EmDataQuestionnaire || url.EndsWith("/em-data", StringComparison.Ordinal));

    private static IEnumerable<QuestionnaireResponse.ItemComponent> Flatten(IEnumerable<QuestionnaireResponse.ItemComponent> level) =>
        level.SelectMany(i => Flatten(i.Item).Concat(i.Answer.SelectMany(a => Flatten(a.Item))).Prepend(i));
}
