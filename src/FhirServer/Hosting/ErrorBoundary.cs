using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>The one place where exceptions end: a bug or broken infrastructure becomes 500, 503 or 507 with the request's id and no patient data.</summary>
internal sealed class ErrorBoundary(RequestDelegate next, ReplyWriter writer, ILogger<ErrorBoundary> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        RequestId.Give(http);
        SecurityHeaders.Apply(http);
        RequestId.Apply(http);
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            var fault = e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => FhirFault.Of(FaultKind.TooLarge, "The body is larger than anything this server takes."),
                StatusCodes.Status408RequestTimeout => FhirFault.Of(FaultKind.Invalid, "The body came too slowly and was given up.", code: "timeout"),
                _ => FhirFault.Of(FaultKind.Invalid, "The request is no proper HTTP."),
            };
            await AnswerAsync(http, fault);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var fault = StoreFailure.Of(e);
            log.LogError(e, "Request {Id} failed with {Status}", RequestId.Of(http), fault.Status);
            await AnswerAsync(http, fault);
        }
    }

    private Task AnswerAsync(HttpContext http, FhirFault fault)
    {
        http.Response.Clear();
        SecurityHeaders.Apply(http);
        RequestId.Apply(http);
        return writer.WriteAsync(http, FhirReply.Refuse(fault), FormatOf(http.Request), AccessPlan.Nothing);
    }

    /// <summary>As asked for, where that can be told of the request that failed.</summary>
    private static ResponseFormat FormatOf(HttpRequest request)
    {
        try
        {
            return ResponseFormat.Choose(request, [.. request.Query.SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value ?? ""))]).Format;
        }
        catch (Exception)
        {
            return ResponseFormat.Json;
        }
    }
}
