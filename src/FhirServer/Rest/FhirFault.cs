using System.Diagnostics;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.FhirServer.Rest;

/// <summary>A request we refuse: the same value over HTTP, in a batch entry and in process.</summary>
internal sealed record FhirFault(FaultKind Kind, IReadOnlyList<FaultIssue> Issues)
{
    /// <summary>When it is worth to ask again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Somebody else was first: what was read is not what is there any more.</summary>
    public bool IsConflict => Kind is FaultKind.Conflict or FaultKind.PreconditionFailed;

    public static FhirFault Of(FaultKind kind, string text, string? expression = null, string? code = null) =>
        new(kind, [new FaultIssue(code, text, expression)]);

    public static FhirFault NotFound(ResourceKey key) => Of(FaultKind.NotFound, $"{key} is not known here.");

    public static FhirFault Gone(ResourceKey key) =>
        Of(FaultKind.Deleted, $"{key} was deleted. Its earlier versions are under {key}/_history.");

    public static FhirFault VersionMismatch(ResourceKey key, int given, int current) => Of(FaultKind.PreconditionFailed,
        $"If-Match asks for version {given} of {key}, but the current version is {current}. Read it again and repeat the change on top.",
        code: "conflict");

    public static FhirFault Busy(string what) => Of(FaultKind.Conflict,
        $"{what} Others kept writing first, and nothing was stored: repeat the request.", code: "lock-error");

    public static FhirFault OnlyReads() => Of(FaultKind.StorageFull,
        "The server's disk is nearly full: until there is room again it only reads. Nothing was stored; repeat the request later.");

    public static FhirFault Structure(IEnumerable<StructureIssue> issues) => new(FaultKind.Invalid,
        [.. issues.Select(i => new FaultIssue(i.Code, $"{i.Text} (line {i.Line}, column {i.Column})", i.Expression.Length == 0 ? null : i.Expression))]);

    /// <summary>HTTP status and the issue code used when an issue names none (http.html#Status-Codes, valueset-issue-type).</summary>
    public (int Status, string Code) Wire => Kind switch
    {
        FaultKind.Invalid => (400, "invalid"),
        FaultKind.Unprocessable => (422, "business-rule"),
        FaultKind.Unauthorized => (401, "login"),
        FaultKind.Forbidden => (403, "forbidden"),
        FaultKind.NotFound => (404, "not-found"),
        FaultKind.Deleted => (410, "deleted"),
        FaultKind.NotSupported => (400, "not-supported"),
        FaultKind.MethodNotAllowed => (405, "not-supported"),
        FaultKind.NotAcceptable => (406, "not-supported"),
        FaultKind.UnsupportedMediaType => (415, "not-supported"),
        FaultKind.PreconditionFailed => (412, "conflict"),
        FaultKind.Conflict => (409, "conflict"),
        FaultKind.TooLarge => (413, "too-long"),
        FaultKind.TooCostly => (422, "too-costly"),
        FaultKind.Expired => (410, "expired"),
        FaultKind.Unavailable => (503, "transient"),
        FaultKind.StorageFull => (507, "no-store"),
        FaultKind.Timeout => (504, "timeout"),
        FaultKind.TooManyRequests => (429, "throttled"),
        FaultKind.Overloaded => (503, "throttled"),
        FaultKind.UriTooLong => (414, "too-long"),
        FaultKind.HeadersTooLarge => (431, "too-long"),
        FaultKind.RangeNotSatisfiable => (416, "value"),
        FaultKind.Bug => (500, "exception"),
        _ => throw new UnreachableException($"{Kind} has no wire form."),
    };

    public int Status => Wire.Status;

    public OperationOutcome ToOutcome()
    {
        var outcome = new OperationOutcome();
        foreach (var issue in Issues)
            outcome.Issue.Add(issue.ToComponent(Wire.Code));
        return outcome;
    }

    /// <summary>The same refusal seen from an enclosing Bundle: every issue names its entry.</summary>
    public FhirFault InEntry(int index) => this with
    {
        Issues = [.. Issues.Select(i => i with
        {
            Text = $"Entry {index}: {i.Text}",
            Expression = i.Expression is { } e && e.StartsWith("Bundle.", StringComparison.Ordinal) ? e : $"Bundle.entry[{index}]{(i.Expression is null ? "" : $".resource.ofType({i.Expression.Split('.')[0]}){Rest(i.Expression)}")}",
        })],
    };

    private static string Rest(string expression)
    {
        var dot = expression.IndexOf('.');
        return dot < 0 ? "" : expression[dot..];
    }
}

/// <summary>One issue of a refusal: code (null takes the kind's), a sentence with the fix, and where.</summary>
internal sealed record FaultIssue(string? Code, string Text, string? Expression = null)
{
    /// <summary>Search parameter at fault; the wire form is <c>http.[name]</c> (operationoutcome-definitions.html#OperationOutcome.issue.location).</summary>
    public string? Parameter { get; init; }

    /// <summary>Stable id of a validation message; null for all other faults.</summary>
    public string? MessageId { get; init; }

    public IssueComponent ToComponent(string defaultCode, IssueSeverity severity = IssueSeverity.Error) => new()
    {
        Severity = severity,
        Code = EnumUtility.ParseLiteral<IssueType>(Code ?? defaultCode),
        Details = new CodeableConcept { Text = Text, Coding = MessageId is null ? [] : [new("urn:fhiremr:CodeSystem:validation-message", MessageId)] },
        Diagnostics = Text,
        Expression = Expression is null ? [] : [Expression],
        Location = Parameter is null ? [] : ["http." + Parameter],
    };
}
