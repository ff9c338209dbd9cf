using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Explain;
using FhirEmr.FhirServer.Storage.Reindex;
using Hl7.Fhir.Model;
using FhirParameters = Hl7.Fhir.Model.Parameters;

namespace FhirEmr.FhirServer.Operations.Explaining;

/// <summary><c>$explain</c>: how a search was read and how it is answered, and what would make it cheaper.</summary>
/// <remarks>
/// <c>[base]/Type/$explain?query</c>, or <c>[base]/$explain?Type?query</c>. Nothing of the record is shown: no matches, and placeholders for
/// values. Replies 200, 400 when there is no search to explain.
/// </remarks>
internal sealed class ExplainOperation(SearchParser parser, SearchParameters parameters, SearchExplainer explainer, IndexCurrency currency)
{
    public const string Definition = "urn:fhiremr:OperationDefinition/explain";

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (Search(request) is not { } search)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "Say which search: [base]/$explain?Type?query, as in $explain?Patient?name=smith, or [base]/Type/$explain?query."));
        var (type, query) = search;
        if (!ResourceTypes.Exists(type))
        {
            var near = NearestName.Of(type, ResourceTypes.All);
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"'{type}' is not a resource type.{(near is null ? "" : $" Did you mean '{near}'?")}", code: "value"));
        }

        var answer = new FhirParameters();
        answer.Add("type", new Code(type));
        var read = new List<KeyValuePair<string, string>>();
        foreach (var pair in query)
            if (await ParameterAsync(answer, type, pair, request.BaseUrl, ct))
                read.Add(pair);

        // What remains of it is explained: a fault in one parameter hides nothing about the others.
        if (await parser.ParseAsync(type, read, SearchHandling.Lenient, request.BaseUrl, ct) is not SearchParse.Parsed parsed)
            return FhirReply.Of(answer);
        if (currency.WarningFor(parsed.Query) is { } incomplete)
            answer.Add("warning", new FhirString(incomplete));
        Describe(answer, await explainer.ExplainAsync(parsed.Query, request.Caller.Access, ct), type, [.. read.Select(p => SearchKey.Parse(p.Key).Code)]);
        return FhirReply.Of(answer);
    }

    /// <summary>What one parameter was read as; false when it was not.</summary>
    private async Task<bool> ParameterAsync(FhirParameters answer, string type, KeyValuePair<string, string> pair, string baseUrl, CancellationToken ct)
    {
        var code = SearchKey.Parse(pair.Key).Code;
        var part = new FhirParameters.ParameterComponent { Name = "parameter" };
        Add(part, "name", new FhirString(pair.Key));
        answer.Parameter.Add(part);
        var parse = await parser.ParseAsync(type, [pair], SearchHandling.Strict, baseUrl, ct);
        if (parse is SearchParse.Refused refused)
        {
            Add(part, "ignored", new FhirString(string.Join(" ", refused.Faults.Select(f => f.Text))));
            return false;
        }

        var one = (SearchParse.Parsed)parse;
        var shapesOnly = one.Query.Where is SearchExpression.And { Terms.Count: 0 };
        Add(part, "readAs", new FhirString(shapesOnly ? "how the answer is shaped, not what matches" : ExplainText.Of(one.Query.Where)));
        if (parameters.Find(type, code) is { Custom: { } custom } param)
            Add(part, "state", new FhirString(param.IsIndexed ? "custom, indexed" : $"custom, being indexed ({custom.State.Percent} %)"));
        foreach (var warning in one.Warnings)
            Add(part, "warning", new FhirString(warning.Text));
        return true;
    }

    private void Describe(FhirParameters answer, SearchExplanation explanation, string type, IReadOnlyList<string> named)
    {
        foreach (var term in explanation.Terms)
        {
            var part = new FhirParameters.ParameterComponent { Name = "step" };
            Add(part, "order", new Integer(term.Order));
            Add(part, "condition", new FhirString(ExplainText.Of(term.Term)));
            Add(part, "role", new Code(term.Role));
            if (term.Table is not null)
                Add(part, "table", new FhirString(term.Table));
            Add(part, term.IsScan ? "candidates" : "rows", new Integer((int)term.Rows));
            if (term.Rows == TermExplanation.Limit)
                Add(part, "andMore", new FhirBoolean(true));
            if (term.Estimate is { } estimate)
                Add(part, "estimate", new FhirDecimal(estimate));
            answer.Parameter.Add(part);
        }

        answer.Add("scan", new FhirBoolean(explanation.Scans));
        if (explanation.Scans)
            answer.Add("scanLimit", new Integer(explanation.MaxScanned));
        answer.Add("scope", new FhirString(explanation.Owner is null ? "the whole store" : "one patient's own rows"));
        answer.Add("engine", new FhirString(explanation.Engine));
        answer.Add("sql", new FhirString(explanation.Sql));
        foreach (var line in explanation.Plan)
            answer.Add("plan", new FhirString(line));
        foreach (var sentence in ExplainAdvice.For(type, explanation, parameters.Of(type), named))
            answer.Add("advice", new FhirString(sentence));
    }

    private static (string Type, IReadOnlyList<KeyValuePair<string, string>> Query)? Search(FhirRequest request)
    {
        KeyValuePair<string, string>[] given = [.. request.Query.Where(p => p.Key is not ("_format" or "_pretty"))];
        if (request.Target.Type is { } type)
            return (type, given);
        if (given is [{ Key: "url" } url, ..])
            given = [new(url.Value, ""), .. given[1..]];
        if (given is not [var first, .. var rest])
            return null;

        // The first name carries the type: Patient?name. A type alone has no question mark.
        var whole = first.Value.Length == 0 ? first.Key : $"{first.Key}={first.Value}";
        var mark = whole.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0)
            return rest.Length == 0 ? (whole.TrimEnd('='), []) : null;
        var name = whole[..mark].TrimEnd('/');
        var slash = name.LastIndexOf('/');
        var head = first.Value.Length > 0 && first.Key.Contains('?', StringComparison.Ordinal)
            ? [new KeyValuePair<string, string>(first.Key[(mark + 1)..], first.Value)]
            : QueryString.Parse(whole[(mark + 1)..]);
        return (slash < 0 ? name : name[(slash + 1)..], [.. head, .. rest]);
    }

    private static void Add(FhirParameters.ParameterComponent part, string name, DataType value) => part.Part.Add(new() { Name = name, Value = value });
}
