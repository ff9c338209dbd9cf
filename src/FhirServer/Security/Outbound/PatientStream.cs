using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>The body of an answer: each read is waited for so long and no longer.</summary>
internal sealed class PatientStream(HttpResponseMessage response, Stream body, TimeSpan patience, string shown) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await body.ReadAsync(buffer, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new OutboundException($"{shown} did not send all of it.", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            response.Dispose();
        base.Dispose(disposing);
    }
}
