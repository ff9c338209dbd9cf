using System.Runtime.CompilerServices;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Interactions.Auditing;

/// <summary>Runs an interaction so that nobody gets its answer before its row in the audit is durable (security.md S-50, S-51).</summary>
/// <remarks>
/// A write has put its row into its own commit by then. An answer that is sent in pieces ends only after its row is written; when that fails the
/// connection is cut, so the client knows that it has not got all of it.
/// </remarks>
internal sealed partial class Audited(AuditLog log, RefusalCap cap, ILogger<Audited> logger)
{
    public async Task<FhirReply> RunAsync(FhirRequest request, Func<FhirRequest, CancellationToken, Task<FhirReply>> run, CancellationToken ct)
    {
        if (!log.IsEnabled || request.Target.IsMetadata)
            return await run(request, ct);

        await log.ReadyAsync();
        var trail = Begin(request);
        request = request with { Caller = request.Caller with { Trail = trail } };
        var asked = RequestRecord.Of(request, trail);
        trail.Request = asked;
        FhirReply reply;
        try
        {
            reply = await run(request, ct);
        }
        catch (Exception e)
        {
            await FailAsync(asked, trail, e);
            throw;
        }

        if (reply.More is { } more)
            return reply with { More = WatchAsync(request, asked, trail, reply, more, CancellationToken.None) };
        Show(asked, trail, reply.Body, reply);
        await EndAsync(request, trail, RequestRecord.Ended(asked, reply), reply.Body?.Entries);
        return reply;
    }

    private AuditTrail Begin(FhirRequest request)
    {
        switch (request.Caller.Trail)
        {
            case AuditTrail { IsBegun: true } outer:
                return outer.Below();
            case AuditTrail own:
                own.IsBegun = true;
                return own;
            default:
                var made = AuditTrail.Of(log, request.Caller, null, null);
                made.IsBegun = true;
                return made;
        }
    }

    private async IAsyncEnumerable<ReplyBody> WatchAsync(
        FhirRequest request, AuditRecord asked, AuditTrail trail, FhirReply reply, IAsyncEnumerable<ReplyBody> more, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var (results, isDone) = (reply.Body?.Entries ?? 0, false);
        Show(asked, trail, reply.Body, reply);
        try
        {
            await foreach (var next in more.WithCancellation(ct))
            {
                Show(asked, trail, next, reply);
                results += next.Entries;
                yield return next;
            }

            isDone = true;
            await EndAsync(request, trail, RequestRecord.Ended(asked, reply), results);
        }
        finally
        {
            if (!isDone) // the client went, or the rest failed: what was shown was shown
                await TryAsync(trail, asked with { Status = reply.Status, Outcome = 8, Reason = "interrupted", Results = results });
        }
    }

    private static void Show(AuditRecord asked, AuditTrail trail, ReplyBody? body, FhirReply reply)
    {
        if (reply.Fault is not null || asked.Type == RequestRecord.LogUsed)
            return;
        if (body is null)
            PatientReferences.Find(reply.Json.Span, trail.Patients);
        else
            foreach (var part in body.Parts)
                PatientReferences.Find(part.Bytes.Span, trail.Patients);
    }

    private async Task EndAsync(FhirRequest request, AuditTrail trail, AuditRecord record, int? results)
    {
        if (!IsPart(request, trail) && IsWanted(request, trail, record))
            trail.Wait(record with { Results = results, Patients = PatientsOf(trail, record), MorePatients = trail.Patients.More });
        await trail.WriteAsync();
    }

    private static IReadOnlyList<string> PatientsOf(AuditTrail trail, AuditRecord record)
    {
        if (record is { Outcome: 0, Entity: { } entity } && entity.StartsWith("Patient/", StringComparison.Ordinal))
            trail.Patients.Add(entity.AsSpan("Patient/".Length));
        return trail.Patients.Listed;
    }

    /// <summary>Whether the commit has its row already, or it only reads for something that has one.</summary>
    private static bool IsPart(FhirRequest request, AuditTrail trail) => RequestRecord.IsWrite(request) || request.Target is { Type: null, Operation: null, IsSearch: false, IsHistory: false }
        ? trail.IsCovered(null) || (request.Entry is { } entry && trail.IsCovered(entry))
        : trail.IsInner;

    /// <summary>Somebody unknown, at the door again and again, gets rows up to a number and is counted above it.</summary>
    private bool IsWanted(FhirRequest request, AuditTrail trail, AuditRecord record) =>
        record.Outcome == 0 || request.Caller.Principal is not null || request.Caller.Access.IsEverything || cap.Take(trail.Address);

    private Task FailAsync(AuditRecord asked, AuditTrail trail, Exception e)
    {
        var fault = e is OperationCanceledException ? FhirFault.Of(FaultKind.Timeout, "") : StoreFailure.Of(e);
        return trail.IsInner ? Task.CompletedTask : TryAsync(trail, RequestRecord.Ended(asked, fault.Status, fault));
    }

    private async Task TryAsync(AuditTrail trail, AuditRecord record)
    {
        try
        {
            trail.Wait(record with { Patients = trail.Patients.Listed, MorePatients = trail.Patients.More });
            await trail.WriteOrLeaveAsync();
        }
        catch (Exception e)
        {
            Lost(logger, e, trail.RequestId ?? "-"); // the request fails anyway, and with a status that says so
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Id} failed, and that could not be audited either")]
    private static partial void Lost(ILogger log, Exception e, string id);
}
