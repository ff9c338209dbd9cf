using System.Diagnostics;
using System.Net.Sockets;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>The one place where exceptions end: a bug or broken infrastructure becomes 500, 503 or 507 with a trace id and no patient data.</summary>
internal sealed class ErrorBoundary(RequestDelegate next, IHostApplicationLifetime host, ILogger<ErrorBoundary> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (BadHttpRequestException e)
        {
            await AnswerAsync(http, FhirFault.Of(e.StatusCode == 413 ? FaultKind.TooLarge : FaultKind.Invalid, e.Message));
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var trace = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
            var fault = Describe(e, trace);
            log.LogError(e, "Request failed with {Status}, trace {Trace}", fault.Status, trace);
            await AnswerAsync(http, fault);

            // After a failed fsync nobody knows what is on disk: only a restart, which recovers from the log, may write again.
            if (e is StorageFailedException)
                host.StopApplication();
        }
    }

    private static FhirFault Describe(Exception e, string trace) => e switch
    {
        StorageFullException => FhirFault.Of(FaultKind.StorageFull, "The disk of the server is full: nothing was stored. Reading still works."),
        StorageTimeoutException => FhirFault.Of(FaultKind.Unavailable, $"The database took too long over this request and was stopped. Narrow it, or repeat it later. (trace {trace})", code: "timeout"),
        System.Data.Common.DbException or TimeoutException or SocketException or StorageUnavailableException or StorageFailedException => FhirFault.Of(FaultKind.Unavailable,
            $"The database does not answer just now. Repeat the request in a moment. (trace {trace})"),
        _ => new FhirFault(FaultKind.Bug, [new FaultIssue("exception", $"The server failed at this request through a fault of its own. Tell its operator the trace {trace}.")]),
    };

    private static async Task AnswerAsync(HttpContext http, FhirFault fault)
    {
        var body = FhirFormats.ToJson(fault.ToOutcome());
        http.Response.Clear();
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = FhirFormats.JsonMediaType + "; charset=utf-8";
        if (fault.Status == 503)
            http.Response.Headers.RetryAfter = "2";
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
