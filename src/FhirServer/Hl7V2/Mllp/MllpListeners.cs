namespace FhirEmr.FhirServer.Hl7V2.Mllp;

/// <summary>All listeners, beside the server: opened before it is ready, closed when it stops.</summary>
internal sealed partial class MllpListeners(IReadOnlyList<MllpListener> listeners, ILogger<MllpListeners> log) : BackgroundService
{
    public IReadOnlyList<MllpListener> All => listeners;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in listeners)
        {
            listener.Open();
            Listens(log, listener.Options.Sender, listener.EndPoint!.ToString());
        }

        return base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(listeners.Select(l => l.RunAsync(stoppingToken)));

    public override void Dispose()
    {
        foreach (var listener in listeners)
            listener.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "HL7 v2 of {Sender} is taken on {EndPoint} (MLLP)")]
    private static partial void Listens(ILogger log, string sender, string endPoint);
}
