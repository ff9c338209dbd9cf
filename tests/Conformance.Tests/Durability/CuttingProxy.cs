using System.Net;
using System.Net.Sockets;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>Stands between server and database and cuts one connection at its COMMIT, on this side of it or beyond.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly int target;
    private readonly Task accepting;
    private int armed;
    private int cuts;

    public CuttingProxy(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where a COMMIT loses its connection.</summary>
    public enum Cut
    {
        Nowhere,

        /// <summary>The database never hears of it.</summary>
        BeforeCommit,

        /// <summary>The database has committed, and its answer gets lost.</summary>
        AfterCommit,
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How often it has cut.</summary>
    public int Cuts => Volatile.Read(ref cuts);

    /// <summary>Cuts at the next COMMIT.</summary>
    public void Arm(Cut cut) => Volatile.Write(ref armed, (int)cut);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var database = new TcpClient())
        {
            client.NoDelay = database.NoDelay = true;
            var isMute = false;
            try
            {
                await database.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                var answers = AnswerAsync();
                await Task.WhenAny(AskAsync(), answers);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // either side has gone
            }

            async Task AskAsync()
            {
                var buffer = new byte[64 * 1024];
                while (await client.GetStream().ReadAsync(buffer, stop.Token) is > 0 and var read)
                {
                    var cut = buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0 ? (Cut)Interlocked.Exchange(ref armed, 0) : Cut.Nowhere;
                    if (cut != Cut.Nowhere)
                        Interlocked.Increment(ref cuts);
                    if (cut == Cut.BeforeCommit)
                        return;
                    isMute |= cut == Cut.AfterCommit;
                    await database.GetStream().WriteAsync(buffer.AsMemory(0, read), stop.Token);
                }
            }

            async Task AnswerAsync()
            {
                var buffer = new byte[64 * 1024];
                while (await database.GetStream().ReadAsync(buffer, stop.Token) is > 0 and var read)
                {
                    if (isMute)
                        return; // the answer is here: so it was committed
                    await client.GetStream().WriteAsync(buffer.AsMemory(0, read), stop.Token);
                }
            }
        }
    }
}
