using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Validation;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Validation of what is written, where <c>Validation:Write</c> asks for it. Off, it costs one comparison.</summary>
internal sealed class WriteChecks(IResourceValidator validator, IOptions<ValidationOptions> options, IEnumerable<IWriteDoor>? doors = null)
{
    private readonly bool isOff = options.Value.Write.IsOff;
    private readonly IWriteDoor[] doors = [.. doors ?? []];

    /// <summary>What other slices have to say about what a client writes.</summary>
    public async ValueTask<WriteResult.Refused?> AskDoorsAsync(Draft[] drafts, Caller caller, CancellationToken ct)
    {
        foreach (var door in doors)
        {
            if (!door.WatchesServer && caller.IsSystem)
                continue;
            foreach (var draft in drafts.Where(d => door.Watches(d.Intent.Key.Type)))
            {
                var intent = draft.Intent;
                if (draft.Current.Exists && door.CheckChange(draft.Current.Json) is { } kept)
                    return WriteResult.Refused.At(intent, kept);
                if (intent.IsDelete)
                    continue;
                if (await door.CheckAsync(intent.IsNewId ? null : intent.Key, intent.Body.Tree.Source[intent.Body.Start..intent.Body.End], caller, ct) is { } fault)
                    return WriteResult.Refused.At(intent, fault);
            }
        }

        return null;
    }

    /// <summary>Rows that other slices have beside what is written.</summary>
    public async ValueTask AddBesideAsync(Draft[] drafts, CommitPlan plan, Caller caller, bool isBrought, CancellationToken ct)
    {
        foreach (var door in doors)
            foreach (var draft in drafts)
                if (door.Watches(draft.Intent.Key.Type) && draft.Outcome is { Kind: WriteKind.Created or WriteKind.Updated or WriteKind.Deleted, Resource: { } written })
                    plan.Statements.AddRange(await door.BesideAsync(written.Key, draft.Sid, written.Version, written.Json, caller, isBrought, ct));
    }

    /// <summary>Tells those who watch that it is durable.</summary>
    public void Tell(IReadOnlyList<ResourceWrite> writes)
    {
        foreach (var door in doors)
            foreach (var write in writes)
                if (door.Watches(write.Key.Type))
                {
                    door.Stored();
                    break;
                }
    }

    /// <summary>Keeps the findings with each draft; the refusal when one is strict and has errors.</summary>
    public WriteResult.Refused? Check(ReadOnlySpan<Draft> drafts, CancellationToken ct)
    {
        if (isOff)
            return null;
        foreach (var draft in drafts)
        {
            var intent = draft.Intent;
            if (intent.IsDelete)
                continue;
            var mode = Mode(intent);
            if (mode == WriteMode.Off)
                continue;

            var report = validator.Validate(new(intent.Body.Tree.Source[intent.Body.Start..intent.Body.End], []), options.Value, ct);
            if (mode == WriteMode.Strict && report.HasErrors)
                return WriteResult.Refused.At(intent, new(FaultKind.Unprocessable,
                    [.. report.Issues.Where(i => i.Severity == Severity.Error).Select(i => new FaultIssue(i.Message.IssueType, i.Text, i.Path) { MessageId = i.Id })]));
            draft.Findings = report;
        }

        return null;
    }

    /// <summary>The longest profile that fits decides, then the type, then the default.</summary>
    private WriteMode Mode(WriteIntent intent)
    {
        var write = options.Value.Write;
        var claimed = write.Profiles.Length == 0 ? [] : ClaimedProfiles.Of(intent.Body);
        var named = write.Profiles.Where(p => claimed.Any(c => c.StartsWith(p.Profile, StringComparison.Ordinal))).MaxBy(p => p.Profile.Length);
        return named?.Mode ?? (write.Types.TryGetValue(intent.Key.Type, out var mode) ? mode : write.Default);
    }
}
