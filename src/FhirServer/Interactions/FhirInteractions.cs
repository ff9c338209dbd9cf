using FhirEmr.FhirServer.Interactions.Auditing;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Instance;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Interactions.System;
using FhirEmr.FhirServer.Interactions.Type;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Search.Query.Unindexed;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Scan;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Interactions;

/// <summary>The one door: every interaction, over HTTP, in a batch entry or in process, is told apart here and nowhere else.</summary>
/// <remarks>https://hl7.org/fhir/R4/http.html#summary.</remarks>
internal sealed class FhirInteractions(
    Read read, Vread vread, Update update, Patch patch, Delete delete, DeleteSeveral deleteSeveral, Create create, SearchType search, History history,
    Transaction transaction, Batch batch, Capabilities capabilities, OperationTable operations, Repeats repeats, RequestJobs jobs, BinaryIntake binaries, Audited audited,
    AuditEvents audits)
{
    /// <summary>Why the caller may not ask for such a thing at all; null when what is stored decides.</summary>
    public FhirFault? Refusal(FhirRequest request) => RequestRights.FaultOf(request, operations.Find);

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => audited.RunAsync(request, AnswerAsync, ct);

    /// <summary>One transaction of who asked, all or nothing; null when it is committed.</summary>
    public async Task<FhirFault?> CommitAsync(FhirRequest asked, IEnumerable<Bundle.EntryComponent> entries, CancellationToken ct)
    {
        var tree = FhirJsonReader.Read(FhirFormats.ToJson(new Bundle { Type = Bundle.BundleType.Transaction, Entry = [.. entries] }), out var issues);
        if (tree is null || issues.Count > 0)
            return FhirFault.Structure(issues);

        // Once begun a commit is not stopped half way: it is all or nothing in any case, and what follows depends on knowing which.
        ct.ThrowIfCancellationRequested();
        return (await HandleAsync(new("POST", FhirTarget.Parse("", out _)!, asked.Caller) { BaseUrl = asked.BaseUrl, IsReadOnly = asked.IsReadOnly, Body = tree.Root }, CancellationToken.None)).Fault;
    }

    private async Task<FhirReply> AnswerAsync(FhirRequest request, CancellationToken ct)
    {
        if (Refusal(request) is { } refusal)
            return FhirReply.Refuse(refusal);
        if (request.IsReadOnly && Writes(request) && !AnswersByEntry(request))
            return FhirReply.Refuse(FhirFault.OnlyReads());
        if (!request.Caller.Access.IsEverything && request.Idempotency is { } key)
            request = request with { Idempotency = key.Under(request.Caller.Access.Key) };
        try
        {
            return await (request.Idempotency is not null && Writes(request) ? repeats.RunAsync(request, DoAsync, ct) : DoAsync(request, ct));
        }
        catch (SearchTooCostlyException costly)
        {
            return FhirReply.Refuse(FhirFault.Of(FaultKind.TooCostly, costly.Message));
        }
        catch (AccessRefusedException refused)
        {
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, refused.Message));
        }
        catch (BodyTestFailedException failed)
        {
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, failed.Message, code: "processing"));
        }
    }

    private Task<FhirReply> DoAsync(FhirRequest request, CancellationToken ct) =>
        request is { Body.Exists: true, Target: { Type: "Binary", Operation: null }, Idempotency: not { Written.IsEmpty: false } } ? BinaryAsync(request, ct) : RouteAsync(request, ct);

    /// <summary>The content of a large Binary goes ahead of it, and goes again when the Binary is refused.</summary>
    private async Task<FhirReply> BinaryAsync(FhirRequest request, CancellationToken ct)
    {
        var (taken, ahead, fault) = await binaries.TakeAsync(request, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var reply = await RouteAsync(taken, ct);
        if (reply.Status is not (200 or 201))
            await binaries.AbandonAsync(ahead);
        return reply;
    }

    private Task<FhirReply> RouteAsync(FhirRequest request, CancellationToken ct)
    {
        if (PlainParameters.FaultOf(request) is { } meaningless)
            return Task.FromResult(FhirReply.Refuse(meaningless));
        if (RequestJobs.Takes(request))
            return jobs.StartAsync(request);

        var target = request.Target;
        return (request.Method, target) switch
        {
            (_, { Operation: "job", Type: null, Id: not null }) => jobs.HandleAsync(request, ct),
            (_, { Operation: not null }) => operations.HandleAsync(request, ct),
            (_, { Type: "AuditEvent" }) when audits.Takes(request) => audits.HandleAsync(request, ct),
            ("GET" or "HEAD", { IsMetadata: true }) => capabilities.HandleAsync(request, ct),
            ("GET" or "HEAD", { IsHistory: true, Version: not null }) => vread.HandleAsync(request, ct),
            ("GET" or "HEAD", { IsHistory: true }) => history.HandleAsync(request, ct),
            ("GET" or "HEAD", { Id: not null }) => read.HandleAsync(request, ct),
            ("GET" or "HEAD", { Compartment: { IsPosted: true } }) => Task.FromResult(NotOffered(request)),
            ("GET" or "HEAD", _) => search.HandleAsync(request, ct),
            ("POST", { Compartment: { IsPosted: false } }) => Task.FromResult(NotOffered(request)),
            ("POST", { IsSearch: true }) => search.HandleAsync(request, ct),
            ("POST", { Type: not null, Id: null, IsHistory: false }) => create.HandleAsync(request, ct),
            ("PUT", { Type: not null, IsHistory: false, IsSearch: false }) => update.HandleAsync(request, ct),
            ("PATCH", { Type: not null, IsHistory: false, IsSearch: false }) => patch.HandleAsync(request, ct),
            ("DELETE", { Type: not null, Id: null, IsHistory: false, IsSearch: false }) when deleteSeveral.IsOn => deleteSeveral.HandleAsync(request, ct),
            ("DELETE", { Type: not null, IsHistory: false, IsSearch: false }) => delete.HandleAsync(request, ct),
            ("POST", { Type: null, IsSearch: false, IsHistory: false, IsMetadata: false }) => BundleAsync(request, ct),
            _ => Task.FromResult(NotOffered(request)),
        };
    }

    /// <summary>Whether doing it twice would show.</summary>
    private bool Writes(FhirRequest request) => RequestJobs.Takes(request) || request.Target switch
    {
        { Operation: not null } => operations.AffectsState(request.Target),
        { IsSearch: true } => false,
        _ => request.Method is "POST" or "PUT" or "PATCH" or "DELETE",
    };

    /// <summary>A Bundle's entries are looked at one by one: those that only read are answered all the same.</summary>
    private static bool AnswersByEntry(FhirRequest request) => request is { Method: "POST", Target: { Type: null, Operation: null }, Entry: null } && !RequestJobs.Takes(request);

    private Task<FhirReply> BundleAsync(FhirRequest request, CancellationToken ct)
    {
        if (request.Entry is not null)
            return Refuse(FaultKind.Invalid, "A Bundle cannot be processed inside a batch entry.");
        if (!request.Body.Exists || request.Body.Type.Name != "Bundle")
            return Refuse(FaultKind.Invalid, "The base address takes a Bundle of type batch or transaction; other resources go to their own type, e.g. POST [base]/Patient.");

        return request.Body.TextOf("type") switch
        {
            "transaction" => transaction.HandleAsync(request, ct),
            "batch" => batch.HandleAsync(request, ct),
            var other => Refuse(FaultKind.Invalid, $"A Bundle of type '{other}' cannot be processed: only batch and transaction are (POST [base]/Bundle stores it).", "Bundle.type"),
        };
    }

    private static FhirReply NotOffered(FhirRequest request) => FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, request.Target.Compartment is { } within
        ? $"A compartment is searched with GET {within.Focus}/{request.Target.Type ?? "*"}?... or POST {within.Focus}/{request.Target.Type ?? "*"}/_search; nothing is written there."
        : $"{request.Method} is not offered at this address; the CapabilityStatement at [base]/metadata lists what is."));

    private static Task<FhirReply> Refuse(FaultKind kind, string text, string? expression = null) =>
        Task.FromResult(FhirReply.Refuse(FhirFault.Of(kind, text, expression)));

    /// <summary>What a search in process matches, page by page; the first page that is refused is the last, and has the reason.</summary>
    /// <param name="askAsync">Asks for a page: each is a request of its own.</param>
    public static async IAsyncEnumerable<(IEnumerable<Resource> Matches, FhirReply Reply)> PagesAsync(Func<IReadOnlyList<KeyValuePair<string, string>>, Task<FhirReply>> askAsync, IReadOnlyList<KeyValuePair<string, string>> query)
    {
        for (var next = query; next is not null;)
        {
            var reply = await askAsync(next);
            if (reply.Fault is not null)
            {
                yield return ([], reply);
                yield break;
            }

            var page = FhirFormats.Parse<Bundle>(reply.Json.Span);
            yield return (page.Entry.Where(e => e.Search?.Mode == Bundle.SearchEntryMode.Match).Select(e => e.Resource).OfType<Resource>(), reply);
            next = page.NextLink?.OriginalString is { } link ? QueryString.Parse(link[(link.IndexOf('?', StringComparison.Ordinal) + 1)..]) : null;
        }
    }
}
