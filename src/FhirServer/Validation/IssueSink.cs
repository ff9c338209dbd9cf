namespace FhirEmr.FhirServer.Validation;

/// <summary>Collects findings, each once; full when there are as many as anyone reads.</summary>
internal sealed class IssueSink(int maxIssues, bool stopsAtError)
{
    private readonly List<ValidationIssue> issues = [];
    private HashSet<(string Id, string? Key, string Path)>? seen;

    public IReadOnlyList<ValidationIssue> Issues => issues;

    public bool HasError { get; private set; }

    /// <summary>Nothing that is still found would change the outcome.</summary>
    public bool IsDone => (stopsAtError && HasError) || issues.Count >= maxIssues;

    public bool IsTrial => stopsAtError;

    public void Add(ValidationIssue issue)
    {
        if (issues.Count >= maxIssues || !(seen ??= []).Add((issue.Message.Id, issue.Key, issue.Path)))
            return;
        issues.Add(issue);
        HasError |= issue.Severity == Severity.Error;
    }

    public void AddError() => HasError = true;
}
