using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>What is left when all lines are done: references to what never came are told of, and one Provenance says where the rest is from.</summary>
/// <remarks>Records that keep their versions bring their own Provenance and shall be what they were: then none is added.</remarks>
internal sealed class ImportEnd(IResourceStore store, ResourceWriter writer, ImportErrors errors, AuditLog audit, TimeProvider clock)
{
    /// <summary>The system of the identifier that names an import.</summary>
    public const string System = "urn:fhiremr:import";

    /// <summary>Most of what never came that is named; their number is complete.</summary>
    private const int MostNamed = 1000;

    public async Task<ImportProgress> CheckAsync(ImportProgress progress, ImportStep step, CancellationToken ct)
    {
        var caller = await step.CallerAsync(ct);
        var (named, missing) = await MissingAsync(progress, caller.Access, ct);
        var plan = new CommitPlan();
        return await CloseAsync(errors.Add(progress, named, plan) with { Missing = missing, Failures = 0 }, caller.Name, plan, step, ct);
    }

    /// <summary>Of an import that is given up on the way: what it wrote is told of all the same.</summary>
    public Task<ImportProgress> CloseAsync(ImportProgress progress, string client, ImportStep step, CancellationToken ct) => CloseAsync(progress, client, new CommitPlan(), step, ct);

    private async Task<ImportProgress> CloseAsync(ImportProgress progress, string client, CommitPlan plan, ImportStep step, CancellationToken ct)
    {
        progress = errors.Close(progress, plan) with { IsChecked = true };
        var isTold = progress.Terms is { IsRehearsal: false, KeepsVersions: false } && progress.Inputs.Any(i => i.Created + i.Updated > 0);
        if (!isTold)
        {
            plan.Statements.Add(step.Checkpoint(progress));
            return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed ? progress : throw new ImportLostException();
        }

        var body = FhirJsonReader.Read(FhirFormats.ToJson(Provenance(progress, client, step.Id)), out _)!.Root;
        var intent = new WriteIntent(new("Provenance", NewId.Next()), "POST") { Body = body, IsNewId = true };
        var terms = new CommitTerms { Contents = plan.Contents, Also = _ => [step.Checkpoint(progress)] };
        return await writer.WriteAsync([intent], Links.None, await step.AuditedAsync(Caller.System with { Name = client }, audit), terms, ct) switch
        {
            WriteResult.Done => progress,
            WriteResult.Refused refused => throw new InvalidOperationException($"The Provenance of an import was refused: {refused.Fault.Issues[0].Text}"),
            _ => throw new ImportLostException(),
        };
    }

    private async Task<(IReadOnlyList<ResourceKey> Named, int Missing)> MissingAsync(ImportProgress progress, AccessPlan access, CancellationToken ct)
    {
        var (named, missing, after) = (new List<ResourceKey>(), 0, progress.FirstSid);
        if (progress.Terms.IsRehearsal)
            return (named, 0);
        await using var session = await store.OpenAsync(access, ct);
        session.LiftLimit();
        while (await session.QueryAsync(ImportSql.Missing(store.Dialect, after, MostNamed), ImportSql.Key, ct) is { Count: > 0 } some)
        {
            // What others refer to meanwhile is among them: only what is of a type that the caller may read.
            var open = some.Select(s => s.Key).Where(k => access.IsEverything || access.Of(k.Type).Allows(Interaction.Read)).ToList();
            named.AddRange(open.Take(MostNamed - named.Count));
            (missing, after) = (missing + open.Count, some[^1].Sid);
        }

        return (named, missing);
    }

    private Provenance Provenance(ImportProgress progress, string client, string job) => new()
    {
        Target = [new() { Identifier = new(System, job), Display = $"{progress.Inputs.Sum(i => i.Created + i.Updated)} resources of {progress.Inputs.Count} files" }],
        RecordedElement = new(clock.GetUtcNow()),
        Activity = new("http://terminology.hl7.org/CodeSystem/v3-DataOperation", "CREATE"),
        Agent = [new() { Type = new("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "enterer"), Who = new() { Identifier = new("urn:fhiremr:caller", client), Display = client } }],
        Entity = [new() { Role = Hl7.Fhir.Model.Provenance.ProvenanceEntityRole.Source, What = new() { Display = progress.Terms.Source ?? string.Join(", ", progress.Inputs.Take(5).Select(i => ImportErrors.Name(i.Url))) } }],
    };
}
