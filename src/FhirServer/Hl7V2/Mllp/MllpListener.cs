using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hl7V2.Mllp;

/// <summary>One port: takes connections, bounded, with TLS where a certificate is configured, and lets those under way finish when the server stops.</summary>
internal sealed partial class MllpListener(
    ListenerOptions options, Reception reception, SenderBook senders, MessageLimits limits, Func<string, CancellationToken, ValueTask<Caller?>> callers,
    Func<IPAddress?, CancellationToken, ValueTask<IDisposable?>> admit, TimeProvider clock, ILogger<MllpListener> log) : IDisposable
{
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly IPNetwork[] networks = [.. options.Networks.Select(n => IPNetwork.Parse(n))];
    private readonly HashSet<string> thumbprints = new(options.ClientCertificates.Select(t => t.Replace(":", "", StringComparison.Ordinal)), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<Task> connections = [];
    private Socket? socket;

    public ListenerOptions Options => options;

    /// <summary>Where it listens, once it does.</summary>
    public IPEndPoint? EndPoint => socket?.LocalEndPoint as IPEndPoint;

    public void Open()
    {
        socket = new Socket(IPAddress.Parse(options.Address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(options.Address), options.Port));
        socket.Listen(128);
    }

    /// <summary>Takes connections until the server stops, then waits for those under way.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var certificate = options.CertificateContext();
        var profile = senders.Named(options.Sender);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                Socket client;
                try
                {
                    client = await socket!.AcceptAsync(stopping);
                }
                catch (SocketException e)
                {
                    // Whoever gave up while waiting, or no handle left just now: the next connection may be taken all the same.
                    NotTaken(log, options.Sender, e.SocketErrorCode);
                    await Task.Delay(AfterFailure, clock, stopping);
                    continue;
                }

                if (!Takes(client) || !Track(() => ServeAsync(client, certificate, profile, stopping)))
                    client.Dispose();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
        finally
        {
            socket!.Dispose();
            Task[] rest;
            lock (connections)
                rest = [.. connections];
            await Task.WhenAll(rest);
        }
    }

    public void Dispose() => socket?.Dispose();

    private bool Takes(Socket client) =>
        networks.Length == 0 || (client.RemoteEndPoint is IPEndPoint { Address: var from } && networks.Any(n => n.Contains(from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from)));

    private bool Track(Func<Task> serve)
    {
        lock (connections)
        {
            if (connections.Count >= options.MaxConnections)
            {
                TooMany(log, options.Sender, options.MaxConnections);
                return false;
            }

            var task = Task.Run(serve);
            connections.Add(task);
            _ = task.ContinueWith(done =>
            {
                lock (connections)
                    connections.Remove(done);
            }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return true;
        }
    }

    private async Task ServeAsync(Socket client, SslStreamCertificateContext? certificate, Messages.SenderProfile profile, CancellationToken stopping)
    {
        try
        {
            client.NoDelay = true;
            var from = (client.RemoteEndPoint as IPEndPoint)?.Address;
            await using Stream plain = new NetworkStream(client, ownsSocket: true);
            await using var stream = certificate is null ? plain : await SecureAsync(plain, certificate, stopping);
            await new MllpConnection(stream, options, limits, (bytes, ct) => ReceiveAsync(bytes, profile, from, ct), clock, log).RunAsync(stopping);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationException)
        {
            Went(log, options.Sender, e.GetType().Name);
        }
        catch (Exception e)
        {
            // The boundary of a connection: its sender has no answer and sends again; the others go on.
            Failed(log, options.Sender, e);
        }
    }

    /// <summary>In the lane of all writes, so that a sender's rush does not starve the people (reliability R-40).</summary>
    private async Task<Received> ReceiveAsync(ReadOnlyMemory<byte> bytes, Messages.SenderProfile profile, IPAddress? from, CancellationToken ct)
    {
        if (await callers(options.Client, ct) is not { } caller)
            return Reception.Closed(bytes.Span, clock.GetUtcNow());
        using var place = await admit(from, ct);
        return place is null ? Reception.Busy(bytes.Span, clock.GetUtcNow()) : await reception.ReceiveAsync(bytes, profile, caller, null, ct);
    }

    private async Task<Stream> SecureAsync(Stream plain, SslStreamCertificateContext certificate, CancellationToken stopping)
    {
        var secure = new SslStream(plain);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(HandshakePatience);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = thumbprints.Count > 0,
            // Who may send is named one by one: that is stronger than any chain.
            RemoteCertificateValidationCallback = (_, shown, _, _) => thumbprints.Count == 0 || (shown is not null && thumbprints.Contains(shown.GetCertHashString(HashAlgorithmName.SHA256))),
        }, patience.Token);
        return secure;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection of {Sender} could not be taken ({Reason}); the listener goes on")]
    private static partial void NotTaken(ILogger log, string sender, SocketError reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection of {Sender} was refused: {Most} are open already")]
    private static partial void TooMany(ILogger log, string sender, int most);

    [LoggerMessage(Level = LogLevel.Information, Message = "A connection of {Sender} ended ({Reason})")]
    private static partial void Went(ILogger log, string sender, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A connection of {Sender} failed and was closed")]
    private static partial void Failed(ILogger log, string sender, Exception e);
}
