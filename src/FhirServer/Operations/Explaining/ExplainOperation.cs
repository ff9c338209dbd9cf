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
/// <c>[base]/Type/$explain?query</c>, or <c>[base]/$explain?Type?query</c>, where a compartment or <c>_type</c> may stand for the type. Nothing of
/// the record is shown: no matches, and placeholders for values. Replies 200, 400 when there is no search to explain.
/// </remarks>
internal sealed class ExplainOperation(SearchParser parser, SearchParameters parameters, SearchExplainer explainer, IndexCurrency currency)
{
    public const string Definition = "urn:fhiremr:OperationDefinition/explain";

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (Search(request) is not { } search)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid,
                "Say which search: [base]/$explain?Type?query, as in $explain?Patient?name=smith or $explain?Patient/1/Observation?code=1, [base]/$explain?_type=A,B&query, or [base]/Type/$explain?query."));
        var (path, query) = search;
        var (scope, fault) = ScopeOf(path, request.BaseUrl);
        if (scope is null)
            return FhirReply.Refuse(fault! with { Kind = FaultKind.Invalid });

        var answer = new FhirParameters();
        if (scope.Compartment is { } focus)
            answer.Add("compartment", new ResourceReference(focus.ToString()));
        var read = new List<KeyValuePair<string, string>>();
        KeyValuePair<string, string>[] types = [.. query.Where(p => p.Key == "_type")];
        var described = new FhirParameters();
        foreach (var pair in query)
            if (await ParameterAsync(described, scope, types, pair, request.BaseUrl, ct))
                read.Add(pair);

        // What remains of it is explained: a fault in one parameter hides nothing about the others.
        var parsed = await parser.ParseAsync(scope, read, SearchHandling.Lenient, request.BaseUrl, ct) as SearchParse.Parsed;
        IReadOnlyList<string> searched = parsed is not null ? parsed.Query.Types : scope.Type is { } only ? [only] : [];
        foreach (var type in searched)
            answer.Add("type", new Code(type));
        answer.Parameter.AddRange(described.Parameter);
        if (parsed is null)
            return FhirReply.Of(answer);
        if (currency.WarningFor(parsed.Query) is { } incomplete)
            answer.Add("warning", new FhirString(incomplete));
        Describe(answer, await explainer.ExplainAsync(parsed.Query, request.Caller.Access, ct), parsed.Query.Types is [var one] ? one : null, [.. read.Select(p => SearchKey.Parse(p.Key).Code)]);
        return FhirReply.Of(answer);
    }

    /// <summary>What one parameter was read as; false when it was not.</summary>
    private async Task<bool> ParameterAsync(
        FhirParameters answer, SearchScope scope, KeyValuePair<string, string>[] types, KeyValuePair<string, string> pair, string baseUrl, CancellationToken ct)
    {
        var code = SearchKey.Parse(pair.Key).Code;
        var part = new FhirParameters.ParameterComponent { Name = "parameter" };
        Add(part, "name", new FhirString(pair.Key));
        answer.Parameter.Add(part);
        var parse = await parser.ParseAsync(scope, pair.Key == "_type" ? types : [.. types, pair], SearchHandling.Strict, baseUrl, ct);
        if (parse is SearchParse.Refused refused)
        {
            Add(part, "ignored", new FhirString(string.Join(" ", refused.Faults.Select(f => f.Text))));
            return false;
        }

        var one = (SearchParse.Parsed)parse;
        var where = scope.Compartment is null ? one.Query.Where : one.Query.Where is SearchExpression.And { Terms: [var own, _] } ? own : new SearchExpression.And([]);
        var shapesOnly = where is SearchExpression.And { Terms.Count: 0 };
        Add(part, "readAs", new FhirString(pair.Key == "_type" ? "the types searched" : shapesOnly ? "how the answer is shaped, not what matches" : ExplainText.Of(where)));
        if (scope.Type is { } type && parameters.Find(type, code) is { Custom: { } custom } param)
            Add(part, "state", new FhirString(param.IsIndexed ? "custom, indexed" : $"custom, being indexed ({custom.State.Percent} %)"));
        foreach (var warning in one.Warnings)
            Add(part, "warning", new FhirString(warning.Text));
        return true;
    }

    private void Describe(FhirParameters answer, SearchExplanation explanation, string? type, IReadOnlyList<string> named)
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
        foreach (var sentence in ExplainAdvice.For(type, explanation, type is null ? [] : parameters.Of(type), named))
            answer.Add("advice", new FhirString(sentence));
    }

    /// <summary>The search's address, below the base or whole, and its parameters; null when there is none.</summary>
    private static (string Path, IReadOnlyList<KeyValuePair<string, string>> Query)? Search(FhirRequest request)
    {
        KeyValuePair<string, string>[] given = [.. request.Query.Where(p => p.Key is not ("_format" or "_pretty"))];
        if (request.Target.Type is { } type)
            return (type, given);
        if (given.Any(p => p.Key == "_type"))
            return ("", given);
        if (given is [{ Key: "url" } url, ..])
            given = [new(url.Value, ""), .. given[1..]];
        if (given is not [var first, .. var rest])
            return null;

        // The first name carries the address: Patient?name. A type alone has no question mark.
        var whole = first.Value.Length == 0 ? first.Key : $"{first.Key}={first.Value}";
        var mark = whole.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0)
            return rest.Length == 0 ? (whole.TrimEnd('='), []) : null;
        var head = first.Value.Length > 0 && first.Key.Contains('?', StringComparison.Ordinal)
            ? [new KeyValuePair<string, string>(first.Key[(mark + 1)..], first.Value)]
            : QueryString.Parse(whole[(mark + 1)..]);
        return (whole[..mark].TrimEnd('/'), [.. head, .. rest]);
    }

    private static (SearchScope? Scope, FhirFault? Fault) ScopeOf(string path, string baseUrl)
    {
        var relative = path.StartsWith(baseUrl, StringComparison.Ordinal) ? path[baseUrl.Length..].TrimStart('/') : path;
        if (relative.Length == 0)
            return (new(null), null);
        if (FhirTarget.Parse(relative, out var fault) is not { } target)
            return (null, fault);
        return target is { Id: null, IsHistory: false, IsMetadata: false, Operation: null }
            ? (new(target.Type, target.Compartment?.Focus), null)
            : (null, FhirFault.Of(FaultKind.Invalid, $"'{relative}' is the address of no search."));
    }

    private static void Add(FhirParameters.ParameterComponent part, string name, DataType value) => part.Part.Add(new() { Name = name, Value = value });
}
